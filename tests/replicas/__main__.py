"""Start every replica of this folder on loopback, each in a process of its own, until Ctrl-C.

Prints the settings that point the warehouse, or any other client, at them. A replica can also
be started alone, with faults: ``python -m tests.replicas.bps --fault half_body:2``.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent

#: Replicas that another one extends, at the same address and setting.
EXTENDED_BY = {"bps": "bps_lists"}


def names() -> list[str]:
    """Return the modules here that are a replica with a command line."""
    found = {
        path.stem
        for path in HERE.glob("*.py")
        if "def main() -> None:" in path.read_text(encoding="utf-8")
        and path.stem not in ("__main__", "faults")
        and not path.stem.startswith("test_")
    }
    return sorted(name for name in found if EXTENDED_BY.get(name) not in found)


def start(name: str, options: Sequence[str]) -> subprocess.Popen[str]:
    """Start one replica and copy what it says to our own output."""
    process = subprocess.Popen(
        [sys.executable, "-m", f"tests.replicas.{name}", *options],
        cwd=ROOT, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    threading.Thread(target=_relay, args=(process,), daemon=True).start()
    return process


def _relay(process: subprocess.Popen[str]) -> None:
    for line in process.stdout or ():
        sys.stdout.write(line)
        sys.stdout.flush()


def main(options: Sequence[str]) -> int:
    """Run all replicas until interrupted or until one ends by itself; ``options`` go to each."""
    # Ended by a supervisor or by `timeout`, it takes its replicas along as at Ctrl-C.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    running = {name: start(name, options) for name in names()}
    ended: list[str] = []
    try:
        with suppress(KeyboardInterrupt):
            while not ended:
                with suppress(subprocess.TimeoutExpired):
                    next(iter(running.values())).wait(0.2)
                ended = [name for name, one in running.items() if one.poll() is not None]
    finally:
        for process in running.values():
            process.terminate()
        for process in running.values():
            process.wait()
    for name in ended:
        sys.stderr.write(f"the replica {name} ended by itself\n")
    return 1 if ended else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
