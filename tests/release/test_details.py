"""What a plan, a publication and a decision say to the letter: mutants had slipped through."""

from __future__ import annotations

import json
import platform
import subprocess
from pathlib import Path
from typing import Any

import duckdb
import pytest

import lumbung
from ingest.tombstones import Tombstones
from lumbung.settings import ROOT, Settings
from release import build, compare, diff, identity, manifest, retention
from release import publish as publishing
from release.errors import ReleaseError
from release.files import append_line, write_json
from release.store import Store
from tests.release import workbench
from tests.release.test_store import ids, published


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return workbench.home(tmp_path, keep_releases=3)


@pytest.fixture
def wanted(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """What the inputs' fingerprint is said to be."""
    said = {"fingerprint": "c" * 64}
    monkeypatch.setattr(build.fingerprint, "current", lambda _: said["fingerprint"])
    return said


def fingerprint(settings: Settings, name: str) -> str:
    return manifest.read(settings.releases / name).fingerprint


# -- what is to be built --------------------------------------------------------------------------


def test_the_first_plan_is_for_something_new(settings: Settings, wanted: dict[str, str]) -> None:
    plan = build.plan(settings)
    assert identity.fits(plan.release_id, "c" * 64)
    assert plan == build.Plan(plan.release_id, "c" * 64, False, "there is something new")


def test_what_is_current_is_not_built_again(settings: Settings, wanted: dict[str, str]) -> None:
    names = published(settings, 2)
    wanted["fingerprint"] = fingerprint(settings, names[1])
    assert build.plan(settings) == build.Plan(
        names[1], wanted["fingerprint"], True, "nothing new since this release"
    )


def test_a_switch_without_its_line_in_the_history_is_still_to_be_finished(
    settings: Settings, wanted: dict[str, str]
) -> None:
    (name,) = published(settings, 1)
    wanted["fingerprint"] = fingerprint(settings, name)
    (settings.releases / "history.jsonl").unlink()
    assert build.plan(settings) == build.Plan(
        name, wanted["fingerprint"], False, "its publication was cut short"
    )


def test_datasets_that_went_live_without_an_answer_are_named(
    settings: Settings, wanted: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (name,) = published(settings, 1)
    monkeypatch.setattr(build.inputs, "live_without_rows", lambda _, datasets: [*datasets, "b"])
    with pytest.raises(ReleaseError) as refused:
        build.plan(settings)
    assert str(refused.value) == (
        "nothing is built: rates, b went live and no live reply could be read yet. Release "
        f"{name} keeps the figures from before; mend the source's key or address, or unset them"
    )


def test_what_was_rolled_back_from_is_held_back_and_says_so(
    settings: Settings, wanted: dict[str, str]
) -> None:
    names = published(settings, 2)
    wanted["fingerprint"] = fingerprint(settings, names[1])
    Store(settings).roll_back()
    assert build.plan(settings) == build.Plan(
        names[0], wanted["fingerprint"], True,
        "the newest figures are those of a release that was rolled back from; "
        "they are held back until something changes",
    )  # fmt: skip


def test_a_newer_release_of_other_figures_is_not_taken_up_again(
    settings: Settings, wanted: dict[str, str]
) -> None:
    published(settings, 2)
    Store(settings).roll_back()
    plan = build.plan(settings)
    assert (plan.reason, identity.fits(plan.release_id, "c" * 64)) == (
        "there is something new", True,
    )  # fmt: skip


def test_a_begun_candidate_of_the_same_fingerprint_is_taken_up_again(
    settings: Settings, wanted: dict[str, str]
) -> None:
    published(settings, 1)
    begun, other = "20260201T000000Z-cccccccc", "20260301T000000Z-dddddddd"
    older = "20250101T000000Z-cccccccc"
    for name in (begun, other, older):
        (settings.candidates / name).mkdir(parents=True)
    assert build.plan(settings) == build.Plan(
        begun, "c" * 64, False, "an unfinished build is taken up again"
    )


def test_a_new_id_comes_after_every_release_and_candidate(
    settings: Settings, wanted: dict[str, str]
) -> None:
    published(settings, 1)
    future = "20990101T000000Z-dddddddd"
    (settings.candidates / future).mkdir(parents=True)
    assert build.plan(settings).release_id == "20990101T000001Z-cccccccc"


def test_a_published_release_is_not_assembled_again(settings: Settings) -> None:
    (name,) = published(settings, 1)
    assert build.assemble(settings, name) is None


def waiting(settings: Settings, name: str, **report: Any) -> None:
    """Leave a candidate that failed its audit."""
    workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    path = settings.candidates / name / "quality" / "audit.json"
    failed = {"gates": {"observations": "fail"}, "digest": "d", "messages": ["too few"]}
    write_json(path, json.loads(path.read_text()) | failed | report)


@pytest.mark.parametrize(
    ("report", "by", "because", "said"),
    [
        ({}, " ", "x", "an approval needs a name and a reason: --by NAME --because REASON"),
        ({}, "Ani", " ", "an approval needs a name and a reason: --by NAME --because REASON"),
        ({"digest": None}, "Ani", "x", "{name} waits for no approval: no deletion blocks it"),
        ({"gates": {"diff": "pass"}}, "Ani", "x",
         "{name} waits for no approval: no deletion blocks it"),
        ({"beyond_approval": True, "messages": ["a", "b"]}, "Ani", "x",
         "{name} can't be approved, it breaks rules that nobody can waive:\n  a\n  b"),
        ({"against": "another"}, "Ani", "x",
         "{name} was audited against another release: build it again"),
    ],
)  # fmt: skip
def test_an_approval_that_can_not_be_says_why_and_is_not_recorded(
    settings: Settings, report: dict[str, Any], by: str, because: str, said: str
) -> None:
    (name,) = ids(1)
    waiting(settings, name, **report)
    with pytest.raises(ReleaseError) as refused:
        build.approve(settings, name, by, because)
    assert str(refused.value) == said.format(name=name)
    assert Store(settings).history() == []


# -- what a release says of itself ----------------------------------------------------------------


def test_a_manifest_is_whole_and_its_inputs_stand_in_order(settings: Settings) -> None:
    (name,) = ids(1)
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 9.18)])
    given = [("rates", "s2"), ("budgets", "s9"), ("rates", "s1")]
    workbench.snapshots(
        folder / "inputs",
        [{"dataset_id": dataset, "snapshot_id": sha256} for dataset, sha256 in given],
    )
    state = json.loads((folder / "candidate.json").read_text())
    write_json(folder / "candidate.json", state | {"live_connections": ["bps"], "ledger": {"a": 1}})
    write_json(folder / "dbt" / "run_results.json", {"results": []})
    build.publish(settings, name)
    release = settings.releases / name
    said = json.loads((release / "manifest.json").read_text())
    assert [(one["dataset"], one["sha256"]) for one in said["inputs"]] == sorted(given)
    assert set(said) == {
        "release_id", "created_at", "fingerprint", "region_edition", "inputs", "tables", "gates",
        "diff", "versions", "ledger", "live_connections", "warehouse_sha256",
    }  # fmt: skip
    assert (said["live_connections"], said["ledger"]) == (["bps"], {"a": 1})
    assert said["diff"] == {
        "against": None, "n_added": 1, "n_changed": 0, "n_deleted": 0, "approved_by": None,
    }  # fmt: skip
    assert said["gates"] == [
        {"name": name, "outcome": "pass"} for name in ("observations", "candidate", "diff")
    ]
    assert json.loads((release / "quality" / "dbt_run_results.json").read_text()) == {"results": []}
    assert not (release / "dbt").exists()


