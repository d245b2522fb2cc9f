"""Delimited text, decoded and split strictly: rows with the line each one starts on."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from ingest.errors import HtmlReplyError, UnreadableFileError


def decode(body: bytes, encoding: str, dataset: str) -> str:
    """Return the text of a file; raise UnreadableFileError or HtmlReplyError where it is none."""
    if not body.strip():
        raise UnreadableFileError(f"{dataset}: the file is empty; fetch it again")
    if b"\x00" in body and not encoding.lower().startswith("utf-16"):
        raise UnreadableFileError(
            f"{dataset}: the file holds NUL bytes: it is no text, or its download broke off"
        )
    if looks_like_html(body):
        raise HtmlReplyError(f"{dataset}: a web page came where a table was expected")
    try:
        return body.decode(encoding, errors="strict")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(
            f"{dataset}: byte {error.start} is no {encoding}: save the file as {encoding}, "
            "or declare its encoding in the catalogue"
        ) from None


def looks_like_html(body: bytes) -> bool:
    """Tell whether the bytes start the way web pages do."""
    head = body[:512].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith((b"<!doctype html", b"<html", b"<head", b"<body", b"<script"))


def rows(text: str, delimiter: str, dataset: str) -> Iterator[tuple[int, Sequence[str]]]:
    """Yield (line on which the row starts, cells), skipping blank lines.

    Raises UnreadableFileError for broken quoting, which is how a truncated file often ends.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    while True:
        try:
            row = next(reader, None)
        except csv.Error as error:
            raise UnreadableFileError(
                f"{dataset}: line {line}: {error}; is the file cut off or its quoting broken?"
            ) from None
        if row is None:
            return
        if any(cell.strip() for cell in row):
            yield line, row
        line = reader.line_num + 1
