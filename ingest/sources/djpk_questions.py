"""Ask the DJPK portal, government by government: which there are, then each one's reports.

The portal numbers provinces and governments its own way, year by year. So a partition holds
the names as well as the codes: ``2026-06-28.03-banten-kabupaten_serang``. The names decide
which region it is; the codes only ask the question.
"""

from __future__ import annotations

import calendar
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

import orjson

from ingest.errors import (
    ErrorReplyError,
    FetchError,
    IngestError,
    NothingAvailableError,
    NotWantedError,
    UnknownReplyError,
    UnreadableFileError,
)
from ingest.protocol import Answer, Fetch, Reply, Request
from ingest.region_names import split_name
from ingest.regions import RegionRegister
from ingest.sources.djpk_model import ApbdDataset, PortalRequest, ReportDataset, TkddDataset
from ingest.sources.text_rows import looks_like_html
from ingest.sources.web_pages import page_error
from ingest.sources.years import first_and_last

#: What the portal calls the sum over all governments of a province: no government.
ALL = "--"
HOST = "the DJPK portal"
_PARTITION = re.compile(
    r"(?P<year>\d{4})(?:-(?P<month>0[1-9]|1[0-2]))?-(?P<pair>\d+\.\d+)"
    r"(?:-(?P<province>[a-z0-9]+)-(?P<name>[a-z0-9_]+))?"
)
Check = Callable[[bytes], object]


@dataclass(frozen=True)
class Asked:
    """What a reply is about: nothing inside it says so."""

    year: int
    month: int | None
    pair: str
    province: str
    name: str

    @property
    def partition(self) -> str:
        """Return the partition of this question."""
        month = "" if self.month is None else f"-{self.month:02d}"
        named = f"-{self.province}-{self.name}" if self.name else ""
        return f"{self.year}{month}-{self.pair}{named}"

    @classmethod
    def of(cls, partition: str, dataset: str) -> Asked:
        """Read a partition; raise UnreadableFileError where it does not say what a reply is."""
        found = _PARTITION.fullmatch(partition)
        if found is None:
            raise UnreadableFileError(
                f"{dataset}: nothing in a DJPK reply says whose and when it is, so a saved one is "
                "called year-month-province.government (2026-06-28.03.xml); this one is "
                f"'{partition}'"
            )
        month = int(found["month"]) if found["month"] else None
        return cls(
            int(found["year"]), month, found["pair"], found["province"] or "", found["name"] or ""
        )

    def region(self, register: RegionRegister) -> str:
        """Return the region by its name within its province; without names, by the codes."""
        if not self.name:
            return register.resolve_code(self.pair, system="djpk")
        return register.resolve_name(self.name.replace("_", " "), within=self.province)

    @property
    def month_end(self) -> date:
        """Return the last day of the month asked for, or of the year."""
        month = self.month or 12
        return date(self.year, month, calendar.monthrange(self.year, month)[1])


def today() -> date:
    """Return the day it is where the portal is."""
    return datetime.now(ZoneInfo("Asia/Jakarta")).date()


def collect_apbd(dataset: ApbdDataset, fetch: Fetch, check: Check) -> Iterator[Answer]:
    """Ask for the months of each government and year, or for its newest report."""
    ask = _Asker(dataset, fetch, check)
    for year, governments in ask.years():
        for government in governments:
            if dataset.reads == "realised":
                yield from ask.months(dataset, year, government)
            else:
                yield from ask.newest(dataset, year, government)
    yield from ask.failed_lists


def collect_tkdd(dataset: TkddDataset, fetch: Fetch, check: Check) -> Iterator[Answer]:
    """Ask for the page of each government and year."""
    ask = _Asker(dataset, fetch, check)
    for year, governments in ask.years():
        for government in governments:
            params = {"tahun": str(year), **government.params}
            partition = government.asked(year, None).partition
            yield ask.answer(Request(partition, "/data/tkdd", params, once=ask.is_closed(year)))
    yield from ask.failed_lists


@dataclass(frozen=True)
class _Government:
    province_code: str
    province: str
    code: str
    name: str

    def asked(self, year: int, month: int | None) -> Asked:
        return Asked(year, month, f"{self.province_code}.{self.code}", self.province, self.name)

    @property
    def params(self) -> dict[str, str]:
        return {"provinsi": self.province_code, "pemda": self.code}


