"""Write the documentation of the current release's tables as one static page.

dbt opens its database to write, so it reads a copy: a release is never touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from lumbung.settings import ROOT, Settings, load


def main(settings: Settings) -> int:
    """Write docs/index.html below the home folder; return the exit code."""
    release = settings.releases / "current"
    if not release.exists():
        print("There is no release to document: run `make refresh` first.", file=sys.stderr)
        return 1
    page = settings.home / "docs" / "index.html"
    with tempfile.TemporaryDirectory(prefix="lumbung-docs-") as name:
        folder = Path(name)
        said = generate(release.resolve(), folder)
        if said.returncode:
            print(said.stdout[-2000:] + said.stderr[-2000:], file=sys.stderr)
            return 1
        page.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(folder / "target" / "static_index.html", page)
    print(f"The tables of release {release.resolve().name}: {page}")
    return 0


def generate(release: Path, folder: Path) -> subprocess.CompletedProcess[str]:
    """Run dbt on a copy of a release, everything it writes in ``folder``."""
    shutil.copyfile(release / "warehouse.duckdb", folder / "warehouse.duckdb")
    return subprocess.run(
        [
            sys.executable, "-m", "dbt.cli.main", "docs", "generate", "--static",
            "--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT),
            "--target-path", str(folder / "target"), "--log-path", str(folder / "logs"),
        ],
        cwd=ROOT,
        env={
            **os.environ,
            "LUMBUNG_DUCKDB": str(folder / "warehouse.duckdb"),
            "LUMBUNG_INPUTS": str(release / "inputs"),
            "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
        },
        capture_output=True,
        text=True,
        check=False,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main(load()))
