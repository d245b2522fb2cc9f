"""A folder of files at any address that fsspec knows, and nothing outside it."""

from __future__ import annotations

from fsspec.core import url_to_fs  # type: ignore[import-untyped]  # it has no type stubs

from ingest.errors import FetchError


class Folder:
    """A folder at any address that fsspec knows; names are relative to it."""

    def __init__(self, url: str, limit: int) -> None:
        self.fs, root = url_to_fs(url)
        self.root = str(root).rstrip("/")
        self.limit = limit

    def path(self, name: str) -> str:
        """Return the full path of a name; raise FetchError for one that leads out."""
        parts = name.strip("/").split("/")
        if any(part in ("..", ".") or "\\" in part or "\0" in part for part in parts):
            raise FetchError(f"'{name}' leads out of the folder")
        return f"{self.root}/{'/'.join(parts)}"

    def files(self, folder: str, *, deep: bool = False) -> list[str]:
        """Return the files in a folder, relative to it, sorted; none where it is not there."""
        path = self.path(folder)
        self.fs.invalidate_cache()
        if not self.fs.exists(path):
            return []
        look = self.fs.find if deep else self.fs.ls
        listed = look(path, detail=True)
        found = listed.values() if deep else listed
        names = (
            str(one["name"])[len(path) :].lstrip("/")
            for one in found
            if one["type"] == "file" and not one.get("islink")
        )
        return sorted(name for name in names if not name.rpartition("/")[2].startswith((".", "~$")))

    def read(self, name: str) -> bytes:
        """Return a file's bytes; raise FetchError where it is not there or too large."""
        path = self.path(name)
        try:
            if (self.fs.size(path) or 0) > self.limit:
                raise FetchError(f"{name} is larger than {self.limit} bytes")
            body: bytes = self.fs.cat_file(path)
        except OSError as error:
            raise FetchError(f"{name} can't be read: {error}") from None
        return body

    def write(self, name: str, body: bytes) -> None:
        """Write a file, making its folders."""
        path = self.path(name)
        self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.fs.pipe_file(path, body)

    def move(self, old: str, new: str) -> None:
        """Move a file, making its folders."""
        path = self.path(new)
        self.fs.makedirs(path.rpartition("/")[0], exist_ok=True)
        self.fs.mv(self.path(old), path)
