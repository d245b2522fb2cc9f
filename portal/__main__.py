"""``python -m portal``: build the site of a release, or write a periodic report."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from lumbung import settings
from portal.marts import NoReleaseError
from portal.report import command as report


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m portal", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="write the pages of a release")
    building.add_argument("--release", default="current", help="a release's id; the current one")
    building.add_argument("--out", type=Path, help="write here instead of portal/ in the home")
    report.add_to(commands)
    known = parser.parse_args(arguments)
    try:
        if known.command == "report":
            return report.run(known, settings.load())
        return _build(known.release, known.out)
    except NoReleaseError as error:
        sys.stderr.write(f"{error}\n")
        return 2


def _build(release: str, out: Path | None) -> int:
    from portal.build import build

    started = time.monotonic()
    done = build(settings.load(), release, out)
    sys.stdout.write(
        f"{done.n_pages} pages ({done.n_written} written, {done.n_drawn} charts drawn) in "
        f"{time.monotonic() - started:.1f} s: {done.folder}\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
