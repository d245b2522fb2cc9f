"""`python -m gallery`: write docs/gallery.md from the current release."""

from __future__ import annotations

import sys

import duckdb

from gallery import page, questions
from lumbung import settings


def main() -> int:
    """Write the page; return 1 where there is no release to ask."""
    file = settings.load().releases / "current" / "warehouse.duckdb"
    if not file.is_file():
        print("There is no release yet: run `make refresh` first.", file=sys.stderr)  # noqa: T201
        return 1
    with duckdb.connect(str(file.resolve()), read_only=True) as release:
        text = page.page(release, questions.load())
    (settings.ROOT / "docs" / "gallery.md").write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
