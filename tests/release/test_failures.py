"""What is said of a run of dbt that failed: its own last words, and what a full disk wants."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest

from release.failures import describe


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "a home" / "candidates" / "r1"
    path.mkdir(parents=True)
    return path


@pytest.mark.parametrize(
    "words", ["IO Error: No space left on device", "OSError: File too large", "disk is full"]
)
def test_a_full_disk_is_told_with_the_place_to_make_room_in(folder: Path, words: str) -> None:
    log = folder / "dbt.log"
    log.write_text(f"1 of 3\n\n{words}\n", encoding="utf-8")
    assert describe(folder, log, 2) == (
        f"dbt ended with code 2; its last words:\n  1 of 3\n  {words}\n"
        f"  The disk is full. Make room below {folder.parents[1]}, then run the refresh again."
    )


def test_a_share_of_memory_that_is_used_up_is_told_with_the_setting(folder: Path) -> None:
    with duckdb.connect() as connection:
        connection.execute("set memory_limit = '1MB'")
        connection.execute("set temp_directory = ''")
        with pytest.raises(duckdb.OutOfMemoryException) as caught:
            connection.execute("create table t as select random() r from range(10000000)")
    said = failed(folder, {"kind": "model", "name": "history", "message": str(caught.value)})
    assert said.endswith(
        "DuckDB's share of memory is too small for so many figures. Raise it, then run the "
        "refresh again: LUMBUNG_BUILD_MEMORY=1GB make refresh"
    )
    assert "LUMBUNG_BUILD_MEMORY" not in failed(
        folder, {"kind": "model", "name": "history", "message": "Allocation failure"}
    )


def test_of_other_failures_no_room_is_asked_for(folder: Path) -> None:
    log = folder / "dbt.log"
    log.write_text("Compilation Error\n", encoding="utf-8")
    assert describe(folder, log, 2) == (
        "dbt ended with code 2; its last words:\n  Compilation Error"
    )


def failed(folder: Path, *nodes: dict[str, object]) -> str:
    """Say what is said of nodes that failed, as dbt's process keeps them."""
    (folder / "dbt").mkdir(exist_ok=True)
    plain = {"kind": "test", "message": None, "on": [], "column": None, "rule": None, "query": None}
    told = [{**plain, "name": f"n{at}", **node} for at, node in enumerate(nodes)]
    (folder / "dbt" / "failed.json").write_text(json.dumps(told), encoding="utf-8")
    return describe(folder, folder / "dbt.log", 1)


def test_a_model_that_broke_is_named_with_its_message_on_one_line(folder: Path) -> None:
    broken = {"kind": "model", "name": "rates", "message": "Binder Error:\n   no  column"}
    assert failed(folder, broken) == (
        "dbt refused the candidate: 1 failed\n  model rates: Binder Error: no column\n"
        f"  log: {folder / 'dbt.log'}"
    )


def test_a_test_that_failed_is_named_with_model_column_rule_and_three_rows(folder: Path) -> None:
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        connection.execute("create table rates as select range as n, 'x' as t from range(5)")
    one = {
        "on": ["model.lumbung.rates", "model.lumbung.two"], "column": "n", "rule": "unique",
        "message": "Got 5 results", "query": "select n, t from rates order by n",
    }  # fmt: skip
    said = failed(folder, one).splitlines()
    assert said[1] == (
        "  model rates, two, column n, test unique: Got 5 results; "
        "rows: n=0, t=x; n=1, t=x; n=2, t=x"
    )
    unread = {**one, "query": "select nonsense", "rule": None, "column": None, "on": []}
    assert failed(folder, unread).splitlines()[1] == "  model ?, test n0: Got 5 results"
    assert failed(folder, {"kind": "model"}).splitlines()[1] == "  model n0: "
    assert failed(folder, {**one, "query": None}).splitlines()[1].endswith("Got 5 results")
    (folder / "warehouse.duckdb").unlink()
    assert failed(folder, one).splitlines()[1].endswith("Got 5 results")
    assert not (folder / "warehouse.duckdb").exists()


def test_of_many_that_failed_five_are_told(folder: Path) -> None:
    nodes = [{"kind": "model", "message": "broke"}] * 7
    said = failed(folder, *nodes).splitlines()
    assert said[0] == "dbt refused the candidate: 7 failed"
    assert said[1:6] == [f"  model n{at}: broke" for at in range(5)]
    assert said[6] == "  and 2 more"
    assert "more" not in failed(folder, *nodes[:5])


def test_records_that_can_not_be_read_leave_the_log_s_last_words(folder: Path) -> None:
    log = folder / "dbt.log"
    log.write_bytes(b"\n".join(b"line %d \xff" % at for at in range(20)))
    (folder / "dbt").mkdir()
    for records in ("", "{", "{}", "[]"):
        (folder / "dbt" / "failed.json").write_text(records, encoding="utf-8")
        assert describe(folder, log, 2).splitlines() == [
            "dbt ended with code 2; its last words:",
            *(f"  line {at} \ufffd" for at in range(8, 20)),
        ]
    log.unlink()
    assert describe(folder, log, -9) == "dbt ended with code -9; its last words:\n  "


def test_a_disk_without_room_is_told_though_no_word_says_so(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Path] = []
    room = {"free": (1 << 20) - 1}

    def usage(path: Path) -> SimpleNamespace:
        asked.append(path)
        return SimpleNamespace(**room)

    monkeypatch.setattr("release.failures.shutil.disk_usage", usage)
    assert "Make room below" in describe(folder, folder / "dbt.log", 1)
    room["free"] += 1
    assert "Make room below" not in describe(folder, folder / "dbt.log", 1)
    assert set(asked) == {folder}
