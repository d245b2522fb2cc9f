"""The page that follows one figure is true: its blocks are run, one after the other."""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from ingest.__main__ import app
from lumbung.settings import ROOT
from tests.dbt.bundled import home, warehouse

BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Step:
    """A block to run, and the texts that must be in what it prints."""

    language: str
    text: str
    expected: tuple[str, ...]


def steps() -> list[Step]:
    page = (ROOT / "docs" / "one-figure.md").read_text(encoding="utf-8")
    blocks = BLOCK.findall(page)
    found = []
    for number, (language, text) in enumerate(blocks):
        if language == "text":
            continue
        told = blocks[number + 1] if number + 1 < len(blocks) else ("", "")
        expected = told[1].splitlines() if told[0] == "text" else []
        found.append(Step(language, text, tuple(expected)))
    return found


@pytest.fixture(scope="module")
def released() -> Path:
    """The home of the shared build, with the one Parquet of a release that trace reads."""
    folder = home()
    marts = folder / "releases" / "current" / "marts"
    marts.mkdir(parents=True, exist_ok=True)
    warehouse().cursor().execute(
        f"copy marts.observation_history to '{marts / 'observation_history.parquet'}'"
    )
    return folder


def ask(sql: str) -> str:
    reader = warehouse().cursor()
    reader.execute("use marts")
    rows = reader.execute(sql).fetchall()
    return "\n".join([f"{len(rows)} rows", *("\n".join(map(str, row)) for row in rows)])


def obs_id() -> str:
    (step,) = [step for step in steps() if "from mart_lineage" in step.text]
    count, found = ask(step.text).split("\n")
    assert count == "1 rows"
    return found


def test_the_page_has_queries_and_a_command() -> None:
    assert [step.language for step in steps()].count("sql") >= 6
    assert [step.language for step in steps()].count("sh") == 1
    assert {language for language, _ in BLOCK.findall(page())} == {"sql", "sh", "text"}


def page() -> str:
    return (ROOT / "docs" / "one-figure.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("step", [s for s in steps() if s.language == "sql"])
def test_each_query_says_what_stands_under_it(step: Step) -> None:
    told = ask(step.text)
    for text in step.expected:
        assert text in told.splitlines()


def test_the_command_prints_the_bytes(released: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (step,) = [step for step in steps() if step.language == "sh"]
    python, _m, _module, *arguments = shlex.split(step.text.replace("$OBS_ID", obs_id()))
    assert (python, _m, _module) == ("python", "-m", "ingest")
    monkeypatch.setenv("LUMBUNG_HOME", str(released))
    said = CliRunner().invoke(app, arguments)
    assert said.exit_code == 0, said.output
    for text in step.expected:
        assert text in said.output


def test_every_place_it_names_is_there() -> None:
    named = re.findall(r"`((?:ingest|dbt|release|tests)/[\w/.]+)`", page())
    assert named
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_shared_build_is_not_written_to() -> None:
    with pytest.raises(duckdb.InvalidInputException, match="read-only"):
        warehouse().cursor().execute("create table marts.x (y int)")
