"""The resolver over a small made-up register: orders, edges and words the real one seldom shows."""

from __future__ import annotations

from datetime import date

import pytest

from ingest.errors import RegionError
from ingest.region_tables import CodeSpell, Region, Tables
from ingest.regions import RegionRegister


def region(
    region_id: str, code: str | None, name: str, kind: str = "kabupaten", parent: str | None = None
) -> Region:
    return Region(region_id, code, None, None, name, kind, parent, None, None)


def spell(region_id: str, code: str, since: str = "", until: str = "", name: str = "") -> CodeSpell:
    start = date.fromisoformat(since) if since else None
    end = date.fromisoformat(until) if until else None
    return CodeSpell(region_id, "bps", code, name or region_id.title(), start, end)


#: Out of order on purpose: what is told in order must have been sorted.
TABLES = Tables(
    regions=(
        region("sungai_kota", "1071", "Kota Sungai", "kota", "1000"),
        region("sungai_lama", None, "Kabupaten Sungai Lama"),
        region("sungai", "1002", "Kabupaten Sungai", parent="1000"),
        region("gunung", "1000", "Gunung", "province", "0000"),
        region("gunung_kota", "1072", "Kota Gunung", "kota", "1000"),
        region("laut", "2000", "Laut", "province", "0000"),
        region("kotapasir", "1003", "Kabupaten Kotapasir", parent="1000"),
        region("pindah", "2004", "Kabupaten Pindah", parent="2000"),
        region("melati_a", "2011", "Kabupaten Melatia", parent="2000"),
        region("melati_b", "2012", "Kabupaten Melatib", parent="2000"),
        region("melati_c", "2013", "Kabupaten Melatic", parent="2000"),
        region("melati_d", "2014", "Kabupaten Melatid", parent="2000"),
        region("mawar", "2021", "Kabupaten Mawar", parent="2000"),
        region("mawar_kota", "1073", "Kota Mawar", "kota", "1000"),
        region("melati_e", "1015", "Kabupaten Melatie", parent="1000"),
    ),
    codes=(
        spell("gunung", "1000"),
        # one holder, twice, with a gap nothing is known of; listed from last to first
        spell("sungai", "1102", "2010-01-01", "2014-12-31"),
        spell("sungai", "1102", "2000-01-01", "2004-12-31"),
        # another in between than at the ends
        spell("sungai", "1103", "1980-01-01", "1984-12-31"),
        spell("gunung_kota", "1103", "1990-01-01", "1994-12-31"),
        spell("sungai", "1103", "2000-01-01", "2004-12-31"),
        spell("sungai", "1103", "2010-01-01", "2014-12-31"),
        spell("gunung_kota", "1103", "2020-01-01", "2024-12-31"),
        # listed so that neither the first nor the last of those before, or after, decides
        spell("gunung_kota", "1106", "1990-01-01", "1990-12-31"),
        spell("sungai", "1106", "2000-01-01", "2000-12-31"),
        spell("gunung_kota", "1106", "1980-01-01", "1980-12-31"),
        spell("gunung_kota", "1106", "2030-01-01", "2030-12-31"),
        spell("sungai", "1106", "2010-01-01", "2010-12-31"),
        spell("gunung_kota", "1106", "2020-01-01", "2020-12-31"),
        # held by a region that is no more, then by one that is
        spell("sungai_lama", "1107", "1990-01-01", "1990-12-31"),
        spell("sungai", "1107", "2000-01-01", "2000-12-31"),
        spell("sungai", "1104", "2010-01-01"),
        spell("sungai", "1105", "", "2004-12-31"),
    ),
    aliases=(("Kali", "sungai"), ("Kali", "sungai_lama")),
    memberships=(("pindah", "gunung"),),
)


@pytest.fixture
def register() -> RegionRegister:
    return RegionRegister(TABLES)


def refusal(register: RegionRegister, name: str, **how: str | None) -> tuple[str, str]:
    with pytest.raises(RegionError) as refused:
        register.resolve_name(name, **how)
    return refused.value.rule, str(refused.value)


def code_refusal(register: RegionRegister, code: str, **how: object) -> tuple[str, str]:
    with pytest.raises(RegionError) as refused:
        register.resolve_code(code, **how)  # type: ignore[arg-type]
    return refused.value.rule, str(refused.value)