class _Asker:
    """Asks one question after the other, and gives up where nothing gets through any more."""

    def __init__(self, dataset: ReportDataset, fetch: Fetch, check: Check) -> None:
        self.name = dataset.dataset
        self.request: PortalRequest = dataset.request
        self.fetch, self.check = fetch, check
        self.today = today()
        self.failures = 0
        self.failed_lists: list[Answer] = []

    def is_closed(self, year: int) -> bool:
        return year + self.request.reread_years < self.today.year

    def years(self) -> Iterator[tuple[int, Sequence[_Government]]]:
        """Yield each year with its governments, the newest first."""
        first, last = first_and_last(self.request.years)
        for year in range(min(last, self.today.year), first - 1, -1):
            try:
                yield year, list(self._governments(year))
            except (ErrorReplyError, UnreadableFileError, FetchError) as error:
                self._count(error)
                self.failed_lists.append((Request(f"{year}-governments", keep=False), error))

    def months(self, dataset: ApbdDataset, year: int, government: _Government) -> Iterator[Answer]:
        """Ask for each month of an open year, for the last one of a year that ended."""
        months = [12] if year < self.today.year else range(1, self.today.month + 1)
        before, left_out = "", False
        request: Request | None = None
        for month in months:
            is_old = year == self.today.year and month <= self.today.month - (
                self.request.reread_months
            )
            earlier = request if left_out else None
            request, answer = self.answer(
                Request(
                    government.asked(year, month).partition,
                    "/csv_apbd",
                    _apbd_params(dataset, year, month, government),
                    once=is_old or self.is_closed(year),
                )
            )
            left_out = isinstance(answer, NotWantedError)
            if isinstance(answer, Reply) and dataset.repeated_month == "empty":
                if earlier is not None:
                    # A backfill left the month before out; to compare with, it is asked for.
                    before = _digest(self.answer(replace(earlier, keep=False))[1])
                digest = _digest(answer)
                if digest == before:
                    answer = NothingAvailableError(
                        f"{self.name}: month {month} of {year} repeats the month before byte for "
                        "byte: it is not reported yet"
                    )
                before = digest
            yield request, answer

    def newest(self, dataset: ApbdDataset, year: int, government: _Government) -> Iterator[Answer]:
        """Ask for the newest month that has a report; of an open year, find it first."""
        month: int | None = 12
        if year == self.today.year:
            month = self._newest_month(dataset, year, government)
        request = Request(
            government.asked(year, None).partition,
            "/csv_apbd",
            _apbd_params(dataset, year, month or 1, government),
            once=self.is_closed(year),
        )
        if month is None:
            said = f"{self.name}: DJPK has no report of any month of {year} yet"
            yield request, NothingAvailableError(said)
        else:
            yield self.answer(request)

    def _newest_month(self, dataset: ApbdDataset, year: int, government: _Government) -> int | None:
        """Go back from this month to the first that is no refusal to show one."""
        for month in range(self.today.month, 0, -1):
            partition = government.asked(year, month).partition
            params = _apbd_params(dataset, year, month, government)
            _, answer = self.answer(Request(partition, "/csv_apbd", params, keep=False))
            if not isinstance(answer, NothingAvailableError):
                return month
        return None

    def answer(self, request: Request) -> Answer:
        """Ask one question; its error is its own, unless too many come in a row."""
        try:
            reply = self.fetch(request)
            self.check(reply.body)
        except NotWantedError as error:
            return request, error
        except NothingAvailableError as error:
            self.failures = 0
            return request, error
        except (ErrorReplyError, UnreadableFileError, FetchError) as error:
            self._count(error)
            return request, error
        self.failures = 0
        return request, reply

    def _count(self, error: IngestError) -> None:
        self.failures += 1
        if self.failures >= self.request.failures_in_row:
            raise error

    def _governments(self, year: int) -> Iterator[_Government]:
        provinces = self._list(f"{year}-provinces", f"/provinsi/{year}")
        for code, province in _wanted(provinces, self.request.provinces, self.name).items():
            key = split_name(province)[1]
            found = self._list(f"{year}-governments-{code}", f"/pemda/{code}/{year}")
            wanted = _wanted(found, self.request.governments, self.name)
            for number, name in sorted(wanted.items()):
                yield _Government(code, key, number, slug(name))

    def _list(self, partition: str, path: str) -> Mapping[str, str]:
        """Ask for a list of codes and names; raise UnknownReplyError where it is none."""
        reply = self.fetch(Request(partition, path, keep=False))
        return read_list(reply.body, self.name)


def _digest(answer: Reply | IngestError) -> str:
    """Return a reply's sha256; nothing for an error, which no reply repeats."""
    return hashlib.sha256(answer.body).hexdigest() if isinstance(answer, Reply) else ""


def read_list(body: bytes, dataset: str) -> Mapping[str, str]:
    """Read ``{"28": "Prov. Banten"}``, without the sum over all governments."""
    if looks_like_html(body):
        raise page_error(body, dataset, HOST, "a list of governments")
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise UnreadableFileError(
            f"{dataset}: the list of governments is no JSON ({error.msg}); fetch it again"
        ) from None
    if found in ([], {}):
        raise NothingAvailableError(f"{dataset}: the portal lists no government for this year")
    if not isinstance(found, dict) or not all(isinstance(name, str) for name in found.values()):
        raise UnknownReplyError(f"{dataset}: the list of governments is no object of names")
    return {code: name for code, name in found.items() if code != ALL}


def slug(name: str) -> str:
    """Return a government's name as partitions write it: ``kabupaten_serang``."""
    said, key = split_name(name)
    return f"{'provinsi' if said == 'province' else said}_{key}" if said else key


def _wanted(
    found: Mapping[str, str], names: Sequence[str] | str, dataset: str
) -> Mapping[str, str]:
    """Pick the entries that the catalogue names; raise NothingAvailableError for a missing one."""
    if names == "all":
        return found
    picked: dict[str, str] = {}
    for name in names:
        said, key = split_name(name)
        matches = {
            code: printed
            for code, printed in found.items()
            if split_name(printed)[1] == key and (said is None or said == split_name(printed)[0])
        }
        if len(matches) != 1:
            listed = ", ".join(sorted(found.values()))
            raise NothingAvailableError(
                f"{dataset}: '{name}' is {len(matches)} entries of the portal's list: {listed}"
            )
        picked |= matches
    return picked


def _apbd_params(
    dataset: ApbdDataset, year: int, month: int, government: _Government
) -> dict[str, str]:
    return {
        "type": dataset.report, "periode": str(month), "tahun": str(year), **government.params,
    }  # fmt: skip
