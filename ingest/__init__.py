"""Bytes in, tidy rows out. Knows no warehouse."""
