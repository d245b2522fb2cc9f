"""The register of regions and its resolver: one meaning for each code and name, or none."""

from __future__ import annotations

import csv
import re
from collections import Counter
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import CatalogueError, RegionError
from ingest.region_names import split_name
from ingest.regions import RegionRegister
from lumbung.settings import ROOT

GEOGRAPHY = ROOT / "ingest" / "geography"
PUBLISHED = Path(__file__).parent / "fixtures" / "regions" / "published_names.csv"
REGISTER = RegionRegister.load(GEOGRAPHY)


def table(name: str) -> list[dict[str, str]]:
    with (GEOGRAPHY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def published(name: str) -> list[dict[str, str]]:
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return [row for row in csv.DictReader(file) if row["table"] == name]


REGIONS = table("regions")
CURRENT = [row for row in REGIONS if not row["valid_to"]]
BY_CODE = {row["region_code"]: row for row in CURRENT}
CODES = table("region_codes")
LINEAGE = table("region_lineage")


def rule_of(error: pytest.ExceptionInfo[RegionError]) -> str:
    return error.value.rule


# The register


def test_holds_the_country_38_provinces_and_514_regencies() -> None:
    assert Counter(row["type"] for row in CURRENT) == {
        "country": 1, "province": 38, "kabupaten": 416, "kota": 98,
    }  # fmt: skip


@pytest.mark.parametrize("column", ["region_id", "region_code", "kemendagri_code", "djpk_code"])
def test_no_two_regions_share_a_code_or_an_identity(column: str) -> None:
    values = [row[column] for row in REGIONS if row[column]]
    assert len(values) == len(set(values))


def test_codes_have_the_form_of_their_system() -> None:
    for row in CURRENT:
        assert re.fullmatch(r"\d{4}", row["region_code"])
        if row["type"] == "province":
            assert re.fullmatch(r"\d\d", row["kemendagri_code"])
            assert row["region_code"].endswith("00")
        elif row["type"] != "country":
            assert re.fullmatch(r"\d\d\.\d\d", row["kemendagri_code"])
        assert re.fullmatch(r"(\d\d\.\d\d)?", row["djpk_code"])


def test_kind_name_and_both_codes_agree_on_what_is_a_city() -> None:
    for row in CURRENT:
        if row["type"] in ("kabupaten", "kota"):
            is_city = row["type"] == "kota"
            assert row["name"].startswith("Kota " if is_city else "Kabupaten ")
            assert (row["region_code"][2:] > "70") == is_city
            assert (row["kemendagri_code"][3:] > "70") == is_city


def test_names_carry_no_known_dirt() -> None:
    for row in REGIONS:
        assert not re.search(r"  |^ | $|Kab |Kep\.|Administrasi|Oaya|[A-Z]{4}", row["name"]), row


def test_parents_are_looked_up_and_never_cut_from_digits() -> None:
    parents = {row["region_code"]: row["parent_region_code"] for row in CURRENT}
    assert parents["9401"] == "9500"  # Merauke lies in Papua Selatan
    assert parents["9171"] == "9200"  # Kota Sorong in Papua Barat Daya
    assert parents["9403"] == "9400"
    assert parents["3604"] == "3600"
    assert Counter(parents[row["region_code"]] for row in CURRENT)["3600"] == 8
    assert sum(code[:2] != parents[code][:2] for code in parents if not code.endswith("00")) == 26


def test_the_parent_of_a_regency_is_the_province_of_its_kemendagri_code() -> None:
    provinces = {r["kemendagri_code"]: r["region_code"] for r in CURRENT if r["type"] == "province"}
    for row in CURRENT:
        if row["type"] in ("kabupaten", "kota"):
            assert row["parent_region_code"] == provinces[row["kemendagri_code"][:2]]


def test_all_542_governments_of_djpk_have_a_region() -> None:
    without = {row["name"] for row in CURRENT if not row["djpk_code"]}
    assert len(CURRENT) - len(without) == 542
    assert without == {
        "Indonesia", "Papua Barat Daya", "Papua Selatan", "Papua Tengah", "Papua Pegunungan",
        "Kabupaten Kepulauan Seribu", "Kota Jakarta Selatan", "Kota Jakarta Timur",
        "Kota Jakarta Pusat", "Kota Jakarta Barat", "Kota Jakarta Utara",
    }  # fmt: skip


def test_a_region_that_ended_has_no_present_code_and_no_parent_to_be_counted_under() -> None:
    ended = [row for row in REGIONS if row["valid_to"]]
    assert len(ended) == 15
    assert all(not row["region_code"] and not row["parent_region_code"] for row in ended)


def test_identities_are_slugs_without_codes() -> None:
    allowed = {"kabupaten_merangin_1961"}  # told apart from today's Merangin by its last list
    for row in REGIONS:
        assert row["region_id"] in allowed or re.fullmatch(r"[a-z]+(_[a-z]+)*", row["region_id"])


@pytest.mark.parametrize(
    "table_name",
    ["regions", "region_codes", "region_lineage", "region_groupings", "region_aliases"],
)
def test_every_cell_is_clean_text(table_name: str) -> None:
    for row in table(table_name):
        assert all(value == value.strip() for value in row.values()), row


# Codes


def test_every_region_is_found_by_each_of_its_codes() -> None:
    for row in CURRENT:
        code = row["region_code"]
        assert REGISTER.resolve_code(code) == code
        if row["kemendagri_code"]:
            assert REGISTER.resolve_code(row["kemendagri_code"], "kemendagri") == code
        if row["djpk_code"]:
            assert REGISTER.resolve_code(row["djpk_code"], "djpk") == code


def test_the_present_code_history_says_what_the_register_says() -> None:
    systems = {"bps": "region_code", "kemendagri": "kemendagri_code", "djpk": "djpk_code"}
    by_id = {row["region_id"]: row for row in REGIONS}
    extra = {("bps", "9999"), ("kemendagri", "0")}  # marks of the nation's row, no codes
    for row in CODES:
        if not row["valid_to"] and (row["system"], row["code"]) not in extra:
            assert by_id[row["region_id"]][systems[row["system"]]] == row["code"]


def test_codes_are_text_and_keep_their_zeros() -> None:
    assert REGISTER.resolve_code("0000") == "0000"
    assert REGISTER.resolve_code("11.10", "kemendagri") == "1102"
    assert REGISTER.resolve_code("08.03", "djpk") == "1805"
    for broken, system in [("11.1", "kemendagri"), ("8.3", "djpk"), ("0", "bps"), ("36", "bps")]:
        with pytest.raises(RegionError) as error:
            REGISTER.resolve_code(broken, system)
        assert rule_of(error) == "unknown_region"


def test_the_24_codes_that_lost_a_zero_are_repaired_and_say_so() -> None:
    repaired = [row for row in CODES if "trailing zero" in row["basis"]]
    assert len(repaired) == 24
    for row in repaired:
        assert row["code"].endswith("0")
        assert f"(printed {row['code'][:-1]}," in row["basis"]
    printed = {row["code"] for row in repaired}
    assert {"11.10", "33.20", "92.10"} <= printed


def test_the_166_look_alikes_never_match_another_system() -> None:
    """A dot dropped from a code of 2017 would mean another regency in 166 of 514 cases."""
    held = {row["code"]: row["region_id"] for row in CODES if row["system"] == "kemendagri"
            and "." in row["code"] and row["valid_from"] == "2017-01-01"}  # fmt: skip
    look_alikes = {
        code: BY_CODE[code.replace(".", "")]
        for code, region_id in held.items()
        if BY_CODE.get(code.replace(".", ""), {"region_id": region_id})["region_id"] != region_id
    }
    assert len(held) == 514
    assert len(look_alikes) == 166
    for dotted, other in look_alikes.items():
        for code, system in [(dotted.replace(".", ""), "kemendagri"), (dotted, "bps")]:
            with pytest.raises(RegionError):
                REGISTER.resolve_code(code, system)
        assert REGISTER.resolve_code(other["region_code"]) == other["region_code"]


def test_jakarta_pusat_is_not_jakarta_selatan() -> None:
    assert REGISTER.name(REGISTER.resolve_code("31.71", "kemendagri")) == "Kota Jakarta Pusat"
    assert REGISTER.name(REGISTER.resolve_code("3171", "bps")) == "Kota Jakarta Selatan"


def test_a_sum_of_governments_is_no_region() -> None:
    for code in ("28.--", "--.--"):
        with pytest.raises(RegionError) as error:
            REGISTER.resolve_code(code, "djpk")
        assert rule_of(error) == "sum_of_governments"


def test_a_mark_of_the_nation_in_a_list_is_the_nation() -> None:
    assert REGISTER.resolve_code("9999") == "0000"
    assert REGISTER.resolve_code("0", "kemendagri") == "0000"


def test_an_unknown_system_is_named_with_the_known_ones() -> None:
    with pytest.raises(RegionError, match="bps, kemendagri, djpk") as error:
        REGISTER.resolve_code("3604", "iso")
    assert rule_of(error) == "unknown_system"


# Codes in time


def test_a_code_means_what_it_meant_on_the_day() -> None:
    """In 2000 BPS counted 9101 for Merauke and 3204 for Sukabumi."""
    census = date(2000, 6, 30)
    assert REGISTER.resolve_code("9101", on=census) == "9401"
    assert REGISTER.resolve_code("9101") == "9101"
    assert REGISTER.resolve_code("3204", on=census) == "3202"
    assert REGISTER.resolve_code("3220", on=census) == "3604"
    assert REGISTER.resolve_code("0206", on=date(1961, 6, 30)) == "3604"
    assert REGISTER.resolve_code("91.01", "kemendagri", on=date(2017, 6, 1)) == "9401"
    assert REGISTER.resolve_code("93.01", "kemendagri") == "9401"


def test_a_day_between_two_lists_that_differ_is_refused() -> None:
    with pytest.raises(RegionError, match="2000-12-31") as error:
        REGISTER.resolve_code("9101", on=date(2005, 1, 1))
    assert rule_of(error) == "code_not_in_use"
    with pytest.raises(RegionError) as error:
        REGISTER.resolve_code("3220")
    assert rule_of(error) == "code_not_in_use"


def test_a_day_between_two_lists_that_agree_is_answered() -> None:
    """Kendari is Konawe since some day between 2000 and 2010; code 7403 is both."""
    assert REGISTER.resolve_code("7403", on=date(2005, 1, 1)) == "7403"


def test_a_region_that_ended_is_never_given_a_successors_code() -> None:
    with pytest.raises(RegionError, match="MALUKU UTARA") as error:
        REGISTER.resolve_code("8201", on=date(2000, 6, 30))
    assert rule_of(error) == "code_not_in_use"


def test_56_codes_of_2000_mean_another_region_today() -> None:
    """55 mean a place apart; 9109 was all of Sorong and is Tambrauw, once a part of it."""
    census = "2000-06-30"
    then = {row["code"]: row["region_id"] for row in CODES if row["system"] == "bps"
            and row["valid_from"] <= census <= (row["valid_to"] or "9999")
            and not row["code"].endswith("00") and row["code"] != "9999"}  # fmt: skip
    now = {row["region_code"]: row["region_id"] for row in CURRENT}
    assert len(then) == 346
    assert sum(now.get(code, region_id) != region_id for code, region_id in then.items()) == 56


def test_no_code_means_two_regions_on_one_day() -> None:
    spells: dict[tuple[str, str], list[tuple[str, str]]] = {}
    for row in CODES:
        spell = (row["valid_from"], row["valid_to"] or "9999-12-31")
        spells.setdefault((row["system"], row["code"]), []).append(spell)
    for key, found in spells.items():
        found.sort()
        for (_, end), (start, _) in pairwise(found):
            assert end < start, key


# Lineage


def edges() -> dict[tuple[str, str], dict[str, str]]:
    return {(row["from_region_id"], row["to_region_id"]): row for row in LINEAGE}


def test_the_documented_splits_are_there_with_their_year() -> None:
    serang = edges()["kabupaten_serang", "kota_serang"]
    assert serang["valid_from"] == "2007-01-01"
    assert serang["basis"].startswith("year only")
    south = edges()["kabupaten_tangerang", "kota_tangerang_selatan"]
    assert south["valid_from"] == "2008-01-01"
    for child in ("papua_selatan", "papua_tengah", "papua_pegunungan"):
        assert edges()["provinsi_papua", f"provinsi_{child}"]["not_after"] == "2022-12-31"
    assert ("provinsi_papua_barat", "provinsi_papua_barat_daya") in edges()


def test_banten_came_out_of_jawa_barat_between_two_lists() -> None:
    banten = edges()["provinsi_jawa_barat", "provinsi_banten"]
    assert (banten["valid_from"], banten["not_before"], banten["not_after"]) == (
        "", "1990-01-01", "2000-01-01",
    )  # fmt: skip
    assert banten["basis"].startswith("undated")


def test_an_undated_change_says_so_and_a_dated_one_lies_within_its_bounds() -> None:
    for row in LINEAGE:
        assert row["kind"] in {"split", "dissolution", "merger"}
        assert row["not_before"] < row["not_after"]
        if row["valid_from"]:
            assert row["not_before"] <= row["valid_from"] <= row["not_after"]
            assert not row["basis"].startswith("undated")
        else:
            assert row["basis"].startswith("undated")


def test_every_region_has_one_parent_at_most_and_no_region_descends_from_itself() -> None:
    parents = {row["to_region_id"]: row["from_region_id"] for row in LINEAGE
               if row["kind"] != "merger"}  # fmt: skip
    assert len(parents) == sum(row["kind"] != "merger" for row in LINEAGE)
    for region_id in parents:
        seen = [region_id]
        while (parent := parents.get(seen[-1])) is not None:
            assert parent not in seen
            seen.append(parent)


LISTS = ["1961-01-01", "1971-01-01", "1980-01-01", "1990-01-01", "2000-01-01"] + [
    day
    for year in range(2010, 2019)
    for day in (f"{year}-01-01", f"{year}-07-01")
    if "2010-07-01" <= day <= "2018-01-01"
]


@pytest.mark.parametrize("day", LISTS)
def test_lineage_leads_back_to_the_regions_of_every_list(day: str) -> None:
    """The boundaries of a year: go up wherever the change was still to come on that day."""
    parents = {row["to_region_id"]: row for row in LINEAGE if row["kind"] != "merger"}
    then = set()
    for row in CURRENT:
        region_id = row["region_id"]
        if row["type"] not in ("kabupaten", "kota"):
            continue
        while region_id in parents and parents[region_id]["not_after"] > day:
            region_id = parents[region_id]["from_region_id"]
        then.add(region_id)
    in_list = {row["region_id"] for row in CODES
               if row["system"] == "bps" and not row["code"].endswith("00")
               and "" < row["valid_from"] <= day <= (row["valid_to"] or "9999")}  # fmt: skip
    assert then == in_list


def test_every_table_speaks_of_regions_in_the_register() -> None:
    known = {row["region_id"] for row in REGIONS}
    assert {row["from_region_id"] for row in LINEAGE} <= known
    assert {row["to_region_id"] for row in LINEAGE} <= known
    assert {row["region_id"] for row in CODES} == known


def test_north_and_south_make_up_banten() -> None:
    groups = {row["region_code"]: row["member_group"] for row in table("region_groupings")}
    banten = {row["region_code"] for row in CURRENT if row["parent_region_code"] == "3600"}
    assert set(groups) == banten
    south = {code for code, group in groups.items() if group == "south"}
    assert south == {"3601", "3602"}


# Names


def test_every_region_is_found_by_its_full_name() -> None:
    for row in CURRENT:
        found = REGISTER.resolve_name(row["name"], type=row["type"])
        assert found == row["region_code"]
        if row["type"] in ("kabupaten", "kota"):
            assert REGISTER.resolve_name(row["name"]) == row["region_code"]
        if row["type"] == "province":
            assert REGISTER.resolve_name(f"Provinsi {row['name']}") == row["region_code"]


def test_all_governments_of_the_transfers_resolve_within_their_province() -> None:
    rows = published("transfers by government")
    assert len(rows) == 542
    for row in rows:
        found = REGISTER.resolve_name(row["name"], within=row["province"])
        assert found == row["region_code"], row


def test_all_regencies_of_the_unemployment_table_resolve_within_their_province() -> None:
    rows = published("unemployment by regency")
    assert len({row["region_code"] for row in rows}) == 514
    for row in rows:
        found = REGISTER.resolve_name(row["name"], within=row["province"], default_type="kabupaten")
        assert found == row["region_code"], row


def test_all_names_of_the_registered_population_resolve() -> None:
    rows = published("registered population")
    assert len(rows) == 552
    for row in rows:
        kind = BY_CODE[row["region_code"]]["type"]
        assert REGISTER.resolve_name(row["name"], type=kind) == row["region_code"], row


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("<b>INDONESIA</b>", "0000"),
        ("  KAB. SERANG ", "3604"),
        ("Kab Serang", "3604"),
        ("KABUPATEN SERANG", "3604"),
        ("kota serang", "3673"),
        ("Kab.Minahasa", "7102"),
        ("Tomohon", "7173"),
        ("KOTA ADM. JAKARTA SELATAN", "3171"),
        ("KAB. ADM. KEP. SERIBU", "3101"),
        ("Adm. Kep. Seribu", "3101"),
        ("KEP. RIAU", "2100"),
        ("Prov. DKI Jakarta", "3100"),
        ("D I YOGYAKARTA", "3400"),
        ("D.I. Yogyakarta", "3400"),
        ("DIY", "3400"),
        ("Bangka&nbsp;Belitung", "1900"),
        ("S I A K", "1405"),
        ("KOTA BARU", "6302"),
        ("Kotawaringin Barat", "6201"),
        ("Kab. OKU Selatan", "1608"),
        ("Toba Samosir", "1206"),
        ("Bau-bau", "7472"),
    ],
)
def test_published_spellings_are_read(name: str, code: str) -> None:
    assert REGISTER.resolve_name(name) == code


