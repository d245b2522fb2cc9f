"""Where each region's tile stands on the two tile maps, so that neighbours stay neighbours.

The layouts are those of the portal's design brief: of Banten's ten land borders eight are shared
edges; of Indonesia's 38 provinces 30 of the land borders are. Codes are BPS WebAPI codes.
"""

from __future__ import annotations

_BANTEN = """
.... 3673 .... 3671
3672 3604 3603 3674
.... 3601 3602 ....
"""
_INDONESIA = """
11
12 14 21 .. .. 65 .. .. 75 71
13 15 .. .. 61 64 .. 76 72 .. 82 92 91 94
17 16 19 .. 62 63 .. 73 74 .. 81 .. 96 97
.. 18 .. 31 .. .. .. .. .. .. .. .. .. 95
.. .. 36 32 33 35 51 52 53
.. .. .. .. 34
"""


def _places(layout: str, tail: str) -> dict[str, tuple[int, int]]:
    return {
        code + tail: (row, column)
        for row, line in enumerate(layout.strip().splitlines(), 1)
        for column, code in enumerate(line.split(), 1)
        if not code.startswith(".")
    }


#: Row and column, from 1, of each region's tile.
BANTEN = _places(_BANTEN, "")
INDONESIA = _places(_INDONESIA, "00")

#: What a tile of a province is labelled with: the name is too long for a phone.
SHORT = {
    "1100": "Aceh", "1200": "Sumut", "1300": "Sumbar", "1400": "Riau", "1500": "Jambi",
    "1600": "Sumsel", "1700": "Bengkulu", "1800": "Lampung", "1900": "Babel", "2100": "Kepri",
    "3100": "Jakarta", "3200": "Jabar", "3300": "Jateng", "3400": "DIY", "3500": "Jatim",
    "3600": "Banten", "5100": "Bali", "5200": "NTB", "5300": "NTT", "6100": "Kalbar",
    "6200": "Kalteng", "6300": "Kalsel", "6400": "Kaltim", "6500": "Kaltara", "7100": "Sulut",
    "7200": "Sulteng", "7300": "Sulsel", "7400": "Sultra", "7500": "Gorontalo", "7600": "Sulbar",
    "8100": "Maluku", "8200": "Malut", "9100": "Papbar", "9200": "PBD", "9400": "Papua",
    "9500": "Pasel", "9600": "Pateng", "9700": "Papeg",
}  # fmt: skip
