"""What a gate says: outcome, every check, and the rows that failed, kept as files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

Outcome = Literal["pass", "warn", "fail"]

#: Rows shown in a message; the files keep more.
SHOWN = 3
#: Failing rows kept of one check. A broken frame of millions needs no copy of itself.
KEPT = 1000


@dataclass(frozen=True)
class CheckResult:
    """One rule of one suite on all rows of its frame; ``rows`` are failing ones, at most KEPT."""

    suite: str
    table: str
    rule: str
    severity: Literal["fail", "warn"]
    description_id: str
    description_en: str
    n_checked: int
    n_failed: int
    rows: tuple[Mapping[str, Any], ...] = ()
    approvable: bool = False
    error: str | None = None

    @property
    def passed(self) -> bool:
        """Tell whether nothing is wrong."""
        return self.n_failed == 0 and self.error is None

    def message(self) -> str:
        """Say table, rule, how many rows, and the first of them."""
        head = f"{self.table}: {self.rule} ({self.severity}): {self.description_en}"
        if self.error:
            return f"{head}: the check could not run: {self.error}"
        shown = "; ".join(_one_line(row) for row in self.rows[:SHOWN])
        more = f" (and {self.n_failed - SHOWN} more)" if self.n_failed > SHOWN else ""
        return f"{head}: {self.n_failed} of {self.n_checked} rows: {shown}{more}"


@dataclass(frozen=True)
class GateResult:
    """All checks of one gate."""

    name: str
    checks: tuple[CheckResult, ...] = field(default=())

    @property
    def failures(self) -> list[CheckResult]:
        """The checks that did not pass, worst first."""
        return sorted((c for c in self.checks if not c.passed), key=lambda c: c.severity != "fail")

    @property
    def blocking(self) -> list[CheckResult]:
        """The failures that keep a candidate from being published."""
        return [check for check in self.failures if check.severity == "fail"]

    @property
    def outcome(self) -> Outcome:
        """Return fail, warn or pass: the worst of the checks."""
        if self.blocking:
            return "fail"
        return "warn" if self.failures else "pass"

    def message(self) -> str:
        """Say what failed, one line a check."""
        if not self.failures:
            return f"gate {self.name}: {len(self.checks)} checks passed"
        lines = [f"gate {self.name}: {len(self.failures)} of {len(self.checks)} checks failed"]
        return "\n".join(lines + [f"  {check.message()}" for check in self.failures])

    def write(self, folder: Path) -> None:
        """Keep the report as ``<gate>.json`` and the failing rows as ``<gate>.failures.csv``."""
        folder.mkdir(parents=True, exist_ok=True)
        report = {
            "name": self.name,
            "outcome": self.outcome,
            "checks": [{**asdict(c), "rows": list(c.rows)[:SHOWN]} for c in self.checks],
        }
        (folder / f"{self.name}.json").write_text(
            json.dumps(report, indent=1, ensure_ascii=False, default=str) + "\n", encoding="utf-8"
        )
        with (folder / f"{self.name}.failures.csv").open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["suite", "table", "rule", "severity", "row"])
            for check in self.failures:
                for row in check.rows:
                    text = json.dumps(row, ensure_ascii=False, default=str)
                    writer.writerow([check.suite, check.table, check.rule, check.severity, text])


def _one_line(row: Mapping[str, Any]) -> str:
    return ", ".join(f"{key}={value}" for key, value in row.items())
