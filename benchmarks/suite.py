"""The benchmarks by name: measures them, writes JSON and the page, compares with the baseline.

    make bench                                all of them, into benchmarks/results/ and the page
    make bench ONLY=decode,dbt                some of them
    make bench CHECK=1 QUICK=1                a quick run against the baseline; writes nothing
    make bench BASELINE=1 [QUICK=1]           measure, and make the ratios the baseline

Each benchmark is a module with TITLE, CONTESTANTS (a sentence each) and
``measure(bench) -> Measured``. With `--check` a benchmark that looks worse is measured once more,
and has to look worse twice: a busy moment is no regression.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks import check, page, result
from benchmarks.bench import Bench
from benchmarks.measure import FailedError

#: In the order of the page.
MODULES = {
    "refresh": "benchmarks.refresh",
    "airflow": "benchmarks.airflow_share",
    "decode": "benchmarks.decode",
    "tables": "benchmarks.tables",
    "ingest": "benchmarks.ingest_tables",
    "dbt": "benchmarks.dbt_build",
    "postgres": "benchmarks.postgres_copy",
    "queries": "benchmarks.queries",
    "portal": "benchmarks.portal_build",
}

Result = dict[str, Any]


def main() -> int:
    """Do as asked; 1 where a ratio got worse, 2 where a benchmark could not be measured."""
    asked = arguments()
    if asked.page:
        return page.main()
    with tempfile.TemporaryDirectory(prefix="lumbung-bench-") as scratch:
        bench = Bench(Path(scratch), is_quick=asked.quick, given_home=asked.home)
        keep = not (asked.quick or asked.check)
        found, failed = all_of(asked.only, bench, keep)
        worse = asked.check and checked(found, asked.quick, lambda name: one(name, bench))
    if asked.baseline:
        keep_baseline(found, asked.quick)
    if keep:
        page.main()
    return 2 if failed else int(worse)


def all_of(wanted: Sequence[str], bench: Bench, keep: bool) -> tuple[dict[str, Result], list[str]]:
    """Measure one after the other, kept at once where wanted; return results, and what failed."""
    found: dict[str, Result] = {}
    failed = []
    for name in wanted:
        try:
            found[name] = one(name, bench)
        except FailedError as error:
            print(f"{name:<9} could not be measured: {error}", file=sys.stderr, flush=True)
            failed.append(name)
            continue
        if keep:
            result.write(result.RESULTS / f"{name}.json", found[name])
    return found, failed


def one(name: str, bench: Bench) -> Result:
    """Measure one benchmark, say its ratios, and return all of it."""
    module = import_module(MODULES[name])
    said = result.provenance(f"make bench ONLY={name}" + (" QUICK=1" if bench.is_quick else ""))
    measured = result.describe(module.measure(bench))
    found = {"benchmark": name, "is_quick": bench.is_quick, **said, **measured}
    for ratio, value in found["ratios"].items():
        aim = f", aim {value['aim']:g}" if value["aim"] else ""
        print(f"{name:<9} {ratio}: {value['median']:.2f} "
              f"({value['low']:.2f} to {value['high']:.2f}{aim})", flush=True)  # fmt: skip
    for difference, value in found["differences"].items():
        print(f"{name:<9} {difference}: {value['median']:.1f} s (aim {value['aim']:g})", flush=True)
    for fact, value in found["facts"].items():
        print(f"{name:<9} {fact}: {value}", flush=True)
    return found


def checked(found: dict[str, Result], is_quick: bool, again: Callable[[str], Result]) -> int:
    """Compare with the baseline; measure once more what looks worse, and fail with words."""
    kept = result.read(check.BASELINE) if check.BASELINE.exists() else {}
    baseline = kept.get(size_of(is_quick), {})
    for name, measured in list(found.items()):
        if check.regressions({name: measured}, baseline):
            print(f"{name:<9} looks worse than the baseline: once more", flush=True)
            found[name] = better(measured, again(name))
    said = check.regressions(found, baseline)
    print("\n".join(said) or "No ratio is over a quarter worse than the baseline.")
    return 1 if said else 0


def better(one: Result, other: Result) -> Result:
    """Return the second result with each ratio as low as it was in either."""
    ratios = {}
    for name, ratio in other["ratios"].items():
        before = one["ratios"].get(name, ratio)
        ratios[name] = min(ratio, before, key=lambda r: float(r["median"]))
    return {**other, "ratios": ratios}


def keep_baseline(found: dict[str, Result], is_quick: bool) -> None:
    """Make these ratios the ones that later runs are held to."""
    kept = result.read(check.BASELINE) if check.BASELINE.exists() else {}
    sized = kept.setdefault(size_of(is_quick), {})
    sized |= {name: check.ratios_of(measured) for name, measured in found.items()}
    result.write(check.BASELINE, kept)


def size_of(is_quick: bool) -> str:
    """Name the size that a baseline is of: a quick run's ratios are others."""
    return "quick" if is_quick else "full"


def arguments(given: Sequence[str] | None = None) -> argparse.Namespace:
    """Read the command line."""
    shape = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=shape)
    parser.add_argument("--only", type=names, default=list(MODULES), metavar="NAME,NAME",
                        help=f"of {', '.join(MODULES)}")  # fmt: skip
    parser.add_argument("--quick", action="store_true", help="few repetitions, small sizes")
    parser.add_argument("--check", action="store_true", help="compare with the baseline")
    parser.add_argument("--baseline", action="store_true", help="make this run the baseline")
    parser.add_argument("--page", action="store_true", help="only write the page from the results")
    parser.add_argument("--home", type=Path, help="a home with a release, instead of a new one")
    return parser.parse_args(given)


def names(text: str) -> list[str]:
    """Read names of benchmarks; raise where one is unknown."""
    wanted = [name.strip() for name in text.split(",") if name.strip()]
    unknown = [name for name in wanted if name not in MODULES]
    if unknown or not wanted:
        said = ", ".join(unknown) or repr(text)
        raise argparse.ArgumentTypeError(
            f"there is no benchmark {said}: they are {', '.join(MODULES)}"
        )
    return wanted
