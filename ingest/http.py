"""The one HTTP client: slow on purpose, patient, suspicious, and silent about keys.

Each attempt, a retry as well, waits for its turn in a rate limit per host that all processes
of one home folder, or of one ledger in PostgreSQL, share. A body counts only when it came whole,
in time, below the size limit and without our key in it.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from threading import BoundedSemaphore
from typing import Any
from urllib.parse import quote, urlsplit

import requests
import urllib3
from pydantic import SecretStr
from requests_ratelimiter import LimiterSession, PostgresBucket, SQLiteBucket
from urllib3.util.retry import Retry

import lumbung
from ingest.errors import BlockedError, FetchError, KeyEchoError
from ingest.hosts import MAX_BLOCKS, Hosts
from ingest.landing import Landing
from ingest.ledger import PostgresLedger
from ingest.redaction import MASK, holds_secret, redact
from lumbung.settings import Settings

logger = logging.getLogger(__name__)

#: Answers that a little later may be another one.
TRANSIENT = frozenset({429, 500, 502, 503, 504})

#: What firewalls write on their pages, whichever status those come with.
BLOCK_PAGE = re.compile(
    rb"waf block|akses ini ditolak|access is blocked|<title>\s*just a moment", re.IGNORECASE
)

CHUNK = 64 * 1024
MAX_REDIRECTS = 5


@dataclass(frozen=True)
class Answer:
    """A whole body that came with status 200, its address without the key.

    ``status`` 304 says that the body we named is still the right one; then ``body`` is empty.
    Another status is one that the caller takes for the service's own word.
    """

    body: bytes
    url: str
    status: int
    content_type: str
    etag: str | None
    last_modified: str | None


@dataclass(frozen=True)
class Validators:
    """What a server gave us with a body, to ask whether that body still holds."""

    etag: str | None = None
    last_modified: str | None = None

    @property
    def headers(self) -> dict[str, str]:
        """Return the conditions of a request; none where the server gave nothing."""
        conditions = {"If-None-Match": self.etag, "If-Modified-Since": self.last_modified}
        return {name: value for name, value in conditions.items() if value}


class RedirectRefusedError(FetchError):
    """The answer points to another host, where our request and key have no business."""


class _Session(LimiterSession):
    """A rate-limited session that stays on the host it was sent to."""

    def get_redirect_target(self, resp: requests.Response) -> str | None:
        """Return where a redirect leads; raise RedirectRefusedError for another host."""
        location: str | None = super().get_redirect_target(resp)
        if location is None:
            return None
        old = urlsplit(resp.url)
        new = urlsplit(requests.compat.urljoin(resp.url, location))
        if new.hostname != old.hostname or (old.scheme == "https" and new.scheme != "https"):
            raise RedirectRefusedError(
                f"{old.hostname} redirects to {new.scheme}://{new.hostname}: refused"
            )
        return location


class Client:
    """Gets bodies, one host at the pace its settings allow. Threads may share it."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        settings.home.mkdir(parents=True, exist_ok=True)
        landing = Landing.of(settings)
        self.session = _Session(
            per_second=settings.rate_per_host,
            per_host=True,
            **_pace(settings, landing),
            limit_statuses=(),
        )
        self.session.max_redirects = MAX_REDIRECTS
        adapter = requests.adapters.HTTPAdapter(pool_maxsize=settings.max_in_flight)
        self.session.mount("http://", adapter)
        self.session.mount("https://", adapter)
        self.session.headers["User-Agent"] = f"Lumbung/{lumbung.__version__} (+{settings.contact})"
        # Without this, requests would look for passwords in ~/.netrc.
        self.session.auth = _no_auth
        self.hosts = Hosts(landing, settings.run_hours)
        self.in_flight = BoundedSemaphore(settings.max_in_flight)

    def close(self) -> None:
        """Let go of connections and of the rate limit's files or database."""
        self.session.close()

    def get(
        self,
        url: str,
        params: Mapping[str, str],
        secret_params: Mapping[str, SecretStr] | None = None,
        validators: Validators | None = None,
        spoken: frozenset[int] = frozenset(),
    ) -> Answer:
        """Get one body, or the word that the one with these ``validators`` still holds.

        A secret goes where ``url`` has its name in braces, else into the query. A JSON object
        with one of the statuses ``spoken`` is a body like any other. Raises
        BlockedError for 403 and 401, KeyEchoError where the body repeats a secret,
        RedirectRefusedError, and FetchError for all that is broken or did not get better.
        """
        question = _Question(
            self, url, params, secret_params or {}, validators or Validators(), spoken
        )
        with self.in_flight:
            until = self.hosts.left_alone_until(question.host)
            if until is not None:
                raise BlockedError(
                    f"{question.shown}: not asked, since {question.host} refused us {MAX_BLOCKS} "
                    f"times in a row; it is left alone until {until:%Y-%m-%d %H:%M} UTC"
                )
            try:
                answer = question.ask()
            except BlockedError:
                self.hosts.blocked(question.host)
                raise
        self.hosts.answered(question.host)
        return answer


