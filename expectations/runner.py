"""Runs suites through Great Expectations: DuckDB pages in, failing rows out.

Great Expectations reads frames (its SQL data source fails on DuckDB), page by page, so that
a table of millions needs the memory of one page. Of a long frame it is first shown the rows that
stand for all (``expectations.stand_ins``), and every row only where one of those fails. Its import
costs seconds and is paid here, inside the function that needs it.
"""

from __future__ import annotations

import importlib
import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from expectations.results import KEPT, CheckResult
from expectations.stand_ins import stand_ins
from expectations.suites import Check, Suite

PAGE_ROWS = 50_000
#: Of longer pages some rows stand for all.
FEW = 1_000
#: The column that carries a row's place in its page through Great Expectations.
ROW = "_row"


@dataclass
class _Tally:
    """What one check found so far, over the pages."""

    n_failed: int = 0
    rows: list[dict[str, Any]] = field(default_factory=list)
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Tell whether nothing was found."""
        return self.n_failed == 0 and self.error is None


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
        try:
            n_checked, some = _stand_ins(connection, suite)
            tallies = _tallies(suite)
            if some is not None:
                self._validate(suite, some, tallies)
                is_fine = all(tally.passed for tally in tallies.values())
                if not is_fine and some.num_rows < n_checked:
                    tallies = self._judge_all(connection, suite)
        except duckdb.Error as error:
            reason = str(error).splitlines()[0]
            tallies = {check.rule: _Tally(error=reason) for check in suite.checks}
        return [_result(suite, check, n_checked, tallies[check.rule]) for check in suite.checks]

    def _judge_all(self, connection: duckdb.DuckDBPyConnection, suite: Suite) -> Tallies:
        """Judge every row, page by page."""
        tallies = _tallies(suite)
        for page in _pages(connection, suite):
            self._validate(suite, page, tallies)
        return tallies

    def _validate(self, suite: Suite, page: pa.Table, tallies: Tallies) -> None:
        from great_expectations.expectations.expectation_configuration import (
            ExpectationConfiguration,
        )

        expectations = [
            ExpectationConfiguration(
                type=check.expectation, kwargs=check.resolved(), meta={"rule": check.rule}
            ).to_domain_obj()
            for check in suite.checks
        ]
        frame = _as_floats(page).to_pandas()
        frame[ROW] = range(len(frame))
        batch = self._batches.get_batch({"dataframe": frame})
        outcome = batch.validate(
            self._gx.ExpectationSuite(name=suite.suite, expectations=expectations),
            result_format={"result_format": "COMPLETE", "unexpected_index_column_names": [ROW]},
        )
        for result in outcome.results:
            _count(result, page, tallies)


def _tallies(suite: Suite) -> Tallies:
    return {check.rule: _Tally() for check in suite.checks}


def _count(result: Any, page: pa.Table, tallies: Tallies) -> None:
    """Add what one check said about one page; rows are taken from the exact Arrow page."""
    if result.success:
        return
    tally = tallies[result.expectation_config.meta["rule"]]
    details = result.result or {}
    places = [entry[ROW] for entry in details.get("unexpected_index_list") or []]
    if not places:
        exception = result.exception_info or {}
        tally.error = str(exception.get("exception_message") or exception or details)
        return
    tally.n_failed += len(places)
    wanted = places[: max(0, KEPT - len(tally.rows))]
    tally.rows.extend(page.take(pa.array(wanted, pa.int64())).to_pylist())


def _stand_ins(connection: duckdb.DuckDBPyConnection, suite: Suite) -> tuple[int, pa.Table | None]:
    """Count the frame's rows; return those that stand for all, None where there are none."""
    n_rows, chosen = 0, []
    for page in _pages(connection, suite):
        n_rows += page.num_rows
        chosen.append(page if page.num_rows <= FEW else stand_ins(page, suite.checks))
    return n_rows, pa.concat_tables(chosen) if chosen else None


def _pages(connection: duckdb.DuckDBPyConnection, suite: Suite) -> Iterator[pa.Table]:
    """Yield the suite's frame in pages, with exactly the columns that the suite lists."""
    reader = connection.execute(suite.sql).to_arrow_reader(PAGE_ROWS)
    if reader.schema.names != list(suite.columns):
        raise duckdb.BinderException(
            f"the frame holds {', '.join(reader.schema.names)}; "
            f"the suite lists {', '.join(suite.columns)}"
        )
    for batch in reader:
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
