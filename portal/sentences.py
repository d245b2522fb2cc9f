"""Sentences that the marts support, in both languages; where one is not supported, None.

Each function takes rows of published marts and returns one thought. A change gets a direction
only where sampling errors are published and it exceeds them; else it is *recorded*, no more. No
sentence names a cause, joins two baselines, or fills a gap with another year's figure. The rules
are those of the portal's brief: short sentences, unit and period in each, the rounded figure last.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from portal import formats
from portal.formats import Lang
from portal.words import word

Row = Mapping[str, Any]

#: Below so many points a rate is told to two decimals as published, above it to one.
WIDE_INTERVAL_PP = Decimal("0.5")
Z_95 = Decimal("1.96")

FILE = Path(__file__).with_name("sentences.yml")
#: The sentence by the mart's verdict on a change; None: no sampling error to tell by.
_CHANGES = {
    True: "change_beyond_error",
    False: "change_within_error",
    None: "change_without_error",
}


@dataclass(frozen=True)
class Sentence:
    """One thought in one language, and the observations it stands on."""

    text: str
    evidence: tuple[str, ...] = ()


def unemployment(row: Row, lang: Lang, before: Row | None = None) -> Sentence:
    """Tell a region's unemployment rate in a round, against the same round a year before.

    ``row`` is of the mart ``unemployment``; ``before`` the row twelve months earlier in the same
    series version, told only where the mart states the change.
    """
    places = _places(row)
    told = {
        "region": row["region_name"],
        "round": formats.month(row["survey_year"], row["survey_month"], lang),
        "rate": formats.percent(row["unemployment_rate_pct"], lang, places),
    }
    evidence = _evidence(row)
    if row["change_pp"] is None or before is None:
        return Sentence(_say("level_only", lang, **told), evidence)
    told |= {
        "round_before": formats.month(before["survey_year"], before["survey_month"], lang),
        "before": formats.percent(before["unemployment_rate_pct"], lang, places),
        "before_bare": formats.number(before["unemployment_rate_pct"], lang, places),
        "change": formats.percentage_points(abs(row["change_pp"]), lang, 2),
        "verb": _say(_sided("moved", row["change_pp"]), lang),
    }
    text = _say(_CHANGES[row["change_is_significant"]], lang, **told)
    return Sentence(
        text + _rounding_note(row, before, places, lang),
        evidence + _evidence(before),
    )


def round_without_districts(year: int, month: int, latest: Row | None, lang: Lang) -> Sentence:
    """Tell that a round has no figures below the province, and which round has the last ones."""
    told = {"round": formats.month(year, month, lang)}
    if latest is None:
        return Sentence(_say("province_only_ever", lang, **told))
    told["latest"] = formats.month(latest["survey_year"], latest["survey_month"], lang)
    return Sentence(_say("province_only", lang, **told), _evidence(latest))


def count_and_rate_diverge(row: Row, before: Row, lang: Lang) -> Sentence | None:
    """Tell that the number of unemployed and the rate went opposite ways, where they did.

    Both counts must be of one series version and the rate's change be stated by the mart.
    """
    counts = [one["unemployed_persons"] for one in (row, before)]
    same_series = row["levels_series_version"] == before["levels_series_version"]
    if row["change_pp"] is None or None in counts or not same_series:
        return None
    more = counts[0] - counts[1]
    if more * row["change_pp"] >= 0:
        return None
    told = {
        "count": formats.persons(abs(more), lang),
        "count_verb": _say(_sided("counted", more), lang),
        "points": formats.percentage_points(abs(row["change_pp"]), lang, 2),
        "rate_verb": _say(_sided("compared", row["change_pp"]), lang),
    }
    return Sentence(_say("diverged", lang, **told), _evidence(row) + _evidence(before))


def gap_to_province(row: Row, province: str, lang: Lang) -> Sentence | None:
    """Tell how far a region's rate is recorded from its province's in the same round."""
    gap = row["gap_to_province_pp"]
    if gap is None:
        return None
    told = {
        "province": province,
        "gap": formats.percentage_points(abs(gap), lang, 2),
        "side": _say(_sided("placed", gap), lang),
    }
    return Sentence(_say("gap" if gap else "same_as_province", lang, **told), _evidence(row))


def tests_made(rows: Iterable[Row], lang: Lang) -> Sentence | None:
    """Tell how many changes were tested, and how likely one of them is a false alarm."""
    tested = sum(row["change_is_significant"] is not None for row in rows)
    if tested < 2:
        return None
    chance = round(100 * (1 - math.pow(0.95, tested)))
    told = {"n": tested, "chance": formats.percent(chance, lang, 0)}
    return Sentence(_say("tested", lang, **told))


def missing(what: str, period: str, reason: str, lang: Lang, latest: str | None = None) -> Sentence:
    """Tell that a figure is not there and why; the latest one is named, never put in its place.

    ``what``, ``period`` and ``latest`` are already words; ``reason`` is a code of words.yml.
    """
    told = {
        "what": _capital(what),
        "period": period,
        "reason": word("reason", reason, lang),
        "latest": latest,
    }
    text = _say("missing", lang, **told)
    if latest:
        text += " " + _say("no_stand_in", lang, **told)
    return Sentence(text)


def transfer_cut(row: Row, claim: Row | None, lang: Lang) -> Sentence | None:
    """Tell the headline cut of a region's transfers: computed from allocations, or as stated.

    ``row`` is of the mart ``transfer_cuts``, ``claim`` the row of ``transfer_claims`` it quotes.
    """
    if row["cut_idr"] is None:
        return None
    told = {
        "region": row["region_name"],
        "year": row["fiscal_year"],
        "before": row["fiscal_year"] - 1,
        "component": word("component", row["component"], lang),
        "component_capital": _capital(word("component", row["component"], lang)),
        "cut": formats.rupiah(abs(row["cut_idr"]), lang),
        "baseline": word("baseline", row["baseline"], lang),
    }
    evidence = tuple(
        row[column] for column in ("cut_obs_id", "amount_obs_id", "prior_obs_id") if row[column]
    )
    if row["basis"] == "reported":
        if claim is None:
            return None
        told |= {"said_by": claim["claimant"], "when": formats.date(claim["claimed_at"], lang)}
        return Sentence(_say("cut_stated", lang, **told), evidence)
    told |= {
        "amount": formats.rupiah(row["amount_idr"], lang),
        "stage": word("stage", row["amount_stage"], lang),
        "prior": formats.rupiah(row["prior_amount_idr"], lang),
        "percent": formats.percent(abs(row["cut_pct"]), lang, 1) if row["cut_pct"] else "",
        "verb": _say(_sided("funded", row["cut_idr"]), lang),
    }
    return Sentence(_say("cut_computed", lang, **told), evidence)


def disputed_cut(region: str, claims: Sequence[Row], lang: Lang) -> Sentence | None:
    """Tell the two ends of a dispute about one cut; every other claim stays in the ledger.

    ``claims`` are rows of ``transfer_claims`` of one region, year, component and baseline. None
    where nobody disputes: rounding is no dispute, and a claim that its own author replaced
    ends none.
    """
    live = [
        claim
        for claim in claims
        if claim["conflict_kind"] == "dispute" and claim["relation"] != "superseded"
    ]
    if len({claim["amount_idr"] for claim in live}) < 2:
        return None
    low = min(live, key=lambda claim: int(claim["amount_idr"]))
    high = max(live, key=lambda claim: int(claim["amount_idr"]))
    told = {
        "region": region,
        "year": low["fiscal_year"],
        "gap": formats.rupiah(high["amount_idr"] - low["amount_idr"], lang),
        "low": _claim(low, lang),
        "high": _claim(high, lang),
    }
    return Sentence(_say("disputed", lang, **told), (low["obs_id"], high["obs_id"]))


def other_baselines(claims: Sequence[Row], lang: Lang) -> Sentence | None:
    """Tell that claims about one cut are not comparable, since their baselines or scopes differ."""
    kinds = {(claim["baseline"], claim["perimeter"]) for claim in claims}
    if len(kinds) < 2:
        return None
    each = "; ".join(
        f"{formats.rupiah(claim['amount_idr'], lang)}: {_scope(claim, lang)}"
        for claim in _one_of_each_kind(claims)
    )
    return Sentence(
        _say("scopes_differ", lang, each=each), tuple(claim["obs_id"] for claim in claims)
    )


def cut_per_head(row: Row, lang: Lang) -> Sentence | None:
    """Tell what a cut comes to for each resident, naming the year of the population."""
    per_head = row["cut_per_capita_idr"]
    if per_head is None or row["cut_idr"] <= 0:
        return None
    told = {
        "amount": formats.rupiah(per_head, lang),
        "year": row["denominator_year"],
    }
    return Sentence(_say("per_head", lang, **told), tuple(filter(None, [row["cut_obs_id"]])))


def own_revenue_needed(row: Row, lang: Lang) -> Sentence | None:
    """Tell by how much own revenue would have to grow to make up for a cut."""
    needed = row["own_revenue_growth_needed_pct"]
    if needed is None or row["cut_idr"] <= 0:
        return None
    return Sentence(_say("needed", lang, percent=formats.percent(needed, lang, 1)))


def absorption(row: Row, what: str, lang: Lang) -> Sentence | None:
    """Tell what was spent of a budget by a day; spending is no result, and the sentence says so.

    ``row`` is of the mart ``budget``; ``what`` is the account in words.
    """
    if row["realised_idr"] is None or row["absorption_pct"] is None:
        return None
    told = {
        "what": what,
        "until": formats.date(row["as_of_date"], lang),
        "spent": formats.rupiah(row["realised_idr"], lang),
        "budget": formats.rupiah(row["compared_budget_idr"], lang),
        "percent": formats.percent(row["absorption_pct"], lang, 1),
    }
    return Sentence(_say("absorbed", lang, **told), _evidence(row))


def ceiling(row: Row, lang: Lang) -> Sentence | None:
    """Tell a theme's budget and share, with its outturn or that none is published."""
    if row["budget_idr"] is None:
        return None
    told = {
        "theme": row["theme_name"] if lang == "id" else row["theme_name_en"],
        "year": row["fiscal_year"],
        "budget": formats.rupiah(row["budget_idr"], lang),
        "share": formats.percent(row["share_of_budget_pct"], lang, 2),
    }
    if row["realised_idr"] is None:
        return Sentence(_say("ceiling", lang, **told))
    told |= {
        "until": formats.date(row["realised_until"], lang),
        "spent": formats.rupiah(row["realised_idr"], lang),
        "percent": formats.percent(row["absorption_pct"], lang, 1),
    }
    return Sentence(_say("theme_spent", lang, **told))


