"""What every replica shares: a real HTTP server on loopback, and the bad days it can have.

A replica of a service says what the service says (``respond``) and what two of the faults
look like there (``changed``, ``vanished``); everything that goes wrong below that is here.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import html
import re
import socket
import struct
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeVar
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json; charset=UTF-8"

#: What the firewall takes for a robot that does not say who it is.
ANONYMOUS_AGENTS = ("curl/", "python-urllib/")

FAULTS = (
    "rate_limited", "server_error", "trickle", "half_body", "long_length", "short_length",
    "html", "null", "reset", "blocked", "echo", "redirect", "bad_json", "empty_body",
    "changed_schema", "vanished_page", "block_page", "restated",
)  # fmt: skip

#: What a careful client makes of a fault that stays: an answer that is of no use, or a refusal.
LASTING = dict.fromkeys(FAULTS, "broken") | dict.fromkeys(
    ("blocked", "block_page", "echo"), "refused"
)
del LASTING["restated"]  # a good answer

Params = Mapping[str, str]
AnyReplica = TypeVar("AnyReplica", bound="FaultyReplica")


@dataclass
class Fault:
    """Something that goes wrong. ``times`` counts down; None is for ever.

    ``model`` limits it to one kind of question; ``after`` lets that many pass first.
    """

    kind: str
    times: int | None = None
    model: str | None = None
    after: int = 0
    retry_after: str | None = "1"
    target: str = "http://elsewhere.invalid/"
    seconds_between_bytes: float = 0.02

    def strikes(self, model: str) -> bool:
        """Tell whether this request is hit, counting down."""
        if (self.model is not None and self.model != model) or self.times == 0:
            return False
        if self.after > 0:
            self.after -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True


@dataclass(frozen=True)
class Response:
    """What the service sends where nothing goes wrong."""

    body: bytes
    status: int = 200
    content_type: str = JSON


class FaultyReplica(ABC):
    """The server; a context manager. ``url`` is what the connection's setting should hold."""

    base_path = ""

    def __init__(
        self,
        *,
        faults: Iterable[Fault] = (),
        latency: float = 0.0,
        port: int = 0,
        validators: Sequence[str] = (),
    ) -> None:
        self.validators = frozenset(validators)
        self.not_modified = 0
        self.in_flight = self.most_in_flight = 0
        self.faults = list(faults)
        self.latency = latency
        self.requests: list[dict[str, str]] = []
        self.times: list[float] = []
        self.agents: set[str] = set()
        self.lock = threading.Lock()
        self.closing = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler_for(self))
        self._server.daemon_threads = True

    @property
    def url(self) -> str:
        """The base address, ready for LUMBUNG_<CONNECTION>_URL."""
        return f"http://127.0.0.1:{self._server.server_address[1]}{self.base_path}"

    def __enter__(self: AnyReplica) -> AnyReplica:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()

    def serve(self) -> None:
        """Serve until interrupted."""
        self._server.serve_forever()

    def strike(self, model: str) -> Fault | None:
        """Return the fault that hits this request, if any."""
        with self.lock:
            return next((fault for fault in self.faults if fault.strikes(model)), None)

    # -- what a service says for itself ------------------------------------------------

    def question(self, address: str) -> dict[str, str]:
        """Read an address; ``endpoint`` is its path below the base, the rest its query."""
        parts = urlsplit(address)
        if not parts.path.startswith(self.base_path + "/"):
            return {"endpoint": ""}
        endpoint = parts.path[len(self.base_path) + 1 :].strip("/")
        return {**dict(parse_qsl(parts.query)), "endpoint": endpoint}

    def model(self, params: Params) -> str:
        """Name the kind of a question, by which faults are aimed."""
        return params["endpoint"].partition("/")[0]

    def refusal(self, params: Params, agent: str, address: str) -> Response | None:
        """Return what a doorkeeper answers before the service is asked; None lets it in."""
        if not params["endpoint"]:
            return Response(b"404", 404, "text/html")
        if looks_anonymous(agent):
            return Response(firewall_page(address), 403, "text/html")
        return None

    @abstractmethod
    def respond(self, params: Params) -> Response:
        """Answer a question as the service does."""

    @abstractmethod
    def changed(self, body: bytes) -> bytes:
        """Return the same answer in the form of another version of the service."""

    @abstractmethod
    def restated(self, body: bytes) -> bytes:
        """Return the same answer with other figures, as after a revision."""

    @abstractmethod
    def vanished(self) -> Response:
        """Return what the service says for a page that was there a moment ago."""