class _Question:
    """One question and the attempts to have it answered."""

    def __init__(  # noqa: PLR0913, PLR0917 - all that makes one question
        self,
        client: Client,
        url: str,
        params: Mapping[str, str],
        secret_params: Mapping[str, SecretStr],
        validators: Validators,
        spoken: frozenset[int],
    ) -> None:
        self.client = client
        self.spoken = spoken
        self.settings = client.settings
        self.url = url
        self.params = params
        self.secret_params = secret_params
        self.conditions = validators.headers
        self.host = urlsplit(url).netloc
        masked = _filled(url, dict.fromkeys(secret_params, MASK))
        prepared = requests.Request("GET", masked, params=dict(params)).prepare()
        self.shown = self.clean(prepared.url or url)

    def ask(self) -> Answer:
        """Try until there is an answer, a refusal, or no attempt left."""
        retry = Retry(
            total=None,
            backoff_factor=self.settings.backoff_seconds,
            backoff_jitter=self.settings.backoff_seconds,
            backoff_max=self.settings.wait_max_seconds,
        )
        problem = ""
        tries = max(1, self.settings.max_attempts)
        for left in reversed(range(tries)):
            attempt = self._attempt()
            if isinstance(attempt, Answer):
                return attempt
            problem = attempt.problem
            wait = _retry_after(retry, attempt.retry_after)
            if wait is not None and wait > self.settings.wait_max_seconds:
                problem += f", and asks to be left alone for {wait:.0f} s; run again after that"
                break
            if left:
                retry = retry.increment("GET", "", error=urllib3.exceptions.ProtocolError(problem))
                logger.info("%s: %s; attempts left: %d", self.host, problem, left)
                time.sleep(retry.get_backoff_time() if wait is None else wait)
        else:
            problem += f"; given up after {tries} tries, the next run asks again"
        raise FetchError(f"{self.shown}: {problem}")

    def _attempt(self) -> Answer | _Failure:
        """Try once. The address with the key in it exists only in here."""
        secrets = {name: key.get_secret_value() for name, key in self.secret_params.items()}
        try:
            with self.client.session.get(
                _filled(self.url, {name: quote(text, safe="") for name, text in secrets.items()}),
                params={**self.params, **_unplaced(self.url, secrets)},
                headers=self.conditions,
                timeout=self.settings.timeout_seconds,
                stream=True,
            ) as response:
                # Waiting for our turn is no fault of the host: its time runs from the sending.
                sent = time.monotonic() - response.elapsed.total_seconds()
                return self._judge(response, sent + self.settings.deadline_seconds)
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # Described here, raised elsewhere: a chained error would carry the key's address.
            return _Failure(self.clean(_describe(error)))

    def _judge(self, response: requests.Response, deadline: float) -> Answer | _Failure:
        """Tell answers from refusals, and what may pass from what stays wrong."""
        status = response.status_code
        if status in TRANSIENT:
            return _Failure(
                f"HTTP {status}, {_meaning(status)}", response.headers.get("Retry-After")
            )
        is_unchanged = status == 304 and bool(self.conditions)
        may_speak = status in self.spoken
        body = b""
        if status == 200 or may_speak:
            body = self._read(response, deadline)
        # Firewalls and proxies use the same statuses, with pages for people.
        is_spoken = may_speak and body.lstrip().startswith(b"{")
        if status in (401, 403) and not is_spoken:
            raise BlockedError(
                f"{self.shown}: HTTP {status}, the host refuses us; left alone until the next run"
            )
        if status != 200 and not is_unchanged and not is_spoken:
            raise FetchError(f"{self.shown}: HTTP {status}")
        if any(holds_secret(body, secret) for secret in self.secret_params.values()):
            raise KeyEchoError(f"{self.shown}: the reply repeats our key; it was not stored")
        if _is_block_page(body):
            raise BlockedError(
                f"{self.shown}: a firewall's page came, the host refuses us; "
                "left alone until the next run"
            )
        return Answer(
            body=body,
            url=self.shown,
            status=status,
            content_type=response.headers.get("Content-Type", ""),
            etag=response.headers.get("ETag"),
            last_modified=response.headers.get("Last-Modified"),
        )

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        """Read the whole body, piece by piece, within the limits of time and size.

        ``read1`` hands over what has come so far, so that a trickle meets the deadline; it
        raises where the body ends before its announced length.
        """
        pieces: list[bytes] = []
        size = 0
        while piece := response.raw.read1(CHUNK, decode_content=True):
            pieces.append(piece)
            size += len(piece)
            if size > self.settings.max_body_bytes:
                raise FetchError(
                    f"{self.shown}: the body is larger than {self.settings.max_body_bytes} bytes "
                    "(LUMBUNG_MAX_BODY_BYTES)"
                )
            if time.monotonic() > deadline:
                raise FetchError(
                    f"{self.shown}: the body was not there after "
                    f"{self.settings.deadline_seconds:.0f} s (LUMBUNG_DEADLINE_SECONDS)"
                )
        return b"".join(pieces)

    def clean(self, text: str) -> str:
        """Take the keys out of a text."""
        return redact(text, self.secret_params.values())


