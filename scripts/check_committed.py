"""No index address, machine path or secret in a committed file: they tie a tree to one machine."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IGNORED = {".git", ".venv", "var", "__pycache__", "target", "logs", "node_modules"}
LARGEST = 5_000_000

#: What may not stand in a file, by what to call it. Written so as not to match themselves.
FORBIDDEN = {
    "a package index address": r"https?://[^\s\"']*(?:pypi\.org/simpl[e]|files\.pythonhoste[d])",
    "a package index option": r"^\s*--(?:extra-)?index-ur[l]|^\s*--find-link[s]|^\s*-i\s+http",
    "a path of one machine": r"(?<![\w.])/(?:root|work|home/\w+|Users/\w+)/[\w.]",
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KE[Y]-----",
    "an access key": r"AKIA[0-9A-Z]{16}|ghp_[0-9A-Za-z]{36}",
    "a BPS key": r"LUMBUNG_BPS_KEY=[0-9a-f]{32}|/key/[0-9a-f]{32}",
}


def main() -> int:
    """Print every finding with its file and line; return 1 where there is one."""
    findings = [finding for path in committed(ROOT) for finding in findings_of(path)]
    for finding in findings:
        print(finding)
    return bool(findings)


def committed(root: Path) -> list[Path]:
    """Return the files git knows or would add; every file where there is no git."""
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "-z"],
        cwd=root, capture_output=True, check=False, text=True,
    )  # fmt: skip
    if listed.returncode == 0:
        return [root / name for name in listed.stdout.split("\0") if name]
    return [p for p in root.rglob("*") if p.is_file() and not IGNORED & set(p.parts)]


def findings_of(path: Path) -> Iterator[str]:
    """Yield what is wrong in one file; files that are no text hold nothing to read."""
    if not path.is_file() or path.stat().st_size > LARGEST:
        return
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError:
        return
    for number, line in enumerate(lines, start=1):
        for name, pattern in FORBIDDEN.items():
            if re.search(pattern, line):
                yield f"{path.relative_to(ROOT)}:{number}: {name}: {line.strip()[:100]}"


if __name__ == "__main__":
    sys.exit(main())
