"""An S3 store and a PostgreSQL on loopback, for tests of what workers share."""

from __future__ import annotations

import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import fsspec
import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from ingest import storage
from lumbung.settings import ROOT
from serving import access
from tests.serving.workbench import free_port, postgres

START_SECONDS = 60.0
#: The one bucket that a store has from the start.
BUCKET = "lumbung"


@dataclass(frozen=True)
class Store:
    """A running store. ``environment`` is what a worker needs to find and enter it."""

    endpoint: str

    @property
    def environment(self) -> dict[str, str]:
        """Return the variables of AWS's own libraries; the store takes any key."""
        return {
            "AWS_ENDPOINT_URL_S3": self.endpoint,
            "AWS_ACCESS_KEY_ID": "tester",
            "AWS_SECRET_ACCESS_KEY": "tester",  # pragma: allowlist secret
            "AWS_DEFAULT_REGION": "ap-southeast-3",
            "AWS_EC2_METADATA_DISABLED": "true",
        }


@contextmanager
def s3() -> Iterator[Store]:
    """Run a store with one empty bucket; gone afterwards."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        store = Store(f"http://127.0.0.1:{port}")
        _make_bucket(store)
        yield store
    finally:
        _forget_connections()
        process.terminate()
        process.wait(timeout=20)


def _forget_connections() -> None:
    """Have this process's next store be asked at its own address.

    fsspec keeps a connection by its arguments, and the address is none: it comes from the
    environment when the connection is made.
    """
    fsspec.get_filesystem_class("s3").clear_instance_cache()
    storage._opened.cache_clear()


def _make_bucket(store: Store) -> None:
    wanted = urllib.request.Request(f"{store.endpoint}/{BUCKET}", method="PUT")  # noqa: S310 - loopback
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            with urllib.request.urlopen(wanted, timeout=5):  # noqa: S310 - loopback
                return
        except (urllib.error.URLError, OSError):
            if time.monotonic() > deadline:
                raise
            time.sleep(0.2)


@dataclass(frozen=True)
class Shared:
    """What workers share: a store, and a PostgreSQL as its administrator enters it."""

    store: Store
    server: dict[str, Any]

    def fresh(self) -> dict[str, str]:
        """Return the variables of workers that share an empty folder and an empty database."""
        name = f"shared_{uuid4().hex}"
        with psycopg.connect(**{**self.server, "autocommit": True}) as admin:
            admin.execute(f'create database "{name}"'.encode())
        return {
            **self.store.environment,
            "LUMBUNG_SHARED_URL": f"s3://{BUCKET}/{name}",
            "LUMBUNG_LEDGER_DSN": make_conninfo(**{**self.server, "dbname": name}),
        }


@contextmanager
def shared() -> Iterator[Shared]:
    """Run both; gone afterwards."""
    with s3() as store, postgres() as settings:
        yield Shared(store, conninfo_to_dict(access.conninfo(settings, "admin", "postgres")))