def spread(row: Row, highest: str, lowest: str, indicator: Row, lang: Lang) -> Sentence | None:
    """Tell the highest and lowest recorded values within an area; without errors no ranking.

    ``row`` is of the mart ``regional_disparity``; the names belong to its region codes.
    """
    if row["highest_value"] is None or row["lowest_value"] is None:
        return None
    unit = indicator["unit"]
    places = formats.shared_places((row["highest_value"], row["lowest_value"]))
    told = {
        "indicator": _indicator(indicator, lang),
        "period": formats.period(row["period_label"], lang),
        "highest": highest,
        "high": formats.quantity(row["highest_value"], unit, lang, places),
        "lowest": lowest,
        "low": formats.quantity(row["lowest_value"], unit, lang, places),
        "reported": row["n_reported"],
        "expected": row["n_expected"],
    }
    complete = row["n_reported"] == row["n_expected"]
    return Sentence(_say("spread" if complete else "spread_incomplete", lang, **told))


def inequality(row: Row, before: Row | None, indicator: Row, lang: Lang) -> Sentence | None:
    """Tell the Williamson index of an area and, in one series, what it was before."""
    if row["williamson_index"] is None:
        return None
    told = {
        "indicator": _indicator(indicator, lang),
        "period": formats.period(row["period_label"], lang),
        "index": formats.number(row["williamson_index"], lang, 3),
        "reported": row["n_reported"],
    }
    comparable = (
        before is not None
        and before["williamson_index"] is not None
        and before["series_version"] == row["series_version"]
        and before["n_reported"] == row["n_reported"]
    )
    if not comparable or before is None:
        return Sentence(_say("index", lang, **told))
    told |= {
        "period_before": formats.period(before["period_label"], lang),
        "before": formats.number(before["williamson_index"], lang, 3),
    }
    return Sentence(_say("index_changed", lang, **told))


