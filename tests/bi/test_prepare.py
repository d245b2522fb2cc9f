"""What is made ready once, and what is done again after a kill."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from bi import prepare


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A folder with a database of an earlier version that was ready."""
    write(tmp_path / prepare.DATABASE, "people's charts")
    (tmp_path / "prepared.version").write_text("6.0.0\n")
    return tmp_path


def write(database: Path, text: str) -> None:
    with closing(sqlite3.connect(database)) as connection:
        connection.execute("pragma journal_mode = wal")
        connection.execute("create table if not exists kept (text)")
        connection.execute("insert into kept values (?)", [text])
        connection.commit()


def rows(database: Path) -> list[str]:
    with closing(sqlite3.connect(database)) as connection:
        return [text for (text,) in connection.execute("select text from kept")]


def test_secrets_are_made_once_for_their_owner_alone(tmp_path):
    prepare.write_secrets(tmp_path / "superset")
    first = {name: (tmp_path / "superset" / name).read_text() for name in prepare.SECRETS}
    prepare.write_secrets(tmp_path / "superset")
    assert first == {name: (tmp_path / "superset" / name).read_text() for name in prepare.SECRETS}
    assert len(set(first.values())) == len(prepare.SECRETS)
    assert min(map(len, first.values())) > 40
    for path in (tmp_path / "superset").iterdir():
        assert path.stat().st_mode & 0o077 == 0, path
    assert (tmp_path / "superset").stat().st_mode & 0o077 == 0


def test_a_first_start_that_was_killed_begins_anew(home):
    (home / "prepared.version").unlink()
    (home / "superset.db-wal").write_bytes(b"half")
    prepare.secure(home)
    assert list(home.glob("superset.db*")) == []


def test_before_a_migration_the_database_is_kept_aside(home):
    prepare.secure(home)
    assert rows(home / prepare.BEFORE) == ["people's charts"]
    assert rows(home / prepare.DATABASE) == ["people's charts"]


def test_a_killed_migration_starts_again_from_what_was_before(home):
    prepare.secure(home)
    write(home / prepare.DATABASE, "half a migration")
    prepare.secure(home)
    assert rows(home / prepare.DATABASE) == ["people's charts"]
    assert rows(home / prepare.BEFORE) == ["people's charts"]
