"""Workbooks from strangers, judged as archives of XML before any library opens them.

An XLSX file is a ZIP archive of XML parts. What is refused here can fill the memory, hang a
reader, run, or hide what nobody looks at: bombs, entities, sheets a billion cells wide, macros,
embedded objects. One pass over every part also hands out each text in it with its place.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser, fromstring

from ingest.errors import UnreadableFileError

MAX_BYTES = 64 * 1024 * 1024
MAX_MEMBERS = 1_000
MAX_UNPACKED = 256 * 1024 * 1024
#: Repetitive sheets shrink a hundredfold; what shrinks more, and is large, was made to.
MAX_RATIO, RATIO_MATTERS_FROM = 250, 4 * 1024 * 1024
MAX_DEPTH = 64
MAX_TEXT = 100_000
MAX_NUMBER = 400
#: The size of a sheet in Excel, and how many cells the corner cells may span.
MAX_ROW, MAX_COLUMN, MAX_AREA = 1_048_576, 16_384, 20_000_000

CHUNK = 64 * 1024
ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_REFERENCE = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")
_MACRO_PARTS = ("vbaproject", "vbadata", "xl/macrosheets/", "xl/dialogsheets/", "xl/activex/")
_OBJECT_PARTS = ("xl/embeddings/", "xl/oleobjects/", "xl/ctrlprops/")
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
#: Elements whose inner texts are one text cut into runs of equal looks.
_BLOCKS = frozenset({"si", "is", "comment", "threadedComment", "p"})


class HostileFileError(UnreadableFileError):
    """A file that is refused for what opening it could do; ``rule`` names the defence."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


@dataclass(frozen=True)
class Text:
    """A text somewhere in a workbook: the sheet and cell, or the part that it stands in.

    ``string`` is the number of the shared string that a cell points to, in place of a text.
    """

    part: str
    sheet: str
    cell: str
    text: str
    string: int | None = None
    is_number: bool = False


Sink = Callable[[Text], None]


def is_workbook(body: bytes) -> bool:
    """Tell whether the bytes start as a ZIP archive does."""
    return body.startswith(ZIP)


def judge(body: bytes, *, strict: bool = False, tell: Sink | None = None) -> None:
    """Read every part once; raise HostileFileError for what must not be opened.

    ``tell`` gets every text and attribute of every part. ``strict`` also refuses what can't
    be read as text: pictures and other binary parts.
    """
    if len(body) > MAX_BYTES:
        raise HostileFileError("file_too_large", f"the file is larger than {MAX_BYTES} bytes")
    if body.startswith(OLE):
        raise HostileFileError(
            "not_a_workbook",
            "the file is an old or a password-protected Excel file: save it as .xlsx, unprotected",
        )
    try:
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            _judge_members(archive.infolist(), strict=strict)
            _judge_parts(archive, tell or _ignore)
    except HostileFileError:
        raise
    except DefusedXmlException as error:
        raise HostileFileError(
            "xml_entities", f"a part declares entities or a document type ({type(error).__name__})"
        ) from None
    except (zipfile.BadZipFile, NotImplementedError, EOFError, OSError, RuntimeError) as error:
        raise UnreadableFileError(f"the file is no whole workbook: {error}") from None
    except (ParseError, UnicodeDecodeError, ValueError, LookupError) as error:
        raise UnreadableFileError(f"a part of the workbook is no XML: {error}") from None


def _ignore(_text: Text) -> None:
    pass


# -- the archive ---------------------------------------------------------------------------


def _judge_members(members: Sequence[zipfile.ZipInfo], *, strict: bool) -> None:
    """Judge names and announced sizes, before a single byte is unpacked."""
    if len(members) > MAX_MEMBERS:
        raise HostileFileError("zip_bomb", f"the archive has more than {MAX_MEMBERS} parts")
    if sum(member.file_size for member in members) > MAX_UNPACKED:
        raise HostileFileError("zip_bomb", f"it would unpack to more than {MAX_UNPACKED} bytes")
    names = [member.orig_filename.lower() for member in members]
    if len(set(names)) < len(names):
        raise HostileFileError("doubled_part", "a part stands twice in the archive")
    for member in members:
        _judge_name(member.orig_filename)
        _judge_kind(member.orig_filename.lower(), strict=strict)
        if member.flag_bits & 0x1:
            raise HostileFileError("encrypted", "the file is protected with a password")
        ratio = member.file_size / max(1, member.compress_size)
        if member.file_size > RATIO_MATTERS_FROM and ratio > MAX_RATIO:
            raise HostileFileError("zip_bomb", f"a part unpacks to {ratio:.0f} times its size")
    if "[content_types].xml" not in names or "xl/workbook.xml" not in names:
        raise HostileFileError("not_a_workbook", "the archive is no .xlsx workbook")


def _judge_name(name: str) -> None:
    parts = name.split("/")
    if name.startswith("/") or ".." in parts or any(mark in name for mark in "\\:\0"):
        raise HostileFileError("path_traversal", "the name of a part leads out of the archive")


def _judge_kind(name: str, *, strict: bool) -> None:
    if any(part in name for part in _MACRO_PARTS):
        raise HostileFileError("macros", "the workbook holds macros: save it as .xlsx without them")
    if name.startswith(_OBJECT_PARTS):
        raise HostileFileError("embedded_object", "the workbook holds an embedded file")
    readable = name.endswith((".xml", ".rels", ".vml", "/")) or "/printersettings/" in name
    if strict and not readable:
        raise HostileFileError(
            "embedded_object", "the workbook holds a picture or another part that is no text"
        )


# -- the parts -----------------------------------------------------------------------------


