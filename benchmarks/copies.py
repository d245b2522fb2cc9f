"""A copy of the project to change and throw away: its files without anything it builds."""

from __future__ import annotations

import shutil
from pathlib import Path

from lumbung.settings import ROOT

#: The environments alone are over three gigabytes, and every copy would hold them.
LEFT_BEHIND = shutil.ignore_patterns(
    ".git", ".venv*", "var", "__pycache__", "target", "logs", "mutants", ".*_cache", ".hypothesis"
)  # fmt: skip


def copy_tree(into: Path) -> Path:
    """Copy the project to ``into``, a folder that is not there yet; return that folder."""
    shutil.copytree(ROOT, into, ignore=LEFT_BEHIND)
    return into
