"""Every figure of every mart leads to the claims it rests on."""

from __future__ import annotations

import re

import duckdb
import pytest
import yaml

from lumbung.settings import ROOT
from tests.dbt.bundled import warehouse
from tests.dbt.conftest import rows

#: Marts that hold no figures of their own: registers, logs, and the claims themselves.
#: `release_diff` logs what two releases said, the older one in a warehouse that is not this one.
NO_FIGURES = {
    "audit_checks", "corrections", "dim_indicator", "dim_region", "dim_source", "fetch_outcomes",
    "freshness", "mart_lineage", "observation_history", "odbl_districts", "publication",
    "region_code_history", "region_grouping", "region_lineage", "rejected", "release_diff",
}  # fmt: skip

#: Numbers that are no figures: years, what a row counts about itself, what somebody stated,
#: and how fine a claim is, which is a part of the claim.
NOT_A_FIGURE = re.compile(
    r"(^n_(?!ranked$|reported$)|year$|_month$|^sort_order$|^minimum$|^maximum$)"
)
OWN_PROPERTIES = {
    "observations": {"precision", "standard_error"},
    "transfer_claims": {"precision_idr"},
    "statement_checks": {"stated_value"},
}

#: Keys that are spelt another way than the primary key.
ROW_KEYS = {
    "budget": ["region_code", "fiscal_year", "account_code", "stage", "as_of_date"],
    "program_spend": [
        "region_code", "fiscal_year", "program_code", "program_name", "agency_name",
        "account_code", "stage", "period_end",
    ],
    "observations": ["obs_id"],
    "regional_disparity": [
        "indicator_id", "coalesce(grouping_id, parent_region_code)", "period_label",
        "series_version",
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def marts() -> duckdb.DuckDBPyConnection:
    return warehouse()


def keys() -> dict[str, list[str]]:
    found = {}
    for path in sorted((ROOT / "dbt" / "models" / "marts").rglob("*.yml")):
        for model in yaml.safe_load(path.read_text(encoding="utf-8")).get("models", []):
            declared = model.get("constraints", [])
            columns = [c["columns"] for c in declared if c["type"] == "primary_key"]
            found[model["name"]] = ROW_KEYS.get(model["name"]) or (columns or [[]])[0]
    return found


def figures(marts: duckdb.DuckDBPyConnection, mart: str) -> list[str]:
    columns = rows(
        marts,
        """
        select column_name from duckdb_columns()
        where schema_name = 'marts' and table_name = ?
            and (data_type like 'DECIMAL%' or data_type in ('BIGINT', 'INTEGER'))
        """,
        mart,
    )
    own = OWN_PROPERTIES.get(mart, set())
    names = [row["column_name"] for row in columns]
    return [name for name in names if not NOT_A_FIGURE.search(name) and name not in own]


def unresolved(marts: duckdb.DuckDBPyConnection, mart: str, column: str, key: list[str]) -> int:
    """Count the cells with a value that the lineage does not know."""
    parts = ", ".join(f"coalesce(cast({name} as varchar), '')" for name in key)
    (row,) = rows(
        marts,
        f"""
        select count(*) as n from (select *, concat_ws('|', {parts}) as row_key from marts.{mart})
        anti join (
            select row_key from marts.mart_lineage where mart = ? and column_name = ?
        ) using (row_key)
        where {column} is not null
        """,
        mart, column,
    )  # fmt: skip
    return int(row["n"])


@pytest.mark.parametrize("mart", sorted(set(keys()) - NO_FIGURES))
def test_every_cell_with_a_figure_resolves(marts: duckdb.DuckDBPyConnection, mart: str) -> None:
    columns = figures(marts, mart)
    assert columns, "a mart without figures belongs to NO_FIGURES"
    key = keys()[mart]
    lost = {column: unresolved(marts, mart, column, key) for column in columns}
    assert {column: n for column, n in lost.items() if n} == {}


def test_every_claim_of_the_lineage_is_in_the_history(marts: duckdb.DuckDBPyConnection) -> None:
    assert not rows(
        marts,
        """
        select obs_id from marts.mart_lineage
        anti join marts.observation_history using (obs_id) limit 1
        """,
    )


def test_the_lineage_knows_no_mart_column_that_is_not_there(
    marts: duckdb.DuckDBPyConnection,
) -> None:
    assert not rows(
        marts,
        """
        select distinct mart, column_name from marts.mart_lineage
        anti join (
            select table_name as mart, column_name from duckdb_columns()
            where schema_name = 'marts'
        ) using (mart, column_name)
        """,
    )