@pytest.mark.parametrize("name", ["Serang", "Tangerang", "Bogor"])
def test_a_bare_name_that_fits_two_is_refused_with_both(name: str) -> None:
    with pytest.raises(RegionError, match=f"Kabupaten {name} .* or Kota {name}") as error:
        REGISTER.resolve_name(name)
    assert rule_of(error) == "ambiguous_region"
    assert "default_type" in str(error.value)
    with pytest.raises(RegionError):
        REGISTER.resolve_name(name, within="Prov. Banten" if name != "Bogor" else "Jabar")


def test_a_datasets_declared_rule_decides_a_bare_name_and_nothing_else() -> None:
    assert REGISTER.resolve_name("Serang", default_type="kabupaten") == "3604"
    assert REGISTER.resolve_name("Serang", default_type="kota") == "3673"
    assert REGISTER.resolve_name("Kota Serang", default_type="kabupaten") == "3673"
    assert REGISTER.resolve_name("Sibolga", default_type="kabupaten") == "1271"


def test_a_province_and_its_city_of_the_same_name_are_told_apart() -> None:
    with pytest.raises(RegionError, match=r"Provinsi Gorontalo \(7500\)"):
        REGISTER.resolve_name("Gorontalo")
    assert REGISTER.resolve_name("JAMBI", type="province") == "1500"
    assert REGISTER.resolve_name("Jambi", within="Jambi") == "1571"
    assert REGISTER.resolve_name("Prov. Bali", within="Prov. Bali") == "5100"


