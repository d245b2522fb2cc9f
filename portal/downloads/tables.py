"""Which tables can be downloaded, and each row's terms: where it came from, under what terms.

A row's terms follow from the observations that the lineage names for it: its tier is the weakest
of them, its terms are known only where those of all are, and one observation under the ODbL makes
it an ODbL row, which no table holds: such figures lie apart, in a table of their own.
"""

from __future__ import annotations

from dataclasses import dataclass

import pyarrow as pa

from portal.marts import Marts

#: The columns that the lineage joins to a row's key, by table. A release kept as Parquet declares
#: no keys, so they are named here; a test holds them to what the marts declare.
KEYS = {
    "budget": ("region_code", "fiscal_year", "account_code", "stage", "as_of_date"),
    "civic_indicators": ("civic_key",),
    "contradictions": ("check_id",),
    "funding_gap": ("region_code", "fiscal_year"),
    "musrenbang": ("region_code", "question_id"),
    "observation_history": ("obs_id",),
    "observations": ("obs_id",),
    "program_spend": (
        "region_code", "fiscal_year", "program_code", "program_name", "agency_name",
        "account_code", "stage", "period_end",
    ),
    "program_spend_by_theme": ("region_code", "fiscal_year", "theme", "is_support"),
    "regional_disparity": ("indicator_id", "scope_id", "period_label", "series_version"),
    "revisions": ("revision_id",),
    "scorecard": ("region_code", "year"),
    "statement_checks": ("statement_id",),
    "transfer_claims": ("obs_id",),
    "transfer_cuts": ("region_code", "fiscal_year", "component", "baseline", "basis"),
    "unemployment": ("region_code", "survey_year", "survey_month", "series_version"),
    "unemployment_breakdown": (
        "region_code", "survey_year", "survey_month", "breakdown", "category",
    ),
}  # fmt: skip
#: Single claims as their sources print them: offered only where the terms of the source are known.
RAW = ("observations", "observation_history")
#: Too long for a spreadsheet and of use to machines only.
PARQUET_ONLY = ("mart_lineage",)
#: Columns that every downloaded table has besides its own.
TERMS = {
    "row_provenance_tier": "Weakest provenance tier of the figures that the row stands on.",
    "row_terms_known": "Whether the terms of every source of the row are known; NULL: no figure.",
    "row_source_ids": "Sources of the row (dim_source), joined by |.",
}
#: Tables whose figures have no lineage of their own: offered one by one, never in the bundle.
NOT_IN_BUNDLE = (*PARQUET_ONLY, "audit_checks", "corrections", "rejected", "release_diff")
ODBL = "odbl_area_counts"
ODBL_LICENCE = "https://opendatacommons.org/licenses/odbl/1-0/"


class UnknownTermsError(Exception):
    """The lineage of a table does not fit its rows: their terms can't be told."""


@dataclass(frozen=True)
class Table:
    """A table as it is downloaded: rows with their terms, and what was left out."""

    name: str
    description: str
    rows: pa.Table
    comments: dict[str, str]
    n_left_out: int = 0

    @property
    def is_odbl(self) -> bool:
        """Tell whether its rows are under the ODbL."""
        return self.name.startswith("odbl_")

    @property
    def tiers(self) -> list[str]:
        """Return the provenance tiers of its rows."""
        column = self.rows["row_provenance_tier"] if self._has_terms else []
        return sorted({value.as_py() for value in column} - {None})

    @property
    def open_rows(self) -> pa.Table:
        """Return the rows that stand on no source of unknown terms."""
        if not self._has_terms:
            return self.rows
        import pyarrow.compute as pc

        return self.rows.filter(pc.fill_null(self.rows["row_terms_known"], True))

    @property
    def _has_terms(self) -> bool:
        return "row_provenance_tier" in self.rows.column_names


def read(marts: Marts) -> list[Table]:
    """Return every table of a release, by name."""
    described = {row["table_name"]: row["comment"] or "" for row in marts.ask("tables")}
    comments: dict[str, dict[str, str]] = {}
    for row in marts.ask("columns"):
        comments.setdefault(row["table_name"], {})[row["column_name"]] = row["comment"] or ""
    tables = [
        _table(marts, name, text, comments[name], KEYS.get(name, ()))
        for name, text in described.items()
    ]
    return [*tables, _odbl(marts, comments["observations"])]


def _table(
    marts: Marts, name: str, description: str, comments: dict[str, str], key: tuple[str, ...]
) -> Table:
    """Join a table with the terms of its rows, leaving out what may not be in it."""
    if name in PARQUET_ONLY or not key:
        return Table(name, description, marts.arrow(f'select * from "{name}"'), comments)  # noqa: S608
    joined = " || '|' || ".join(
        f"coalesce(cast(main.\"{column}\" as varchar), '')" for column in key
    )
    kept = "not coalesce(terms.is_odbl, false)"
    if name in RAW:
        kept += " and terms.terms_known"
    # Names come from the release's own catalogue of tables, never from a reader.
    body = f"""
        from "{name}" as main
        left join ({_TERMS_SQL}) as terms
            on terms.mart = '{_lineage_name(name)}' and terms.row_key = {joined}
    """
    rows = marts.arrow(f"""
        select main.*, terms.tier as row_provenance_tier, terms.terms_known as row_terms_known,
            terms.source_ids as row_source_ids
        {body} where {kept} order by all
    """)
    has_lineage = marts.arrow(
        f"select 1 from mart_lineage where mart = '{_lineage_name(name)}' limit 1"  # noqa: S608
    )
    if has_lineage.num_rows and rows.num_rows and not rows["row_source_ids"].drop_null():
        raise UnknownTermsError(f"{name}: no row fits its lineage; is its key still {key}?")
    n_all = marts.arrow(f'select count(*) as n from "{name}"')["n"][0].as_py()  # noqa: S608
    return Table(name, description, rows, {**comments, **TERMS}, n_all - rows.num_rows)


def _odbl(marts: Marts, comments: dict[str, str]) -> Table:
    rows = marts.arrow("""
        select *, provenance_tier as row_provenance_tier, true as row_terms_known,
            source_id as row_source_ids
        from observations where dataset_id like '%\\_odbl' escape '\\' order by all
    """)
    text = "Counts of areas under the Open Database License (ODbL) 1.0, apart from other tables."
    return Table(ODBL, text, rows, {**comments, **TERMS})


def _lineage_name(name: str) -> str:
    """Return the name a table goes by in the terms: claims are their own lineage."""
    return "observations" if name in RAW else name


#: The terms of each row by mart and key; claims stand for themselves.
_TERMS_SQL = """
    with claims as (
        select history.obs_id, history.source_id, history.provenance_tier,
            coalesce(source.terms_known, false) as terms_known,
            history.dataset_id like '%\\_odbl' escape '\\' as is_odbl,
            list_position(
                ['primary', 'official_via_press', 'secondary_compilation', 'encyclopaedia',
                 'opinion'],
                history.provenance_tier
            ) as tier_rank
        from observation_history as history
        left join dim_source as source using (source_id)
        qualify row_number() over (partition by obs_id order by is_current desc, source_id) = 1
    ),

    lines as (
        select mart, row_key, obs_id from mart_lineage where mart <> 'observations'
        union
        select 'observations' as mart, obs_id as row_key, obs_id from claims
    )

    select
        mart, row_key, arg_max(provenance_tier, tier_rank) as tier,
        bool_and(terms_known) as terms_known, bool_or(is_odbl) as is_odbl,
        string_agg(distinct source_id, '|' order by source_id) as source_ids
    from lines join claims using (obs_id)
    group by mart, row_key
"""
