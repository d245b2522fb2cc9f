"""Writes the workbook that an agency fills in, as the catalogue describes it."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Literal

import openpyxl
from openpyxl.styles import Alignment, Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from ingest.regions import RegionRegister
from ingest.sources.agency_model import (
    DATA,
    HEADER_ROWS,
    INSTRUCTIONS,
    LISTS,
    NUMBERS,
    AgencyDataset,
    TemplateColumn,
)

#: How many rows are prepared with lists to choose from.
PREPARED = 2_000
HEAD = PatternFill("solid", fgColor="DDEBF7")
WIDTH = 24

TYPES = {
    "region": ("kode wilayah BPS, empat angka", "BPS region code, four digits"),
    "period": ("periode", "period"),
    "code": ("kode", "code"),
    "text": ("teks", "text"),
    "choice": ("pilihan dari daftar", "a choice from the list"),
    "integer": ("bilangan bulat", "whole number"),
    "decimal": ("bilangan, boleh berdesimal", "number, decimals allowed"),
}
RULES = (
    (
        "Isi lembar Data mulai baris 4. Jangan mengubah tiga baris pertama, jangan menambah kolom "
        "atau lembar.",
        "Fill in the sheet Data from row 4 on. Leave the first three rows as they are; add no "
        "columns or sheets.",
    ),
    (
        "Jangan menulis data pribadi di mana pun dalam berkas: NIK, nomor KK, nomor telepon, "
        "surel, nama orang. Berkas yang memuatnya ditolak seluruhnya.",
        "Write no personal data anywhere in the file: no NIK, family card number, phone number, "
        "e-mail or name of a person. A file that holds any is refused as a whole.",
    ),
    (
        "Tulis angka sebagai angka, bukan rumus; kosongkan yang tidak diketahui, dan tulis 0 hanya "
        "untuk nol yang sebenarnya.",
        "Write numbers as values, not as formulas; leave unknown ones blank, and write 0 only for "
        "a true zero.",
    ),
    (
        "Untuk memperbaiki berkas yang sudah diterima, kirim lagi seluruhnya dengan nama yang "
        "sama.",
        "To correct a file that was accepted, send all of it again under the same name.",
    ),
)


def write_template(dataset: AgencyDataset, regions: RegionRegister) -> bytes:
    """Return the template of a dataset as the bytes of a workbook."""
    book = openpyxl.Workbook()
    _fill(book.worksheets[0], INSTRUCTIONS, instruction_rows(dataset))
    data = book.create_sheet()
    _fill(data, DATA, header_rows(dataset))
    lists = book.create_sheet()
    _fill(lists, LISTS, list_rows(dataset, regions))
    _dress(data, dataset)
    _offer_choices(data, lists, dataset)
    book.active = 1
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def header_rows(dataset: AgencyDataset) -> list[list[str]]:
    """Return the three rows above the data: keys, Indonesian and English names with units."""
    return [
        [column.column for column in dataset.columns],
        [_titled(column.name.id, column) for column in dataset.columns],
        [_titled(column.name.en, column) for column in dataset.columns],
    ]


def instruction_rows(dataset: AgencyDataset) -> list[list[str]]:
    """Return what the first sheet says, Indonesian beside English."""
    rows = [
        [dataset.title.id, dataset.title.en],
        [dataset.about.id, dataset.about.en],
        [f"Nama folder: {dataset.dataset}", f"Folder name: {dataset.dataset}"],
        *([indonesian, english] for indonesian, english in RULES),
        [""],
        ["Kolom / Column", "Arti", "Meaning", "Isi / Content", "Satuan / Unit", "Wajib / Required",
         "Batas / Limits", "Contoh / Example"],
    ]  # fmt: skip
    return rows + [_described(column) for column in dataset.columns]


def list_rows(dataset: AgencyDataset, regions: RegionRegister) -> list[list[str]]:
    """Return the choices, one column each, and the codes and names of all regions."""
    known = sorted((r.region_code, regions.name(r.region_code)) for r in regions.regions
                   if r.region_code)  # fmt: skip
    region = dataset.of_type("region")[0].column
    columns = [[region, *(code for code, _ in known)], ["", *(name for _, name in known)]]
    columns += [[one.column, *one.allowed] for one in dataset.of_type("choice")]
    height = max(map(len, columns))
    return [[column[at] if at < len(column) else "" for column in columns] for at in range(height)]


def _titled(name: str, column: TemplateColumn) -> str:
    return f"{name} ({column.unit})" if column.unit else name


def _described(column: TemplateColumn) -> list[str]:
    indonesian, english = TYPES[column.type]
    limits = " … ".join(
        "" if limit is None else f"{limit}" for limit in (column.minimum, column.maximum)
    )
    return [
        column.column, column.name.id, column.name.en, f"{indonesian} / {english}",
        column.unit or "", "ya / yes" if column.required else "tidak / no",
        "" if limits == " … " else limits, column.example,
    ]  # fmt: skip


def _fill(sheet: Worksheet, title: str, rows: Sequence[Sequence[str]]) -> None:
    sheet.title = title
    for row in rows:
        sheet.append([cell or None for cell in row])
    for at in range(1, max(map(len, rows)) + 1):
        sheet.column_dimensions[get_column_letter(at)].width = WIDTH
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.number_format = "@"
            if title != LISTS:
                cell.alignment = Alignment(wrap_text=True, vertical="top")


def _dress(sheet: Worksheet, dataset: AgencyDataset) -> None:
    """Mark the header, keep it in sight, and have codes and periods stay text."""
    for row in sheet.iter_rows(min_row=1, max_row=HEADER_ROWS):
        for cell in row:
            cell.font, cell.fill = Font(bold=True), HEAD
    sheet.freeze_panes = f"A{HEADER_ROWS + 1}"
    for at, column in enumerate(dataset.columns, start=1):
        if column.type not in NUMBERS:
            sheet.column_dimensions[get_column_letter(at)].number_format = "@"


def _offer_choices(sheet: Worksheet, lists: Worksheet, dataset: AgencyDataset) -> None:
    """Attach to each column what it accepts, so that a mistake shows while typing."""
    place = {str(lists.cell(1, at).value): at for at in range(1, lists.max_column + 1)}
    for at, column in enumerate(dataset.columns, start=1):
        rule = _validation(column, lists, place)
        if rule is None:
            continue
        rule.showErrorMessage, rule.allow_blank = True, not column.required
        rule.errorTitle = column.column
        rule.error = f"{column.name.id} / {column.name.en}"[:200]
        letter = get_column_letter(at)
        rule.add(f"{letter}{HEADER_ROWS + 1}:{letter}{HEADER_ROWS + PREPARED}")
        sheet.add_data_validation(rule)


def _validation(
    column: TemplateColumn, lists: Worksheet, place: dict[str, int]
) -> DataValidation | None:
    if column.column in place:
        letter = get_column_letter(place[column.column])
        filled = sum(1 for cell in lists[letter] if cell.value)
        return DataValidation(type="list", formula1=f"{LISTS}!${letter}$2:${letter}${filled}")
    if column.type not in NUMBERS:
        return None
    kind: Literal["whole", "decimal"] = "whole" if column.type == "integer" else "decimal"
    low, high = column.minimum, column.maximum
    if low is None:
        return None
    if high is None:
        return DataValidation(type=kind, operator="greaterThanOrEqual", formula1=str(low))
    return DataValidation(type=kind, operator="between", formula1=str(low), formula2=str(high))