def parts_differ(row: Row, lang: Lang) -> Sentence:
    """Tell that published parts do not make the published total.

    ``row`` is of the mart ``contradictions``.
    """
    told = {
        "identity": row["identity_name_id"] if lang == "id" else row["identity_name_en"],
        "period": formats.period(row["period_label"], lang),
        "sum": _precisely(row["computed_value"], row["unit"], lang),
        "total": _precisely(row["stated_value"], row["unit"], lang),
    }
    evidence = tuple(filter(None, str(row["evidence_obs_ids"] or "").split(",")))
    return Sentence(_say("parts", lang, **told), evidence)


def restated(row: Row, indicator: Row, lang: Lang) -> Sentence:
    """Tell that a publisher replaced its figure. ``row`` is of the mart ``revisions``."""
    told = {
        "when": formats.date(row["changed_at"], lang),
        "indicator": _indicator(indicator, lang),
        "period": formats.period(row["period_label"], lang),
        "old": _precisely(row["old_value"], row["unit"], lang),
        "new": _precisely(row["new_value"], row["unit"], lang),
        "publisher": row["publisher"],
    }
    return Sentence(_say("restated", lang, **told), (row["old_obs_id"], row["new_obs_id"]))


def checked(row: Row, lang: Lang) -> Sentence:
    """Tell what an office said, and what a check of it found. ``row``: ``statement_checks``."""
    told = {
        "claimant": row["claimant"],
        "when": formats.date(row["said_at"], lang),
        "statement": (row["statement"] if lang == "id" else row["statement_en"]).rstrip("."),
        "verdict": word("verdict", row["verdict"], lang),
        "why": row["explanation_id"] if lang == "id" else row["explanation_en"],
    }
    evidence = tuple(filter(None, str(row["evidence_obs_ids"] or "").split(",")))
    return Sentence(_say("checked", lang, **told), evidence)


