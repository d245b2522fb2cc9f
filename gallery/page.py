"""Writes docs/gallery.md: every question, its SQL and the answer of one release."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from gallery.questions import TOPICS, Answer, Question, ask

#: Longer answers are cut on the page; the SQL gives them whole.
MAX_ROWS = 10
HEAD = """# Galeri pertanyaan · Question gallery
Lima puluh pertanyaan yang diajukan orang tentang angka daerah, masing-masing dengan SQL yang
berjalan tanpa diubah di DuckDB dan PostgreSQL, dan jawabannya dari angka bawaan. Yang tidak dapat
dijawab angka mana pun menyebut alasannya.

Fifty questions that people ask of regional figures, each with SQL that runs unchanged on DuckDB
and PostgreSQL, and its answer from the bundled figures. One that no figure can answer gives its
reason.

```sh
make query N=21                # tanyakan satu / ask one of them
make query                     # atau tulis SQL sendiri / or write SQL of your own
```
Halaman ini dibuat oleh `python -m gallery`; sebuah uji menjaganya tetap benar. This page is
written by `python -m gallery`, and a test keeps it true; the SQL lies in
[gallery/questions/](../gallery/questions/).
"""


def page(connection: Any, questions: list[Question]) -> str:
    """Return the whole page as Markdown, with the answers of one release."""
    lines = [HEAD, *_contents(questions)]
    topic = ""
    for question in questions:
        if question.topic != topic:
            topic = question.topic
            lines.append(f"\n## {' · '.join(TOPICS[topic])}")
        lines.extend(_section(question, ask(connection, question)))
    return "\n".join(lines) + "\n"


def _contents(questions: list[Question]) -> Iterator[str]:
    for question in questions:
        texts = f"{question.text_id} *{question.text_en}*"
        yield f"{question.number}. {texts} [→](#q{question.number})"


def _section(question: Question, answer: Answer) -> Iterator[str]:
    yield f'\n<a id="q{question.number}"></a>\n'
    yield f"### {question.number}. {question.text_id}"
    yield f"*{question.text_en}*\n"
    if question.note_id:
        yield f"{question.note_id} *{question.note_en}*\n"
    if answer.reason:
        yield f"**Tidak ada angka.** {answer.reason[0]} *{answer.reason[1]}*\n"
    else:
        yield from _table(answer)
    yield f"[SQL](../gallery/questions/{question.file})"


def _table(answer: Answer) -> Iterator[str]:
    yield "| " + " | ".join(answer.columns) + " |"
    yield "|" + "---|" * len(answer.columns)
    for row in answer.rows[:MAX_ROWS]:
        yield "| " + " | ".join(written(cell) for cell in row) + " |"
    left = len(answer.rows) - MAX_ROWS
    yield f"\n… {left} baris lagi · {left} more rows\n" if left > 0 else ""


def written(cell: Any) -> str:
    """Write one value as it stands in a Markdown table; nothing for NULL."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, Decimal):
        return format(cell.normalize(), "f")
    if isinstance(cell, date | datetime):
        return cell.isoformat()
    return str(cell).replace("|", "\\|").replace("\n", " ")