def test_a_home_with_a_quote_in_its_name_is_published_and_compared(tmp_path: Path) -> None:
    settings = workbench.home(tmp_path / "it's")
    names = published(settings, 2)
    assert Store(settings).verify(names[1]) == 3
    assert [path.name for path in sorted((settings.releases / names[1] / "marts").iterdir())] == [
        "observations.parquet", "publication.parquet",
    ]  # fmt: skip
    assert compare.compare(settings, *names).diff.totals["n_changed"] == 1


def test_versions_name_python_the_packages_and_the_commit() -> None:
    found = publishing.versions()
    named = {"python", "dbt-core", "dbt-duckdb", "duckdb", "great-expectations", "pyarrow"}
    assert set(found) - {"commit"} == named | {"lumbung"}
    assert found["python"] == platform.python_version()
    assert found["duckdb"] == duckdb.__version__
    assert found["lumbung"] == lumbung.__version__
    if (ROOT / ".git").exists():
        asked = ["git", "rev-parse", "HEAD"]
        head = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=True)
        assert found["commit"] == head.stdout.strip()
    else:
        assert "commit" not in found


def test_a_tree_without_git_has_no_commit(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(publishing, "ROOT", tmp_path)
    assert "commit" not in publishing.versions()


def test_a_tree_with_git_names_the_commit_that_git_says(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    git = tmp_path / "git"
    git.write_text('#!/bin/sh\necho "$1 $2 of $(basename "$PWD")"\n', encoding="utf-8")
    git.chmod(0o755)
    tree = tmp_path / "tree"
    (tree / ".git").mkdir(parents=True)
    monkeypatch.setattr(publishing, "ROOT", tree)
    found = {"git": str(git)}
    monkeypatch.setattr(publishing.shutil, "which", found.get)
    assert publishing.versions()["commit"] == "rev-parse HEAD of tree"
    git.write_text("#!/bin/sh\necho not a repository >&2\nexit 128\n", encoding="utf-8")
    assert "commit" not in publishing.versions()
    found.clear()
    assert "commit" not in publishing.versions()


def test_what_is_not_published_is_named_with_what_to_do(settings: Settings) -> None:
    first, second, third = ids(3)
    workbench.candidate(settings, first, [workbench.figure("3604", 1)])
    build.publish(settings, first)
    workbench.candidate(settings, second, [workbench.figure("3604", 2)])
    with pytest.raises(ReleaseError) as refused:
        build.publish(settings, second)
    assert str(refused.value) == (
        f"{second} was audited against no release, but {first} is current now: audit it again"
    )
    folder = workbench.candidate(settings, third, [workbench.figure("3604", 3)], against=first)
    (folder / "marts").write_text("in the way of a folder")
    with pytest.raises(ReleaseError) as full:
        build.publish(settings, third)
    assert str(full.value).startswith(f"the release {third} could not be written: ")
    assert str(full.value).endswith(
        f"The current release is untouched. Make room below {settings.home}, then run the "
        "refresh again."
    )
    assert Store(settings).current() == first


def test_every_sum_that_is_too_wide_is_named(settings: Settings) -> None:
    (name,) = ids(1)
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)], audited=False)
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create table marts.budget as select 1::hugeint as a, 2::hugeint as b")
    with pytest.raises(ReleaseError) as refused:
        publishing.export(folder / "warehouse.duckdb", folder / "marts")
    assert str(refused.value) in (
        "HUGEINT can't be published (budget.a, budget.b): cast the sum to bigint",
        "HUGEINT can't be published (budget.b, budget.a): cast the sum to bigint",
    )


