"""Runs suites through Great Expectations: DuckDB pages in, failing rows out.

Great Expectations reads frames (its SQL data source fails on DuckDB). It is first shown the rows
that stand for all (``expectations.stand_ins``), and every row only of a check that one of those
fails: page by page, so that a table of millions needs the memory of one page, and of rows alike
one. Its import costs seconds and is paid here, inside the function that needs it.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from expectations.results import KEPT, CheckResult
from expectations.stand_ins import alike, stand_ins
from expectations.suites import Check, Suite

PAGE_ROWS = 50_000
#: Failing rows held before they are put in order, and only the first are kept.
HELD = 20_000
#: The column that carries a row's place in its page through Great Expectations.
ROW = "_row"


@dataclass
class _Tally:
    """What one check found so far, over the pages."""

    n_failed: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None


Tallies = dict[str, _Tally]


def load() -> ModuleType:
    """Import Great Expectations, which takes seconds; it talks to nobody."""
    os.environ["GX_ANALYTICS_ENABLED"] = "False"
    return importlib.import_module("great_expectations")


class Runner:
    """Great Expectations, imported once, with everything off that talks or draws."""

    def __init__(self) -> None:
        gx: Any = load()
        logging.getLogger("great_expectations").setLevel(logging.WARNING)
        from great_expectations.data_context.types.base import ProgressBarsConfig

        self._gx = gx
        context = gx.get_context(mode="ephemeral")
        context.variables.progress_bars = ProgressBarsConfig(globally=False)
        asset = context.data_sources.add_pandas("frames").add_dataframe_asset("frame")
        self._batches = asset.add_batch_definition_whole_dataframe("page")

    def run(self, connection: duckdb.DuckDBPyConnection, suite: Suite) -> list[CheckResult]:
        """Run one suite; a frame that can't be read fails every check of it by name."""
        n_checked = 0
        tallies = {check.rule: _Tally() for check in suite.checks}
        try:
            if suite.is_kept:
                suite = _kept(connection, suite)
            n_checked, checks, rows = stand_ins(connection, suite, _types(connection, suite))
            failing = set(self._failing(suite, checks, rows, tallies)) if n_checked else set()
            if failing:
                wanted = [check for check in suite.checks if check.rule in failing]
                self._judge_all(connection, suite, wanted, tallies)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            tallies = {check.rule: _Tally(error=reason) for check in suite.checks}
        return [_result(suite, check, n_checked, tallies[check.rule]) for check in suite.checks]

    def _judge_all(
        self,
        connection: duckdb.DuckDBPyConnection,
        suite: Suite,
        checks: Sequence[Check],
        tallies: Tallies,
    ) -> None:
        """Judge every row, page by page: those alike in what a check reads at once."""
        kept: dict[str, list[pa.Table]] = {check.rule: [] for check in checks}
        for page in _pages(connection, suite):
            for check in checks:
                firsts, like = alike(page, check.columns)
                some = page.select(check.columns).take(firsts)
                places = self._failing(suite, [check], some, tallies).get(check.rule)
                if not places:
                    continue
                failed = page.filter(pa.array(np.isin(like, places)))
                tallies[check.rule].n_failed += failed.num_rows
                kept[check.rule] = _first(connection, suite, [*kept[check.rule], failed])
        for rule, found in kept.items():
            if not found and tallies[rule].error is None:
                tallies[rule].error = "rows that stand for all fail, but no row does"
            for rows in _first(connection, suite, found, held=0):
                tallies[rule].rows.extend(rows.to_pylist())

    def _failing(
        self, suite: Suite, checks: Sequence[Check], rows: pa.Table, tallies: Tallies
    ) -> dict[str, list[int]]:
        """Return the places of the rows that fail, by rule; what can't be judged is an error."""
        from great_expectations.expectations.expectation_configuration import (
            ExpectationConfiguration,
        )

        expectations = [
            ExpectationConfiguration(
                type=check.expectation, kwargs=check.resolved(), meta={"rule": check.rule}
            ).to_domain_obj()
            for check in checks
        ]
        frame = _as_floats(rows).to_pandas()
        frame[ROW] = range(len(frame))
        batch = self._batches.get_batch({"dataframe": frame})
        outcome = batch.validate(
            self._gx.ExpectationSuite(name=suite.suite, expectations=expectations),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [ROW]},
        )
        found: dict[str, list[int]] = {}
        for result in outcome.results:
            if result.success:
                continue
            rule = result.expectation_config.meta["rule"]
            details = result.result or {}
            places = [entry[ROW] for entry in details.get("unexpected_index_list") or []]
            if places:
                found[rule] = places
            else:
                exception = result.exception_info or {}
                said = exception.get("exception_message") or exception or details
                tallies[rule].error = str(said)
        return found


def _kept(connection: duckdb.DuckDBPyConnection, suite: Suite) -> Suite:
    """Compute a suite's frame and return the suite on what was found."""
    connection.execute(f"create or replace temporary table kept as {suite.unordered_sql}")
    return suite.model_copy(update={"frame": f"from kept\n{suite.order}"})


def _first(
    connection: duckdb.DuckDBPyConnection, suite: Suite, found: list[pa.Table], held: int = HELD
) -> list[pa.Table]:
    """Put the failing rows in the frame's order and drop those that nobody keeps."""
    if not found or sum(rows.num_rows for rows in found) <= held:
        return found
    rows = pa.concat_tables(found)
    if suite.order:
        with connection.cursor() as cursor:  # the other one is still reading
            cursor.register("failed", rows)
            rows = cursor.execute(f"from failed {suite.order} limit {KEPT}").to_arrow_table(KEPT)
    return [rows.slice(0, KEPT)]


def _types(connection: duckdb.DuckDBPyConnection, suite: Suite) -> dict[str, str]:
    """Return DuckDB's types of the frame's columns, which are exactly those that the suite lists.

    Nothing is read for it.
    """
    described = connection.execute(f"describe {suite.sql}").fetchall()
    types = {name: kind for name, kind, *_ in described}
    if list(types) != list(suite.columns):
        raise duckdb.BinderException(
            f"the frame holds {', '.join(types)}; the suite lists {', '.join(suite.columns)}"
        )
    return types


def _pages(connection: duckdb.DuckDBPyConnection, suite: Suite) -> Iterator[pa.Table]:
    """Yield the suite's frame in pages; where it names an order, in any."""
    for batch in connection.execute(suite.unordered_sql).to_arrow_reader(PAGE_ROWS):
        if batch.num_rows:
            yield pa.Table.from_batches([batch])


def _as_floats(page: pa.Table) -> pa.Table:
    """Turn decimals into floats for the comparison; the failing rows are shown exactly."""
    for index, column in enumerate(page.schema):
        if pa.types.is_decimal(column.type):
            page = page.set_column(
                index, column.name, pc.cast(page.column(index), pa.float64(), safe=False)
            )
    return page


def _result(suite: Suite, check: Check, n_checked: int, tally: _Tally) -> CheckResult:
    return CheckResult(
        suite=suite.suite,
        table=suite.table,
        rule=check.rule,
        severity=check.severity,
        description_id=check.description.id,
        description_en=check.description.en,
        n_checked=n_checked,
        n_failed=tally.n_failed,
        rows=tuple(tally.rows),
        approvable=check.approvable,
        error=tally.error,
    )
