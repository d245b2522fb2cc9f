"""Where landed bytes and parsed rows lie: below the home, or at an address that workers share.

Below the home nothing comes in between: paths are the system's own. An address
(``LUMBUNG_SHARED_URL``) is fsspec's business, by the paths of universal_pathlib; only stores
are taken in which a put shows whole or not at all. Their libraries load only where one is set.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import pyarrow as pa
import pyarrow.parquet as pq

from ingest.errors import LandingError, UnreachableError
from lumbung.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable

    from upath import UPath

AnyPath: TypeAlias = "Path | UPath"
Found = TypeVar("Found")

#: The package that speaks to each store in which nobody ever reads half an object. ``memory``
#: is for trials in one process.
PACKAGES = {
    "s3": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "abfs": "adlfs",
    "abfss": "adlfs",
    "memory": "fsspec",
}
#: A store answers many questions at a time as fast as one.
QUESTIONS_AT_A_TIME = 16


def landing(settings: Settings) -> AnyPath:
    """Return the folder of landed objects and tombstones."""
    return settings.landing if settings.shared_url is None else root(settings) / "landing"


def observations(settings: Settings) -> AnyPath:
    """Return the folder of parsed rows."""
    return settings.observations if settings.shared_url is None else root(settings) / "observations"


def root(settings: Settings) -> AnyPath:
    """Return the folder that workers share; the home where no address is set.

    Raises LandingError for an address that can't be used, and says which can.
    """
    if settings.shared_url is None:
        return settings.home
    address = urlsplit(settings.shared_url)
    if address.scheme == "file" and not address.netloc:
        return Path(address.path)
    return _opened(settings.shared_url, os.getpid())


@lru_cache(maxsize=8)
def _opened(url: str, process: int) -> UPath:
    """Open an address, once a process: a store's connections don't outlive a fork."""
    address = urlsplit(url)
    if address.scheme not in PACKAGES:
        raise LandingError(
            f"LUMBUNG_SHARED_URL: '{address.scheme}' is no store whose puts are whole or not at "
            f"all; use one of {', '.join(PACKAGES)}, or file:///a/folder that all workers mount"
        )
    if address.password:
        raise LandingError(
            "LUMBUNG_SHARED_URL: no password belongs in it; set it where the store's own library "
            "looks (docs/several-workers.md)"
        )
    from upath import UPath

    try:
        # What another worker has put a moment ago is there: no listing is remembered.
        path = UPath(url.rstrip("/"), use_listings_cache=False)
        path.fs  # noqa: B018 - imports the package, or says that it is not there
    except (ImportError, ValueError) as error:
        raise LandingError(
            f"LUMBUNG_SHARED_URL: {address.scheme}:// needs the package "
            f"{PACKAGES[address.scheme]} in the version of fsspec: {error}"
        ) from None
    return path


def read(path: AnyPath) -> bytes:
    """Return a file's bytes; raise OSError where it is not there or can't be read."""
    if isinstance(path, Path):
        return path.read_bytes()
    with _asked(path):
        return bytes(path.fs.cat_file(path.path))


def put(path: UPath, body: bytes) -> None:
    """Put an object into a store, whole or not at all, over whatever was there."""
    with _asked(path):
        path.fs.pipe_file(path.path, body)


def exists(path: AnyPath) -> bool:
    """Tell whether a file is there."""
    if isinstance(path, Path):
        return path.exists()
    with _asked(path):
        return bool(path.fs.isfile(path.path))


def remove(path: AnyPath) -> bool:
    """Remove a file; tell whether there was one."""
    if not exists(path):
        return False
    with _asked(path):
        path.unlink()
    return True


def names(folder: UPath) -> list[str]:
    """Return the names of the objects right below a folder of a store, sorted."""
    with _asked(folder):
        try:
            found = folder.fs.ls(folder.path, detail=False)
        except FileNotFoundError:
            return []
    return sorted(str(name).rstrip("/").rpartition("/")[2] for name in found)


def table(path: AnyPath, columns: list[str] | None = None) -> pa.Table:
    """Return a Parquet file's rows."""
    with pq.ParquetFile(_source(path)) as file:  # half the work of pq.read_table on small files
        return file.read(columns=columns)


def metadata(path: AnyPath) -> pq.FileMetaData:
    """Return what a Parquet file says about itself."""
    return pq.read_metadata(_source(path))


def many(question: Callable[[AnyPath], Found], paths: Iterable[AnyPath]) -> list[Found]:
    """Ask the same of many files: of a store many at a time, of a disk one after the other."""
    wanted = list(paths)
    if all(isinstance(path, Path) for path in wanted):
        return [question(path) for path in wanted]
    with ThreadPoolExecutor(QUESTIONS_AT_A_TIME, "store") as pool:
        return list(pool.map(partial(question), wanted))


def shown(path: AnyPath, settings: Settings) -> str:
    """Write a path from the home or the shared folder on, the same on every machine."""
    return path.relative_to(root(settings)).as_posix()  # type: ignore[arg-type]  # of one kind


def _source(path: AnyPath) -> Any:
    """Return what pyarrow reads a file from. A store hands over small files whole at once."""
    return path if isinstance(path, Path) else pa.BufferReader(read(path))


@contextmanager
def _asked(path: AnyPath) -> Iterator[None]:
    """Turn what a store's library raises into words; a file that is not there stays that."""
    try:
        yield
    except (FileNotFoundError, LandingError):
        raise
    except Exception as error:
        if isinstance(path, Path):
            raise
        said = f"{error}".strip().splitlines() or [type(error).__name__]
        raise UnreachableError(
            f"{path} can't be reached: {said[0]}; what is there is safe, run again once the store "
            "answers"
        ) from None
