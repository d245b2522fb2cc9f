"""What is kept and what goes: pinned, cited, open, quarantined and old releases."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from ingest.tombstones import Tombstones
from lumbung.settings import Settings
from release import build, manifest, readers, retention
from release.__main__ import app
from release.compare import compare
from release.errors import ReleaseError
from release.store import Store
from tests.release import workbench
from tests.release.test_store import ids, published

COMMANDS = CliRunner(env={"COLUMNS": "200"})

#: Holds one file open the way a reader does, says so, and waits to be told to go.
HOLDERS = {
    "duckdb": "import duckdb; held = duckdb.connect(path + '/warehouse.duckdb', read_only=True)",
    "parquet": "held = open(path + '/marts/observations.parquet', 'rb')",
    "mapped": (
        "import mmap; file = open(path + '/marts/observations.parquet', 'rb'); "
        "held = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ); file.close()"
    ),
}


@contextmanager
def held(folder: Path, how: str) -> Iterator[int]:
    """Have another process hold a release open."""
    code = f"import sys; path = sys.argv[1]; {HOLDERS[how]}; print('held', flush=True); input()"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stdout.readline().strip() == "held"
    try:
        yield process.pid
    finally:
        process.communicate("\n", timeout=60)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return workbench.home(tmp_path, keep_releases=5)


def keeping(settings: Settings, count: int) -> Settings:
    return settings.model_copy(update={"keep_releases": count})


@pytest.mark.parametrize("how", HOLDERS)
def test_a_release_that_somebody_reads_is_never_removed(how: str, settings: Settings) -> None:
    names = published(settings, 3)
    with held(settings.releases / names[0], how) as pid:
        done = retention.collect(keeping(settings, 1))
        assert done.removed == [names[1]]
        assert done.spared == {names[0]: f"open: process {pid}"}
        assert Store(settings).ids() == [names[0], names[2]]
    assert retention.collect(keeping(settings, 1)).removed == [names[0]]


def test_a_reader_whose_process_we_may_not_look_into_shows_by_its_lock(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As of another user, or in another container: ``/proc`` says nothing, the lock does."""
    names = published(settings, 2)
    monkeypatch.setattr(readers, "_touches", lambda _pid, _inside: False)
    assert readers.holders(settings.releases / names[0]) == []
    with held(settings.releases / names[0], "duckdb") as pid:
        assert readers.holders(settings.releases / names[0]) == [f"process {pid}"]


def test_asking_who_reads_drops_no_lock_of_our_own(settings: Settings) -> None:
    names = published(settings, 1)
    folder = settings.releases / names[0]
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True):
        assert readers.holders(folder)
        code = f"import duckdb; duckdb.connect({str(folder / 'warehouse.duckdb')!r})"
        writer = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert "lock" in writer.stderr


