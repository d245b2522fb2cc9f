"""Reads the questions: one SQL file each, its texts in a YAML head of comment lines.

The number is the file's own: ``gallery/questions/21_transfers_2025_and_2026.sql`` is question 21.
A question that no figure can answer is SQL too: it returns the reason, and stops returning it on
the day a source brings the figures.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent / "questions"
#: What a question is about, in the order of the pages, by its two names.
TOPICS = {
    "labour": ("Ketenagakerjaan", "Work"),
    "transfers": ("Transfer ke daerah", "Transfers"),
    "budget": ("Anggaran", "Budgets"),
    "disparity": ("Kesenjangan", "Disparity"),
    "trust": ("Dapatkah dipercaya?", "Can it be trusted?"),
}
#: Columns that say why there is no figure.
REASONS = ("reason_id", "reason_en")


class QuestionError(Exception):
    """A question's file is not what it must be, or there is no such question."""


@dataclass(frozen=True)
class Question:
    """One question in both languages, and the SQL that answers it."""

    number: int
    name: str
    topic: str
    text_id: str
    text_en: str
    note_id: str
    note_en: str
    sql: str

    @property
    def file(self) -> str:
        """Return the name of the file that the question stands in."""
        return f"{self.number:02}_{self.name}.sql"


@dataclass(frozen=True)
class Answer:
    """What a release says to a question: columns, and rows in the question's own order."""

    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]

    @property
    def reason(self) -> tuple[str, str] | None:
        """Return why no figure answers, in both languages; None where one does."""
        if len(self.rows) != 1 or not set(REASONS) <= set(self.columns):
            return None
        row = dict(zip(self.columns, self.rows[0], strict=True))
        told = (row["reason_id"], row["reason_en"])
        counted = {name for name in row if name.startswith("n_")}
        others = set(row) - set(REASONS) - counted
        found = any(row[name] is not None for name in others)
        return told if all(told) and not found else None


def load(folder: Path = FOLDER) -> list[Question]:
    """Read all questions by number. Raises QuestionError naming the file that is wrong."""
    return [_read(path) for path in sorted(folder.glob("*.sql"))]


def find(number: int, folder: Path = FOLDER) -> Question:
    """Return one question. Raises QuestionError where there is none of this number."""
    questions = load(folder)
    for question in questions:
        if question.number == number:
            return question
    raise QuestionError(f"there is no question {number}: they are 1 to {len(questions)}")


def ask(connection: Any, question: Question) -> Answer:
    """Ask a release through a DB-API connection: DuckDB's or psycopg's, it makes no difference."""
    cursor = connection.cursor()
    cursor.execute(question.sql)
    columns = tuple(column[0] for column in cursor.description)
    return Answer(columns, tuple(tuple(row) for row in cursor.fetchall()))


def _read(path: Path) -> Question:
    lines = path.read_text(encoding="utf-8").splitlines()
    n_head = next((n for n, line in enumerate(lines) if not line.startswith("--")), len(lines))
    number, _, name = path.stem.partition("_")
    try:
        texts = yaml.safe_load("\n".join(line[3:] for line in lines[:n_head]))
        found = Question(
            number=int(number),
            name=name,
            topic=texts["topic"],
            text_id=texts["id"],
            text_en=texts["en"],
            note_id=texts.get("note_id", ""),
            note_en=texts.get("note_en", ""),
            sql="\n".join(lines[n_head:]).strip(),
        )
    except (KeyError, TypeError, ValueError, yaml.YAMLError) as error:
        raise QuestionError(
            f"{path.name}: its head must name topic, id and en, and its name start with a number: "
            f"{error}"
        ) from None
    if found.topic not in TOPICS:
        raise QuestionError(f"{path.name}: topic {found.topic!r} is none of {', '.join(TOPICS)}")
    return found
