"""The country's tables are read with catalogue files alone, every cell accounted for."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from ingest import catalogue as catalogues
from ingest.observation import ParseResult
from ingest.protocol import Snapshot
from ingest.sources import PROTOCOLS
from lumbung.settings import Settings
from tests.ingest.parsing import context, dataset, parse, rules

Row = dict[str, Any]
BUNDLED = Settings().bundled
#: Dataset, lines of its file, cells of figures in it.
SIZES = {
    "unemployment_by_regency": (3598, 7196),
    "djpk_transfers_2020": (2805, 5610),
    "djpk_transfers_2021": (3931, 7862),
    "registered_population": (553, 1659),
}


def read(name: str, body: bytes | None = None) -> ParseResult:
    described = catalogues.load(Settings().catalog).dataset(name)
    raw = body or (BUNDLED / name / "all.csv").read_bytes()
    snapshot = Snapshot(name, "all", "0" * 64)
    return PROTOCOLS["table"].parse(described, snapshot, raw, context())


@pytest.fixture(scope="module")
def rates() -> list[Row]:
    return read("unemployment_by_regency").observations.to_pylist()


@pytest.fixture(scope="module")
def transfers() -> list[Row]:
    names = ("djpk_transfers_2020", "djpk_transfers_2021")
    return [row for name in names for row in read(name).observations.to_pylist()]


def values(rows: list[Row], **wanted: str) -> Iterator[tuple[str, Decimal]]:
    for row in rows:
        if all(row[name] == value for name, value in wanted.items()):
            yield row["region_code"], row["value"]


@pytest.mark.parametrize("name", SIZES)
def test_every_cell_lands_and_none_is_rejected(name: str) -> None:
    lines, cells = SIZES[name]
    assert len((BUNDLED / name / "all.csv").read_text().splitlines()) == lines + 1
    result = read(name)
    assert (result.n_items, result.observations.num_rows) == (cells, cells)
    assert rules(result) == []


def test_all_514_regencies_are_found_by_name_in_their_province(rates: list[Row]) -> None:
    assert len({row["region_code"] for row in rates}) == 514
    serang = dict(values(rates, indicator_id="unemployment_rate", period_label="2022-08"))
    assert (serang["3604"], serang["3673"]) == (Decimal("10.61"), Decimal("8.17"))


def test_a_missing_rate_is_null_with_its_reason_and_never_zero(rates: list[Row]) -> None:
    missing = [row for row in rates if row["value"] is None]
    counts = Counter((r["indicator_id"], r["period_label"]) for r in missing)
    assert counts["unemployment_rate", "2024-08"] == 103
    assert sum(n for (name, _), n in counts.items() if name == "unemployment_rate") == 141
    assert {r["region_code"] for r in missing if r["value_text"] == "-"} == {"5208"}
    assert {row["obs_status"] for row in missing} == {"O"}
    assert all("no figure for this regency" in row["note"] for row in missing)


def test_twelve_provinces_have_no_rate_of_2024_at_all(rates: list[Row]) -> None:
    regions = context().regions
    known = Counter()
    for region, value in values(rates, indicator_id="unemployment_rate", period_label="2024-08"):
        known[regions.region(region).parent_region_code] += value is not None
    assert len(known) == 38
    assert sum(count == 0 for count in known.values()) == 12


def test_a_published_zero_stays_zero_and_is_flagged(rates: list[Row]) -> None:
    regions = context().regions
    zeros = [row for row in rates if row["value"] == 0]
    assert {(regions.name(r["region_code"]), r["period_label"]) for r in zeros} == {
        ("Kabupaten Puncak", "2019-08"),
        ("Kabupaten Intan Jaya", "2019-08"),
        ("Kabupaten Nduga", "2021-08"),
        ("Kabupaten Lanny Jaya", "2021-08"),
    }
    assert {(r["obs_status"], r["value_text"]) for r in zeros} == {("U", "0")}
    assert all("exactly zero" in r["note"] for r in zeros)


def test_revised_weights_never_share_a_series_with_first_releases(rates: list[Row]) -> None:
    versions = defaultdict(set)
    for row in rates:
        versions[row["series_version"]].add(row["period_label"])
    assert versions["revised_weights"] == {"2018-08", "2019-08"}
    assert versions[""] == {f"{year}-08" for year in range(2020, 2025)}


def test_dau_of_542_governments_is_the_printed_national_sum(transfers: list[Row]) -> None:
    dau = {"indicator_id": "transfer_dau", "period_label": "2021", "stage": "allocation"}
    governments = dict(values(transfers, perimeter="own_government", **dau))
    everyone = dict(values(transfers, perimeter="all_governments", **dau))
    assert sum(governments.values()) == everyone["0000"] == 377_791_390_288_000
    assert "0000" not in governments
    assert len(dict(values(transfers, perimeter="own_government", indicator_id="transfer_total",
                           period_label="2021"))) == 542  # fmt: skip


def test_each_province_has_its_printed_sum_beside_it(transfers: list[Row]) -> None:
    regions = context().regions
    allocated = {
        "period_label": "2021",
        "stage": "allocation",
        "indicator_id": "transfer_dak_fisik",
    }
    parts: Counter[str] = Counter()
    for region, value in values(transfers, perimeter="own_government", **allocated):
        kind = regions.region(region)
        province = region if kind.type == "province" else kind.parent_region_code
        parts[str(province)] += value
    printed = dict(values(transfers, perimeter="all_governments", **allocated))
    assert printed["3600"] == parts["3600"] == 881_171_505_000
    # Papua's and Papua Barat's portal sums are of the provinces before 2022.
    differing = {code for code in printed if code != "0000" and printed[code] != parts[code]}
    assert differing == {"9400", "9100"}


def test_counting_a_row_of_sums_would_double_the_country(transfers: list[Row]) -> None:
    dau = {"indicator_id": "transfer_dau", "period_label": "2021", "stage": "allocation"}
    assert sum(v for _, v in values(transfers, **dau)) == 3 * 377_791_390_288_000


def test_a_code_of_a_sum_is_rejected_where_nothing_declares_its_perimeter() -> None:
    body = b"kode_djpk,pemda,komponen,anggaran,realisasi\n28.--,Semua pemda,dau,10,9\n"
    described = catalogues.load(Settings().catalog).dataset("djpk_transfers_2021")
    region = described.region.model_copy(update={"sums": None})
    undeclared = described.model_copy(update={"region": region})
    assert rules(parse(undeclared, body)) == ["sum_of_governments"] * 2


def test_an_undeclared_component_is_rejected_with_what_is_known() -> None:
    body = b"kode_djpk,pemda,komponen,anggaran,realisasi\n28.04,Kab. Serang,dbh_cht,10,9\n"
    result = read("djpk_transfers_2021", body)
    assert rules(result) == ["unknown_label"] * 2
    assert "'dbh_cht'" in result.rejected["message"][0].as_py()


def test_shared_revenue_is_absent_wherever_there_is_a_village_fund(transfers: list[Row]) -> None:
    year = {"period_label": "2021", "stage": "allocation", "perimeter": "own_government"}
    shared = dict(values(transfers, indicator_id="transfer_dbh", **year))
    villages = dict(values(transfers, indicator_id="transfer_dana_desa", **year))
    assert (len(shared), len(set(shared) & set(villages))) == (108, 0)


def test_what_was_realised_in_2021_is_of_one_quarter(transfers: list[Row]) -> None:
    spans = {
        (r["stage"], r["period_label"], r["period_kind"]) for r in transfers
        if r["dataset_id"] == "djpk_transfers_2021"
    }  # fmt: skip
    assert spans == {
        ("allocation", "2021", "flow"),
        ("realised_to_date", "2021-01-01/2021-03-31", "cumulative"),
    }


def test_registered_population_closes_by_sex_and_by_province() -> None:
    rows = read("registered_population").observations.to_pylist()
    persons = {(r["region_code"], r["category"]): r["value"] for r in rows}
    for (region, category), value in persons.items():
        if category == "total":
            assert value == persons[region, "male"] + persons[region, "female"], region
    provinces = [code for code, category in persons if code[2:] == "00" and category == "total"]
    assert sum(persons[code, "total"] for code in provinces if code != "0000") == 284_973_643
    assert persons["0000", "total"] == 284_973_643
    assert {r["period_end"].isoformat() for r in rows} == {"2024-12-31"}
    assert all("inferred" in r["note"] for r in rows)


def test_national_tables_repeat_the_cited_figures_of_banten_and_contradict_none() -> None:
    """One office, one key, one series: one value. The same place read twice is one source."""
    known = catalogues.load(Settings().catalog)
    cited: dict[tuple[Any, ...], Row] = {}
    for name in ("cited_transfers", "cited_labour", "cited_population"):
        body = (BUNDLED / name / "all.csv").read_bytes()
        result = PROTOCOLS["cited_figures"].parse(
            known.dataset(name), Snapshot(name, "all", "0" * 64), body, context()
        )
        cited |= {(r["source_id"], *key(r)): r for r in result.observations.to_pylist()}
    repeated = Counter()
    for name in SIZES:
        for row in read(name).observations.to_pylist():
            twin = cited.get((row["source_id"], *key(row)))
            if twin:
                assert twin["value"] == row["value"], row
                repeated[name] += 1
    assert repeated["djpk_transfers_2020"] + repeated["djpk_transfers_2021"] == 240
    assert repeated["registered_population"] == 27
    assert repeated["unemployment_by_regency"] == 96


def key(row: Row) -> tuple[Any, ...]:
    names = (
        "indicator_id", "region_code", "period_start", "period_end", "period_label", "stage",
        "perimeter", "baseline", "breakdown", "category", "series_version", "claimant",
    )  # fmt: skip
    return tuple(row[name] for name in names)


def test_a_label_of_no_known_stage_is_refused_by_the_catalogue() -> None:
    with pytest.raises(ValueError, match="'finished' is none of"):
        dataset(
            protocol="table", region={"code": "3604"}, period={"fixed": "2024", "kind": "flow"},
            measures=[{"column": "x", "indicator": "transfer_dau", "unit": "IDR"}],
            labels={"stage": {"column": "s", "values": {"selesai": "finished"}}},
        )  # fmt: skip


def test_a_measure_without_an_indicator_needs_a_label_that_names_it() -> None:
    with pytest.raises(ValueError, match="'x' and labels name no indicator"):
        dataset(
            protocol="table", region={"code": "3604"}, period={"fixed": "2024", "kind": "flow"},
            measures=[{"column": "x", "unit": "IDR"}],
        )  # fmt: skip


def test_rows_put_away_in_pieces_are_the_rows_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = read("registered_population")
    monkeypatch.setattr("ingest.sources.table_cells.ROWS_AT_A_TIME", 500)
    in_pieces = read("registered_population")
    assert in_pieces.observations.num_rows == 1659
    assert in_pieces.observations.equals(whole.observations)