def _judge_parts(archive: zipfile.ZipFile, tell: Sink) -> None:
    types = archive.read("[Content_Types].xml")
    if b"macroenabled" in types.lower() or b"vbaproject" in types.lower():
        raise HostileFileError("macros", "the workbook is of a kind that may hold macros")
    sheets = _sheets(archive)
    for name in archive.namelist():
        if name.lower().endswith((".xml", ".rels", ".vml")):
            reader = _PartReader(name, sheets.get(name, ""), tell)
            parser = DefusedXMLParser(target=reader, forbid_dtd=True)
            with archive.open(name) as part:
                while chunk := part.read(CHUNK):
                    parser.feed(chunk)
            parser.close()


def _sheets(archive: zipfile.ZipFile) -> Mapping[str, str]:
    """Return the sheet that a part belongs to: sheets themselves, and what they refer to."""
    book = fromstring(archive.read("xl/workbook.xml"), forbid_dtd=True)
    targets = _relations(archive, "xl/workbook.xml")
    found: dict[str, str] = {}
    for element in book.iter():
        if element.tag.rpartition("}")[2] == "sheet":
            part = targets.get(element.get(_RELATION, ""), "")
            found[part] = element.get("name", "")
    for part, sheet in list(found.items()):
        found.update(dict.fromkeys(_relations(archive, part).values(), sheet))
    return found


def _relations(archive: zipfile.ZipFile, part: str) -> Mapping[str, str]:
    folder, name = posixpath.split(part)
    path = f"{folder}/_rels/{name}.rels"
    if path not in archive.namelist():
        return {}
    return {
        element.get("Id", ""): posixpath.normpath(
            posixpath.join("/", folder, element.get("Target", ""))
        ).lstrip("/")
        for element in fromstring(archive.read(path), forbid_dtd=True)
        if element.get("TargetMode") != "External"
    }


class _PartReader:
    """Follows one part as it is read: its depth, its corner cells, its texts."""

    def __init__(self, part: str, sheet: str, tell: Sink) -> None:
        self.part, self.sheet, self.tell = part, sheet, tell
        self.is_sheet = "/worksheets/" in part and not part.endswith(".rels")
        self.path: list[str] = []
        self.texts: list[list[str]] = []
        self.block = 0  # the depth at which a text of several runs began
        self.cell = self.kind = ""
        self.strings = 0
        self.rows = self.columns = 1

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Enter an element."""
        name = tag.rpartition("}")[2]
        self.path.append(name)
        self.texts.append([])
        if len(self.path) > MAX_DEPTH:
            raise HostileFileError("too_deep", f"a part nests deeper than {MAX_DEPTH} elements")
        if name in ("c", "comment", "threadedComment", "row"):
            self._place(name, attributes)
        if name in _BLOCKS and not self.block:
            self.block = len(self.path)
        for value in attributes.values():
            self._say(value)

    def data(self, text: str) -> None:
        """Collect a piece of text."""
        pieces = self.texts[(self.block or len(self.path)) - 1] if self.path else []
        pieces.append(text)
        if len(pieces) > 1 and sum(map(len, pieces)) > MAX_TEXT:
            raise HostileFileError("text_too_long", f"a text is longer than {MAX_TEXT} characters")

    def end(self, tag: str) -> None:
        """Leave an element and say what was in it."""
        name = tag.rpartition("}")[2]
        text = "".join(self.texts.pop())
        depth = len(self.path)
        self.path.pop()
        if self.is_sheet and name == "v":
            self._value(text)
        elif text.strip():
            self._say(text, self.strings if name == "si" else None)
        if depth == self.block:
            self.block = 0
        if name == "si":
            self.strings += 1
        if name in ("c", "comment", "threadedComment"):
            self.cell = self.kind = ""

    def close(self) -> None:
        """End the part."""

    def _say(self, text: str, string: int | None = None) -> None:
        self.tell(Text(self.part, self.sheet, self.cell, text, string))

    def _value(self, text: str) -> None:
        is_number = self.kind in ("", "n")
        if is_number and len(text) > MAX_NUMBER:
            raise HostileFileError("huge_number", f"the number in {self.cell} has no end")
        string = int(text) if self.kind == "s" and text.strip().isdigit() else None
        self.tell(
            Text(self.part, self.sheet, self.cell, "" if self.kind == "s" else text, string,
                 is_number)
        )  # fmt: skip

    def _place(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "row":
            if "r" in attributes:
                self._reach(int(attributes["r"][:20]), 1)
            return
        reference = attributes.get("r" if name == "c" else "ref", "")
        if name == "c":
            self.kind = attributes.get("t", "")
        self.cell = reference
        found = _REFERENCE.fullmatch(reference)
        if reference and found is None:
            raise HostileFileError("sheet_too_large", "a cell lies outside any sheet")
        if found and name == "c":
            self._reach(int(found[2]), _column_number(found[1]))

    def _reach(self, row: int, column: int) -> None:
        """Widen the sheet's corners; a far corner makes readers fill all that lies between."""
        self.rows, self.columns = max(self.rows, row), max(self.columns, column)
        far = self.rows > MAX_ROW or self.columns > MAX_COLUMN
        if far or self.rows * self.columns > MAX_AREA:
            raise HostileFileError(
                "sheet_too_large", f"a sheet spans {self.rows} rows and {self.columns} columns"
            )


def _column_number(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number


def texts(body: bytes, *, strict: bool = False) -> Iterator[Text]:
    """Yield every text of a workbook that is fit to be opened; raise as ``judge`` does."""
    found: list[Any] = []
    judge(body, strict=strict, tell=found.append)
    yield from found
