"""`python -m bi.serve`: prepare Superset, then become its server. Runs with Superset's own Python.

The container's command and that of `make superset` alike. It is told by its environment:
``LUMBUNG_SUPERSET_HOME`` is the folder of its own files, ``LUMBUNG_SUPERSET_READS`` the address of
the database that it reads, ``LUMBUNG_SUPERSET_PORT`` where it listens, and
``LUMBUNG_SUPERSET_PORTAL`` where the public pages are.
"""

from __future__ import annotations

import argparse
import os
import sys
import urllib.request
from pathlib import Path

CONFIGURATION = Path(__file__).with_name("superset_config.py")
PORT = "8088"


def main() -> int:
    """Serve, or with an option only prepare, or only ask whether the server works."""
    options = _options()
    port = os.environ.get("LUMBUNG_SUPERSET_PORT", PORT)
    if options.healthy:
        return _is_healthy(port)
    os.umask(0o077)
    _say_nothing_home()
    from bi.bundle import PORTAL
    from bi.prepare import prepare

    home = Path(os.environ["LUMBUNG_SUPERSET_HOME"])
    portal = os.environ.get("LUMBUNG_SUPERSET_PORTAL", PORTAL)
    done = prepare(home, os.environ["LUMBUNG_SUPERSET_READS"], portal)
    print(f"prepared: {', '.join(done) or 'nothing new'}", flush=True)  # noqa: T201 - its log
    if options.prepare:
        return 0
    server = [
        sys.executable, "-m", "gunicorn", "superset.app:create_app()",
        "--bind", f"{options.host}:{port}", "--worker-class", "gthread",
        "--workers", "1", "--threads", "8", "--timeout", "330", "--graceful-timeout", "10",
        "--worker-tmp-dir", str(home), "--no-control-socket",
    ]  # fmt: skip
    return os.execv(server[0], server)  # noqa: S606 - no shell is wanted


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bi.serve", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--prepare", action="store_true", help="prepare, and end")
    parser.add_argument("--healthy", action="store_true", help="exit code 0 where it works")
    return parser.parse_args()


def _say_nothing_home() -> None:
    """Turn off what would report to anybody, and name our configuration."""
    os.environ.update(
        SUPERSET_CONFIG_PATH=str(CONFIGURATION), SUPERSET_HOME=os.environ["LUMBUNG_SUPERSET_HOME"],
        SCARF_ANALYTICS="false", DO_NOT_TRACK="1", FLASK_APP="superset.app:create_app()",
    )  # fmt: skip


def _is_healthy(port: str) -> int:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=10) as answer:
            return int(answer.status != 200)
    except OSError as error:
        print(f"Superset does not answer: {error}", file=sys.stderr)  # noqa: T201
        return 1


if __name__ == "__main__":
    sys.exit(main())
