"""Look a variable up in BPS's lists: what it is called, and which labels its dimensions have."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ingest.errors import IngestError
from ingest.protocol import Fetch, Request
from ingest.sources.bps_lists import Row, list_request, read_rows
from ingest.sources.bps_model import plain

NAME = "discover"


@dataclass(frozen=True)
class Label:
    """One entry of a dimension: its code, its label, and the group it is listed in."""

    code: str
    label: str
    group: str = ""


@dataclass(frozen=True)
class Variable:
    """A variable and its dimensions as the lists describe them."""

    id: int
    title: str
    unit: str
    subject: str
    years: Sequence[int]
    vertical: Sequence[Label]
    derived: Sequence[Label]
    rounds: Sequence[Label]


class Browser:
    """Reads the lists of one domain."""

    def __init__(self, fetch: Fetch, domain: str) -> None:
        self.fetch, self.domain = fetch, domain

    def domain_name(self) -> str:
        """Return what BPS calls the domain; raise IngestError where it has none such."""
        request = Request("domain", "/domain", {"type": "all"}, keep=False)
        rows = read_rows(request, self.fetch, NAME)
        named = {str(row.get("domain_id")): plain(row.get("domain_name")) for row in rows}
        if self.domain not in named:
            near = [f"{code} {name}" for code, name in named.items() if code[:2] == self.domain[:2]]
            raise IngestError(
                f"BPS has no domain '{self.domain}'; beside it: {', '.join(near) or 'none'}. "
                "A domain is 0000, a province (3600) or a regency (3604)"
            )
        return named[self.domain]

    def subjects(self, category: str = "") -> list[Row]:
        """Return the subjects, all or those of one category."""
        return self._list("subject", subcat=category)

    def variables(self, keyword: str = "", subject: str = "") -> list[Row]:
        """Return the variables whose title holds a keyword, or of a subject."""
        return self._list("var", keyword=keyword, subject=subject)

    def tables(self, keyword: str = "") -> list[Row]:
        """Return the static tables whose title holds a keyword."""
        return self._list("statictable", keyword=keyword)

    def describe(self, row: Row) -> Variable:
        """Read all dimensions of one variable."""
        number = str(row["var_id"])
        years = self._list("th", var=number)
        return Variable(
            id=int(number),
            title=plain(row.get("title", "")),
            unit=plain(row.get("unit", "")),
            subject=f"{row.get('sub_id', '')} {plain(row.get('sub_name', ''))}".strip(),
            years=sorted(int(year["th"]) for year in years),
            # The documentation calls it vervar_id, the service kode_ver_id.
            vertical=_labels(self._list("vervar", var=number), "vervar", "kode_ver_id"),
            derived=_labels(self._list("turvar", var=number), "turvar", "turvar_id"),
            rounds=_labels(self._list("turth", var=number), "turth", "turth_id"),
        )

    def _list(self, model: str, **params: str) -> list[Row]:
        given = {name: value for name, value in params.items() if value}
        request = list_request(model, model=model, domain=self.domain, **given)
        return read_rows(request, self.fetch, NAME)


def _labels(rows: Sequence[Row], name: str, code: str) -> list[Label]:
    """Read a dimension's list; ``vervar_id`` stands in where the service follows its manual."""
    return [
        Label(
            str(row.get(code, row.get(f"{name}_id", ""))),
            plain(row.get(name, "")),
            plain(row.get(f"name_group_{name}", row.get("name_group_ver_id", ""))),
        )
        for row in rows
    ]
