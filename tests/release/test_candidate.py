"""A candidate is assembled by dbt in a process of its own; a failure is told in full."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from lumbung.settings import ROOT
from release import build, candidate
from release.errors import AssemblyError
from tests.release import workbench

NAME = "20260101T000000Z-aaaaaaaa"


def test_dbt_builds_the_candidate_and_its_words_are_kept(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path)
    made = candidate.assemble(settings, NAME)
    folder = settings.candidates / NAME
    assert made.created_at == "2026-01-01T00:00:00+00:00"
    assert re.fullmatch(r"[\d-]+-[0-9a-f]{8}", made.region_edition)
    assert "Completed successfully" in (folder / "dbt.log").read_text()
    with duckdb.connect(str(folder / "warehouse.duckdb"), read_only=True) as connection:
        assert connection.execute("from marts.publication").fetchall() == [(NAME,)]
    assert list(folder.glob("*.wal*")) == []  # whole in one file, though dbt's process ends at once
    before = (folder / "warehouse.duckdb").stat().st_mtime_ns
    assert candidate.assemble(settings, NAME) == made
    assert (folder / "warehouse.duckdb").stat().st_mtime_ns == before


def test_a_failed_test_names_model_column_rule_rows_and_log(tmp_path: Path) -> None:
    broken = workbench.TINY_FILES["models/observations.sql"].replace("'3601'", "'3604'")
    settings = workbench.tiny_project(tmp_path, models__observations=broken)
    with pytest.raises(AssemblyError) as caught:
        candidate.assemble(settings, NAME)
    message = str(caught.value)
    assert "model observations, column region_code, test unique" in message
    assert "unique_field=3604, n_records=2" in message
    assert str(settings.candidates / NAME / "dbt.log") in message
    assert not (settings.candidates / NAME / "candidate.json").exists()


def test_a_broken_model_is_named_with_its_reason(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path, models__publication="select nowhere as release_id")
    with pytest.raises(AssemblyError, match=r"model publication: .*nowhere"):
        candidate.assemble(settings, NAME)


def test_a_project_that_does_not_parse_shows_the_last_words(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path, models__publication="select '{{ ref('gone') }}'")
    with pytest.raises(AssemblyError, match=r"(?s)its last words:.*gone"):
        candidate.assemble(settings, NAME)


def test_a_half_built_candidate_is_built_again(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path)
    half = settings.candidates / NAME
    half.mkdir(parents=True)
    (half / "warehouse.duckdb").write_bytes(b"half a file")
    candidate.assemble(settings, NAME)
    assert (half / "candidate.json").exists()


def test_only_a_few_candidates_are_kept(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path)
    for day in range(1, 7):
        (settings.candidates / f"2025010{day}T000000Z-00000000").mkdir(parents=True)
    candidate.assemble(settings, NAME)
    kept = sorted(path.name for path in settings.candidates.iterdir() if path.is_dir())
    assert kept == [
        "20250104T000000Z-00000000", "20250105T000000Z-00000000",
        "20250106T000000Z-00000000", NAME,
    ]  # fmt: skip


#: Runs a step with a limit on the size of files, as a full disk would set one.
SMALL_DISK = """
import resource, sys
from pathlib import Path
from release import build
from release.errors import ReleaseError
from tests.release.workbench import TinyProject
home, step, release_id, limit = sys.argv[1:]
resource.setrlimit(resource.RLIMIT_FSIZE, (int(limit), int(limit)))
try:
    getattr(build, step)(TinyProject(home=Path(home)), release_id)
except ReleaseError as error:
    sys.exit(f"{type(error).__name__}: {error}")
