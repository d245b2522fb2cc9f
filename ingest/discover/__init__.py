"""What a source offers, printed as files ready for the catalogue."""
