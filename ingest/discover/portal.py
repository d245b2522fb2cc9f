"""Look through a CKAN portal: its packages, their resources, and the columns of each table."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

import yaml

from ingest.errors import ErrorReplyError, UnknownReplyError
from ingest.protocol import Fetch, Request
from ingest.sources.ckan_replies import ACTION, SPOKEN, read_result

NAME = "discover"
#: How many packages are asked for at once; CKAN gives at most 1,000.
ROWS = 100
#: What the grammar of tables can read as a file.
FORMATS = {"csv": "csv", "xlsx": "xlsx"}
About = Mapping[str, Any]


class Portal:
    """Reads the lists of one portal."""

    def __init__(self, fetch: Fetch) -> None:
        self.fetch = fetch

    def search(self, keyword: str, organization: str, limit: int) -> tuple[int, Sequence[About]]:
        """Return how many packages fit, and the first of them."""
        found: list[About] = []
        count = 0
        while len(found) < limit:
            params = {"rows": str(min(ROWS, limit - len(found))), "start": str(len(found))}
            params |= {"q": keyword} if keyword else {}
            params |= {"fq": f"organization:{organization}"} if organization else {}
            match self._ask("package_search", **params):
                case {"count": int() as count, "results": list() as results}:
                    found += [one for one in results if isinstance(one, dict)]
                case _:
                    raise UnknownReplyError("the portal's answer has no count and results")
            if not results or len(found) >= count:
                break
        return count, found

    def columns(self, about: About) -> Sequence[str] | None:
        """Return the columns of a table in the datastore; None where it is only a file."""
        if not about.get("datastore_active"):
            return None
        try:
            result = self._ask("datastore_search", resource_id=str(about["id"]), limit="0")
        except ErrorReplyError:
            return None
        fields = [one.get("id") for one in result.get("fields", []) if isinstance(one, dict)]
        return [str(name) for name in fields if name != "_id"]

    def _ask(self, action: str, **params: str) -> About:
        request = Request("list", ACTION + action, params, keep=False, spoken=SPOKEN)
        return read_result(self.fetch(request).body, NAME)


def resources_of(package: About) -> Sequence[About]:
    """Return the resources of a package that have an id."""
    listed = package.get("resources") or []
    return [one for one in listed if isinstance(one, dict) and one.get("id")]


def resource_stub(source: str, package: About, about: About, columns: Sequence[str] | None) -> str:
    """Write a resource as the beginning of a ``ckan.resource`` dataset."""
    title = " ".join(str(package.get("title") or package.get("name")).split())
    kind = str(about.get("format") or "").lower()
    office = (package.get("organization") or {}).get("title") or "no office named"
    notes = [
        f"{title}: {about.get('name')} ({office})",
        f"{about.get('format')}, changed {about.get('last_modified') or about.get('created')}; "
        f"licence {package.get('license_id') or 'not stated'}",
        f"columns: {', '.join(columns)}" if columns else "columns: only the file tells them",
        "say region, period and measures as of any table: docs/sources.md",
    ]
    request = {"package": package.get("name"), "resource": about["id"]}
    fields: dict[str, Any] = {
        "dataset": _slug(f"{source}_{about.get('name') or package.get('name')}"),
        "protocol": "ckan.resource",
        "source": source,
        "title": {"id": title, "en": title},
        "request": request | ({} if columns else {"read": "file"}),
    }
    if columns is None and kind in FORMATS:
        fields["file"] = {"format": FORMATS[kind]}
    elif columns is None:
        notes.append(f"a file of kind '{kind}' can't be read as a table")
    comments = "".join(f"# {' '.join(note.split())}\n" for note in notes)
    return comments + yaml.safe_dump(
        fields, sort_keys=False, allow_unicode=True, width=100, default_flow_style=None
    )


def _slug(text: str) -> str:
    return re.sub(r"[^a-z0-9]+", "_", text.lower()).strip("_")
