"""Debian's Chromium, driven by playwright."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PROGRAM = Path("/usr/bin/chromium")


@contextmanager
def opened() -> Iterator[Browser]:
    """Start a browser and close it; say how to install it where it is missing."""
    assert PROGRAM.exists(), "Chromium is missing: apt-get install chromium (.ci/run does so)"
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(PROGRAM), args=["--no-sandbox"])
        yield found
        found.close()
