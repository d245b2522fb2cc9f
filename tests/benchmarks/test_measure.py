"""What a piece of work costs is measured with everything that it starts."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measure import Cost, FailedError, Spread, interleaved, run, spread

ROOT = Path(__file__).resolve().parents[2]

#: Works and holds memory in a child, while the parent only waits.
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
CHILD = """
import time
held = bytearray(150 * 2**20)
until = time.process_time() + 0.6
while time.process_time() < until: pass
"""


def test_a_command_costs_what_its_children_cost():
    """Not what this process once held, whose memory a child borrows until its program starts."""
    held = bytearray(500 * 2**20)
    cost = run([sys.executable, "-c", PARENT, CHILD])
    assert cost.cpu_seconds >= 0.6
    assert cost.seconds >= 0.6
    del held
    assert 150 <= cost.peak_mib < 400


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(FailedError, match=r"ended with 3:\nout of rice"):
        run([sys.executable, "-c", "import sys; print('out of rice'); sys.exit(3)"])


#: In a process of its own: where the kernel can't set the mark back, that of a large one stays.
MEASURE = """
import json, time
from dataclasses import asdict
from benchmarks.measure import here

def work():
    held = bytearray(100 * 2**20)
    time.sleep(0.2)

before = here(lambda: None)
print(json.dumps([asdict(before), asdict(here(work))]))
"""


def test_a_function_costs_what_it_takes_itself():
    said = subprocess.run(
        [sys.executable, "-c", MEASURE], cwd=ROOT, capture_output=True, text=True, check=True
    )
    before, cost = (Cost(**one) for one in json.loads(said.stdout))
    assert 0.2 <= cost.seconds < 2
    assert cost.cpu_seconds < cost.seconds
    assert 90 <= cost.peak_mib - before.peak_mib < 200


def test_contestants_take_turns():
    order: list[str] = []

    def contestant(name: str) -> Cost:
        order.append(name)
        return Cost(1, 1, 1)

    found = interleaved({name: lambda name=name: contestant(name) for name in "abc"}, 2)
    assert "".join(order) == "abccba"
    assert {name: len(costs) for name, costs in found.items()} == {"a": 2, "b": 2, "c": 2}


def test_a_spread_is_the_middle_and_both_ends():
    assert spread([3, 1, 10]) == Spread(median=3, low=1, high=10)
