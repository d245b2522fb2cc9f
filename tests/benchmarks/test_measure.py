"""What a piece of work costs is measured with everything that it starts."""

from __future__ import annotations

import sys
import time

import pytest

from benchmarks.measure import Cost, FailedError, Spread, here, interleaved, run, spread

#: Works and holds memory in a child, while the parent only waits.
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]], check=True)"
CHILD = """
import time
held = bytearray(150 * 2**20)
until = time.process_time() + 0.6
while time.process_time() < until: pass
"""


def test_a_command_costs_what_its_children_cost():
    cost = run([sys.executable, "-c", PARENT, CHILD])
    assert cost.cpu_seconds >= 0.6
    assert cost.seconds >= 0.6
    assert 150 <= cost.peak_mib < 400


def test_a_command_that_fails_is_no_measurement():
    with pytest.raises(FailedError, match=r"ended with 3:\nout of rice"):
        run([sys.executable, "-c", "import sys; print('out of rice'); sys.exit(3)"])


def test_a_function_costs_what_it_takes_itself():
    def work() -> None:
        held = bytearray(100 * 2**20)
        time.sleep(0.2)
        del held

    cost, after = here(work), here(lambda: None)
    assert 0.2 <= cost.seconds < 2
    assert cost.cpu_seconds < cost.seconds
    assert cost.peak_mib >= after.peak_mib + 90


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
