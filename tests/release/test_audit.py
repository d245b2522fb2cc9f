"""What an audit makes of its gates and the diff; the gates themselves: tests/expectations."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from expectations import docs, gates
from expectations.results import CheckResult, GateResult
from ingest.schema import Bilingual, Dataset, Expectations
from lumbung.settings import Settings
from release import audit, build, diff
from release.errors import GateError, ReleaseError, UnknownReleaseError
from release.files import sha256
from release.store import Store
from tests.expectations import healthy
from tests.release import workbench

OLD, NEW = "20260101T000000Z-aaaaaaaa", "20260102T000000Z-bbbbbbbb"
TWO = [workbench.figure("3601", 9.05), workbench.figure("3604", 9.18)]

WELL = CheckResult("rates", "observations", "grain", "fail", "Sama", "One row each", 2, 0)
ODD = replace(WELL, rule="history", severity="warn", n_failed=1, rows=({"region": "9109"},))
BROKEN = replace(WELL, rule="range", n_failed=1, rows=({"value": 106},))
WITHDRAWN = replace(
    WELL, rule="withdrawn", n_failed=1, approvable=True,
    rows=({"dataset_id": "rates", "digest": "d1"},),
)  # fmt: skip


class Hall:
    """A home with a current release and a candidate, and gates that say what a test wants."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.settings: Settings = workbench.home(folder)
        self.asked: list[tuple[Any, ...]] = []
        self.said = {"observations": (WELL,), "candidate": (WELL,)}
        self.limits = Expectations()
        monkeypatch.setattr(audit.catalogues, "load", self._catalogue)
        monkeypatch.setattr(gates, "observation_gate", self._observations)
        monkeypatch.setattr(gates, "candidate_gate", self._candidate)
        monkeypatch.setattr(docs, "build", self._docs)

    def _catalogue(self, folder: Path) -> Any:
        assert folder == self.settings.catalog
        text = Bilingual(id="Contoh", en="Example")
        rates = Dataset(
            dataset="rates", protocol="table", source="bps", title=text, expect=self.limits
        )
        return replace(healthy.catalogue(), datasets={"rates": rates})

    def _observations(self, folder: Path, catalogue: Any, previous: Path | None) -> GateResult:
        self.asked.append((folder, sorted(catalogue.datasets), previous))
        return GateResult("observations", self.said["observations"])

    def _candidate(self, warehouse: Path, inputs: Path) -> GateResult:
        with duckdb.connect(str(warehouse), read_only=True) as connection:
            entered = connection.execute("select count(*) from marts.release_diff").fetchone()
        self.asked.append((warehouse, inputs, entered))
        return GateResult("candidate", self.said["candidate"])

    def _docs(self, found: list[GateResult], folder: Path, title: str) -> None:
        assert all((folder.parent / f"{gate.name}.json").exists() for gate in found)
        self.asked.append(([gate.name for gate in found], folder, title))

    def candidate(self, name: str, figures: list[dict[str, Any]]) -> Path:
        """Leave a candidate that nobody audited, ``marts.release_diff`` as dbt leaves it."""
        folder = workbench.candidate(self.settings, name, figures, audited=False)
        columns = ", ".join(f"null::varchar as {name}" for name in diff.COLUMNS)
        with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
            connection.execute(
                "create table marts.release_diff as "
                f"select 'of another audit' as against_release_id, {columns}"
            )
            connection.execute(
                "create table marts.audit_checks (gate varchar, suite varchar, "
                "table_name varchar, rule varchar, severity varchar, outcome varchar, "
                "description_id varchar, description_en varchar, n_checked bigint, "
                "n_failed bigint, examples varchar)"
            )
        return folder

    def release(self) -> Path:
        """Publish the release that is current."""
        self.candidate(OLD, TWO)
        audit.audit(self.settings, OLD)
        build.publish(self.settings, OLD)
        self.asked.clear()
        return self.settings.releases / OLD