def looks_anonymous(agent: str) -> bool:
    """Tell whether a client hides who it is."""
    return agent == "" or agent.lower().startswith(ANONYMOUS_AGENTS)


def firewall_page(address: str) -> bytes:
    """The page of the firewall: it repeats the whole address, a key included."""
    return (
        "<!doctype html>\n<head><title> Perimeter WAF Block </title></head>\n<body>"
        "<h2> Akses ini ditolak </h2><table><tr><td> URL </td><td> "
        f"{html.escape(address)} </td></tr></table></body>"
    ).encode()


def _handler_for(replica: FaultyReplica) -> type[BaseHTTPRequestHandler]:
    """Make the handler class of one replica."""

    class Handler(_Handler):
        server_replica = replica

    return Handler


class _Handler(BaseHTTPRequestHandler):
    server_replica: FaultyReplica
    protocol_version = "HTTP/1.1"
    server_version = "replica"
    sys_version = ""

    def do_GET(self) -> None:
        """Answer one question, or fail at it as told."""
        replica = self.server_replica
        params = replica.question(self.path)
        agent = self.headers.get("User-Agent", "")
        shown = {name: value for name, value in params.items() if name != "key"}
        with replica.lock:
            replica.requests.append(shown)
            replica.times.append(time.monotonic())
            replica.agents.add(agent)
            replica.in_flight += 1
            replica.most_in_flight = max(replica.most_in_flight, replica.in_flight)
        if replica.latency:
            replica.closing.wait(replica.latency)
        with replica.lock:
            replica.in_flight -= 1
        refusal = replica.refusal(params, agent, self._address())
        with suppress(BrokenPipeError, ConnectionResetError):
            if refusal is not None:
                self._send(refusal.status, refusal.body, refusal.content_type)
                return
            fault = replica.strike(replica.model(params))
            answer = replica.respond(params)
            if fault is None:
                self._send_on_condition(answer)
            else:
                getattr(self, f"_fault_{fault.kind}")(fault, answer.body)

    def log_message(self, format: str, *args: Any) -> None:
        """Stay silent: the address may have a key in it."""

    def _address(self) -> str:
        return f"http://{self.headers.get('Host', '')}{self.path}"

    def _send(
        self,
        status: int,
        body: bytes,
        content_type: str = JSON,
        length: int | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        extra = dict(headers or {})
        if length is None and len(body) > 500 and "gzip" in self.headers.get("Accept-Encoding", ""):
            body = gzip.compress(body)
            extra["Content-Encoding"] = "gzip"
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body) if length is None else length))
        for name, value in extra.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _send_on_condition(self, answer: Response) -> None:
        """Answer, or say that the body the client names still holds, where we give such names."""
        replica = self.server_replica
        tag = f'"{hashlib.sha256(answer.body).hexdigest()[:16]}"'
        given = {
            "ETag": tag,
            "Last-Modified": formatdate(int(tag[1:9], 16) // 3600 * 3600, usegmt=True),
        }
        headers = {name: text for name, text in given.items() if name in replica.validators}
        named = {
            "ETag": self.headers.get("If-None-Match"),
            "Last-Modified": self.headers.get("If-Modified-Since"),
        }
        if headers and all(named[name] == text for name, text in headers.items()):
            with replica.lock:
                replica.not_modified += 1
            self.send_response(304)
            for name, text in headers.items():
                self.send_header(name, text)
            self.end_headers()
        else:
            self._send(answer.status, answer.body, answer.content_type, headers=headers)

    # -- faults ------------------------------------------------------------------------

    def _fault_rate_limited(self, fault: Fault, _: bytes) -> None:
        headers = {"Retry-After": fault.retry_after} if fault.retry_after is not None else {}
        self._send(429, b"Too Many Requests", "text/plain", headers=headers)

    def _fault_server_error(self, _f: Fault, _: bytes) -> None:
        self._send(500, b"Internal Server Error", "text/html")

    def _fault_trickle(self, fault: Fault, body: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        for byte in body:
            self.wfile.write(bytes([byte]))
            self.wfile.flush()
            if self.server_replica.closing.wait(fault.seconds_between_bytes):
                return

    def _fault_half_body(self, _f: Fault, body: bytes) -> None:
        self._send(200, body[: len(body) // 2], length=len(body))
        self.close_connection = True

    def _fault_long_length(self, _f: Fault, body: bytes) -> None:
        self._send(200, body, length=len(body) + 7)
        self.close_connection = True

    def _fault_short_length(self, _f: Fault, body: bytes) -> None:
        self._send(200, body, length=max(1, len(body) - 7))
        self.close_connection = True

    def _fault_html(self, _f: Fault, _: bytes) -> None:
        self._send(200, b"<!doctype html><html><body>Situs dalam pemeliharaan</body></html>")

    def _fault_null(self, _f: Fault, _: bytes) -> None:
        self._send(200, b"null")

    def _fault_reset(self, _f: Fault, _: bytes) -> None:
        linger = struct.pack("ii", 1, 0)
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
        self.close_connection = True
        self.connection.close()

    def _fault_blocked(self, _f: Fault, _: bytes) -> None:
        self._send(403, firewall_page(self._address()), "text/html")

    def _fault_block_page(self, _f: Fault, _: bytes) -> None:
        self._send(200, firewall_page("(address withheld)"), "text/html")

    def _fault_echo(self, _f: Fault, _: bytes) -> None:
        self._send(200, firewall_page(self._address()), "text/html")

    def _fault_redirect(self, fault: Fault, _: bytes) -> None:
        query = urlsplit(self.path).query
        self._send(302, b"", "text/html", headers={"Location": f"{fault.target}?{query}"})

    def _fault_bad_json(self, _f: Fault, body: bytes) -> None:
        self._send(200, body[: len(body) // 2])

    def _fault_empty_body(self, _f: Fault, _: bytes) -> None:
        self._send(200, b"")

    def _fault_changed_schema(self, _f: Fault, body: bytes) -> None:
        self._send(200, self.server_replica.changed(body))

    def _fault_restated(self, _f: Fault, body: bytes) -> None:
        self._send(200, self.server_replica.restated(body))

    def _fault_vanished_page(self, _f: Fault, _: bytes) -> None:
        gone = self.server_replica.vanished()
        self._send(gone.status, gone.body, gone.content_type)


# -- running a replica by hand ---------------------------------------------------------


def serve_samples(
    about: str | None, connection: str, make: Callable[..., FaultyReplica], key: str | None = None
) -> None:
    """Run a replica as its command line says, until interrupted.

    ``make`` gets ``faults``, ``latency`` and ``port``, and ``keys`` where the service asks for a
    key. Prints the settings of the connection that point a client at it.
    """
    parser = options(str(about).splitlines()[0])
    if key is not None:
        parser.add_argument("--key", default=key)
    given = parser.parse_args()
    keys = {} if key is None else {"keys": [given.key]}
    faults = read_faults(parser, given.fault)
    replica = make(faults=faults, latency=given.latency, port=given.port, **keys)
    settings = [f"LUMBUNG_{connection}_URL={replica.url}"]
    if key is not None:
        settings.append(f"LUMBUNG_{connection}_KEY={given.key}")
    announce(replica, *settings)


def options(description: str) -> argparse.ArgumentParser:
    """Return a parser with the options that every replica has."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--latency", type=float, default=0.0, help="seconds before each answer")
    parser.add_argument(
        "--fault", action="append", default=[], metavar="KIND[:TIMES]", help=", ".join(FAULTS)
    )
    return parser


def read_faults(parser: argparse.ArgumentParser, texts: Sequence[str]) -> list[Fault]:
    """Turn ``half_body:2`` into faults; end with a usage error for an unknown one."""
    faults = []
    for text in texts:
        kind, _, times = text.partition(":")
        if kind not in FAULTS or not re.fullmatch(r"\d*", times):
            parser.error(f"no fault '{text}'; there are: {', '.join(FAULTS)}")
        faults.append(Fault(kind, int(times) if times else None))
    return faults


def announce(replica: FaultyReplica, *settings: str) -> None:
    """Print the settings that point a client at the replica, and serve until interrupted."""
    sys.stdout.write("".join(f"{line}\n" for line in settings))
    sys.stdout.flush()
    with suppress(KeyboardInterrupt):
        replica.serve()