def test_an_export_changes_nothing_in_the_warehouse(settings: Settings) -> None:
    (name,) = ids(1)
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    warehouse = folder / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True):  # a writer could not open it beside this
        tables = publishing.export(warehouse, folder / "marts")
    assert [(table["name"], table["rows"]) for table in tables] == [
        ("observations", 1), ("publication", 1),
    ]  # fmt: skip


def test_rows_stand_by_what_readers_filter_by_whatever_order_they_were_built_in(
    settings: Settings,
) -> None:
    (name,) = ids(1)
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    warehouse = folder / "warehouse.duckdb"
    rows = [("a", 2, "3604"), ("b", 1, "3603"), ("c", 1, "3604"), ("c", 1, None), ("d", 1, "3603")]
    hashes = set()
    for given in (rows, rows[::-1]):
        with duckdb.connect(str(warehouse)) as connection:
            connection.execute(
                "create or replace table marts.budget (obs_id text, n integer, region_code text)"
            )
            connection.executemany("insert into marts.budget values (?, ?, ?)", given)
        tables = publishing.export(warehouse, folder / "marts", "100MB")
        hashes |= {table["sha256"] for table in tables if table["name"] == "budget"}
        found = duckdb.read_parquet(str(folder / "marts" / "budget.parquet")).fetchall()
        assert found == [
            ("b", 1, "3603"), ("d", 1, "3603"), ("a", 2, "3604"), ("c", 1, "3604"), ("c", 1, None),
        ]  # fmt: skip
    assert len(hashes) == 1


def test_too_little_memory_to_sort_a_mart_names_the_setting_and_changes_nothing(
    settings: Settings,
) -> None:
    first, second = ids(2)
    workbench.candidate(settings, first, [workbench.figure("3604", 1)])
    build.publish(settings, first)
    many = [workbench.figure("3604", number) for number in range(50_000)]
    folder = workbench.candidate(settings, second, many, against=first)
    little = settings.model_copy(update={"build_memory": "2MB"})
    with pytest.raises(ReleaseError) as refused:
        build.publish(little, second)
    said = str(refused.value)
    assert said.startswith(f"the marts could not be written to {folder / 'marts'}: Out of Memory")
    assert said.endswith(
        "\n  The current release is untouched.\n  DuckDB's share of memory is too small for so "
        "many figures. Raise it, then run the refresh again: LUMBUNG_BUILD_MEMORY=1GB make refresh"
    )
    assert Store(settings).current() == first
    build.publish(settings, second)
    assert Store(settings).current() == second


# -- what is remembered ---------------------------------------------------------------------------