def test_within_a_province_means_within_it() -> None:
    assert REGISTER.resolve_name("Banjar", within="3200") == "3279"
    assert REGISTER.resolve_name("Banjar", within="KALIMANTAN SELATAN") == "6303"
    with pytest.raises(RegionError, match="in Jawa Barat"):
        REGISTER.resolve_name("Kota Serang", within="Jawa Barat")
    with pytest.raises(RegionError):
        REGISTER.resolve_name("Kabupaten Serang", within="")
    with pytest.raises(RegionError):
        REGISTER.resolve_name("Kabupaten Serang", within="Semua Provinsi")


def test_a_regency_is_found_in_the_province_it_lay_in_before() -> None:
    assert REGISTER.resolve_name("Kab. Merauke", within="Prov. Papua") == "9401"
    assert REGISTER.resolve_name("Merauke", within="PAPUA SELATAN") == "9401"
    assert REGISTER.resolve_name("Kota Tarakan", within="Kalimantan Timur") == "6571"


@pytest.mark.parametrize("name", ["", " ", "Kota", "Kab.", "Semua pemda", "Nasional", "…"])
def test_what_is_no_name_is_unknown(name: str) -> None:
    with pytest.raises(RegionError) as error:
        REGISTER.resolve_name(name)
    assert rule_of(error) == "unknown_region"


