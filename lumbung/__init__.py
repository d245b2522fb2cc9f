"""The house itself: settings, and the commands behind `make`."""