def _pace(settings: Settings, landing: Landing) -> dict[str, Any]:
    """Return where the pace of each host is kept: beside the ledger, wherever that is."""
    if isinstance(landing.database, PostgresLedger):
        pool = landing.database.pool(settings.max_in_flight)
        return {"bucket_class": PostgresBucket, "bucket_kwargs": {"pool": pool}}
    kwargs = {"path": settings.home / "rate_limit.sqlite", "use_file_lock": True}
    return {"bucket_class": SQLiteBucket, "bucket_kwargs": kwargs}


def _filled(url: str, secrets: Mapping[str, str]) -> str:
    """Put each secret where the address has its name in braces."""
    for name, text in secrets.items():
        url = url.replace(f"{{{name}}}", text)
    return url


def _unplaced(url: str, secrets: Mapping[str, str]) -> Mapping[str, str]:
    """Return the secrets that have no place of their own in the address."""
    return {name: text for name, text in secrets.items() if f"{{{name}}}" not in url}


@dataclass(frozen=True)
class _Failure:
    """An attempt that failed and may be repeated, and when the host would have it repeated."""

    problem: str
    retry_after: str | None = None


def _meaning(status: int) -> str:
    """Say what a status that may pass means for whoever reads of it."""
    if status == 429:
        return "the service finds that we ask too often (LUMBUNG_RATE_PER_HOST)"
    return "the service has a fault of its own"


def _is_block_page(body: bytes) -> bool:
    """Tell a firewall's page, as some send it with status 200."""
    head = body[:200_000]
    return head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"<" and BLOCK_PAGE.search(head) is not None


def _retry_after(retry: Retry, header: str | None) -> float | None:
    """Return the seconds a host asks us to wait; None where it says nothing we understand."""
    if header is None:
        return None
    try:
        return retry.parse_retry_after(header)
    except urllib3.exceptions.InvalidHeader:
        return None


def _describe(error: Exception) -> str:
    """Name the innermost cause: the outer ones repeat the address."""
    cause: BaseException = error
    while isinstance(getattr(cause, "reason", None), BaseException):
        cause = cause.reason  # type: ignore[attr-defined]  # just seen to be there
    inner = next((a for a in reversed(cause.args) if isinstance(a, BaseException)), None)
    named = inner or cause
    if isinstance(named, urllib3.exceptions.IncompleteRead):
        known = named.partial + (named.expected or 0)
        return f"IncompleteRead: the body ended after {named.partial} of {known} bytes"
    return f"{type(named).__name__}: {named}"


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request
