"""An encoder of BPS dynamic data, written from the description of the wire format.

One cell is a vervar, a turvar, a year and a turtahun with a value. Its key is the five
codes (the variable's is second) written one after the other without padding. Lists hold
``{val, label}``; the only derived variable of a table without any is ``"0"``, as text.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Wire:
    """A reply to be, as its dimensions (code to label) and its cells."""

    vervar: Mapping[str, str]
    tahun: Mapping[str, str]
    turtahun: Mapping[str, str]
    turvar: Mapping[str, str] = field(default_factory=lambda: {"0": "Tidak ada"})
    variable: int = 543
    unit: str = "Persen"
    decimal: int = 2

    def key(self, vervar: str, turvar: str, th: str, turth: str) -> str:
        return "".join((vervar, str(self.variable), turvar, th, turth))

    def reply(self, content: Mapping[str, Any]) -> dict[str, Any]:
        return {
            "status": "OK",
            "data-availability": "available",
            "last_update": "2025-11-07 14:01:46",
            "subject": [{"val": 520, "label": "Tenaga Kerja"}],
            "var": [
                {
                    "val": self.variable,
                    "label": "Tingkat Pengangguran Terbuka",
                    "unit": self.unit,
                    "subj": "Tenaga Kerja",
                    "def": "",
                    "decimal": self.decimal,
                    "note": "<p>Sakernas</p><p><br /></p>",
                }
            ],
            "turvar": _listed(self.turvar),
            "labelvervar": "38 Provinsi ",
            "vervar": _listed(self.vervar),
            "tahun": _listed(self.tahun),
            "turtahun": _listed(self.turtahun),
            "datacontent": dict(content),
            "related": [],
        }

    def body(self, content: Mapping[str, Any], indent: int | None = None) -> bytes:
        """Write the reply as BPS does, without white space, or indented as people save it."""
        separators = (",", ":") if indent is None else None
        return json.dumps(self.reply(content), separators=separators, indent=indent).encode()

    def spellings(self, cells: Iterable[tuple[str, str, str, str]]) -> dict[str, int]:
        """Count how many combinations of the whole reply spell each cell's key."""
        wanted = {self.key(*cell): 0 for cell in cells}
        for v in self.vervar:
            for d in self.turvar:
                for y in self.tahun:
                    for r in self.turtahun:
                        if (key := self.key(v, d, y, r)) in wanted:
                            wanted[key] += 1
        return wanted


def _listed(entries: Mapping[str, str]) -> list[dict[str, Any]]:
    """Write codes as numbers, but "0" as the text that BPS sends."""
    return [
        {"val": code if code == "0" else int(code), "label": label}
        for code, label in entries.items()
    ]
