"""What a catalogue file says about tables of a CKAN portal."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from ingest.numbers import Style
from ingest.periods import PeriodKind
from ingest.schema import Strict
from ingest.sources.table_model import (
    PeriodColumn,
    PeriodFixed,
    TableDataset,
    category_columns,
)

#: What stands between period, resource and page in a partition; ids hold none of it.
JOINT = "~"


class ResourceRequest(Strict):
    """Which resources of which package (CKAN's word for a dataset), and how they are read.

    Either one ``resource`` by its id, or all whose name fits ``name_matches``. ``read`` is
    ``datastore`` for rows that the portal hands out page by page, ``file`` for the file as it
    was uploaded. ``filters`` are columns and values that rows of the datastore must have.
    """

    package: str = Field(pattern=r"^[\w-]+$")
    resource: Annotated[str, Field(pattern=r"^[0-9A-Za-z-]+$")] | None = None
    name_matches: str | None = None
    read: Literal["datastore", "file"] = "datastore"
    filters: dict[str, Any] = Field(default_factory=dict)
    size: int = Field(default=1000, ge=1, le=32000)
    check_size: bool = True

    @model_validator(mode="after")
    def _one_choice(self) -> ResourceRequest:
        if (self.resource is None) == (self.name_matches is None):
            raise ValueError("say one of `resource` and `name_matches`")
        if self.read == "file" and self.filters:
            raise ValueError("`filters` are for the datastore; use rows_ignored with a file")
        try:
            re.compile(self.name_matches or "")
        except re.error as error:
            raise ValueError(f"name_matches is no regular expression: {error}") from None
        return self

    @property
    def groups(self) -> frozenset[str]:
        """Return the names of the groups of ``name_matches``."""
        return frozenset(re.compile(self.name_matches or "").groupindex)


class PeriodOfResource(Strict):
    """The period stands in the resource's name: the groups of ``name_matches`` make its label.

    With ``name_matches: "Tahun (?P<year>[0-9]{4})"`` and ``from_name: "{year}"`` the resource
    "Pencari Kerja Tahun 2024" is about 2024.
    """

    from_name: str
    kind: PeriodKind
    day: Literal["last"] | None = None


class CkanDataset(TableDataset):
    """Tables of a CKAN portal: ``protocol: ckan.resource``, otherwise as ``protocol: table``."""

    protocol: Literal["ckan.resource"]  # type: ignore[assignment]
    request: ResourceRequest
    decimal: Style | None = None
    period: PeriodColumn | PeriodFixed | PeriodOfResource | None = None  # type: ignore[assignment]

    @model_validator(mode="after")
    def _the_name_makes_the_period(self) -> CkanDataset:
        if isinstance(self.period, PeriodOfResource):
            wanted = set(category_columns(self.period.from_name))
            if not wanted or wanted - self.request.groups:
                raise ValueError("period.from_name needs a group of request.name_matches")
        if self.url is not None:
            raise ValueError("`url` is for protocol table; here the portal says where a file lies")
        return self

    def of_period(self, label: str) -> CkanDataset:
        """Return the same description for a resource that is about one period."""
        period = self.period
        if not isinstance(period, PeriodOfResource):
            return self
        fixed = PeriodFixed(fixed=label, kind=period.kind, day=period.day)
        return self.model_copy(update={"period": fixed})
