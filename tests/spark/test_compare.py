"""The comparison of two engines: it must see one digit, one row, one copy and one type."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from spark import compare
from spark.errors import SparkError

ROWS = """
    select code, rate::decimal(28, 6) as rate
    from (values ('3604', 12.34), ('3604', 12.34), ('3671', null)) as t (code, rate)
"""


@pytest.fixture
def warehouse(tmp_path: Path) -> Path:
    path = tmp_path / "it's a warehouse.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("create schema marts")
        connection.execute(f"create table marts.rates as {ROWS}")
    return path


def spark_wrote(folder: Path, query: str) -> Path:
    (folder / "rates").mkdir(parents=True)
    target = str(folder / "rates" / "part-00000.snappy.parquet").replace("'", "''")
    duckdb.sql(f"copy ({query}) to '{target}' (format parquet)")
    return folder


def found(warehouse: Path, marts: Path) -> list[str]:
    return [one.what for one in compare.differences(warehouse, marts)]


def test_the_same_rows_in_another_order_are_equal(warehouse, tmp_path):
    marts = spark_wrote(tmp_path / "it's marts", f"{ROWS} order by code desc, rate")
    assert found(warehouse, marts) == []


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ("select code, (rate + 0.000001)::decimal(28, 6) as rate", "2 rows only DuckDB has"),
        ("select distinct code, rate", "1 rows only DuckDB has, as {'code': '3604'"),
        ("select code, coalesce(rate, 0) as rate", "1 rows only Spark has"),
        ("select code, rate::double as rate", "columns differ"),
        ("select rate, code", "columns differ: their order"),
    ],
)
def test_a_digit_a_copy_a_null_a_type_and_an_order_are_seen(warehouse, tmp_path, change, told):
    (what,) = found(warehouse, spark_wrote(tmp_path / "marts", f"{change} from ({ROWS})"))
    assert told in what


def test_a_table_that_spark_lacks_is_named(warehouse, tmp_path):
    (what,) = found(warehouse, tmp_path / "nothing")
    assert what.startswith("Spark has no such table")


def test_a_file_without_tables_compares_nothing_and_says_so(tmp_path):
    duckdb.connect(str(tmp_path / "empty.duckdb")).close()
    with pytest.raises(SparkError, match="nothing to compare"):
        list(compare.differences(tmp_path / "empty.duckdb", tmp_path))
