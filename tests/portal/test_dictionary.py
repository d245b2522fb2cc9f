"""The dictionary has Indonesian for every column, and never a newer meaning for an older one."""

from __future__ import annotations

from portal import dictionary


def released() -> tuple[list[dict[str, str | None]], list[dict[str, str | None]]]:
    """Return the marts' own words as a release of today carries them."""
    known = dictionary.promised()
    tables: list[dict[str, str | None]] = [
        {"table_name": one.name, "comment": one.comment_en} for one in known.values()
    ]
    columns: list[dict[str, str | None]] = [
        {
            "table_name": one.name,
            "column_name": column.name,
            "data_type": "DECIMAL(9,4)",
            "comment": column.comment_en,
        }
        for one in known.values()
        for column in one.columns
    ]
    return tables, columns


def test_every_table_and_column_is_told_in_indonesian() -> None:
    found = dictionary.tables(*released())
    columns = [column for table in found for column in table["columns"]]
    assert len(found) >= 30
    assert len(columns) > 500
    assert [table["name"] for table in found if not table["is_translated"]] == []
    assert [column["name"] for column in columns if not column["is_translated"]] == []
    assert all(one["text_id"] != one["text_en"] for one in found)


def test_a_meaning_that_changed_since_stays_as_the_release_tells_it() -> None:
    tables, columns = released()
    columns[0]["comment"] = "An older meaning."
    told = dictionary.tables(tables, columns)[0]["columns"][0]
    assert (told["text_id"], told["text_en"]) == ("An older meaning.", "An older meaning.")
    assert told["is_translated"] is False


def test_a_release_kept_as_parquet_has_no_words_of_its_own() -> None:
    tables, columns = released()
    columns[0]["comment"] = None
    told = dictionary.tables(tables, columns)[0]["columns"][0]
    assert told["is_translated"]
    assert told["text_id"] != told["text_en"] != ""


def test_an_unknown_column_is_listed_all_the_same() -> None:
    tables, columns = released()
    columns.append(
        {
            "table_name": tables[0]["table_name"],
            "column_name": "brand_new",
            "data_type": "VARCHAR",
            "comment": "New.",
        }
    )
    told = dictionary.tables(tables, columns)[0]["columns"][-1]
    assert (told["name"], told["text_id"], told["is_translated"]) == ("brand_new", "New.", False)