@pytest.fixture
def hall(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Hall:
    return Hall(tmp_path, monkeypatch)


def entered(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select against_release_id, kind, region_code, old_value, new_value "
            "from marts.release_diff order by all"
        ).fetchall()


def told(folder: Path) -> list[tuple[Any, ...]]:
    """What readers of the release are told of its checks."""
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute(
            "select gate, rule, outcome, n_failed, examples from marts.audit_checks order by all"
        ).fetchall()


def test_the_first_audit_compares_with_nothing_and_says_so(hall: Hall) -> None:
    folder = hall.candidate(OLD, TWO)
    report = audit.audit(hall.settings, OLD)
    assert report == audit.AuditReport(
        release_id=OLD,
        against=None,
        gates={"observations": "pass", "candidate": "pass", "diff": "pass"},
        diff={
            "against": None, "n_added": 2, "n_changed": 0, "n_deleted": 0, "n_replaced_by_live": 0,
        },
        messages=(),
        warehouse_sha256=sha256(folder / "warehouse.duckdb"),
        digest=None,
        beyond_approval=False,
        approved_by=None,
    )  # fmt: skip
    assert report.outcome == "pass"
    assert audit.read(folder) == report
    assert entered(folder) == []
    assert hall.asked == [
        (folder / "inputs", ["rates"], None),
        (folder / "warehouse.duckdb", folder / "inputs", (0,)),
        (["observations", "candidate"], folder / "quality" / "docs", f"Lumbung {OLD}"),
    ]
    kept = {path.name for path in (folder / "quality").iterdir()}
    assert kept == {
        "audit.json", "candidate.failures.csv", "candidate.json", "diff.parquet",
        "observations.failures.csv", "observations.json",
    }  # fmt: skip
    assert json.loads((folder / "diff.json").read_text())["totals"]["n_added"] == 2


def test_a_later_audit_compares_with_the_current_release_and_enters_each_difference(
    hall: Hall,
) -> None:
    current = hall.release()
    folder = hall.candidate(NEW, [workbench.figure("3601", 9.5), TWO[1]])
    report = audit.audit(hall.settings, NEW)
    assert (report.against, report.diff["against"], report.outcome) == (OLD, OLD, "pass")
    assert entered(folder) == [(OLD, "changed", "3601", "9.050000", "9.500000")]
    assert hall.asked == [
        (folder / "inputs", ["rates"], current / "inputs"),
        (folder / "warehouse.duckdb", folder / "inputs", (1,)),
        (["observations", "candidate"], folder / "quality" / "docs", f"Lumbung {NEW}"),
    ]
    again = audit.audit(hall.settings, NEW)  # once more changes nothing but the file's bytes
    assert replace(again, warehouse_sha256=report.warehouse_sha256) == report
    assert entered(folder) == [(OLD, "changed", "3601", "9.050000", "9.500000")]


def test_a_warning_lets_a_candidate_pass_with_its_message(hall: Hall) -> None:
    hall.said["candidate"] = (WELL, ODD)
    hall.candidate(OLD, TWO)
    report = audit.audit(hall.settings, OLD)
    assert report.gates == {"observations": "pass", "candidate": "warn", "diff": "pass"}
    assert (report.outcome, report.messages) == ("warn", (ODD.message(),))
    assert (report.digest, report.beyond_approval) == (None, False)
    assert told(hall.settings.candidates / OLD) == [
        ("candidate", "grain", "pass", 0, None),
        ("candidate", "history", "warn", 1, '[{"region": "9109"}]'),
        ("observations", "grain", "pass", 0, None),
    ]


def test_a_broken_rule_refuses_the_first_candidate_and_offers_no_approval(hall: Hall) -> None:
    hall.said["observations"] = (BROKEN, WITHDRAWN, ODD)
    folder = hall.candidate(OLD, TWO)
    with pytest.raises(GateError) as refused:
        audit.audit(hall.settings, OLD)
    assert str(refused.value).splitlines() == [
        f"the candidate {OLD} failed its audit and nothing is published:",
        *(f"  {check.message()}" for check in (BROKEN, WITHDRAWN, ODD)),
        f"  the candidate and its report are kept in {folder}",
    ]
    report = audit.read(folder)
    assert (report.outcome, report.beyond_approval) == ("fail", True)
    assert [row[1:4] for row in told(folder)] == [
        ("grain", "pass", 0), ("history", "warn", 1),
        ("range", "fail", 1), ("withdrawn", "fail", 1),
    ]  # fmt: skip
    with pytest.raises(ReleaseError, match="can't be approved"):
        build.approve(hall.settings, OLD, "Ani", "x")


def test_a_check_that_could_not_be_made_is_beyond_approval(hall: Hall) -> None:
    hall.said["candidate"] = (replace(WITHDRAWN, error="no such table"),)
    folder = hall.candidate(OLD, TWO)
    with pytest.raises(GateError):
        audit.audit(hall.settings, OLD)
    report = audit.read(folder)
    assert (report.beyond_approval, report.digest) == (True, None)


def test_lost_figures_are_refused_offered_for_approval_and_then_published(hall: Hall) -> None:
    hall.release()
    hall.said["observations"] = (WITHDRAWN,)
    folder = hall.candidate(NEW, TWO[:1])
    with pytest.raises(GateError) as refused:
        audit.audit(hall.settings, NEW)
    lines = str(refused.value).splitlines()
    assert lines[0] == f"the candidate {NEW} failed its audit and {OLD} stays current:"
    assert lines[1] == f"  {WITHDRAWN.message()}"
    assert "dataset rates lost 1 figures" in lines[2]
    assert lines[-1] == (
        "  if the source really withdrew these figures: "
        f"python -m release approve {NEW} --by YOUR_NAME --because REASON"
    )
    report = audit.read(folder)
    lost = diff.compare(
        hall.settings.releases / OLD, folder, {"rates": diff.Limits()}
    ).blocked[0].digest  # fmt: skip
    given = sorted([("withdrawn", "rates", "d1"), ("deletions_declared", "rates", lost)])
    expected = hashlib.sha256(json.dumps([OLD, given]).encode()).hexdigest()
    assert (report.digest, report.beyond_approval) == (expected, False)
    assert report.gates == {"observations": "fail", "candidate": "pass", "diff": "fail"}

    assert build.approve(hall.settings, NEW, " Ani ", " withdrawn by BPS ").release_id == NEW
    approved = audit.read(hall.settings.releases / NEW)
    assert approved.gates == {"observations": "approved", "candidate": "pass", "diff": "approved"}
    assert (approved.outcome, approved.approved_by) == ("warn", "Ani")
    assert ("observations", "withdrawn", "approved", 1) in [
        row[:4] for row in told(hall.settings.releases / NEW)
    ]
    (event,) = [e for e in Store(hall.settings).history() if e["event"] == "approved"]
    assert {name: value for name, value in event.items() if name != "at"} == {
        "event": "approved", "release_id": NEW, "digest": expected, "by": "Ani",
        "because": "withdrawn by BPS", "against": OLD, "messages": list(report.messages),
    }  # fmt: skip


def test_an_approval_covers_no_other_gate(hall: Hall) -> None:
    hall.release()
    hall.candidate(NEW, TWO[:1])
    with pytest.raises(GateError):
        audit.audit(hall.settings, NEW)
    hall.said["candidate"] = (BROKEN,)  # something else broke since
    with pytest.raises(GateError, match="range"):
        build.approve(hall.settings, NEW, "Ani", "withdrawn")
    report = audit.read(hall.settings.candidates / NEW)
    assert report.gates == {"observations": "pass", "candidate": "fail", "diff": "approved"}
    assert Store(hall.settings).current() == OLD


def test_the_catalogue_says_what_a_dataset_may_lose_and_change(hall: Hall) -> None:
    hall.release()
    hall.limits = Expectations(deletions_allowed=1, changes_warn_pct=Decimal(50))
    hall.candidate(NEW, TWO[:1])
    assert audit.audit(hall.settings, NEW).gates["diff"] == "pass"
    assert audit._limits(hall._catalogue(hall.settings.catalog)) == {
        "rates": diff.Limits(deletions_allowed=1, changes_warn_pct=50.0)
    }


def checks(folder: Path) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        return connection.execute("from marts.audit_checks order by all").fetchall()


def test_readers_are_told_of_every_check_and_of_three_rows_that_failed(hall: Hall) -> None:
    four = tuple({"region": f"360{at}", "name": "Kab. é"} for at in range(4))
    many = replace(ODD, n_failed=4, rows=four)
    hall.said = {"observations": (WELL, many), "candidate": (BROKEN, WITHDRAWN)}
    folder = hall.candidate(OLD, TWO)
    for _ in range(2):  # a second audit adds nothing
        with pytest.raises(GateError):
            audit.audit(hall.settings, OLD)
        ours = ("Sama", "One row each", 2)
        assert checks(folder) == [
            ("candidate", "rates", "observations", "range", "fail", "fail", *ours, 1,
             '[{"value": 106}]'),
            ("candidate", "rates", "observations", "withdrawn", "fail", "fail", *ours, 1,
             '[{"dataset_id": "rates", "digest": "d1"}]'),
            ("observations", "rates", "observations", "grain", "fail", "pass", *ours, 0, None),
            ("observations", "rates", "observations", "history", "warn", "warn", *ours, 4,
             json.dumps(four[:3], ensure_ascii=False)),
        ]  # fmt: skip
    report = audit.read(folder)
    assert report.warehouse_sha256 == sha256(folder / "warehouse.duckdb")


def test_of_approved_checks_readers_are_told_that_they_were(hall: Hall) -> None:
    hall.release()
    hall.said["observations"] = (WITHDRAWN,)
    hall.candidate(NEW, TWO)
    with pytest.raises(GateError):
        audit.audit(hall.settings, NEW)
    build.approve(hall.settings, NEW, "Ani", "withdrawn by BPS")
    assert [row[5] for row in checks(hall.settings.releases / NEW)] == ["pass", "approved"]
    assert audit._told(replace(WITHDRAWN, error="x"), is_approved=True) == "fail"
    assert audit._told(BROKEN, is_approved=True) == "fail"
    assert audit._told(WITHDRAWN, is_approved=False) == "fail"


def test_a_published_release_answers_with_the_report_it_was_published_with(hall: Hall) -> None:
    hall.release()
    assert audit.audit(hall.settings, OLD) == audit.read(hall.settings.releases / OLD)
    assert build.audit(hall.settings, OLD).release_id == OLD
    assert hall.asked == []


def test_what_can_not_be_audited_says_what_to_do(hall: Hall) -> None:
    with pytest.raises(UnknownReleaseError, match=f"no candidate '{NEW}'"):
        audit.audit(hall.settings, NEW)
    folder = hall.candidate(NEW, TWO)
    (folder / "candidate.json").unlink()
    with pytest.raises(ReleaseError) as early:
        audit.audit(hall.settings, NEW)
    assert str(early.value) == f"the candidate {NEW} is not assembled yet: assemble it first"
    hall.candidate(NEW, TWO)
    (folder / "quality").write_text("in the way of a folder", encoding="utf-8")
    with pytest.raises(ReleaseError) as full:
        audit.audit(hall.settings, NEW)
    assert str(full.value).startswith(f"the audit of {NEW} could not be finished: ")
    assert str(full.value).endswith(
        "The current release is untouched. If the disk is full, make room below "
        f"{hall.settings.home}; then run the refresh again."
    )
    with pytest.raises(ReleaseError) as unread:
        audit.read(folder)
    assert str(unread.value) == f"{NEW} was not audited: audit it first"