def test_decisions_are_recorded_with_name_and_reason(settings: Settings) -> None:
    (name,) = published(settings, 1)
    retention.pin(settings, name, " in court ", " Ani ")
    retention.cite(settings, name, "thesis", "Budi")
    told = [{k: v for k, v in e.items() if k != "at"} for e in Store(settings).history()[-2:]]
    assert told == [
        {"event": "pinned", "release_id": name, "because": "in court", "by": "Ani"},
        {"event": "cited", "release_id": name, "because": "thesis", "by": "Budi"},
    ]
    with pytest.raises(ReleaseError) as refused:
        retention.pin(settings, name, "x", " ")
    assert str(refused.value) == "say who and why: --by NAME --because REASON"
    retention.unpin(settings, name, "settled", "Ani")
    assert (list(Store(settings).pinned()), list(Store(settings).cited())) == ([], [name])
    with pytest.raises(ReleaseError, match=f"^{name} is not pinned$"):
        retention.unpin(settings, name, "settled", "Ani")


def test_words_are_written_as_they_are(tmp_path: Path) -> None:
    """In a home that nobody made yet, too."""
    history = tmp_path / "no home" / "releases" / "history.jsonl"
    append_line(history, {"by": "Née", "at": Path("x")})
    assert history.read_bytes() == '{"by": "Née", "at": "x"}\n'.encode()
    written = tmp_path / "other" / "quality" / "audit.json"
    write_json(written, {"by": "Née", "at": Path("x")})
    assert written.read_bytes() == '{\n "by": "Née",\n "at": "x"\n}\n'.encode()
    assert [path.name for path in written.parent.iterdir()] == ["audit.json"]


def test_a_candidate_begun_after_the_quarantine_stays(settings: Settings) -> None:
    (name,) = ids(1)
    Tombstones(settings.landing).set("s9", "names of pupils", "Ani")
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    retention.collect(settings)
    assert folder.is_dir()
    (folder / "inputs" / "snapshots.parquet").unlink()  # nothing says any more what is in it
    retention.collect(settings)
    assert not folder.exists()


# -- what differs ---------------------------------------------------------------------------------


def test_a_comparison_lies_in_the_home_under_both_names(settings: Settings) -> None:
    names = published(settings, 2)
    found = compare.compare(settings, *names)
    assert found.changes == settings.home / "comparisons" / f"{names[0]}..{names[1]}.csv"
    assert found.diff.summary() == {
        "against": names[0], "n_added": 0, "n_changed": 1, "n_deleted": 0, "n_replaced_by_live": 0,
    }  # fmt: skip


def test_tables_are_compared_by_rows_and_hash_and_some_are_in_one_release_only(
    settings: Settings, tmp_path: Path
) -> None:
    names = published(settings, 2)
    for name, (table, rows) in zip(names, (("gone", 7), ("new", 8)), strict=True):
        path = settings.releases / name / "manifest.json"
        said = json.loads(path.read_text())
        said["tables"].append({"name": table, "rows": rows, "sha256": "x"})
        said["tables"].append({"name": "same", "rows": 3, "sha256": "y"})
        write_json(path, said)
    out = tmp_path / "of" / "mine" / "changes.csv"
    found = compare.compare(settings, *names, out=out)
    assert found.tables == (
        compare.Table("gone", 7, None, is_same=False),
        compare.Table("new", None, 8, is_same=False),
        compare.Table("observations", 1, 1, is_same=False),
        compare.Table("publication", 1, 1, is_same=False),
        compare.Table("same", 3, 3, is_same=True),
    )
    assert (found.before, found.after, found.changes) == (*names, out)
    assert len(out.read_text().splitlines()) == 2


def test_figures_without_a_dataset_get_it_from_the_inputs(settings: Settings) -> None:
    """An older release's mart has no dataset: its snapshots say whose it is."""
    (name,) = ids(1)
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("alter table marts.observations drop column dataset_id")
        connection.execute("insert into marts.observations select * replace ('s7' as snapshot_id, "
                           "'3601' as region_code) from marts.observations")  # fmt: skip
    groups = diff.compare(None, folder, {}).groups
    assert [(group.dataset_id, group.n_after) for group in groups] == [("derived", 1), ("rates", 1)]


def test_a_diff_is_read_as_it_was_written(settings: Settings) -> None:
    (name,) = ids(1)
    folder = workbench.candidate(settings, name, [workbench.figure("3604", 1)])
    found = diff.compare(None, folder, {})
    write_json(folder / "diff.json", found.as_json())
    said = diff.read(folder / "diff.json")
    assert (said["outcome"], said["against"]) == ("pass", None)
    assert said["totals"] == {
        "n_added": 1, "n_changed": 0, "n_deleted": 0, "n_replaced_by_live": 0,
    }  # fmt: skip
    assert [group["indicator_id"] for group in said["groups"]] == ["unemployment_rate"]
