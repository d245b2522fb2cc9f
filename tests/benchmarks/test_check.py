"""A ratio that got over a quarter worse fails, with words; a busy moment does not."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from benchmarks import check, result, suite
from benchmarks.bench import Bench
from benchmarks.measure import Cost, FailedError
from benchmarks.result import Beyond, Measured, Versus

BASELINE = {"decode": {"decode / orjson": 2.0, "parse / read_csv": 4.0}}


def measured(**medians: float) -> dict[str, Any]:
    """Make a result up."""
    names = {"decode": "decode / orjson", "parse": "parse / read_csv"}
    return {"decode": {"ratios": {
        names[name]: {"median": median, "low": median, "high": median, "aim": None}
        for name, median in medians.items()
    }, "differences": {}}}  # fmt: skip


def test_a_quarter_worse_is_borne_and_more_is_not():
    assert check.regressions(measured(decode=2.5, parse=1.0), BASELINE) == []
    assert check.regressions(measured(decode=2.51, parse=4.0), BASELINE) == [
        "decode: 'decode / orjson' is 2.51, 25% worse than the baseline's 2.00; 25% are allowed"
    ]
    assert check.regressions(measured(decode=6, parse=1), BASELINE) == [
        "decode: 'decode / orjson' is 6.00, 200% worse than the baseline's 2.00; 25% are allowed"
    ]


def test_what_can_not_be_compared_is_said():
    assert check.regressions(measured(decode=1.0), BASELINE) == [
        "decode: 'parse / read_csv' of the baseline was not measured"
    ]
    (said,) = check.regressions(measured(decode=1.0), {})
    assert "'decode / orjson' has no baseline" in said
    assert "make bench BASELINE=1" in said


@pytest.fixture
def baseline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "baseline.json"
    path.write_text(json.dumps({"full": BASELINE}), encoding="utf-8")
    monkeypatch.setattr(check, "BASELINE", path)
    return path


@pytest.mark.usefixtures("baseline")
def test_the_command_fails_with_words(capsys: pytest.CaptureFixture[str]):
    worse = measured(decode=3.0, parse=4.0)
    assert suite.checked(deepcopy(worse), False, lambda name: worse[name]) == 1
    assert "'decode / orjson' is 3.00, 50% worse" in capsys.readouterr().out


@pytest.mark.usefixtures("baseline")
def test_what_looks_worse_once_is_measured_once_more(capsys: pytest.CaptureFixture[str]):
    busy, idle = measured(decode=3.0, parse=4.0), measured(decode=2.1, parse=9.0)
    asked: list[str] = []

    def again(name: str) -> dict[str, Any]:
        asked.append(name)
        return idle[name]

    assert suite.checked(busy, False, again) == 0  # each ratio as low as it was in either
    assert asked == ["decode"]
    assert "No ratio is over a quarter worse" in capsys.readouterr().out


def test_a_new_baseline_keeps_those_of_other_benchmarks_and_sizes(baseline: Path):
    found = {"dbt": measured(decode=1.5)["decode"]}
    suite.keep_baseline(found, is_quick=False)
    suite.keep_baseline(found, is_quick=True)
    kept = json.loads(baseline.read_text(encoding="utf-8"))
    assert kept["full"] == {**BASELINE, "dbt": {"decode / orjson": 1.5}}
    assert kept["quick"] == {"dbt": {"decode / orjson": 1.5}}


def test_ratios_are_worked_out_round_by_round():
    costs = {
        "ours": [Cost(2, 1, 100), Cost(30, 4, 300), Cost(3, 1, 100)],
        "peer": [Cost(1, 2, 50), Cost(10, 2, 100), Cost(2, 2, 50)],
    }
    wanted = [Versus("ours", "peer", aim=3), Versus("ours", "peer", "peak_mib")]
    found = result.describe(Measured(costs, wanted, [Beyond("ours", "peer", 5)], {"n": 1}))
    assert found["ratios"] == {
        "ours / peer": {"measure": "seconds", "median": 2, "low": 1.5, "high": 3, "aim": 3},
        "ours / peer, peak_mib": {
            "measure": "peak_mib", "median": 2, "low": 2, "high": 3, "aim": None,
        },
    }  # fmt: skip
    assert found["differences"] == {"ours - peer": {"median": 1, "low": 1, "high": 20, "aim": 5}}
    assert found["contestants"]["peer"]["cpu_seconds"] == {"median": 2, "low": 2, "high": 2}
    assert (found["repetitions"], found["facts"]) == (3, {"n": 1})


def test_an_unknown_name_is_told_with_those_there_are(capsys: pytest.CaptureFixture[str]):
    with pytest.raises(SystemExit):
        suite.arguments(["--only", "decode,rice"])
    said = capsys.readouterr().err
    assert "there is no benchmark rice: they are refresh, airflow, decode" in said
    assert suite.arguments(["--only", "dbt, decode"]).only == ["dbt", "decode"]


def test_one_that_fails_stops_no_other(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def one(name: str, _bench: Bench) -> dict[str, Any]:
        if name == "refresh":
            raise FailedError("no disk is left")
        return measured(decode=1.0)["decode"]

    monkeypatch.setattr(suite, "one", one)
    monkeypatch.setattr(result, "RESULTS", tmp_path)
    found, failed = suite.all_of(["refresh", "decode"], Bench(tmp_path), keep=True)
    assert (list(found), failed) == (["decode"], ["refresh"])
    assert json.loads((tmp_path / "decode.json").read_text()) == found["decode"]
    assert "refresh   could not be measured: no disk is left" in capsys.readouterr().err