UNKNOWN = (
    "no region is called '{}'{}. Correct the name, or add a "
    "row with the reason to ingest/geography/region_aliases.csv"
)
AMBIGUOUS = (
    "'{}' can be {}. Write the full name or the code, name the "
    "province, or declare the dataset's rule with default_type"
)


# Names


def test_a_name_is_found_by_kind_and_province(register: RegionRegister) -> None:
    assert register.resolve_name("Kab. Sungai") == "1002"
    assert register.resolve_name("Sungai", type="kota") == "1071"
    assert register.resolve_name("Sungai", default_type="kota") == "1071"
    assert register.resolve_name("Sungai", within="Gunung", default_type="kabupaten") == "1002"
    assert register.resolve_name("Kotapasir", default_type="kota") == "1003"
    assert register.resolve_name("Gunung", within="1000") == "1072"
    assert register.resolve_name("Gunung", within=" 1000 ", type="province") == "1000"


def test_a_regency_is_found_in_the_province_it_lay_in_before(register: RegionRegister) -> None:
    assert register.resolve_name("Pindah", within="Laut") == "2004"
    assert register.resolve_name("Pindah", within="Gunung") == "2004"
    assert refusal(register, "Kotapasir", within="Laut")[0] == "unknown_region"


def test_a_name_that_begins_like_a_kind_keeps_the_other_conditions(
    register: RegionRegister,
) -> None:
    assert register.resolve_name("Kota Pasir") == "1003"
    assert register.resolve_name("Kota Pasir", within="Gunung") == "1003"
    assert refusal(register, "Kota Pasir", type="kota")[0] == "unknown_region"
    assert refusal(register, "Kota Pasir", within="Laut")[0] == "unknown_region"


def test_two_regions_of_one_name_are_told_in_the_order_of_their_codes(
    register: RegionRegister,
) -> None:
    both = "Kabupaten Sungai (1002) or Kota Sungai (1071)"
    assert refusal(register, " Sungai ") == ("ambiguous_region", AMBIGUOUS.format("Sungai", both))
    both = "Provinsi Gunung (1000) or Kota Gunung (1072)"
    assert refusal(register, "Gunung") == ("ambiguous_region", AMBIGUOUS.format("Gunung", both))
    # one that ended has no code, and comes first
    both = "Kabupaten Sungai Lama (None) or Kabupaten Sungai (1002)"
    assert refusal(register, "Kali") == ("ambiguous_region", AMBIGUOUS.format("Kali", both))


def test_at_most_three_near_names_are_told_and_only_those_of_the_province(
    register: RegionRegister,
) -> None:
    rule, said = refusal(register, "Melati")
    assert rule == "unknown_region"
    assert said.count("Melati") == 1 + 3
    assert refusal(register, "Melati", within="Gunung") == (
        "unknown_region",
        UNKNOWN.format("Melati", " in Gunung; near: Kabupaten Melatie"),
    )
    laut = UNKNOWN.format(
        "Melatie",
        " in Laut; near: Kabupaten Melatib, Kabupaten Melatic, Kabupaten Melatid",
    )
    assert refusal(register, "Melatie", within="Laut")[1] == laut
    # one name, two regions: only the one that lies there is told
    assert refusal(register, "Mawarr", within="Laut")[1] == UNKNOWN.format(
        "Mawarr", " in Laut; near: Kabupaten Mawar"
    )
    assert refusal(register, "Suungai") == (
        "unknown_region", UNKNOWN.format("Suungai", "; near: Kabupaten Sungai, Kota Sungai"),
    )  # fmt: skip


def test_a_province_is_told_as_near_only_where_it_lies(register: RegionRegister) -> None:
    # in Gunung both the province, which a name of its own would mean, and its city are near
    assert refusal(register, "Gunungg", within="Gunung")[1] == UNKNOWN.format(
        "Gunungg", " in Gunung; near: Kota Gunung, Provinsi Gunung"
    )
    assert refusal(register, "Gunungg", within="Laut")[1] == UNKNOWN.format("Gunungg", " in Laut")


