"""Draws charts with vl-convert and nothing else: the peer of the portal's build.

``python charts_alone.py SPECS``: a JSON list of Vega-Lite specifications, drawn as SVG on every
core, and dropped.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import sys
from pathlib import Path
from typing import Any


def drawn(spec: dict[str, Any]) -> int:
    """Draw one; return how long it is."""
    import vl_convert

    return len(vl_convert.vegalite_to_svg(spec))


def main() -> None:
    """Draw all of them."""
    specs = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    with multiprocessing.get_context("spawn").Pool(os.cpu_count()) as pool:
        print(sum(pool.imap_unordered(drawn, specs, chunksize=20)))


if __name__ == "__main__":
    main()
