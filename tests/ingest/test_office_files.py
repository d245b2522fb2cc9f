"""Hostile workbooks are refused, each by its own defence, before anything opens them."""

from __future__ import annotations

import io
import zipfile

import pytest

from ingest import office_files
from ingest.errors import UnreadableFileError
from ingest.office_files import HostileFileError, judge
from tests.ingest.workbooks import in_sheet, repacked, xlsx

PLAIN = xlsx([["a", "b"], [1, "c"]])


def rule(body: bytes, *, strict: bool = False) -> str:
    with pytest.raises(HostileFileError) as caught:
        judge(body, strict=strict)
    return caught.value.rule


def with_part(name: str, part: bytes = b"x") -> bytes:
    return repacked(PLAIN, add={name: part})


def test_an_ordinary_workbook_passes_even_strictly() -> None:
    judge(PLAIN, strict=True)


def test_a_bomb_of_zeros_is_refused_unopened() -> None:
    assert rule(with_part("xl/big.xml", b" " * (64 * 1024 * 1024))) == "zip_bomb"


def test_many_large_parts_are_refused_by_their_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_files, "MAX_UNPACKED", 3_000)
    assert rule(with_part("xl/more.xml", bytes(range(256)) * 16)) == "zip_bomb"


def test_too_many_parts_are_refused() -> None:
    many = {f"xl/{n}.xml": b"<a/>" for n in range(office_files.MAX_MEMBERS + 1)}
    assert rule(repacked(PLAIN, add=many)) == "zip_bomb"


def test_a_part_that_is_larger_than_it_says_is_refused() -> None:
    body = bytearray(with_part("xl/x.xml", b"<a>" + b"b" * 5_000 + b"</a>"))
    at = body.rindex(b"PK\x01\x02")  # the central directory's last entry: its size is a lie
    body[at + 24 : at + 28] = (100).to_bytes(4, "little")
    with pytest.raises(UnreadableFileError):
        judge(bytes(body))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize("part", ["xl/x.xml", "docProps/custom.xml", "xl/_rels/y.rels"])
def test_entities_and_document_types_are_refused_in_any_part(part: str, encoding: str) -> None:
    laughs = (
        f'<?xml version="1.0" encoding="{encoding}"?>'
        '<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;&b;">]><a>&c;</a>'
    )
    assert rule(with_part(part, laughs.encode(encoding))) == "xml_entities"


def test_an_outside_entity_is_refused() -> None:
    reaching = b'<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/hostname">]><a>&b;</a>'
    assert rule(with_part("xl/x.xml", reaching)) == "xml_entities"


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/evil.xml", "xl/../../e.xml", "xl\\..\\e.xml",
                                  "C:/e.xml"])  # fmt: skip
def test_names_that_lead_out_of_the_archive_are_refused(name: str) -> None:
    assert rule(with_part(name)) == "path_traversal"


def test_a_part_that_stands_twice_is_refused() -> None:
    assert rule(with_part("XL/Workbook.xml")) == "doubled_part"


@pytest.mark.parametrize(
    "name", ["xl/vbaProject.bin", "xl/macrosheets/sheet1.xml", "xl/activeX/a.bin"]
)
def test_macros_are_refused(name: str) -> None:
    assert rule(with_part(name)) == "macros"


def test_a_macro_enabled_kind_is_refused_without_any_macro() -> None:
    kind = repacked(PLAIN, lambda name, part: part.replace(
        b"openxmlformats-officedocument.spreadsheetml.sheet.main",
        b"ms-excel.sheet.macroEnabled.main") if "Content_Types" in name else part)  # fmt: skip
    assert rule(kind) == "macros"


def test_embedded_files_are_refused_and_pictures_where_nobody_can_look_at_them() -> None:
    assert rule(with_part("xl/embeddings/o.bin")) == "embedded_object"
    judge(with_part("xl/media/image1.png"))
    assert rule(with_part("xl/media/image1.png"), strict=True) == "embedded_object"


@pytest.mark.parametrize(
    "cell", [b"XFD1048576", b"A1048577", b"ZZZ1", b"A99999999", b"BBBB1", b"1A"]
)
def test_a_cell_a_billion_cells_away_is_refused(cell: bytes) -> None:
    assert rule(repacked(PLAIN, in_sheet(b'r="B2"', b'r="' + cell + b'"'))) == "sheet_too_large"


def test_a_row_beyond_every_sheet_is_refused() -> None:
    far = repacked(PLAIN, in_sheet(b'<row r="2"', b'<row r="99999999999"'))
    assert rule(far) == "sheet_too_large"


def test_deep_structures_are_refused() -> None:
    assert rule(with_part("xl/x.xml", b"<a>" * 50_000 + b"</a>" * 50_000)) == "too_deep"


def test_endless_numbers_and_texts_are_refused() -> None:
    assert (
        rule(repacked(PLAIN, in_sheet(b"<v>1</v>", b"<v>" + b"9" * 5_000 + b"</v>")))
        == "huge_number"
    )
    assert rule(with_part("xl/x.xml", b"<a>" + b"b&lt;" * 60_000 + b"</a>")) == "text_too_long"


def test_a_password_and_an_old_format_are_named() -> None:
    assert rule(office_files.OLE + b"\0" * 600) == "not_a_workbook"
    locked = bytearray(PLAIN)
    at = locked.index(b"PK\x01\x02")
    locked[at + 8] |= 1
    assert rule(bytes(locked)) == "encrypted"


def test_another_archive_is_no_workbook() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.txt", "b")
    assert rule(out.getvalue()) == "not_a_workbook"


@pytest.mark.parametrize("body", [b"", b"PK\x03\x04", PLAIN[:200], PLAIN[:-40], b"\0" * 100])
def test_what_is_no_whole_archive_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableFileError):
        judge(body)


def test_a_broken_part_is_unreadable() -> None:
    with pytest.raises(UnreadableFileError, match="no XML"):
        judge(with_part("xl/x.xml", b"<a><b></a>"))


def test_no_single_file_is_larger_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(office_files, "MAX_BYTES", 100)
    assert rule(PLAIN) == "file_too_large"
