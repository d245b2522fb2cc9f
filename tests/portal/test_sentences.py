"""Each sentence says what its rows support, in both languages, and nothing beyond."""

from __future__ import annotations

import datetime
from decimal import Decimal
from typing import Any

import pytest
import yaml

from portal import sentences
from portal.formats import LANGS


def labour(**other: Any) -> dict[str, Any]:
    return {
        "region_name": "Kota Serang",
        "survey_year": 2025,
        "survey_month": 8,
        "unemployment_rate_pct": Decimal("6.9500"),
        "change_pp": Decimal("-0.1700"),
        "unemployed_persons": None,
        "levels_series_version": "",
        "gap_to_province_pp": Decimal("0.2600"),
        "standard_error_pp": None,
        "change_is_significant": None,
        "obs_id": "now",
        **other,
    }


def year_before(**other: Any) -> dict[str, Any]:
    rest: dict[str, Any] = {"survey_year": 2024, "unemployment_rate_pct": Decimal("7.1200")}
    return labour(**(rest | {"change_pp": None, "obs_id": "then"} | other))


def test_without_sampling_errors_a_change_is_recorded_and_gets_no_direction() -> None:
    told = sentences.unemployment(labour(), "id", year_before())
    assert told.text == (
        "TPT Kota Serang Agustus 2025 tercatat 6,95 persen (7,12 pada Agustus 2024); "
        "galat sampel tidak terbit, jadi arah tidak dinilai."
    )
    assert told.evidence == ("now", "then")
    english = sentences.unemployment(labour(), "en", year_before()).text
    assert english == (
        "Unemployment in Kota Serang was recorded at 6.95% in August 2025 (7.12% in August 2024); "
        "no sampling error is published, so no direction is told."
    )
    for word in ("naik", "turun", "up", "down"):
        assert f" {word} " not in told.text + english


def test_a_change_beyond_sampling_error_gets_its_direction() -> None:
    row = labour(standard_error_pp=Decimal("0.05"), change_is_significant=True)
    assert sentences.unemployment(row, "id", year_before()).text == (
        "TPT Kota Serang Agustus 2025 6,95 persen, turun 0,17 poin persentase dari Agustus 2024, "
        "melampaui galat sampel."
    )


def test_a_change_within_a_wide_error_is_told_to_one_decimal_without_direction() -> None:
    row = labour(standard_error_pp=Decimal("1.1"), change_is_significant=False)
    assert sentences.unemployment(row, "en", year_before()).text == (
        "Unemployment in Kota Serang was 7.0% in August 2025; "
        "no clear evidence of change from August 2024 (7.1%). "
        "The rounded rates differ by another amount than the change, because of rounding."
    )


def test_a_rate_without_a_comparable_year_before_is_a_level_only() -> None:
    told = sentences.unemployment(labour(change_pp=None), "id", year_before())
    assert told.text.endswith("angka setahun sebelumnya yang sebanding tidak ada.")
    assert "7,12" not in told.text


def test_count_and_rate_are_told_apart_where_they_diverge_in_one_series() -> None:
    now = labour(change_pp=Decimal("0.01"), unemployed_persons=412360)
    then = year_before(unemployed_persons=414750)
    told = sentences.count_and_rate_diverge(now, then, "id")
    assert told is not None
    assert told.text.startswith("Tercatat 2.390 orang penganggur lebih sedikit, sementara TPT ")
    assert "0,01 poin persentase lebih tinggi" in told.text
    alike = {**now, "change_pp": Decimal("-0.01")}
    assert sentences.count_and_rate_diverge(alike, then, "id") is None
    other_series = {**then, "levels_series_version": "revised_weights"}
    assert sentences.count_and_rate_diverge(now, other_series, "id") is None


def test_a_round_for_provinces_only_names_the_last_district_round() -> None:
    told = sentences.round_without_districts(2025, 11, labour(), "id").text
    assert told == (
        "Ronde November 2025 terbit tanpa angka kabupaten/kota; angka terakhir Agustus 2025."
    )


def test_the_gap_to_the_province_names_its_side() -> None:
    told = sentences.gap_to_province(labour(), "Banten", "id")
    assert told is not None
    assert told.text == "Angka itu tercatat 0,26 poin persentase di atas Banten."
    below = sentences.gap_to_province(labour(gap_to_province_pp=Decimal("-1")), "Banten", "en")
    assert below is not None
    assert below.text == "That is recorded 1.00 percentage point below Banten."
    assert sentences.gap_to_province(labour(gap_to_province_pp=None), "Banten", "id") is None


