"""What every table and column means, in both languages: the release's words and their Indonesian.

A release carries its tables' descriptions in English. Their Indonesian stands beside the same
English in dbt's YAML; it is used only where that English is the release's own, so that an old
release is never described by a newer meaning.
"""

from __future__ import annotations

from functools import cache

from lumbung import settings
from portal.library import group
from portal.marts import Row
from serving import contract


def tables(described: list[Row], columns: list[Row]) -> list[Row]:
    """Return each table with its columns, described in both languages (``text_id``, ``text_en``).

    ``described`` and ``columns`` are the answers to the questions of those names. What has no
    Indonesian words keeps the English ones in both.
    """
    known = promised()
    held = group(columns, lambda row: row["table_name"])
    return [
        {
            "name": row["table_name"],
            **_words(row["comment"], known.get(row["table_name"])),
            "columns": [
                {
                    "name": column["column_name"],
                    "type": column["data_type"].lower(),
                    **_words(
                        column["comment"],
                        _column(known.get(row["table_name"]), column["column_name"]),
                    ),
                }
                for column in held.get(row["table_name"], [])
            ],
        }
        for row in described
    ]


@cache
def promised() -> dict[str, contract.Table]:
    """Return what dbt's YAML says of every mart; read once, since it does not change under us."""
    return contract.read(settings.load())


def _column(table: contract.Table | None, name: str) -> contract.Column | None:
    return next((one for one in table.columns if one.name == name), None) if table else None


def _words(released: str | None, known: contract.Table | contract.Column | None) -> Row:
    """Return both languages' words of a table or column; Parquet alone keeps none of its own."""
    english = released or (known.comment_en if known else "")
    is_same = known is not None and _plain(known.comment_en) == _plain(english)
    return {
        "text_id": known.comment_id if known and is_same and known.comment_id else english,
        "text_en": english,
        "is_translated": bool(known and is_same and known.comment_id),
    }


def _plain(text: str) -> str:
    return " ".join(text.split())
