"""What wakes somebody up: one alert a trouble, told once, by the ways that are configured."""