"""


def on_small_disk(settings: workbench.TinyProject, step: str, name: str, limit: int) -> str:
    arguments = [str(settings.home), step, name, str(limit)]
    process = subprocess.run(
        [sys.executable, "-c", SMALL_DISK, *arguments],
        cwd=ROOT, check=False, capture_output=True, text=True,
    )  # fmt: skip
    assert process.returncode == 1, process.stderr
    assert "Traceback" not in process.stderr
    return process.stderr


@pytest.fixture
def with_release(tmp_path: Path) -> workbench.TinyProject:
    settings = workbench.tiny_project(tmp_path)
    workbench.candidate(settings, NAME, [workbench.figure("3604", 9.18)])
    build.publish(settings, NAME)
    return settings


NEXT = "20260102T000000Z-bbbbbbbb"


@pytest.mark.parametrize("limit", [2_000, 100_000], ids=["inputs", "warehouse"])
def test_a_full_disk_while_the_candidate_is_written_loses_nothing(
    limit: int, with_release: workbench.TinyProject
) -> None:
    message = on_small_disk(with_release, "assemble", NEXT, limit)
    assert "AssemblyError" in message
    store = build.Store(with_release)
    assert (store.current(), store.ids(), store.verify(NAME)) == (NAME, [NAME], 3)
    candidate.assemble(with_release, NEXT)
    assert (with_release.candidates / NEXT / "candidate.json").exists()


def test_a_full_disk_while_the_release_is_written_publishes_nothing_half(
    with_release: workbench.TinyProject,
) -> None:
    workbench.candidate(with_release, NEXT, [workbench.figure("3604", 1)], against=NAME)
    message = on_small_disk(with_release, "publish", NEXT, 200)
    assert "could not be written" in message
    assert "current release is untouched" in message
    store = build.Store(with_release)
    assert (store.current(), store.ids(), store.verify(NAME)) == (NAME, [NAME], 3)
    build.publish(with_release, NEXT)
    assert (store.current(), store.verify(NEXT)) == (NEXT, 3)


PLAN = """
import json, sys
from pathlib import Path
from release import build
from tests.release.workbench import TinyProject
plan = build.plan(TinyProject(home=Path(sys.argv[1])))
heavy = {"dbt", "great_expectations", "duckdb", "pandas"} & {m.split(".")[0] for m in sys.modules}
print(json.dumps([plan.unchanged, plan.release_id, sorted(heavy)]))
"""


def test_nothing_new_is_found_out_without_dbt_or_great_expectations(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path)
    first = build.plan(settings)
    assert (first.unchanged, first.reason) == (False, "there is something new")
    name = first.release_id
    workbench.candidate(
        settings, name, [workbench.figure("3604", 1)], fingerprint=first.fingerprint
    )
    build.publish(settings, name)

    script = PLAN.replace("from tests.release.workbench import TinyProject", TINY_SETTINGS)
    process = subprocess.run(
        [sys.executable, "-c", script, str(settings.home)],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(process.stdout) == [True, name, []]

    (settings.dbt_project / "models" / "publication.sql").write_text("select 'x' as release_id")
    changed = build.plan(settings)
    assert not changed.unchanged
    assert changed.fingerprint != first.fingerprint
    assert changed.release_id > name


#: The workbench itself imports DuckDB; the plan must not.
TINY_SETTINGS = """
from lumbung.settings import Settings
class TinyProject(Settings):
    dbt_project = property(lambda self: self.home.parent / "dbt")
"""


ASSEMBLE = """
import json, sys
from pathlib import Path
from release import build
from tests.release.workbench import TinyProject
here = sys.argv[2] == "here"
build.assemble(TinyProject(home=Path(sys.argv[1])), sys.argv[3], audited_here=here)
heavy = {"dbt", "great_expectations"} & {m.split(".")[0] for m in sys.modules}
print(json.dumps(sorted(heavy)))
"""


@pytest.mark.parametrize(
    ("where", "imported"), [("here", ["great_expectations"]), ("elsewhere", [])]
)
def test_what_the_audit_needs_is_imported_while_dbt_works(
    where: str, imported: list[str], tmp_path: Path
) -> None:
    settings = workbench.tiny_project(tmp_path)
    process = subprocess.run(
        [sys.executable, "-c", ASSEMBLE, str(settings.home), where, NAME],
        cwd=ROOT, check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert json.loads(process.stdout) == imported


def test_a_release_that_was_rolled_back_from_is_not_built_again(tmp_path: Path) -> None:
    settings = workbench.tiny_project(tmp_path)
    workbench.candidate(settings, NAME, [workbench.figure("3604", 1)])
    build.publish(settings, NAME)
    planned = build.plan(settings)
    figures = [workbench.figure("3604", 2)]
    workbench.candidate(
        settings, planned.release_id, figures, against=NAME, fingerprint=planned.fingerprint
    )
    build.publish(settings, planned.release_id)
    build.Store(settings).roll_back()
    again = build.plan(settings)
    assert again.unchanged
    assert again.release_id == NAME
    assert "rolled back from" in again.reason
