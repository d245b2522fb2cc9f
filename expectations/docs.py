"""Data Docs: what both gates looked at, as static pages beside the release.

Great Expectations renders its own results; the page around them is ours, because its own
loads styles, scripts and an image from seven hosts. Ours asks nobody for anything, and says
every rule in Indonesian and English.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from pathlib import Path
from typing import Any, cast

from expectations.results import KEPT, CheckResult, GateResult
from expectations.suites import GateName, Suite
from expectations.suites import load as load_suites

TEMPLATES = Path(__file__).resolve().parent / "pages"
#: Failing values that a page shows of one rule; ``<gate>.failures.csv`` keeps more.
SHOWN = 20


def build(gates: Sequence[GateResult], folder: Path, title: str) -> Path:
    """Write ``index.html`` and one page a suite; return the index.

    Always writes all of them anew: pages of an earlier audit never stay behind.
    """
    if folder.exists():
        shutil.rmtree(folder)
    folder.mkdir(parents=True)
    site = _Site()
    listed = []
    for gate in gates:
        suites = {suite.suite: suite for suite in load_suites(cast(GateName, gate.name))}
        pages = []
        for name, found in groupby(gate.checks, key=lambda check: check.suite):
            checks = list(found)
            file = f"{gate.name}-{name}.html"
            body = site.suite_page(gate.name, suites[name], checks, title)
            (folder / file).write_text(body, encoding="utf-8")
            pages.append({"file": file, "suite": suites[name], "outcome": _outcome(checks),
                          "n_checks": len(checks), "n_failed": _n_failed(checks)})  # fmt: skip
        listed.append({"gate": gate, "pages": pages})
    index = folder / "index.html"
    index.write_text(site.index(listed, title), encoding="utf-8")
    return index


def _outcome(checks: Iterable[CheckResult]) -> str:
    severities = {check.severity for check in checks if not check.passed}
    return "fail" if "fail" in severities else "warn" if severities else "pass"


def _n_failed(checks: Iterable[CheckResult]) -> int:
    return sum(1 for check in checks if not check.passed)


class _Site:
    """Great Expectations' renderer and our templates, set up once for all pages."""

    def __init__(self) -> None:
        from great_expectations.render.renderer.page_renderer import ValidationResultsPageRenderer
        from great_expectations.render.view.view import DefaultJinjaPageView

        class PageView(DefaultJinjaPageView):
            _template = "lumbung_suite.html"

        class IndexView(DefaultJinjaPageView):
            _template = "lumbung_index.html"

        self._renderer = ValidationResultsPageRenderer()
        own = str(TEMPLATES)
        self._pages: Any = PageView(custom_views_directory=own)
        self._index: Any = IndexView(custom_views_directory=own)

    def suite_page(self, gate: str, suite: Suite, checks: Sequence[CheckResult], title: str) -> str:
        """Return the page of one suite."""
        document = self._renderer.render(_as_result(suite, checks))
        return str(
            self._pages.render(
                document,
                lumbung={"gate": gate, "suite": suite, "checks": checks, "title": title,
                         "outcome": _outcome(checks), "shown": SHOWN, "kept": KEPT},
            )
        )  # fmt: skip

    def index(self, listed: Sequence[Mapping[str, Any]], title: str) -> str:
        """Return the page that names them all."""
        from great_expectations.render.components import RenderedDocumentContent

        document = RenderedDocumentContent(sections=[], renderer_type="SiteIndexPageRenderer")
        return str(self._index.render(document, lumbung={"gates": listed, "title": title}))


def _as_result(suite: Suite, checks: Sequence[CheckResult]) -> Any:
    """Put our counts over all pages of a frame into one result of Great Expectations."""
    from great_expectations.core.expectation_validation_result import (
        ExpectationSuiteValidationResult,
    )

    rules = {check.rule: check for check in suite.checks}
    results = [_as_one_result(rules[found.rule], found) for found in checks]
    passed = sum(1 for result in results if result.success)
    statistics = {
        "evaluated_expectations": len(results),
        "successful_expectations": passed,
        "unsuccessful_expectations": len(results) - passed,
        "success_percent": 100.0 * passed / len(results),
    }
    return ExpectationSuiteValidationResult(
        success=passed == len(results),
        results=results,
        suite_name=suite.suite,
        statistics=statistics,
        meta={},
    )


def _as_one_result(check: Any, found: CheckResult) -> Any:
    from great_expectations.core.expectation_validation_result import ExpectationValidationResult
    from great_expectations.expectations.expectation_configuration import (
        ExpectationConfiguration,
    )
    from great_expectations.expectations.metadata_types import FailureSeverity

    shown = [_value(check.columns, row) for row in found.rows[:SHOWN]]
    share = 100.0 * found.n_failed / found.n_checked if found.n_checked else 0.0
    return ExpectationValidationResult(
        success=found.passed,
        expectation_config=ExpectationConfiguration(
            type=check.expectation,
            kwargs=check.resolved(),
            meta={"notes": {"format": "string", "content": [
                f"{found.description_id} / {found.description_en}"]}},
            severity=(
                FailureSeverity.CRITICAL if found.severity == "fail" else FailureSeverity.WARNING
            ),
        ),
        result={
            "element_count": found.n_checked,
            "unexpected_count": found.n_failed,
            "unexpected_percent": share,
            "unexpected_percent_nonmissing": share,
            "partial_unexpected_list": shown,
        },
        exception_info={
            "raised_exception": found.error is not None,
            "exception_message": found.error,
            "exception_traceback": "",  # its renderer takes no None
        },
    )  # fmt: skip


def _value(columns: Sequence[str], row: Mapping[str, Any]) -> Any:
    """Return what the rule looked at, as text where JSON has no word for it."""
    values = tuple(
        value if isinstance(value, (int, float, bool)) or value is None else str(value)
        for value in (row.get(column) for column in columns)
    )
    return values[0] if len(values) == 1 else list(values)
