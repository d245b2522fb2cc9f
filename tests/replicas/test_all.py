"""`make replicas`: all of them at once, for the warehouse or any other client."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import urllib.parse
import urllib.request

import pytest

from lumbung.settings import ROOT
from tests.replicas.__main__ import names
from tests.replicas.together import all_running


@pytest.fixture
def running():
    with all_running() as found:
        yield found


@pytest.mark.parametrize(("end", "how"), [(os.killpg, signal.SIGINT), (os.kill, signal.SIGTERM)])
def test_every_replica_says_where_it_is_and_answers_until_it_is_ended(running, end, how):
    """By Ctrl-C, which all of them get, or by whoever ends the first of them alone."""
    started, settings = running
    assert "bps" in names() or "bps_lists" in names()
    for name, address in settings.items():
        if name.endswith("_URL"):
            assert urllib.parse.urlsplit(address).hostname == "127.0.0.1"
    asked = f"{settings['LUMBUNG_BPS_URL']}/list?model=th&domain=3600&var=64"
    question = urllib.request.Request(  # noqa: S310 - loopback
        f"{asked}&key={settings['LUMBUNG_BPS_KEY']}", headers={"User-Agent": "kit/1 (+test)"}
    )
    with urllib.request.urlopen(question, timeout=10) as answer:  # noqa: S310
        assert b'"th_id": 125' in answer.read()
    end(started.pid, how)
    assert started.wait(90) == 0
    with pytest.raises(OSError, match="refused"):
        urllib.request.urlopen(question, timeout=2)  # noqa: S310


def test_an_unknown_option_ends_all_of_them():
    done = subprocess.run(
        [sys.executable, "-m", "tests.replicas", "--fault", "flood"],
        cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert "no fault 'flood'" in done.stderr
