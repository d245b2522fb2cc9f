"""What was found, written as dataset files: all that the lists tell is filled in."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ingest.discover.variables import Label, Variable
from ingest.errors import RegionError
from ingest.regions import RegionRegister
from ingest.sources.bps_lists import Row
from ingest.sources.bps_model import label_key, plain
from ingest.sources.period_texts import Part, read_part

Stub = str
Period = dict[str, Any]

#: Labels of categories that we have words for; others get a word made from their label.
CATEGORIES = {
    "laki-laki": "male", "perempuan": "female", "laki-laki + perempuan": "total",
    "laki-laki+perempuan": "total", "perkotaan": "urban", "perdesaan": "rural",
    "pedesaan": "rural", "perkotaan+perdesaan": "total", "perkotaan + perdesaan": "total",
    "jumlah": "total", "total": "total",
}  # fmt: skip
BREAKDOWNS = {"male": "sex", "female": "sex", "urban": "urban_rural", "rural": "urban_rural"}
LISTED = 12


def variable_stub(found: Variable, domain: str, register: RegionRegister) -> Stub:
    """Write a variable as a ``bps.dynamic_data`` dataset that lacks only its indicator."""
    notes = [
        f"{found.title} ({found.unit})",
        f"subject {found.subject}; years {_years(found.years)}",
        f"vertical: {_said(found.vertical)}",
        f"derived: {_said(found.derived)}",
        f"rounds: {_said(found.rounds)}",
    ]
    are_regions = _are_regions(found.vertical, register)
    fields: dict[str, Any] = {
        "dataset": f"bps_{domain}_{found.id}",
        "protocol": "bps.dynamic_data",
        "source": "bps",
        "title": {"id": found.title, "en": found.title},
        "request": {
            "domain": domain,
            "variable": found.id,
            "years": f"{found.years[0] if found.years else 1900}:",
        },
        "region": {"from": "vervar"} if are_regions else {"from": "fixed", "code": domain},
        "period": _period(found.rounds, notes),
    }
    breakdown = _breakdown(found, are_regions, notes)
    if breakdown:
        fields["breakdown"] = breakdown
    if found.unit:
        fields["unit"] = found.unit
    notes.append("translate title.en, and name the indicator (ingest/catalog/indicators)")
    return _document(notes, fields) + "indicator:\n"


def table_stub(row: Row, domain: str) -> Stub:
    """Write a static table as the beginning of a ``bps.static_table`` dataset."""
    title = plain(row.get("title", ""))
    notes = [
        f"{title}; updated {row.get('updt_date', 'at an unknown date')}",
        "see the table, then add period, region column and measures: docs/sources.md",
    ]
    fields = {
        "dataset": f"bps_{domain}_table_{row.get('table_id')}",
        "protocol": "bps.static_table",
        "source": "bps",
        "title": {"id": title, "en": title},
        "request": {"domain": domain, "table": row.get("table_id")},
    }
    return _document(notes, fields)


def subject_line(row: Row) -> str:
    """Say a subject in one line: id, title, category, number of tables."""
    return (
        f"{row.get('sub_id')!s:>6}  {plain(row.get('title', ''))}"
        f"  [{row.get('subcat_id', '')} {plain(row.get('subcat', ''))}]"
        f"  {row.get('ntabel') or 0} tables"
    )


def _document(notes: Sequence[str], fields: Mapping[str, Any]) -> Stub:
    comments = "".join(f"# {note}\n" for note in notes)
    return comments + yaml.safe_dump(
        dict(fields), sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )


def _are_regions(vertical: Sequence[Label], register: RegionRegister) -> bool:
    """Tell whether most entries of the vertical variable are regions we know."""
    return bool(vertical) and sum(_is_region(one, register) for one in vertical) * 2 > len(vertical)


def _is_region(label: Label, register: RegionRegister) -> bool:
    try:
        register.resolve_code(label.code)
    except RegionError:
        return False
    return True


def _period(rounds: Sequence[Label], notes: list[str]) -> Period:
    """Sort the round labels into what they mean; a whole year beside its parts is ignored."""
    read = {one.label: read_part(one.label) for one in rounds} or {"Tahun": Part("year", 0)}
    parts = {label: part for label, part in read.items() if part and part.kind != "year"}
    years = [label for label, part in read.items() if part and part.kind == "year"]
    unknown = [label for label, part in read.items() if part is None]
    period: Period = {}
    for name, kind in (("months", "month"), ("halves", "half"), ("quarters", "quarter")):
        labels = {label: part.number for label, part in parts.items() if part.kind == kind}
        if labels:
            period[name] = labels
    if unknown:
        notes.append(f"say what these rounds are: {', '.join(unknown)}")
    if parts:
        period |= {"ignore": [*years, *unknown]} if years or unknown else {}
        return period
    period |= {"annual": years or unknown}
    return period | ({"ignore": unknown} if years and unknown else {}) | {"kind": "flow"}


def _breakdown(found: Variable, are_regions: bool, notes: list[str]) -> dict[str, Any] | None:
    """Make the dimension that is neither region nor time a breakdown."""
    derived = [one for one in found.derived if one.code != "0"]
    vertical = [] if are_regions or len(found.vertical) < 2 else found.vertical
    if derived and vertical:
        notes.append("two breakdowns at once can't be described: vertical labels are left out")
    labels, dimension = (derived, "turvar") if derived else (vertical, "vervar")
    if not labels:
        return None
    categories = {one.label: _word(one.label) for one in labels}
    known = {BREAKDOWNS[word] for word in categories.values() if word in BREAKDOWNS}
    name = known.pop() if len(known) == 1 else "category"
    if name == "category":
        notes.append("name the breakdown and its categories as other datasets do")
    return {"from": dimension, "breakdown": name, "categories": categories}


def _word(label: str) -> str:
    known = CATEGORIES.get(label_key(label))
    return known or re.sub(r"\W+", "_", label_key(label)).strip("_") or "unnamed"


def _years(years: Sequence[int]) -> str:
    if not years:
        return "none listed"
    gaps = sorted(set(range(years[0], years[-1] + 1)) - set(years))
    without = f" without {', '.join(map(str, gaps))}" if gaps else ""
    return f"{years[0]}-{years[-1]}{without} ({len(years)})"


def _said(labels: Sequence[Label]) -> str:
    if not labels:
        return "none listed"
    shown = "; ".join(f"{one.code} {one.label}" for one in labels[:LISTED])
    more = f"; and {len(labels) - LISTED} more" if len(labels) > LISTED else ""
    groups = sorted({one.group for one in labels} - {""})
    return f"{shown}{more}" + (f" [{', '.join(groups)}]" if groups else "")
