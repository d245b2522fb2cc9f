"""What an assembly tells dbt's process and makes of its end, with a program in the place of dbt.

The real dbt builds the tiny project of test_candidate.py, and the whole one of the bundled figures.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
from dataclasses import asdict
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import Mock

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from dbt.contracts.graph.manifest import Manifest

from ingest import past
from ingest.landing import Landing
from lumbung.settings import ROOT, Settings
from release import amount, build, candidate, dbt_child, dbt_process, fingerprint, judged
from release.dbt_process import DbtProcess
from release.errors import AssemblyError
from tests.release import workbench

NAME = "20260101T000000Z-aaaaaaaa"
#: Notes how it was started and what it was told, then does what the test wants.
IN_PLACE_OF_DBT = """#!/bin/sh
if [ "$2" != release.dbt_child ]; then exec "{python}" "$@"; fi
env > "{seen}/env"
for one in "$@"; do printf '%s\\n' "$one"; done > "{seen}/arguments"
head -n 1 > "{seen}/told"
cd "$(sed 's/^{{"folder": "\\([^"]*\\)".*/\\1/' "{seen}/told")"
exec > dbt.log 2>&1
{then}
"""


class Small(Settings):
    """Settings with a catalogue of no dataset at all, which is read at once."""

    @property
    def catalog(self) -> Path:
        """A folder beside the home."""
        return self.home.parent / "catalog"


class Stage:
    """A home, and what the program in the place of dbt saw and does."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.seen = folder / "seen"
        (folder / "catalog").mkdir()
        for name in ("sources", "cadences"):
            (folder / "catalog" / f"{name}.yml").write_text("[]\n", encoding="utf-8")
        self.seen.mkdir()
        self.settings = Small(home=folder / "a home", build_memory="300MB")
        self._program = folder / "python"
        self._python = sys.executable
        monkeypatch.setattr(sys, "executable", str(self._program))
        built = folder / "built.duckdb"
        with duckdb.connect(str(built)) as connection:
            connection.execute("create schema marts")
            connection.execute("create table marts.publication as select 'x' as release_id")
        self.then(f'cp "{built}" warehouse.duckdb; touch scratch.duckdb')

    def then(self, words: str) -> None:
        """Say what the program does once it was told."""
        text = IN_PLACE_OF_DBT.format(python=self._python, seen=self.seen, then=words)
        self._program.write_text(text, encoding="utf-8")
        self._program.chmod(0o755)

    def dies(self, words: str) -> None:
        """Say what the program does instead of waiting."""
        self._program.write_text(f"#!/bin/sh\n{words}\n", encoding="utf-8")

    def lines(self, name: str) -> list[str]:
        """Return what it saw."""
        return (self.seen / name).read_text(encoding="utf-8").splitlines()

    @property
    def folder(self) -> Path:
        """The candidate's."""
        return self.settings.candidates / NAME


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stage:
    return Stage(tmp_path, monkeypatch)


def test_a_candidate_is_what_dbt_was_told_and_what_it_built(stage: Stage) -> None:
    half = stage.folder / "inputs" / "half a file"
    half.parent.mkdir(parents=True)
    half.write_text("of a build that was killed", encoding="utf-8")
    meanwhile: list[str] = []
    made = candidate.assemble(stage.settings, NAME, meanwhile=lambda: meanwhile.append("done"))
    assert meanwhile == ["done"]
    assert not half.exists()
    assert made == candidate.Candidate(
        release_id=NAME,
        created_at="2026-01-01T00:00:00+00:00",
        fingerprint=fingerprint.current(stage.settings),
        region_edition=candidate.region_edition(stage.folder / "inputs"),
        is_sample=False,
        ledger=asdict(past.mark(Landing(stage.settings.landing))),
        live_connections=[],
    )
    assert json.loads((stage.folder / "candidate.json").read_text()) == asdict(made)
    assert candidate.read(stage.folder) == made
    assert json.loads(stage.lines("told")[0]) == {
        "folder": str(stage.folder),
        "environment": {
            "LUMBUNG_BUILD_RELEASE_ID": NAME,
            "LUMBUNG_BUILD_CREATED_AT": "2026-01-01T00:00:00+00:00",
            "LUMBUNG_BUILD_IS_SAMPLE": "False",
            "LUMBUNG_BUILD_REGION_EDITION": made.region_edition,
        },
        "threads": 2,
    }
    with duckdb.connect(str(stage.folder / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("from marts.publication").fetchall() == [("x",)]
    assert not (stage.folder / "scratch.duckdb").exists()


def test_where_inputs_are_many_one_model_is_built_at_a_time(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(amount, "MANY_BYTES", 1)
    candidate.assemble(stage.settings, NAME)
    assert json.loads(stage.lines("told")[0])["threads"] == 1


def test_dbt_is_started_with_its_own_project_and_nothing_of_ours(stage: Stage) -> None:
    candidate.assemble(stage.settings, NAME)
    asked = stage.lines("arguments")
    assert asked == [
        "-m", "release.dbt_child", str(stage.settings.home / "cache" / "dbt"),
        "--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT), "--target", "candidate",
    ]  # fmt: skip
    known = dict(line.split("=", 1) for line in stage.lines("env") if "=" in line)
    told = {
        "PYTHONPATH": str(ROOT), "LUMBUNG_DUCKDB": "warehouse.duckdb",
        "LUMBUNG_SCRATCH": "scratch.duckdb", "LUMBUNG_INPUTS": "inputs",
        "LUMBUNG_BUILD_MEMORY": "300MB", "DBT_SEND_ANONYMOUS_USAGE_STATS": "False",
        "DO_NOT_TRACK": "1", "GX_ANALYTICS_ENABLED": "False",
    }  # fmt: skip
    assert told.items() <= known.items()
    assert not [name for name in known if name.startswith(("AIRFLOW", "LUMBUNG_HOME"))]


def test_an_assembled_candidate_is_not_built_again_and_old_ones_make_way(stage: Stage) -> None:
    for day in range(1, 6):
        (stage.settings.candidates / f"2025010{day}T000000Z-00000000").mkdir(parents=True)
    stage.folder.mkdir()  # begun by a build that was killed: it takes nobody's place
    first = candidate.assemble(stage.settings, NAME)
    kept = sorted(path.name for path in stage.settings.candidates.iterdir() if path.is_dir())
    assert kept == [*(f"2025010{day}T000000Z-00000000" for day in (3, 4, 5)), NAME]
    stage.then("exit 1")
    assert candidate.assemble(stage.settings, NAME) == first


def test_a_build_that_fails_is_told_by_its_last_words_and_leaves_no_candidate(stage: Stage) -> None:
    stage.then("echo before; echo the model is broken; exit 3")
    with pytest.raises(AssemblyError) as failed:
        candidate.assemble(stage.settings, NAME)
    assert str(failed.value) == (
        "dbt ended with code 3; its last words:\n  before\n  the model is broken"
    )
    assert (stage.folder / "dbt.log").read_text() == "before\nthe model is broken\n"
    with pytest.raises(AssemblyError) as none:
        candidate.read(stage.folder)
    assert str(none.value) == f"{stage.folder} holds no assembled candidate: build it again"


def test_a_build_that_ends_well_without_a_file_is_none(stage: Stage) -> None:
    stage.then("exit 0")
    with pytest.raises(AssemblyError) as failed:
        candidate.assemble(stage.settings, NAME)
    missing = stage.folder / "warehouse.duckdb"
    assert str(failed.value) == f"dbt ended well, but there is no {missing}"


def test_a_process_that_is_not_needed_any_more_is_ended_at_once(stage: Stage) -> None:
    stage.then("exec sleep 5")
    with pytest.raises(ValueError, match="changed my mind"), DbtProcess(stage.settings) as dbt:
        raise ValueError("changed my mind")
    assert dbt._process.returncode == -signal.SIGKILL


def test_a_process_that_dies_before_it_is_told_is_told_by_its_own_words(stage: Stage) -> None:
    stage.dies("echo no room for dbt; exit 7")
    with pytest.raises(AssemblyError) as failed:
        candidate.assemble(stage.settings, NAME)
    assert str(failed.value) == "dbt ended with code 7; its last words:\n  no room for dbt"
    assert (stage.folder / "dbt.log").read_text() == "no room for dbt\n"


def test_a_folder_that_can_not_be_written_is_told_with_the_place_to_make_room_in(
    stage: Stage,
) -> None:
    stage.settings.candidates.mkdir(parents=True)
    stage.folder.write_text("in the way of a folder", encoding="utf-8")
    with pytest.raises(AssemblyError) as failed:
        candidate.assemble(stage.settings, NAME)
    said = str(failed.value)
    assert said.startswith(f"the candidate {NAME} could not be written: ")
    assert said.endswith(
        "The current release is untouched. "
        f"Make room below {stage.settings.home}, then run the refresh again."
    )


def test_a_ledger_that_can_not_be_read_is_told_without_asking_for_room(stage: Stage) -> None:
    stage.settings.landing.mkdir(parents=True)
    (stage.settings.landing / "ledger.sqlite").write_bytes(b"no database at all, for sure" * 99)
    with pytest.raises(AssemblyError) as failed:
        candidate.assemble(stage.settings, NAME)
    said = str(failed.value)
    assert said.startswith(f"the candidate {NAME} could not be assembled: ")
    assert said.endswith(". The current release is untouched.")


def test_inputs_are_written_again_where_a_fetch_came_in_between(
    stage: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    marks = iter(
        [past.Mark(1, 1, ""), past.Mark(2, 1, ""), past.Mark(2, 2, ""), past.Mark(2, 2, "")]
    )
    moments: list[tuple[Path, datetime]] = []
    monkeypatch.setattr(candidate.past, "mark", lambda _: next(marks))
    monkeypatch.setattr(
        candidate.inputs, "write",
        lambda _, folder, now: moments.append((folder, now)) or f"written {len(moments)}",
    )  # fmt: skip
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    folder = stage.settings.home / "inputs"
    found = candidate._write_inputs(stage.settings, folder, moment)
    assert found == ("written 3", past.Mark(2, 2, ""))
    assert moments == [(folder, moment)] * 3


def test_a_candidate_is_a_sample_where_any_snapshot_is(tmp_path: Path) -> None:
    for said in ([False], [False, True], [True]):
        rows = [{"dataset_id": "rates", "snapshot_id": "s1", "is_sample": one} for one in said]
        workbench.snapshots(tmp_path, rows)
        assert candidate._is_sample(tmp_path) is any(said)


def test_an_edition_of_regions_is_its_newest_change_and_a_hash_of_every_row(tmp_path: Path) -> None:
    def edition(**tables: list[dict[str, Any]]) -> str:
        for name, rows in tables.items():
            pq.write_table(pa.Table.from_pylist(rows), tmp_path / f"{name}.parquet")
        return candidate.region_edition(tmp_path)

    assert edition() == "undated-e3b0c442"
    old = {"code": "3604", "valid_from": "2001-01-01"}
    new = {"code": "3673", "valid_from": "2007-11-02"}
    first = edition(regions=[old, new], region_codes=[{"code": "x", "valid_from": None}])
    assert first.startswith("2007-11-02-")
    assert edition(regions=[new, old]) == first  # the order says nothing
    assert edition(region_lineage=[{"to": "3673"}]) != first
    assert edition(region_lineage=[]) == first
    assert edition(region_codes=[{"code": "y", "valid_from": None}]) != first
    assert edition(regions=[old], region_lineage=[]).startswith("2001-01-01-")


def test_live_sources_are_named_once_in_order(stage: Stage) -> None:
    sources = {
        name: {"name": name, "url": "https://a.invalid", "kind": "k"} for name in ("b", "a", "c")
    }
    connections = {"a": "djpk", "b": "bps", "c": None}
    known = SimpleNamespace(
        sources={name: SimpleNamespace(connection=connections[name]) for name in sources}
    )
    live = stage.settings.model_copy()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidate.catalogues, "load", lambda folder: known if folder else None)
        patch.setattr(Settings, "is_live", lambda _, connection: connection is not None)
        assert candidate._live_connections(live) == ["bps", "djpk"]


# -- dbt's own words ----------------------------------------------------------------------------


def node(**said: Any) -> SimpleNamespace:
    return SimpleNamespace(**{"resource_type": "model", "name": "observations", **said})


def test_of_dbts_results_those_that_went_wrong_are_told_with_what_they_are_about() -> None:
    results = [
        SimpleNamespace(status=status, message=f"it says {status}", node=node())
        for status in ("success", "pass", "warn", "skipped", "error", "partial success")
    ]
    told = list(dbt_child._failed(results))
    assert [one["message"] for one in told] == ["it says error", "it says partial success"]
    assert told[0] == {
        "kind": "model", "name": "observations", "message": "it says error", "on": [],
        "column": None, "rule": None, "query": None,
    }  # fmt: skip


def test_a_test_that_failed_is_told_with_its_model_column_rule_and_query() -> None:
    unique = node(
        resource_type="test", name="unique_a_b", attached_node="model.lumbung.a",
        column_name="b", test_metadata=SimpleNamespace(name="unique"),
        compiled_code="select 1", depends_on_nodes=["model.lumbung.z"],
    )  # fmt: skip
    of_its_own = node(
        resource_type="test", name="adds_up", attached_node=None, test_metadata=None,
        depends_on_nodes=["model.lumbung.a", "model.lumbung.b"],
    )  # fmt: skip
    results = [
        SimpleNamespace(status="fail", message="Got 1 result", node=one)
        for one in (unique, of_its_own)
    ]
    first, second = dbt_child._failed(results)
    assert first == {
        "kind": "test", "name": "unique_a_b", "message": "Got 1 result",
        "on": ["model.lumbung.a"], "column": "b", "rule": "unique", "query": "select 1",
    }  # fmt: skip
    assert (second["on"], second["rule"]) == (["model.lumbung.a", "model.lumbung.b"], None)


class Runner:
    """In the place of dbt's: notes what it is asked, and what it knows, and has no project."""

    asked: list[tuple[object, list[str], str]]
    outcome = SimpleNamespace(result=None, exception=None, success=True)

    def __init__(self, manifest: object = None, callbacks: object = None) -> None:
        self.manifest = manifest
        assert callbacks == [dbt_child.say]

    def invoke(self, options: list[str]) -> SimpleNamespace:
        self.asked.append((self.manifest, options, os.environ["TOLD"]))
        return self.outcome


@pytest.fixture
def child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> type[Runner]:
    """The child with that runner, its two streams left alone, told a folder."""
    monkeypatch.setattr(Runner, "asked", [], raising=False)
    monkeypatch.setattr("dbt.cli.main.dbtRunner", Runner)
    monkeypatch.setattr(dbt_child, "speak_into", lambda _: None)
    monkeypatch.setattr(dbt_child, "gc", Mock())  # this process collects as it always does
    monkeypatch.setenv("TOLD", "not yet")
    monkeypatch.chdir(tmp_path)
    told = {"folder": str(tmp_path), "environment": {"TOLD": "now"}, "threads": 3}
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=lambda: json.dumps(told) + "\n"))
    return Runner


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (SimpleNamespace(result=None, exception=None, success=True), 0),
        (SimpleNamespace(result=None, exception=None, success=False), 1),
        (SimpleNamespace(result=None, exception=ValueError("broke"), success=False), 2),
    ],
)
def test_the_child_reads_then_is_told_by_one_line_and_ends_with_dbts_code(
    outcome: SimpleNamespace, code: int, tmp_path: Path, child: type[Runner],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(child, "outcome", outcome)
    assert dbt_child.main(Path("memory"), ["--x"]) == code
    (_, reading, before), (_, building, after) = child.asked
    quietly = [
        "--no-write-json", "--no-use-colors", "--log-level", "none", "--log-level-file", "none",
    ]  # fmt: skip
    assert reading == [*quietly, "parse", "--x", "--target-path", "memory", "--log-path", "memory"]
    assert building == [
        *quietly, "build", "--exclude-resource-type", "unit_test", "--indirect-selection",
        "cautious", "--exclude", "resource_type:seed,resource_type:test", "--x", "--threads", "3",
        "--target-path", str(tmp_path / "dbt"), "--log-path", str(tmp_path / "dbt"),
    ]  # fmt: skip
    assert (before, after) == ("not yet", "now")
    assert list(tmp_path.iterdir()) == []


def test_of_dbts_events_a_person_is_told_what_a_terminal_would_show(
    capsys: pytest.CaptureFixture[str],
) -> None:
    for level in ("debug", "test", "info", "warn", "error"):
        dbt_child.say(SimpleNamespace(info=SimpleNamespace(level=level, msg=f"a word of {level}")))
    said = capsys.readouterr().out
    assert re.sub(r"(?m)^\d\d:\d\d:\d\d  ", "", said).splitlines() == [
        "a word of info", "a word of warn", "a word of error",
    ]  # fmt: skip


def test_a_project_that_was_read_is_not_read_again(
    child: type[Runner], monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest = Manifest()
    monkeypatch.setattr(
        child, "outcome", SimpleNamespace(result=manifest, exception=None, success=True)
    )
    assert dbt_child.main(Path("memory"), []) == 0
    assert [given for given, _, _ in child.asked] == [None, manifest]


def test_results_are_kept_and_of_the_failed_what_they_are_about(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Results:
        results = (SimpleNamespace(status="error", message="broken", node=node()),)

        def write(self, path: str) -> None:
            Path(path).write_text("{}", encoding="utf-8")

    outcome = SimpleNamespace(result=Results(), exception=None, success=False)
    monkeypatch.setattr("dbt.artifacts.schemas.run.RunExecutionResult", Results)
    monkeypatch.setattr(
        "dbt.cli.main.dbtRunner", lambda *_: SimpleNamespace(invoke=lambda _: outcome)
    )
    assert dbt_child.build(tmp_path, None, []) == 1
    assert (tmp_path / "run_results.json").read_text() == "{}"
    (failed,) = json.loads((tmp_path / "failed.json").read_text())
    assert (failed["name"], failed["message"]) == ("observations", "broken")


def test_a_child_that_is_never_told_builds_nothing(
    child: type[Runner], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(readline=lambda: ""))
    assert dbt_child.main(Path("memory"), []) == 2
    assert len(child.asked) == 1
    assert capsys.readouterr().out == "never told what to build\n"


# -- the steps in one process ---------------------------------------------------------------------


def test_a_run_takes_every_step_once_and_nothing_new_takes_none(
    monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    taken: list[tuple[Any, ...]] = []
    plans = [build.Plan(NAME, "f", False, "new"), build.Plan(NAME, "f", True, "nothing new")]
    monkeypatch.setattr(build, "plan", lambda given: plans.pop(0) if given else None)

    def take(step: str, *given: Any, **more: Any) -> str:
        taken.append((step, *given, more))
        return step

    for step in ("assemble", "audit", "publish"):
        monkeypatch.setattr(build, step, partial(take, step))
    planned, published = build.run(stage.settings)
    assert (planned.reason, published) == ("new", "publish")
    assert taken == [
        ("assemble", stage.settings, NAME, {"audited_here": True}),
        ("audit", stage.settings, NAME, {}),
        ("publish", stage.settings, NAME, {}),
    ]
    assert build.run(stage.settings) == (build.Plan(NAME, "f", True, "nothing new"), None)
    assert len(taken) == 3


@pytest.mark.parametrize("many", [False, True])
def test_what_is_done_meanwhile_gives_way_where_dbt_has_much_to_do(
    stage: Stage, monkeypatch: pytest.MonkeyPatch, *, many: bool
) -> None:
    found: list[int] = []

    def note() -> None:
        found.append(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))

    monkeypatch.setattr(amount, "MANY_BYTES", 0 if many else 1 << 40)
    before = os.getpriority(os.PRIO_PROCESS, 0)
    candidate.assemble(stage.settings, NAME, meanwhile=note)
    assert found == [max(before, dbt_process.NICE) if many else before]
    assert os.getpriority(os.PRIO_PROCESS, 0) == before


def test_inputs_are_judged_meanwhile_only_where_the_audit_follows_here(
    monkeypatch: pytest.MonkeyPatch, stage: Stage
) -> None:
    asked: list[tuple[Any, ...]] = []
    monkeypatch.setattr(
        candidate, "assemble", lambda *given, **more: asked.append((*given, more)) or "made"
    )
    assert build.assemble(stage.settings, NAME) == "made"
    assert build.assemble(stage.settings, NAME, audited_here=True) == "made"
    (*elsewhere, without), (*here, given) = asked
    assert elsewhere == here == [stage.settings, NAME]
    assert without == {}
    assert list(given) == ["meanwhile"]
    assert isinstance(given["meanwhile"], judged.Judge)


# -- the fingerprint ------------------------------------------------------------------------------


def test_a_fingerprint_changes_with_every_file_that_decides_and_with_no_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / "root"
    for name in ("dbt/models/a.sql", "expectations/b.yml", "release/c.py", "requirements.txt"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(name, encoding="utf-8")
    monkeypatch.setattr(fingerprint, "ROOT", root)

    class Here(Settings):
        dbt_project = property(lambda _: root / "dbt")  # type: ignore[assignment]

    settings = Here(home=tmp_path / "home")
    first = fingerprint.of("inputs", settings)
    assert fingerprint.of("inputs", settings) == first
    seen = {first, fingerprint.of("other inputs", settings)}
    for name in (
        "dbt/target/x.sql", "dbt/logs/dbt.log", "dbt/dbt_packages/p/x.sql", "dbt/.user.yml",
        "dbt/a.duckdb", "dbt/a.wal", "release/__pycache__/c.pyc", "release/d.pyc", "docs/x.md",
    ):  # fmt: skip
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("left behind", encoding="utf-8")
        assert fingerprint.of("inputs", settings) == first, name
    for name in (
        "dbt/models/a.sql", "dbt/models/new.sql", "expectations/b.yml", "release/c.py",
        "requirements.txt", "profiles.yml",
    ):  # fmt: skip
        (root / name).write_text("changed", encoding="utf-8")
        seen.add(fingerprint.of("inputs", settings))
    assert len(seen) == 8
    (root / "dbt/models/new.sql").rename(root / "dbt/models/renamed.sql")
    assert fingerprint.of("inputs", settings) not in seen
    monkeypatch.setattr(fingerprint.inputs, "fingerprint", lambda given: f"of {given.home.name}")
    assert fingerprint.current(settings) == fingerprint.of("of home", settings)
