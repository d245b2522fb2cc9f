"""The bundled figures are the collected ones: none lost, none changed, each with its citation."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from ingest import catalogue as catalogues
from ingest.catalogue import Catalogue
from ingest.observation import ParseResult
from ingest.protocol import Context, Reply, Request, Snapshot
from ingest.regions import RegionRegister
from ingest.schema import Dataset
from ingest.sources import PROTOCOLS
from ingest.units import scale_to
from lumbung.settings import ROOT, Settings

BUNDLED = Settings().bundled
SHARED = ROOT.parent / "shared"
CITED_FIGURES = 2679
DUPLICATES = 10
Row = dict[str, str]
#: First words of offices, bodies and decrees that may state a figure; no person's name is one.
OFFICES = (
    "BKAD", "BKKBN", "BPKAD", "BPKD", "BPKPAD", "BPS", "Banggar", "Bank Indonesia",
    "Bapelitbangda", "Bapenda", "Bappedalitbang", "Baznas", "Biro", "Bupati", "DJPK", "DP3AKKB",
    "DPMD", "DPRD", "Dinas", "Dindik", "Dinkes", "Dinkop", "Disdik", "Disdukcapil", "Disnaker",
    "Disperdaginkop", "Dukcapil", "Formikimba", "Gubernur", "KPU", "Kanwil DJPb", "Kemendagri",
    "Kemenkes", "Kemenkeu", "LP2M", "LPPM", "Pemkab", "Pemkot", "Pemprov", "Pj Gubernur",
    "Pj Wali Kota", "Pjs Wali Kota", "Sekda", "UIN", "Untirta", "Wakil Bupati",
    "Wakil Wali Kota", "Wali Kota", "idn-area-data", "opinion writer",
)  # fmt: skip


@pytest.fixture(scope="module")
def catalogue() -> Catalogue:
    return catalogues.load(Settings().catalog)


@pytest.fixture(scope="module")
def context(catalogue: Catalogue) -> Context:
    regions = RegionRegister.load(Settings().geography)
    return Context(catalogue.indicators, catalogue.sources, regions)


@pytest.fixture(scope="module")
def cited() -> list[Row]:
    return [
        row | {"_dataset": path.parent.name}
        for path in sorted(BUNDLED.glob("cited_*/all.csv"))
        for row in read(path)
    ]


@pytest.fixture(scope="module")
def programmes() -> list[Row]:
    return read(BUNDLED / "programme_budget_2023" / "all.csv")


def read(path: Path) -> list[Row]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def files_asked_for(dataset: Dataset) -> Iterator[tuple[Request, Path]]:
    """Yield what collect() keeps, answered from the bundle alone."""
    assert dataset.bundled is not None
    folder = BUNDLED / dataset.bundled.folder

    def fetch(request: Request) -> Reply:
        (path,) = [p for p in folder.iterdir() if p.stem == request.partition]
        now = datetime.now(UTC)
        kind = "application/json" if path.suffix == ".json" else "text/csv"
        return Reply(path.read_bytes(), f"bundled:{path.name}", 200, kind, now, now.date(), True)

    for request, _ in PROTOCOLS[dataset.protocol].collect(dataset, fetch):
        (path,) = [p for p in folder.iterdir() if p.stem == request.partition]
        yield request, path


def parse(dataset: Dataset, path: Path, context: Context) -> ParseResult:
    snapshot = Snapshot(dataset.dataset, path.stem, "0" * 64)
    return PROTOCOLS[dataset.protocol].parse(dataset, snapshot, path.read_bytes(), context)


def parsed(catalogue: Catalogue, context: Context, name: str) -> list[dict[str, Any]]:
    dataset = catalogue.dataset(name)
    return [
        row
        for request, path in files_asked_for(dataset)
        if request.keep
        for row in parse(dataset, path, context).observations.to_pylist()
    ]


def shipped(catalogue: Catalogue) -> dict[str, Dataset]:
    """Return the datasets that ship their figures; the others are read live only."""
    return {name: one for name, one in catalogue.datasets.items() if one.bundled is not None}


def test_every_dataset_is_read_whole_and_nothing_is_rejected(
    catalogue: Catalogue, context: Context
) -> None:
    for name, dataset in shipped(catalogue).items():
        kept = [path for request, path in files_asked_for(dataset) if request.keep]
        results = [parse(dataset, path, context) for path in kept]
        rejected = [row for result in results for row in result.rejected.to_pylist()]
        assert rejected == [], name
        assert sum(r.observations.num_rows for r in results) >= dataset.expect.minimum_rows, name


def test_no_bundled_file_goes_unread(catalogue: Catalogue) -> None:
    asked = {path for d in shipped(catalogue).values() for _, path in files_asked_for(d)}
    lying_there = {path for path in BUNDLED.rglob("*") if path.is_file()}
    assert lying_there - asked == {BUNDLED / "README.md"}


def test_counts_are_those_of_the_collection_without_its_named_duplicates(cited: list[Row]) -> None:
    assert len(cited) == CITED_FIGURES
    table = (BUNDLED / "README.md").read_text(encoding="utf-8").split("Left out, ten lines", 1)[1]
    named = [line for line in table.split("Also left out")[0].splitlines() if "| 20" in line]
    assert len(named) == DUPLICATES


def test_each_figure_names_where_it_was_read(cited: list[Row]) -> None:
    for row in cited:
        assert row["source"], row
        assert row["source_url"].startswith(("http://", "https://")) or row["claimant"], row
        assert " " not in row["source_url"], row


def test_claimants_are_offices_and_not_persons(cited: list[Row]) -> None:
    claimants = {row["claimant"] for row in cited if row["claimant"]}
    assert {name for name in claimants if not name.startswith(OFFICES)} == set()


def test_every_indicator_is_in_the_catalogue_and_every_entry_is_used(
    cited: list[Row], catalogue: Catalogue
) -> None:
    used = {row["indicator"] for row in cited}
    assert used <= set(catalogue.indicators)
    declared = {name for d in catalogue.datasets.values() for name in d.indicators_named()}
    assert set(catalogue.indicators) == declared


def test_a_month_of_publication_stays_a_month(cited: list[Row]) -> None:
    bases = Counter(row["published_at_basis"] for row in cited)
    assert bases == {"none": 1560, "stated": 505, "url": 327, "found": 190, "month": 97}
    assert all(len(r["published_at"]) == 7 for r in cited if r["published_at_basis"] == "month")


@pytest.mark.skipif(
    not (SHARED / "figures" / "figures.csv").is_file(),
    reason="the collection that the bundle was made from lies beside the repository in CI only",
)
def test_values_scaled_are_those_that_were_normalised_by_hand(
    cited: list[Row], catalogue: Catalogue
) -> None:
    """As multisets: the collection holds other ids, but the same places, times and values."""
    collected = Counter(
        (r["region_code"], r["period_start"], r["period_end"], number(r["value_normalised"]),
         r["unit_normalised"], r["claimant"], r["precision"], r["provenance_tier"])
        for r in read(SHARED / "figures" / "figures.csv")
        if not r["duplicate_of"]
    )  # fmt: skip
    ours = Counter(
        (r["region_code"], r["period_start"], r["period_end"], number(str(scaled(r, unit))),
         unit, r["claimant"], r["precision"], r["tier"])
        for r in cited
        for unit in [str(catalogue.indicator(r["indicator"]).unit)]
    )  # fmt: skip
    assert ours - collected == Counter()
    assert collected - ours == Counter()


def scaled(row: Row, unit: str) -> Decimal:
    return Decimal(row["value"]) * scale_to(row["unit"], unit)


def number(text: str) -> Decimal:
    return Decimal(text).normalize()


def test_programme_lines_add_up_to_the_totals_of_each_government(programmes: list[Row]) -> None:
    totals: Counter[str] = Counter()
    for row in programmes:
        totals[row["region_code"]] += int(row["budget_idr"])
    assert len(programmes) == 2236
    assert totals == {
        "3600": 11_774_651_290_735, "3601": 2_551_098_067_481, "3602": 2_710_792_397_375,
        "3603": 7_116_307_463_906, "3604": 3_353_764_386_989, "3671": 5_101_407_422_199,
        "3672": 2_390_103_515_680, "3673": 1_488_160_709_863, "3674": 4_296_958_080_519,
    }  # fmt: skip


def test_programme_totals_are_the_cited_enacted_expenditure(
    programmes: list[Row], cited: list[Row]
) -> None:
    enacted = {
        r["region_code"]: int(r["value"])
        for r in cited
        if r["indicator"] == "budget_expenditure" and "programme table" in r["source"]
    }
    totals: Counter[str] = Counter()
    for row in programmes:
        totals[row["region_code"]] += int(row["budget_idr"])
    assert len(enacted) == 9
    assert totals == enacted


def test_programme_names_keep_their_white_space(programmes: list[Row]) -> None:
    codes_of: dict[tuple[str, str, str, str], set[str]] = {}
    for row in programmes:
        tidy = " ".join(row["program_name"].split())
        key = (row["region_code"], row["program_code"], tidy, row["account_code"])
        codes_of.setdefault(key, set()).add(row["program_name"])
    assert sum(len(names) > 1 for names in codes_of.values()) == 8
    assert {r["function_code"] for r in programmes if r["program_code"] == "X.XX.01"} == {"X.XX"}
    assert {r["function_code"] for r in programmes if r["program_code"] == "2.07.03"} == {"2.07"}


@pytest.mark.parametrize(
    ("region", "period", "expected"),
    [("3604", "2022-08", {"10.61"}), ("3600", "2023-08", {"7.52"}), ("3600", "2025-11", {"6.63"})],
)
def test_known_unemployment_rates(
    cited: list[Row], region: str, period: str, expected: set[str]
) -> None:
    assert {
        r["value"]
        for r in cited
        if (r["indicator"], r["breakdown"]) == ("unemployment_rate", "total")
        and (r["region_code"], r["period"], r["stage"]) == (region, period, "observed")
    } == expected


def test_the_cut_of_kota_serang_stands_with_every_claim_and_without_the_dau(
    catalogue: Catalogue, context: Context
) -> None:
    rows = [
        row
        for row in parsed(catalogue, context, "cited_transfers")
        if row["region_code"] == "3673" and row["period_label"] == "2026"
    ]
    total = sorted(
        (row["published_at"], row["value"] / 10**9, row["claimant"])
        for row in rows
        if row["indicator_id"] == "transfer_cut_total"
    )
    assert total == [
        (date(2025, 10, 2), Decimal(186), "Wali Kota Serang"),
        (date(2025, 10, 16), Decimal(216), "Wali Kota Serang"),
        (date(2025, 11, 9), Decimal(186), "BPKAD Kota Serang"),
        (date(2025, 11, 28), Decimal("186.4"), "Sekda Kota Serang"),
    ]
    assert [r["value"] for r in rows if r["indicator_id"] == "transfer_cut_dau"] == [185 * 10**9]


def test_bills_drafts_and_draft_amendments_are_different_figures(cited: list[Row]) -> None:
    revenue = {
        (row["stage"], row["series_version"]): row["value"]
        for row in cited
        if row["indicator"] == "budget_revenue"
        and (row["region_code"], row["period"]) == ("3604", "2024")
    }
    assert revenue["draft", "draft_amendment"] == "3780000000000"
    assert Decimal(revenue["draft", ""]) < 2_900 * 10**9
    assert sum(row["stage"] == "approved" for row in cited) == 70
    assert not any("DPRD" in r["perimeter_note"] for r in cited if r["stage"] == "enacted")


def test_one_label_never_stands_for_two_spans_of_one_indicator(cited: list[Row]) -> None:
    spans: dict[tuple[str, ...], set[tuple[str, str]]] = {}
    for row in cited:
        key = (row["indicator"], row["breakdown"], row["period"], row["period_kind"])
        spans.setdefault(key, set()).add((row["period_start"], row["period_end"]))
    assert {key for key, days in spans.items() if len(days) > 1} == set()


def test_bps_sample_holds_the_recorded_year_and_agrees_with_what_was_cited(
    catalogue: Catalogue, context: Context, cited: list[Row]
) -> None:
    name = "bps_unemployment_rate_by_province"
    sample = {
        (row["region_code"], row["period_label"]): row["value"]
        for row in parsed(catalogue, context, name)
    }
    published: dict[tuple[str, str], set[Decimal]] = {}
    for row in cited:
        if (row["indicator"], row["breakdown"]) == ("unemployment_rate", "total"):
            key = (row["region_code"], row["period"])
            published.setdefault(key, set()).add(Decimal(row["value"]))
    assert len(sample) == 169
    assert sum(period.startswith("2023") for _, period in sample) == 70
    assert sample["3600", "2023-08"] == Decimal("7.52")
    for key, value in sample.items():
        assert key[1].startswith("2023") or value in published[key], key
        assert value in published.get(key, {value}), key


@pytest.mark.skipif(
    not (SHARED / "recorded" / "bps_data_0000_var543_th123.json").is_file(),
    reason="recorded replies lie beside the repository in CI only",
)
def test_bps_sample_has_the_shape_of_a_recorded_reply() -> None:
    folder = BUNDLED / "bps_unemployment_rate_by_province"
    recorded = json.loads((SHARED / "recorded" / "bps_data_0000_var543_th123.json").read_text())
    sample = json.loads((folder / "th-122-124.json").read_text())
    assert list(sample) == list(recorded)
    for part in ("subject", "turvar", "labelvervar", "vervar", "turtahun", "related"):
        assert sample[part] == recorded[part], part
    assert sample["var"][0] == recorded["var"][0] | {"note": "", "def": ""}
    assert sample["last_update"] == ""
    assert recorded["datacontent"].items() <= sample["datacontent"].items()