def test_eight_tests_own_up_to_one_chance_in_three_of_a_false_alarm() -> None:
    told = sentences.tests_made([labour(change_is_significant=False)] * 8, "id")
    assert told is not None
    assert told.text == "8 perubahan diuji; peluang sedikitnya satu tanda palsu 34 persen."
    assert sentences.tests_made([labour()] * 8, "id") is None


def test_a_missing_figure_names_its_reason_and_no_stand_in() -> None:
    told = sentences.missing("TPT", "Agustus 2026", "not_published", "id", "Agustus 2025").text
    assert told == (
        "TPT Agustus 2026 tidak tersedia: belum terbit. "
        "Angka Agustus 2025 tidak dipakai sebagai pengganti."
    )


def claim(amount: int, by: str, day: int, **other: Any) -> dict[str, Any]:
    return {
        "obs_id": f"{by}{amount}",
        "fiscal_year": 2026,
        "amount_idr": amount,
        "claimant": by,
        "claimed_at": datetime.date(2025, 10, day),
        "baseline": "unclear",
        "perimeter": "own_government",
        "relation": "headline",
        "conflict_kind": "dispute",
        **other,
    }


def test_a_dispute_names_both_ends_and_chooses_none() -> None:
    claims = [
        claim(186_400_000_000, "Sekda", 28),
        claim(186_000_000_000, "BPKAD", 9, relation="corroborates"),
        claim(216_000_000_000, "Wali Kota", 16, relation="dispute"),
        claim(900_000_000_000, "Wali Kota", 2, relation="superseded"),
    ]
    told = sentences.disputed_cut("Kota Serang", claims, "id")
    assert told is not None
    assert told.text == (
        "Pemotongan TKD Kota Serang 2026: Rp186 miliar menurut BPKAD (9 Oktober 2025), "
        "Rp216 miliar menurut Wali Kota (16 Oktober 2025); selisih Rp30 miliar. "
        "Kami tidak memilih."
    )
    rounding = [{**one, "conflict_kind": "rounding"} for one in claims]
    assert sentences.disputed_cut("Kota Serang", rounding, "id") is None


def test_claims_on_other_baselines_are_not_added_up() -> None:
    claims = [
        claim(402_000_000_000, "Pemkot", 16, conflict_kind=None),
        claim(427_000_000_000, "Banggar", 27, conflict_kind=None, baseline="prior_year"),
    ]
    told = sentences.other_baselines(claims, "id")
    assert told is not None
    assert told.text == (
        "Cakupan berbeda: Rp402 miliar: pembanding tidak disebut; "
        "Rp427 miliar: terhadap tahun sebelumnya. Angka-angka itu tidak dijumlahkan."
    )
    assert sentences.other_baselines(claims[:1], "id") is None


def cut(**other: Any) -> dict[str, Any]:
    return {
        "region_name": "Kota Serang", "fiscal_year": 2026, "component": "total",
        "baseline": "unclear", "basis": "reported", "cut_idr": 186_400_000_000, "cut_pct": None,
        "amount_idr": None, "prior_amount_idr": None, "amount_stage": None,
        "cut_per_capita_idr": 242_589, "denominator_year": 2025,
        "own_revenue_growth_needed_pct": None,
        "cut_obs_id": "c", "amount_obs_id": None, "prior_obs_id": None, **other,
    }  # fmt: skip


def test_a_stated_cut_names_who_said_it_and_a_computed_one_both_amounts() -> None:
    said = sentences.transfer_cut(cut(), claim(186_400_000_000, "Sekda", 28), "id")
    assert said is not None
    assert said.text == (
        "Pemotongan seluruh TKD Kota Serang 2026: Rp186 miliar menurut Sekda (28 Oktober 2025), "
        "pembanding tidak disebut."
    )
    assert sentences.transfer_cut(cut(), None, "id") is None
    computed = cut(
        basis="allocations", fiscal_year=2021, amount_idr=900 * 10**9, prior_amount_idr=860 * 10**9,
        amount_stage="allocation", cut_idr=-40 * 10**9, cut_pct=Decimal("-4.651"),
        amount_obs_id="a", prior_obs_id="p", cut_obs_id=None,
    )  # fmt: skip
    told = sentences.transfer_cut(computed, None, "en")
    assert told is not None
    assert told.text == (
        "All transfers (TKD) of Kota Serang in 2021: Rp900 billion (allocation), "
        "up by Rp40 billion (4.7%) from Rp860 billion in 2020."
    )
    assert told.evidence == ("a", "p")


def test_a_cut_per_head_names_the_population_year_and_a_rise_has_none() -> None:
    told = sentences.cut_per_head(cut(), "id")
    assert told is not None
    assert told.text == "Itu setara Rp242.589 per penduduk (jumlah penduduk 2025)."
    assert sentences.cut_per_head(cut(cut_idr=-1), "id") is None


