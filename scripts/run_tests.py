"""Run the tests: `core` for people in a hurry, `all` where nothing may be left out.

A skipped test is a failed one in `all`: it did not check what it says. One exception: without
`CI=true`, the tests that read the shared recordings may skip where those are not at hand.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


class Skips:
    """Collects the reasons of skipped tests and modules as pytest reports them."""

    def __init__(self) -> None:
        self.reasons: list[str] = []

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note a skipped test; an expected failure is no skip."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.reasons.append(f"{report.nodeid}: {_reason(report)}")

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        """Note a module that skipped itself whole."""
        if report.skipped:
            self.reasons.append(f"{report.nodeid}: {_reason(report)}")


def main(which: str) -> int:
    """Run pytest and judge its skips; return the exit code."""
    skips = Skips()
    chosen = ["-m", "not full"] if which == "core" else []
    # One file's tests stay in one process: what a file builds once, it builds once.
    code = int(pytest.main(["-n", "2", "--dist", "loadfile", "-q", *chosen], plugins=[skips]))
    if which == "core":
        print(left_out())
        return code
    unexcused = [reason for reason in skips.reasons if not excused(reason)]
    for reason in unexcused:
        print(f"skipped, which counts as failed here: {reason}")
    return code or bool(unexcused)


def excused(reason: str) -> bool:
    """Tell whether a skip is for want of the shared recordings, outside CI."""
    return os.environ.get("CI", "").lower() != "true" and "../shared" in reason


def left_out() -> str:
    """Say what `core` leaves out, and how to run it."""
    files = sorted(
        str(path.relative_to(ROOT))
        for path in (ROOT / "tests").rglob("test_*.py")
        if "mark.full" in path.read_text(encoding="utf-8")
    )
    if not files:
        return "Nothing was left out; `make test-all` runs the same and counts skips as failures."
    named = ", ".join(files)
    return f"Left out: the tests marked `full` in {named}. Run them too: make test-all"


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    return str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
