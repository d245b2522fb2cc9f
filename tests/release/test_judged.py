"""Inputs judged while dbt works: the audit takes the verdict on just these, and no other."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import docs, gates
from expectations.results import GateResult
from lumbung.settings import Settings
from release import amount, audit, diff, judged
from release.errors import GateError
from release.files import write_json
from tests.expectations import healthy
from tests.release import workbench

NAME = "20260101T000000Z-aaaaaaaa"
TOO_HIGH = [healthy.rate("3601", "106"), healthy.rate("3604", "9.18")]
FOR_AUDIT = f"""
alter table observations add column snapshot_id varchar default 's1';
create table release_diff as select {", ".join(f"null::varchar as {c}" for c in diff.COLUMNS)},
    null::varchar as against_release_id;
create table audit_checks (gate varchar, suite varchar, table_name varchar, rule varchar,
    severity varchar, outcome varchar, description_id varchar, description_en varchar,
    n_checked bigint, n_failed bigint, examples varchar);
"""


class Desk:
    """A candidate with a real observation gate, and how often it was asked: ``n_judged``."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings: Settings = workbench.home(folder)
        self.folder = self.settings.candidates / NAME
        self.catalogue = healthy.catalogue()
        self.n_judged = 0
        healthy.warehouse(self.folder, FOR_AUDIT)
        write_json(self.folder / "candidate.json", {})
        self.gate: Callable[..., GateResult] = gates.observation_gate
        monkeypatch.setattr(gates, "observation_gate", self._judge)
        monkeypatch.setattr(gates, "candidate_gate", lambda *_: GateResult("candidate"))
        monkeypatch.setattr(docs, "build", lambda *_: None)
        monkeypatch.setattr(amount, "MANY_BYTES", 0)
        monkeypatch.setattr(judged.catalogues, "load", lambda _: replace(self.catalogue))

    def _judge(self, *given: Any, **more: Any) -> GateResult:
        self.n_judged += 1
        return self.gate(*given, **more)

    def judge(self) -> None:
        """Do what a refresh does while dbt works."""
        with judged.judging(self.settings, NAME) as judge:
            judge()

    def audit(self) -> tuple[str, dict[str, bytes]]:
        """Return what an audit refuses with, and the files it leaves."""
        shutil.rmtree(self.folder / "quality", ignore_errors=True)
        said = ""
        try:
            audit.audit(self.settings, NAME)
        except GateError as error:
            said = str(error)
        files = sorted(path for path in (self.folder / "quality").rglob("*") if path.is_file())
        kept = {str(path): path.read_bytes() for path in files if path.name != "audit.json"}
        return said, kept


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    return Desk(tmp_path, monkeypatch)


@pytest.mark.parametrize("rows", [healthy.rates(), TOO_HIGH])
def test_an_early_verdict_spares_the_audit_its_own_and_reads_the_same(
    rows: list[dict[str, Any]], desk: Desk
) -> None:
    healthy.inputs(desk.folder / "inputs", rows)
    own = desk.audit()
    assert desk.n_judged == 1
    desk.judge()
    assert desk.n_judged == 2
    assert desk.audit() == own
    assert desk.n_judged == 2
    assert ("value_below_maximum" in own[0]) == (rows == TOO_HIGH)
    desk.audit()  # a verdict is taken once
    assert desk.n_judged == 3


def test_what_changes_after_an_early_verdict_is_judged_anew(desk: Desk) -> None:
    desk.judge()
    healthy.inputs(desk.folder / "inputs", TOO_HIGH)
    assert "observations: value_below_maximum (fail)" in desk.audit()[0]
    desk.judge()
    healthy.inputs(desk.folder / "inputs", healthy.rates())
    assert desk.audit()[0] == ""
    assert desk.n_judged == 4

    desk.judge()
    desk.catalogue = healthy.catalogue(minimum_rows=3)
    assert "observations: minimum_rows (fail)" in desk.audit()[0]
    assert desk.n_judged == 6


def test_a_verdict_from_before_another_release_or_day_is_not_taken(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    previous = desk.settings.releases / "20250101T000000Z-bbbbbbbb"
    more = [*healthy.rates(), healthy.rate("3600", "9.3")]
    shutil.copytree(desk.folder, previous)
    healthy.inputs(previous / "inputs", more)
    desk.judge()
    monkeypatch.setattr(audit.Store, "current_folder", lambda _: previous)
    assert "withdrawals_declared" in desk.audit()[0]
    assert desk.n_judged == 2
    desk.judge()
    healthy.inputs(previous / "inputs", healthy.rates())  # nothing is withdrawn now
    assert "withdrawals_declared" not in desk.audit()[0]
    assert desk.n_judged == 4

    class Tomorrow(datetime):
        @classmethod
        def now(cls, _: Any = None) -> datetime:
            return datetime(2100, 1, 1, tzinfo=UTC)

    desk.judge()
    monkeypatch.setattr(judged, "datetime", Tomorrow)
    desk.audit()
    assert desk.n_judged == 6


def test_a_judge_that_breaks_says_so_and_leaves_it_to_the_audit(
    desk: Desk, caplog: pytest.LogCaptureFixture
) -> None:
    own, gate = desk.audit(), desk.gate

    def broken(*_: Any, **__: Any) -> GateResult:
        raise MemoryError("there is no more")

    desk.gate = broken
    desk.judge()
    assert f"the inputs of {NAME} could not be judged early" in caplog.text
    assert "MemoryError: there is no more" in caplog.text
    desk.gate = gate
    assert desk.audit() == own
    assert desk.n_judged == 3
    desk.gate = broken  # and where the audit breaks too, it says so
    desk.judge()
    with pytest.raises(MemoryError, match="there is no more"):
        desk.audit()


def test_checks_that_could_not_run_early_are_made_again(desk: Desk) -> None:
    freshness = desk.folder / "inputs" / "freshness.parquet"
    freshness.rename(desk.folder / "freshness.parquet")
    desk.judge()
    assert judged._verdicts == {}
    assert "nothing_is_late" in str(audit.audit(desk.settings, NAME).messages)
    assert desk.n_judged == 2


def test_of_an_assembly_that_fails_no_query_and_no_verdict_is_left(desk: Desk) -> None:
    begun = threading.Event()

    def endless(*_: Any, connection: duckdb.DuckDBPyConnection, **__: Any) -> GateResult:
        begun.set()
        with connection:
            connection.execute("select count(*) from range(10_000_000_000_000) where hash(range)=1")
        raise AssertionError("it was to be interrupted")

    desk.gate = endless
    threads: list[threading.Thread] = []

    def assembled(judge: judged.Judge) -> None:
        threads.append(threading.Thread(target=judge, daemon=True))
        threads[0].start()
        assert begun.wait(30)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), judged.judging(desk.settings, NAME) as judge:
        assembled(judge)
    threads[0].join(5)
    assert not threads[0].is_alive()
    assert judged._verdicts == {}


def test_a_verdict_of_an_assembly_that_fails_is_dropped(desk: Desk) -> None:
    def assembled(judge: judged.Judge) -> None:
        judge()
        assert desk.folder in judged._verdicts
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"), judged.judging(desk.settings, NAME) as judge:
        assembled(judge)
    assert judged._verdicts == {}
    judge()  # told before it begins again
    assert judged._verdicts == {}
    assert desk.n_judged == 1


def test_few_figures_are_left_to_the_audit(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What judging takes of memory would come on top of dbt's."""
    monkeypatch.setattr(amount, "MANY_BYTES", 4 << 20)
    desk.judge()
    assert desk.n_judged == 0
    desk.audit()
    assert desk.n_judged == 1
