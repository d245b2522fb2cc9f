"""Units as they are printed, turned into the indicator's own: aliases, scales, dimensions.

``ribu jiwa`` is thousand persons, ``%`` is percent, ``Rp miliar`` is 10^9 rupiah. A unit
nobody has declared here is refused: a wrong scale is a wrong figure.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache

from ingest.errors import UnitError

SCALES = {
    "thousand": 10**3, "ribu": 10**3, "ribuan": 10**3,
    "million": 10**6, "juta": 10**6, "jutaan": 10**6,
    "billion": 10**9, "miliar": 10**9, "milyar": 10**9, "miliaran": 10**9,
    "trillion": 10**12, "triliun": 10**12, "trilyun": 10**12,
}  # fmt: skip

#: Every base unit by the names people print, without scale words, in lower case.
ALIASES = {
    "percent": "% percent percents persen pct prosen",
    "persons": (
        "person persons people orang jiwa penduduk voter voters pemilih child children anak "
        "student students siswa murid worker workers pekerja"
    ),
    "idr": "idr rp rp. rupiah rupiahs",
    "index": "index indeks",
    "years": "year years tahun",
    "units": (
        "unit units buah tps classroom classrooms room rooms ruang district districts "
        "kecamatan kelurahan desa village villages villages_and_kelurahan house houses rumah "
        "school schools sekolah"
    ),
    "count": (
        "count family families keluarga household households rumah_tangga kk vote votes suara "
        "vacancy vacancies lowongan request requests permintaan"
    ),
    "km2": "km2 km² sq_km square_km",
    "km": "km kilometer kilometre kilometers kilometres",
    "ratio": "ratio rasio",
}

#: Rupiah per head. Poverty lines and wages are per month and stay so: the indicator's
#: definition says per month, and nothing is multiplied by twelve.
_PER = {
    "idr_per_person": {
        "/person", "/capita", "/kapita", "/orang", "/month", "/bulan", "/person/month",
        "/capita/month", "/kapita/bulan", "/orang/bulan", "/kapita/month",
    },
    "idr_per_person_year": {
        "/person/year", "/capita/year", "/kapita/tahun", "/orang/tahun", "/capita/annum",
    },
}  # fmt: skip

_CANONICAL = {
    name.replace("_", " "): unit for unit, names in ALIASES.items() for name in names.split()
} | {"idr_per_person": "idr_per_person", "idr_per_person_year": "idr_per_person_year"}
_PER_HUNDRED = re.compile(
    r"(?:males?|laki-laki) (?:per|/) ?100 (?:females?|perempuan)|rasio jenis kelamin"
)
_INDEX = re.compile(r"(?:index|indeks)(?: \(?\d{4} ?= ?100\)?)?|\(?\d{4} ?= ?100\)?")
_TAG = re.compile(r"</?\w+[^<>]{0,40}>")


@dataclass(frozen=True)
class Measure:
    """A canonical unit and what one printed unit is worth in it."""

    unit: str
    scale: Decimal


def convert(value: Decimal, unit: str, to: str) -> Decimal:
    """Turn a value in the printed ``unit`` into the canonical unit ``to``, exactly.

    Raises UnitError ``unknown_unit`` for a unit nobody described, and
    ``incompatible_unit`` for one of another dimension.
    """
    return value * scale_to(unit, to)


def scale_to(unit: str, to: str) -> Decimal:
    """Return the factor from a printed unit to a canonical one; raise UnitError as convert."""
    measure = parse_unit(unit)
    if measure.unit != to:
        raise UnitError(
            "incompatible_unit",
            f"'{unit}' measures {measure.unit}, but the indicator is in {to}",
        )
    return measure.scale


@lru_cache(maxsize=4096)
def parse_unit(text: str) -> Measure:
    """Read a printed unit; raise UnitError ``unknown_unit`` where it is in no list."""
    tidy = " ".join(_TAG.sub("", text).replace("\u00a0", " ").lower().split())
    if _PER_HUNDRED.fullmatch(tidy):
        return Measure("ratio", Decimal("0.01"))
    if _INDEX.fullmatch(tidy):
        return Measure("index", Decimal(1))
    scale, base = _without_scale(tidy, text)
    unit = _canonical(base)
    if unit is None:
        raise UnitError("unknown_unit", f"no unit is called '{text}': add it to ingest/units.py")
    return Measure(unit, scale)


def _without_scale(tidy: str, text: str) -> tuple[Decimal, str]:
    """Take the one scale word out of ``juta rupiah``, ``Rp juta`` or ``rupiah (juta)``."""
    words = re.sub(r"[()]", " ", tidy).split()
    scales = [word for word in words if word in SCALES]
    if len(scales) > 1:
        raise UnitError("unknown_unit", f"'{text}' names two scales: {' and '.join(scales)}")
    rest = " ".join(word for word in words if word not in SCALES)
    return Decimal(SCALES[scales[0]] if scales else 1), rest


def _canonical(base: str) -> str | None:
    head, slash, tail = re.sub(r" ?(?:/|\bper\b) ?", "/", base).partition("/")
    if not slash:
        return _CANONICAL.get(base)
    if _CANONICAL.get(head) != "idr":
        return None
    return next((unit for unit, tails in _PER.items() if slash + tail in tails), None)
