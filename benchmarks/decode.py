"""What decoding BPS replies costs, against what orjson takes to parse the same bytes.

Writes replies of the forms that BPS sends (by province and round, by regency and category,
by regency alone, by village) until they hold 6.5 million cells, one in memory at a time, and
reads each into observation columns with everything that a refresh checks: ambiguous, repeated
and unmatched keys, bounds, units. CPU seconds of this process, so that a busy machine says much
the same as an idle one. The limit holds for all cells together, and the ratio of each form is
shown: a reply of 342 cells costs what its 33 columns cost, 0.5 to 1.2 ms, seven to eight times what
orjson takes for so few bytes. Each reply is about later years than the one before, as the
windows of a table are, so that nothing is known beforehand but the lists that windows share.
`--cold` empties the processor's caches before each reply, as other work in between would: both
then take two to three times as long. `--cells N` for a smaller run, `--json` for machines.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import platform
import random
import resource
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

import orjson  # noqa: E402 - the root has to be found first
from rich.console import Console  # noqa: E402
from rich.table import Table  # noqa: E402

from benchmarks.bench import Bench  # noqa: E402
from benchmarks.measure import Cost  # noqa: E402
from benchmarks.result import Measured, Versus  # noqa: E402
from ingest import catalogue  # noqa: E402
from ingest.protocol import Context, Snapshot  # noqa: E402
from ingest.regions import RegionRegister  # noqa: E402
from ingest.schema import Dataset  # noqa: E402
from ingest.sources import PROTOCOLS  # noqa: E402
from lumbung import settings  # noqa: E402

TITLE = "Parsing and decoding replies of BPS"
CONTESTANTS = {
    "decode, large replies": "of 5,000 cells and more: into observation columns, with all checks",
    "orjson, large replies": "`orjson.loads` of the same bytes, letting go of the result included",
    "decode, small replies": "of 342 cells: what their 33 columns cost stands above all",
    "orjson, small replies": "`orjson.loads` of the same bytes",
}
LIMIT = 3.0
LARGE = 5_000
PROTOCOL = PROTOCOLS["bps.dynamic_data"]


@dataclass(frozen=True)
class Form:
    """A kind of reply: how long its dimensions are, and how its figures are printed."""

    name: str
    n_vervar: int
    n_turvar: int
    n_th: int
    n_turth: int
    number: Callable[[random.Random], str]
    share: float = 1.0
    ambiguous: bool = False


FORMS = (
    Form("province x round", 38, 1, 3, 3, lambda r: f"{r.uniform(0, 12):.2f}"),
    Form("regency x category", 552, 12, 2, 1, lambda r: f"{r.uniform(0, 90):.2f}"),
    Form("regency, whole numbers", 552, 6, 2, 3, lambda r: str(r.randrange(10**6))),
    Form("more than six decimals", 552, 12, 2, 1, lambda r: repr(r.uniform(0, 90))),
    Form("a third of the cells", 552, 12, 3, 4, lambda r: f"{r.uniform(0, 90):.1f}", 0.34),
    Form("large reply", 552, 41, 3, 1, lambda r: f"{r.uniform(0, 90):.2f}"),
    Form("keys of varying length", 60, 14, 3, 13, lambda r: f"{r.uniform(0, 90):.2f}", 1.0, True),
)


@dataclass
class FormCost:
    """What a form cost over all its replies."""

    form: str
    n_replies: int = 0
    n_cells: int = 0
    n_bytes: int = 0
    orjson_seconds: float = 0.0
    decode_seconds: float = 0.0
    n_ambiguous: int = 0

    @property
    def ratio(self) -> float:
        """How many times as long as orjson."""
        return self.decode_seconds / self.orjson_seconds if self.orjson_seconds else 0.0


def main() -> None:
    """Measure every form, print a table or JSON, and fail where the limit is missed."""
    parser = argparse.ArgumentParser(description=str(__doc__).splitlines()[0])
    parser.add_argument("--cells", type=int, default=6_500_000)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--cold", action="store_true")
    given = parser.parse_args()
    known()
    if not given.cold:  # a collection walks through all objects but these
        gc.freeze()
    found = [cost_of(form, given.cells // len(FORMS)) for form in FORMS]
    large = total("5,000 cells and more", [c for c in found if c.n_cells >= LARGE * c.n_replies])
    overall = total("all", found)
    found += [large, overall]
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    if given.json:
        machine = {"cores": os.cpu_count(), "python": platform.python_version()}
        costs = [asdict(cost) | {"ratio": round(cost.ratio, 2)} for cost in found]
        shown = {
            "command": f"python benchmarks/decode.py {' '.join(sys.argv[1:])}", "machine": machine,
            "limit": LIMIT, "is_cold": given.cold, "peak_mib": peak, "forms": costs,
        }  # fmt: skip
        print(json.dumps(shown, indent=1))
    else:
        show(found, peak)
    sys.exit(1 if overall.ratio > LIMIT else 0)


def measure(bench: Bench) -> Measured:
    """Decode and parse the same replies, the large and the small ones apart, in CPU seconds."""
    known()
    gc.freeze()
    costs: dict[str, list[Cost]] = {name: [] for name in CONTESTANTS}
    for _ in range(bench.rounds(3, quick=3)):
        found = [cost_of(form, bench.n(910_000, 70_000) // len(FORMS)) for form in FORMS]
        for size in ("large", "small"):
            chosen = [c for c in found if (c.n_cells >= LARGE * c.n_replies) == (size == "large")]
            both = total(size, chosen)
            peak_mib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            for name, spent in (("decode", both.decode_seconds), ("orjson", both.orjson_seconds)):
                costs[f"{name}, {size} replies"].append(Cost(spent, spent, peak_mib))
    gc.unfreeze()
    return Measured(
        costs,
        ratios=[
            Versus("decode, large replies", "orjson, large replies", "cpu_seconds", LIMIT),
            Versus("decode, small replies", "orjson, small replies", "cpu_seconds"),
        ],
        facts={
            "n_cells": sum(c.n_cells for c in found),
            "n_replies": sum(c.n_replies for c in found),
        },
    )


def total(name: str, costs: list[FormCost]) -> FormCost:
    """Add costs up."""
    return FormCost(
        name, *(sum(column) for column in zip(*(_numbers(c) for c in costs), strict=True))
    )


def _numbers(cost: FormCost) -> list[float]:
    return list(asdict(cost).values())[1:]


def cost_of(form: Form, n_cells: int) -> FormCost:
    """Decode replies of one form until they hold so many cells."""
    cost = FormCost(form.name)
    dataset, context = described(form), known()
    # The first reply of all indexes the register of regions, once in a process.
    PROTOCOL.parse(dataset, Snapshot("", "", ""), next(replies(form, 1)), context)
    for body in replies(form, n_cells):
        snapshot = Snapshot(dataset.dataset, "p", "0" * 64)
        gc.collect()
        gc.disable()
        cost.orjson_seconds += seconds(lambda: orjson.loads(body))  # noqa: B023 - called at once
        gc.enable()
        started = time.process_time()
        result = PROTOCOL.parse(dataset, snapshot, body, context)
        cost.decode_seconds += time.process_time() - started
        cost.n_replies += 1
        cost.n_bytes += len(body)
        cost.n_cells += result.n_items
        cost.n_ambiguous += result.rejected["rule"].to_pylist().count("ambiguous_key")
    return cost


def seconds(work: Callable[[], Any]) -> float:
    """Return the CPU seconds of some work, letting go of its result included."""
    started = time.process_time()
    work()
    return time.process_time() - started


def replies(form: Form, n_cells: int) -> Iterator[bytes]:
    """Yield different replies of a form, as BPS writes them: no white space, any order."""
    dice = random.Random(543)  # noqa: S311 - the same replies in each run
    written = number = 0
    while written < n_cells:
        body, n = reply(form, dice, number)
        written, number = written + n, number + 1
        yield body


def reply(form: Form, dice: random.Random, number: int = 0) -> tuple[bytes, int]:
    """Write one reply and count its cells."""
    codes = dimensions(form, number)
    keys = [
        f"{vervar}543{turvar}{th}{turth}"
        for vervar in codes["vervar"]
        for turvar in codes["turvar"]
        for th in codes["tahun"]
        for turth in codes["turtahun"]
    ]
    keys = list(dict.fromkeys(keys))
    if form.share < 1:
        keys = dice.sample(keys, int(len(keys) * form.share))
    dice.shuffle(keys)
    lists = {
        name: [{"val": val(code), "label": label(name, code)} for code in found]
        for name, found in codes.items()
    }
    head = {
        "status": "OK", "data-availability": "available", "last_update": "2025-11-07 14:01:46",
        "var": [{"val": 543, "label": "TPT", "unit": "Persen", "decimal": 2, "note": ""}],
        "labelvervar": "Wilayah", **lists,
    }  # fmt: skip
    content = ",".join(f'"{key}":{form.number(dice)}' for key in keys)
    text = json.dumps(head, separators=(",", ":"))[:-1]
    return f'{text},"datacontent":{{{content}}},"related":[]}}'.encode(), len(keys)


def dimensions(form: Form, number: int = 0) -> dict[str, list[str]]:
    """Return the codes of each dimension; those of varying length can spell one key twice.

    A table is asked for in ten windows, from the year 2000 on; then comes the next table.
    """
    codes = [region.region_code for region in known().regions.regions if region.region_code]
    regions = ["9999" if code == "0000" else code for code in codes]  # the nation, for BPS
    turvar = ["0"] if form.n_turvar == 1 else [str(101 + n) for n in range(form.n_turvar)]
    turth = [str(189 + n) for n in range(form.n_turth)]
    first_year = 100 + number % 10 * form.n_th
    if form.ambiguous:  # 11+111+0 and 1+111+10 are one key
        first_year = 110
        turvar = [str(n + 1) for n in range(form.n_turvar)]
        turth = [str(n) for n in range(form.n_turth)]
    return {
        "vervar": regions[: form.n_vervar],
        "turvar": turvar,
        "tahun": [str(first_year + n) for n in range(form.n_th)],
        "turtahun": turth,
    }


def val(code: str) -> int | str:
    """Write a code as BPS does: a number, but the unused derived variable as text."""
    return code if code == "0" else int(code)


def label(name: str, code: str) -> str:
    """Give an entry a label that the dataset knows."""
    return str(int(code) + 1900) if name == "tahun" else f"{name} {code}"


def described(form: Form) -> Dataset:
    """Return the catalogue entry that reads a form's replies."""
    codes = dimensions(form)
    fields: dict[str, Any] = {
        "dataset": "benchmark", "protocol": "bps.dynamic_data", "source": "bps",
        "title": {"id": "Uji", "en": "Test"},
        "request": {"domain": "0000", "variable": 543}, "region": {"from": "vervar"},
        "period": {
            "months": {label("turtahun", code): at for at, code in
                       enumerate(codes["turtahun"][:12], 1)},
            "ignore": [label("turtahun", code) for code in codes["turtahun"][12:]],
        },
        "indicator": "labour_force" if "whole" in form.name else "unemployment_rate",
        "unit": "Persen",
    }  # fmt: skip
    if "whole" in form.name:
        fields |= {"read_as": "orang"}
    if form.n_turvar > 1:
        categories = {label("turvar", code): f"c{code}" for code in codes["turvar"]}
        fields["breakdown"] = {"from": "turvar", "breakdown": "kind", "categories": categories}
    return PROTOCOL.model.model_validate(fields)


def known() -> Context:
    """Return the project's own indicators, sources and regions, read once."""
    if not _KNOWN:
        here = settings.load()
        read = catalogue.load(here.catalog)
        register = RegionRegister.load(here.geography)
        _KNOWN.append(Context(read.indicators, read.sources, register))
    return _KNOWN[0]


_KNOWN: list[Context] = []


def show(costs: list[FormCost], peak: int) -> None:
    """Print the costs for people."""
    table = Table(title=f"decoding against orjson (limit {LIMIT}); peak {peak} MiB")
    for name in ("form", "replies", "cells", "MB", "orjson s", "decode s", "ratio", "ambiguous"):
        table.add_column(name, justify="left" if name == "form" else "right")
    for cost in costs:
        table.add_row(
            cost.form, str(cost.n_replies), f"{cost.n_cells:,}", f"{cost.n_bytes / 1e6:.1f}",
            f"{cost.orjson_seconds:.2f}", f"{cost.decode_seconds:.2f}", f"{cost.ratio:.2f}",
            f"{cost.n_ambiguous:,}",
        )  # fmt: skip
    Console().print(table)


if __name__ == "__main__":
    main()