def test_a_misprint_is_refused_and_the_near_names_are_offered() -> None:
    with pytest.raises(RegionError, match=r"near: .*Kabupaten Serang") as error:
        REGISTER.resolve_name("Kab. Serng", within="Banten")
    assert rule_of(error) == "unknown_region"
    with pytest.raises(RegionError):
        REGISTER.resolve_name("Kab. Cilegon")  # the city is no regency


def test_every_alias_is_needed_and_has_a_reason() -> None:
    official = {split_name(row["name"])[1] for row in CURRENT}
    for row in table("region_aliases"):
        assert row["reason"]
        assert split_name(row["alias"])[1] not in official, row


def test_no_two_regions_have_names_that_differ_only_in_spelling() -> None:
    keys = [(row["type"], split_name(row["name"])[1]) for row in CURRENT]
    assert len(keys) == len(set(keys))


PREFIXES = {
    "kabupaten": ["Kabupaten ", "Kab. ", "Kab ", "Kab."],
    "kota": ["Kota ", "Kota Adm. ", "Kotamadya "],
    "province": ["Provinsi ", "Prov. ", "Prov "],
    "country": [""],
}


@given(
    row=st.sampled_from(CURRENT),
    case=st.sampled_from([str, str.upper, str.lower, str.title]),
    pad=st.sampled_from(["", " ", "\t", "\u00a0", "  "]),
    tag=st.sampled_from(["{}", "<b>{}</b>", "<p>{} </p>"]),
    data=st.data(),
)
def test_decoration_never_changes_which_region_a_name_means(
    row: dict[str, str], case: type[str], pad: str, tag: str, data: st.DataObject
) -> None:
    bare = re.sub(r"^(Kabupaten|Kota) ", "", row["name"])
    prefix = data.draw(st.sampled_from(PREFIXES[row["type"]]))
    shown = tag.format(pad + case(prefix + bare).replace(" ", data.draw(spaces())) + pad)
    assert REGISTER.resolve_name(shown) == row["region_code"]


