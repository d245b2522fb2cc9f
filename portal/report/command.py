"""``python -m portal report``: write a region's periodic report."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from lumbung.settings import Settings
from portal.formats import LANGS
from portal.marts import Marts
from portal.report.due import folder_of
from portal.report.facts import UnknownRegionError
from portal.report.period import Half, PeriodError
from portal.report.write import write


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the command's arguments."""
    parser = commands.add_parser("report", help="write a region's periodic report")
    parser.add_argument("--region", required=True, help="BPS code of four digits, such as 3673")
    parser.add_argument("--period", required=True, help="half-year, such as 2025-S2")
    parser.add_argument("--lang", choices=LANGS, help="one language; both without it")
    parser.add_argument("--release", default="current", help="a release's id; the current one")
    parser.add_argument("--out", type=Path, help="write here instead of reports/ in the home")


def run(known: argparse.Namespace, settings: Settings) -> int:
    """Write the report and name its files; return the exit code, 2 for what can't be written.

    Raises NoReleaseError where there is no such release.
    """
    try:
        half = Half.parse(known.period)
        with Marts(settings.releases / known.release) as marts:
            folder = known.out or folder_of(settings, half)
            langs = (known.lang,) if known.lang else LANGS
            files = write(marts, folder, known.region, half, langs)
    except (PeriodError, UnknownRegionError) as error:
        sys.stderr.write(f"{error}\n")
        return 2
    sys.stdout.write("".join(f"{file}\n" for file in files))
    return 0
