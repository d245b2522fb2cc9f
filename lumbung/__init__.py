"""The house itself: settings, and the commands behind `make`."""

__version__ = "0.1.0"