def _say(name: str, lang: Lang, **told: object) -> str:
    return _texts()[name][lang].format(**told)


@cache
def _texts() -> dict[str, dict[Lang, str]]:
    read: dict[str, dict[Lang, str]] = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    return read


def _sided(name: str, amount: Decimal | int) -> str:
    return f"{name}_up" if amount > 0 else f"{name}_down"


def _places(row: Row) -> int:
    error = row["standard_error_pp"]
    return 1 if error is not None and Z_95 * error > WIDE_INTERVAL_PP else 2


def _rounding_note(row: Row, before: Row, places: int, lang: Lang) -> str:
    """Own up where the rounded rates differ by something else than the rounded change."""
    now, then = (
        formats.parse_number(formats.number(one["unemployment_rate_pct"], "en", places), "en")
        for one in (row, before)
    )
    shown = formats.parse_number(formats.number(row["change_pp"], "en", places), "en")
    return "" if now - then == shown else " " + _say("rounded", lang)


def _evidence(row: Row) -> tuple[str, ...]:
    return (row["obs_id"],) if row.get("obs_id") else ()


def _indicator(row: Row, lang: Lang) -> str:
    return str(row["name_id"] if lang == "id" else row["name_en"])


def _claim(claim: Row, lang: Lang) -> str:
    amount = formats.rupiah(claim["amount_idr"], lang, significant=4)
    according = "menurut" if lang == "id" else "according to"
    return f"{amount} {according} {claim['claimant']} ({formats.date(claim['claimed_at'], lang)})"


def _scope(claim: Row, lang: Lang) -> str:
    words = [word("baseline", claim["baseline"], lang)]
    if claim["perimeter"] == "component":
        words.append(word("perimeter", "component", lang))
    return ", ".join(words)


def _one_of_each_kind(claims: Sequence[Row]) -> list[Row]:
    kinds: dict[tuple[str, str], Row] = {}
    for claim in claims:
        if claim["relation"] == "headline" or (claim["baseline"], claim["perimeter"]) not in kinds:
            kinds[claim["baseline"], claim["perimeter"]] = claim
    return list(kinds.values())


def _precisely(value: Decimal, unit: str, lang: Lang) -> str:
    """Write a value to so many digits that two that differ look different."""
    if unit == "idr":
        return formats.rupiah(value, lang, significant=6)
    if unit == "percent":
        return formats.percent(value, lang, 2)
    return formats.quantity(value, unit, lang)


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