def spaces() -> st.SearchStrategy[str]:
    return st.sampled_from([" ", "  ", "\u00a0", "\n"])


@given(code=st.text(alphabet="0123456789.- ", max_size=6), system=st.sampled_from(["bps", "djpk"]))
def test_a_code_resolves_to_a_region_that_holds_it_or_not_at_all(code: str, system: str) -> None:
    column = {"bps": "region_code", "djpk": "djpk_code"}[system]
    try:
        found = REGISTER.resolve_code(code, system)
    except RegionError:
        return
    assert code.strip() in (BY_CODE[found][column], "9999")


# A damaged register is refused


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    for path in GEOGRAPHY.glob("*.csv"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.parametrize(
    ("file", "old", "new", "message"),
    [
        ("regions.csv", "kota_serang,3673", "kota_serang,3604", "region_code '3604' stands twice"),
        ("regions.csv", "28.07", "28.03", "djpk_code '28.03' stands twice"),
        ("regions.csv", "kota,3600,2007", "kota,3650,2007", "lies in no known region"),
        ("regions.csv", "2007-01-01", "in 2007", "can't be read"),
        ("region_codes.csv", "kota_serang,bps,3673", "kota_serang,bps,3604", "bps 3604"),
        ("region_codes.csv", "kota_serang,bps", "kota_srang,bps", "no region_id 'kota_srang'"),
    ],
)
def test_a_damaged_table_is_refused(
    copy: Path, file: str, old: str, new: str, message: str
) -> None:
    path = copy / file
    text = path.read_text(encoding="utf-8")
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    with pytest.raises(CatalogueError, match=re.escape(message)):
        RegionRegister.load(copy)


def test_a_missing_table_is_named(copy: Path) -> None:
    (copy / "region_aliases.csv").unlink()
    with pytest.raises(CatalogueError, match="region_aliases"):
        RegionRegister.load(copy)
