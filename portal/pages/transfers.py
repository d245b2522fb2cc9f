"""The page of transfers: how much was cut, who says so, and what can be computed."""

from __future__ import annotations

from collections.abc import Iterator

from portal.charts import Bar, Drawing, Text
from portal.formats import LANGS, Lang, number, rupiah
from portal.library import Library, group
from portal.marts import Row
from portal.pages import regions
from portal.pages.page import Page
from portal.words import word

BILLION = 1_000_000_000


def pages(library: Library) -> Iterator[Page]:
    """Return the page of transfers."""
    claims = [regions.claim(library, row) for row in library.rows["transfer_claims"]]
    year = max((row["fiscal_year"] for row in claims), default=None)
    about = [row for row in claims if row["fiscal_year"] == year and row["component"] == "total"]
    recent = [
        regions.cut(library, row) for row in library.rows["transfer_cuts"]
        if year is not None and row["fiscal_year"] >= year - 1
    ]  # fmt: skip
    computed = [row for row in recent if row["basis"] == "allocations"]
    drawings = {"claims": _spans(library, about), "components": _components(computed)}
    yield Page(
        "transfer.html",
        "transfers.html",
        {
            "year": year,
            "claims": claims,
            "about": list(group(about, lambda row: row["region_code"]).values()),
            "computed": sorted(computed, key=lambda r: (-r["fiscal_year"], -(r["cut_idr"] or 0))),
            "without": [row for row in recent if row["cut_idr"] is None],
            "national": _national(library),
        },
        {name: drawing for name, drawing in drawings.items() if drawing},
    )


def _spans(library: Library, about: list[Row]) -> Drawing | None:
    """Draw each government's claims about one cut as ticks on a bar that spans them."""
    if not about:
        return None
    bars = []
    for code, held in group(about, lambda row: row["region_code"]).items():
        amounts = tuple(sorted({float(row["amount_idr"]) for row in held}))
        labels = [_billions(amounts, lang) for lang in LANGS]
        name = library.name(code)
        bars.append(Bar(code, Text(name, name), None, Text(*labels), claims=amounts))
    return Drawing("spans", bars=tuple(sorted(bars, key=lambda bar: -max(bar.claims))))


def _billions(amounts: tuple[float, ...], lang: str) -> str:
    texts = "; ".join(
        number(amount / BILLION, "id" if lang == "id" else "en") for amount in amounts
    )
    return f"Rp{texts} {'miliar' if lang == 'id' else 'billion'}"


def _components(computed: list[Row]) -> Drawing | None:
    """Draw each component's amount of the year before and of the year, by the size of the loss."""
    rows = [
        row for row in computed
        if row["prior_amount_idr"] is not None and row["amount_idr"] is not None
        and row["component"] != "total" and row["baseline"] == "prior_year"
    ]  # fmt: skip
    if not rows:
        return None
    newest = max(row["fiscal_year"] for row in rows)
    shown = sorted((r for r in rows if r["fiscal_year"] == newest), key=lambda r: -r["cut_idr"])
    return Drawing(
        "dumbbells",
        bars=tuple(
            Bar(
                key=f"{row['region_code']}.{row['component']}",
                name=Text(*(
                    f"{_short(row['region_name'])}, {word('component', row['component'], lang)}"
                    for lang in LANGS
                )),
                value=float(row["amount_idr"]),
                before=float(row["prior_amount_idr"]),
                label=Text(*(_moved(-row["cut_idr"], lang) for lang in LANGS)),
                mark="final" if row["is_headline"] else "open",
            )
            for row in shown
        ),
    )  # fmt: skip


def _moved(amount: int, lang: Lang) -> str:
    return ("+" if amount > 0 else "") + rupiah(amount, lang)


def _short(name: str) -> str:
    return name.removeprefix("Kabupaten ").removeprefix("Kota ") if "Serang" not in name else name


def _national(library: Library) -> list[Row]:
    """Return, a year, how many governments' totals rose and fell, where both years are known."""
    found = []
    rows = [
        row for row in library.rows["transfer_cuts"]
        if row["component"] == "total" and row["basis"] == "allocations"
        and row["is_headline"] and row["cut_idr"] is not None
    ]  # fmt: skip
    for year, held in sorted(group(rows, lambda row: row["fiscal_year"]).items()):
        if len(held) >= 30:
            found.append({
                "fiscal_year": year,
                "n": len(held),
                "n_fell": sum(row["cut_idr"] > 0 for row in held),
                "n_rose": sum(row["cut_idr"] < 0 for row in held),
            })  # fmt: skip
    return found
