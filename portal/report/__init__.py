"""Periodic reports: one document a region, half-year and language, as HTML and as PDF."""
