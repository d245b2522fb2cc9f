"""What an agency is told about each rule, in Indonesian and English."""

from __future__ import annotations

from collections.abc import Mapping

#: Rules after which no copy of the file is made: it stays where it was dropped.
UNSAFE = frozenset({
    "nik", "phone", "email", "file_name", "zip_bomb", "xml_entities", "macros",
    "embedded_object", "path_traversal", "doubled_part", "encrypted", "file_too_large",
    "sheet_too_large", "too_deep", "text_too_long", "huge_number", "not_a_workbook", "unreadable",
})  # fmt: skip

WORDS: Mapping[str, tuple[str, str]] = {
    "nik": (
        "Sel ini memuat NIK atau nomor KK. Hapus data pribadi; tidak ada yang disimpan.",
        "The cell holds a NIK or a family card number. Remove personal data; nothing was stored.",
    ),
    "phone": (
        "Sel ini memuat nomor telepon. Hapus data pribadi; tidak ada yang disimpan.",
        "The cell holds a phone number. Remove personal data; nothing was stored.",
    ),
    "email": (
        "Sel ini memuat alamat surel. Hapus data pribadi; tidak ada yang disimpan.",
        "The cell holds an e-mail address. Remove personal data; nothing was stored.",
    ),
    "file_name": (
        "Nama berkas memuat data pribadi. Ganti namanya; tidak ada yang disimpan.",
        "The file's name holds personal data. Rename it; nothing was stored.",
    ),
    "not_a_workbook": (
        "Berkas ini bukan buku kerja .xlsx tanpa kata sandi. Simpan sebagai .xlsx.",
        "The file is no .xlsx workbook without a password. Save it as .xlsx.",
    ),
    "macros": (
        "Berkas ini memuat makro. Simpan sebagai .xlsx tanpa makro.",
        "The file holds macros. Save it as .xlsx without them.",
    ),
    "embedded_object": (
        "Berkas ini memuat gambar atau berkas tersemat. Hapus, lalu kirim lagi.",
        "The file holds a picture or an embedded file. Remove it and send the file again.",
    ),
    "unknown_sheet": (
        "Lembar ini tidak ada dalam templat. Hapus lembarnya.",
        "The template has no such sheet. Delete it.",
    ),
    "missing_sheet": (
        "Lembar Data tidak ada. Pakai templatnya.",
        "The sheet Data is missing. Use the template.",
    ),
    "outside_template": (
        "Isi ini berada di luar templat. Hapus.",
        "This stands outside the template. Delete it.",
    ),
    "unknown_column": (
        "Kolom ini tidak ada dalam templat. Hapus kolomnya.",
        "The template has no such column. Delete it.",
    ),
    "repeated_column": ("Kolom ini berulang.", "The column stands twice."),
    "missing_column": (
        "Kolom {column} tidak ada di baris pertama.",
        "The column {column} is missing in the first row.",
    ),
    "no_rows": ("Lembar Data kosong.", "The sheet Data is empty."),
    "too_many_rows": (
        "Lebih dari {limit} baris. Bagi menjadi beberapa berkas.",
        "More than {limit} rows. Split the file.",
    ),
    "formula_cell": (
        "Sel ini berisi rumus. Tempel sebagai nilai.",
        "The cell holds a formula. Paste it as a value.",
    ),
    "number_format": (
        "Format angka sel ini mengubah nilainya (persen atau ribuan). Pakai format umum.",
        "The cell's number format changes its value (percent or thousands). Use the general one.",
    ),
    "required": ("Kolom {column} wajib diisi.", "The column {column} must be filled in."),
    "not_a_number": ("Ini bukan angka.", "This is no number."),
    "not_whole": ("Harus bilangan bulat.", "It must be a whole number."),
    "too_small": ("Lebih kecil dari {limit}.", "It is below {limit}."),
    "too_big": ("Lebih besar dari {limit}.", "It is above {limit}."),
    "not_allowed": ("Pilih salah satu dari: {allowed}.", "Choose one of: {allowed}."),
    "bad_form": ("Bentuknya salah; contoh: {example}.", "It has the wrong form; as in: {example}."),
    "too_long": ("Lebih dari {limit} huruf.", "It is longer than {limit} characters."),
    "looks_like_formula": (
        "Teks tidak boleh diawali tanda rumus.",
        "A text must not begin with the sign of a formula.",
    ),
    "unknown_region": ("Kode wilayah tidak dikenal.", "{detail}"),
    "duplicate_row": ("Baris ini mengulang baris lain.", "The row repeats another one: {detail}"),
    "out_of_bounds": ("Nilai ini tidak mungkin.", "{detail}"),
    "unknown_period": ("Periode tidak dikenal.", "{detail}"),
    "unreadable": (
        "Berkas ini rusak atau terpotong. Simpan ulang, lalu kirim lagi.",
        "The file is damaged or cut off. Save it anew and send it again.",
    ),
}
OTHER = ("Ditolak oleh aturan {rule}.", "Refused by the rule {rule}: {detail}")


def say(rule: str, facts: Mapping[str, str]) -> tuple[str, str]:
    """Return what to tell about a rule, in Indonesian and in English."""
    indonesian, english = WORDS.get(rule, OTHER)
    known = _Facts({"rule": rule, **facts})
    return indonesian.format_map(known), english.format_map(known).strip()


class _Facts(dict[str, str]):
    """Facts for a sentence; one that is not known is left out."""

    def __missing__(self, _key: str) -> str:
        return ""