def test_where_the_system_cannot_tell_everything_counts_as_open(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = published(settings, 2)
    monkeypatch.setattr(readers, "can_tell", lambda: False)
    assert retention.collect(keeping(settings, 1)).removed == []
    assert Store(settings).ids() == names


def test_a_pinned_release_stays_until_it_is_unpinned(settings: Settings) -> None:
    names = published(settings, 4)
    retention.pin(settings, names[0], "in court", "Ani")
    assert retention.collect(keeping(settings, 2)).removed == [names[1]]
    assert Store(settings).verify(names[0]) == 3
    retention.unpin(settings, names[0], "settled", "Ani")
    assert retention.collect(keeping(settings, 2)).removed == [names[0]]
    events = [(e["event"], e["because"]) for e in Store(settings).history() if "because" in e]
    assert events == [("pinned", "in court"), ("unpinned", "settled")]


def test_a_cited_release_keeps_its_parquet_for_ever(settings: Settings) -> None:
    names = published(settings, 3)
    retention.cite(settings, names[0], "thesis of 2026", "Ani")
    done = retention.collect(keeping(settings, 1))
    assert (done.reduced, done.removed) == ([names[0]], [names[1]])
    folder = settings.releases / names[0]
    assert sorted(path.name for path in folder.iterdir()) == ["manifest.json", "marts", "quality"]
    store = Store(settings)
    assert store.verify(names[0]) == 2
    value = duckdb.sql(f"select value from '{folder}/marts/observations.parquet'").fetchone()
    assert str(value[0] if value else None) == "5.000000"
    with pytest.raises(ReleaseError, match=f"make rebuild RELEASE={names[0]}"):
        store.roll_back(names[0])
    with pytest.raises(ReleaseError, match="oldest release"):
        store.roll_back()
    assert retention.collect(keeping(settings, 1)) == retention.Collected()


def test_what_is_removed_leaves_its_manifest(settings: Settings) -> None:
    names = published(settings, 2)
    before = (settings.releases / names[0] / "manifest.json").read_bytes()
    retention.collect(keeping(settings, 1))
    left = settings.releases / "manifests" / f"{names[0]}.json"
    assert left.read_bytes() == before
    assert manifest.read_file(left).release_id == names[0]


def test_quarantined_bytes_take_their_releases_with_them_even_pinned_ones(
    settings: Settings,
) -> None:
    names = published(settings, 3)
    retention.pin(settings, names[0], "in court", "Ani")
    retention.cite(settings, names[1], "thesis", "Ani")
    workbench.candidate(settings, ids(4)[3], [workbench.figure("3604", 1)], against=names[2])
    Tombstones(settings.landing).set("s1", "names of pupils", "Ani")
    done = retention.collect(settings)
    assert done.removed == names[:2]
    assert done.spared == {names[2]: "it is the current release"}
    assert list(settings.candidates.glob("2*")) == []
    assert Store(settings).ids() == [names[2]]

    clean = ids(5)[4]
    folder = workbench.candidate(settings, clean, [workbench.figure("3604", 1)], against=names[2])
    workbench.snapshots(folder / "inputs", [{"dataset_id": "rates", "snapshot_id": "s2"}])
    build.publish(settings, clean)
    assert Store(settings).ids() == [clean]


def test_two_releases_are_compared_figure_by_figure_and_table_by_table(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = published(settings, 2)
    found = compare(settings, *names)
    assert found.diff.totals["n_changed"] == 1
    assert {t.name: t.is_same for t in found.tables} == {
        "observations": False,
        "publication": False,
    }
    written = found.changes.read_text().splitlines()
    assert len(written) == 2
    assert "5.000000,6.000000" in written[1]

    monkeypatch.setattr("lumbung.settings.load", lambda: settings)
    out = settings.home / "changes.parquet"
    said = COMMANDS.invoke(app, ["compare", *names, "--out", str(out)])
    assert said.exit_code == 0, said.output
    assert "1 changed" in said.output
    assert duckdb.sql(f"select count(*) from '{out}'").fetchone() == (1,)
    assert COMMANDS.invoke(app, ["compare", names[0], "nonsense"]).exit_code == 1


def test_a_cited_release_can_still_be_compared(settings: Settings) -> None:
    names = published(settings, 2)
    retention.cite(settings, names[0], "thesis", "Ani")
    retention.collect(keeping(settings, 1))
    assert compare(settings, *names).diff.totals["n_changed"] == 1


def test_the_commands_say_what_they_did(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = published(settings, 3)
    monkeypatch.setattr("lumbung.settings.load", lambda: keeping(settings, 1))
    why = ["--because", "in court", "--by", "Ani"]
    assert COMMANDS.invoke(app, ["pin", names[0], *why]).exit_code == 0
    assert COMMANDS.invoke(app, ["cite", names[1], *why]).exit_code == 0
    assert "Parquet files stay" in COMMANDS.invoke(app, ["collect"]).output
    listed = COMMANDS.invoke(app, ["list"]).output
    assert "pinned" in listed
    assert "Parquet" in listed
    assert names[0] in listed
    unnamed = COMMANDS.invoke(app, ["pin", names[0], "--because", " ", "--by", "Ani"])
    assert unnamed.exit_code == 1
    assert "say who and why" in unnamed.output
    assert COMMANDS.invoke(app, ["unpin", names[2], *why]).exit_code == 1
    assert COMMANDS.invoke(app, ["pin", "nonsense", *why]).exit_code == 1
    lines = (settings.releases / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["event"] for line in lines][-2:] == ["pinned", "cited"]