def test_spending_is_told_with_its_day_and_is_no_result() -> None:
    row = {
        "realised_idr": 722_690_000_000,
        "absorption_pct": Decimal("45.168125"),
        "compared_budget_idr": 1_600_000_000_000,
        "as_of_date": datetime.date(2025, 6, 30),
        "obs_id": "o",
    }
    told = sentences.absorption(row, "belanja daerah", "id")
    assert told is not None
    assert told.text == (
        "Realisasi belanja daerah s.d. 30 Juni 2025 Rp723 miliar dari pagu Rp1,6 triliun "
        "(45,2 persen); serapan bukan hasil."
    )
    assert sentences.absorption({**row, "absorption_pct": None}, "belanja daerah", "id") is None


def test_a_budget_without_outturn_says_so_and_never_zero_percent() -> None:
    row = {
        "theme_name": "Ketenagakerjaan", "theme_name_en": "Employment", "fiscal_year": 2023,
        "budget_idr": 1_918_011_197, "share_of_budget_pct": Decimal("0.128885"),
        "realised_idr": None,
    }  # fmt: skip
    told = sentences.ceiling(row, "id")
    assert told is not None
    assert told.text == (
        "Pagu Ketenagakerjaan 2023 Rp1,92 miliar, 0,13 persen dari APBD; realisasi belum terbit."
    )


INDICATOR = {"name_id": "TPT", "name_en": "Unemployment rate", "unit": "percent"}


def spread_row(**other: Any) -> dict[str, Any]:
    return {
        "highest_value": Decimal("8.8"), "lowest_value": Decimal("4.13"), "period_label": "2025-08",
        "n_reported": 8, "n_expected": 8, "williamson_index": Decimal("0.217971"),
        "series_version": "as_published", **other,
    }  # fmt: skip


def test_highest_and_lowest_are_recorded_and_an_incomplete_group_is_counted() -> None:
    told = sentences.spread(spread_row(), "Pandeglang", "Tangsel", INDICATOR, "id")
    assert told is not None
    assert told.text == (
        "TPT Agustus 2025: tercatat paling tinggi di Pandeglang (8,80 persen), "
        "paling rendah di Tangsel (4,13 persen)."
    )
    partial = sentences.spread(spread_row(n_reported=7), "A", "B", INDICATOR, "en")
    assert partial is not None
    assert "among 7 of 8 regions" in partial.text


def test_an_index_is_compared_within_one_series_of_the_same_members_only() -> None:
    before = spread_row(period_label="2024-08", williamson_index=Decimal("0.190652"))
    told = sentences.inequality(spread_row(), before, INDICATOR, "id")
    assert told is not None
    assert told.text == "Indeks Williamson TPT Agustus 2025: 0,218 (0,191 pada Agustus 2024)."
    for other in ({"series_version": "revised_weights"}, {"n_reported": 7}):
        alone = sentences.inequality(spread_row(), {**before, **other}, INDICATOR, "id")
        assert alone is not None
        assert "0,191" not in alone.text
    assert sentences.inequality(spread_row(williamson_index=None), None, INDICATOR, "id") is None


def test_parts_that_miss_their_total_are_told_to_the_digits_that_differ() -> None:
    row = {
        "identity_name_id": "Transfer = DAU + DBH + DAK", "identity_name_en": "-",
        "period_label": "2026", "computed_value": Decimal(784_523_143_000), "unit": "idr",
        "stated_value": Decimal(780_520_143_000), "evidence_obs_ids": "a,b",
    }  # fmt: skip
    told = sentences.parts_differ(row, "id")
    assert told.text == (
        "Transfer = DAU + DBH + DAK, 2026: rincian berjumlah Rp784,523 miliar, "
        "total tertulis Rp780,52 miliar."
    )
    assert told.evidence == ("a", "b")


@pytest.mark.parametrize("lang", LANGS)
def test_no_sentence_has_a_word_that_the_brief_bans(lang: str) -> None:
    texts = yaml.safe_load(sentences.FILE.read_text(encoding="utf-8"))
    for name, both in texts.items():
        text = both[lang].lower()
        for banned in ("warga menganggur", "basis poin", "berkat", "akibat", "tertinggi", "caused"):
            assert banned not in text, name
        for part in text.split(". "):
            assert len(part.split()) <= 26, f"{name} is too long"


def test_a_name_with_braces_is_text_and_no_template() -> None:
    told = sentences.unemployment(labour(region_name="{rate} <b>"), "id", year_before())
    assert told.text.startswith("TPT {rate} <b> Agustus 2025")