def test_a_name_that_resembles_too_little_gets_no_hint(register: RegionRegister) -> None:
    # alike in 2 * 4 of 11 letters is 0.73, in 2 * 4 of 12 it is 0.67: the border is 0.7
    assert "near: Kabupaten Pindah" in refusal(register, "pindx")[1]
    assert refusal(register, "pindxx") == ("unknown_region", UNKNOWN.format("pindxx", ""))
    assert refusal(register, "zzz") == ("unknown_region", UNKNOWN.format("zzz", ""))


# Codes


@pytest.mark.parametrize(
    ("code", "day", "holder"),
    [
        ("1102", "2002-06-01", "1002"), ("1102", "2000-01-01", "1002"),
        ("1102", "2004-12-31", "1002"), ("1102", "2007-01-01", "1002"),
        ("1103", "1992-01-01", "1072"), ("1103", "2007-01-01", "1002"),
        ("1106", "2005-01-01", "1002"), ("1106", "1985-01-01", "1072"),
        ("1104", "2030-01-01", "1002"), ("1105", "1970-01-01", "1002"),
    ],
)  # fmt: skip
def test_a_code_means_what_it_is_proven_to_mean_on_a_day(
    register: RegionRegister, code: str, day: str, holder: str
) -> None:
    assert register.resolve_code(code, on=date.fromisoformat(day)) == holder


@pytest.mark.parametrize(
    ("code", "day"),
    [
        ("1103", "1987-01-01"),  # between two holders
        ("1103", "1997-01-01"),
        ("1103", "2017-01-01"),
        ("1107", "1995-01-01"),  # the first of them is gone, which makes it no less a holder
        ("1102", "1999-12-31"),  # before the first, after the last
        ("1102", "2015-01-01"),
        ("1104", "2009-12-31"),
        ("1105", "2005-01-01"),
    ],
)
def test_a_day_for_which_nothing_proves_a_holder_is_refused_with_what_is_proven(
    register: RegionRegister, code: str, day: str
) -> None:
    rule, said = code_refusal(register, code, on=date.fromisoformat(day))
    assert rule == "code_not_in_use"
    assert said.startswith(f"bps code '{code}' is no present region's on {day}; it is proven for: ")


def test_what_a_code_is_proven_for_is_told_in_full(register: RegionRegister) -> None:
    assert code_refusal(register, " 1102 ") == (
        "code_not_in_use",
        "bps code '1102' is no present region's now; it is proven for: "
        "Sungai (2010-01-01 to 2014-12-31); Sungai (2000-01-01 to 2004-12-31)",
    )
    assert code_refusal(register, "1104", on=date(2009, 1, 1))[1].endswith(
        ": Sungai (2010-01-01 to …)"
    )
    assert code_refusal(register, "1105")[1].endswith(": Sungai (… to 2004-12-31)")


def test_a_sum_of_governments_is_no_region_but_has_one(register: RegionRegister) -> None:
    assert code_refusal(register, "28.--", system="djpk") == (
        "sum_of_governments", "DJPK code '28.--' is a sum of governments, no region",
    )  # fmt: skip
    assert register.is_sum(" 28.-- ", "djpk")
    assert not register.is_sum("28.--", "bps")
    assert not register.is_sum("28.03", "djpk")


def test_the_codes_of_a_system_are_those_that_anybody_has_or_had(
    register: RegionRegister,
) -> None:
    assert register.codes("bps") == {"1000", "1102", "1103", "1104", "1105", "1106", "1107"}
    assert register.codes("djpk") == frozenset()


def test_sums_are_resolved_to_their_province_or_the_country() -> None:
    tables = Tables(
        regions=(region("gunung", "1000", "Gunung", "province"),),
        codes=(CodeSpell("gunung", "djpk", "28.00", "Gunung", None, None),),
        aliases=(),
        memberships=(),
    )
    register = RegionRegister(tables)
    assert register.resolve_sum(" 28.-- ", "djpk") == "1000"
    assert register.resolve_sum("--.--", "djpk") == "0000"
    assert code_refusal(register, "28.00", system="bps")[0] == "unknown_region"
    assert code_refusal(register, "28.00", system="x") == (
        "unknown_system", "no code system 'x'; there are: bps, kemendagri, djpk",
    )  # fmt: skip
