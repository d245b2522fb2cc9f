"""An agency's file is held to its template: every wrong cell is named, nothing else lands."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet
from pydantic import ValidationError

from ingest import catalogue, drop, harvest
from ingest.drop_folder import Folder
from ingest.errors import FetchError
from ingest.landing import Landing
from ingest.protocol import Snapshot
from ingest.sources.agency_check import Checked, check
from ingest.sources.agency_model import AgencyDataset
from ingest.sources.agency_returns import marked_copy, report
from ingest.sources.agency_template import write_template
from lumbung.settings import Settings
from tests.ingest.parsing import context
from tests.ingest.workbooks import in_sheet, repacked, saved

CATALOGUE = catalogue.load(Settings().catalog)
AGENCY = {
    name: dataset
    for name, dataset in CATALOGUE.datasets.items()
    if isinstance(dataset, AgencyDataset)
}
SEEKERS = AGENCY["agency_job_seekers"]
ROWS = [
    ["3604", "2025-Q1", "36.04.05.2001", "Satu", 120, 30],
    ["3604", "2025-Q1", "36.04.05.2002", "Dua", 45, 0],
    ["3604", "2025-Q1", "36.04.05.2003", "Tiga", 60, None],
]
NIK = "3604054107900012"
Change = Callable[[openpyxl.Workbook], object]


def filled(
    dataset: AgencyDataset, rows: Iterable[Iterable[Any]], change: Change | None = None
) -> bytes:
    """Return the template as an office would send it back."""
    book = openpyxl.load_workbook(io.BytesIO(write_template(dataset, context().regions)))
    sheet = data(book)
    for number, row in enumerate(rows, start=4):
        for at, value in enumerate(row, start=1):
            sheet.cell(number, at, value)
    if change:
        change(book)
    return saved(book)


def data(book: openpyxl.Workbook) -> Worksheet:
    sheet = book["Data"]
    assert isinstance(sheet, Worksheet)
    return sheet


def put(cell: str, value: Any) -> Change:
    def change(book: openpyxl.Workbook) -> None:
        data(book)[cell] = value

    return change


def checked(body: bytes, dataset: AgencyDataset = SEEKERS) -> Checked:
    return check(dataset, body, context(), Snapshot(dataset.dataset, "p", "0" * 64))


def wrong(body: bytes) -> list[tuple[str, str, str | None, str]]:
    return [(one.sheet, one.cell, one.value, one.rule) for one in checked(body).findings]


# -- templates --------------------------------------------------------------------------------


def test_the_ten_templates_of_the_issue_are_there() -> None:
    assert set(AGENCY) == {
        "agency_programmes", "agency_job_seekers", "agency_training", "agency_damaged_classrooms",
        "agency_partnerships", "agency_turnout", "agency_msme", "agency_labour_intensive_works",
        "agency_village_enterprises", "agency_village_development",
    }  # fmt: skip


@pytest.mark.parametrize("name", sorted(AGENCY))
def test_a_template_filled_with_its_own_examples_is_right(name: str) -> None:
    dataset = AGENCY[name]
    numbers = {"integer": int, "decimal": float}
    row = [numbers.get(column.type, str)(column.example) for column in dataset.columns]
    found = checked(filled(dataset, [row]), dataset)
    assert found.findings == ()
    assert found.result is not None
    assert found.result.n_items == len(dataset.measures)


@pytest.mark.parametrize("name", sorted(AGENCY))
def test_a_template_offers_choices_and_speaks_two_languages(name: str) -> None:
    dataset = AGENCY[name]
    book = openpyxl.load_workbook(io.BytesIO(write_template(dataset, context().regions)))
    assert book.sheetnames == ["Petunjuk", "Data", "Daftar"]
    assert [book["Petunjuk"].cell(1, at).value for at in (1, 2)] == [
        dataset.title.id, dataset.title.en,
    ]  # fmt: skip
    lists = [rule for rule in data(book).data_validations.dataValidation if rule.type == "list"]
    assert len(lists) == 1 + len(dataset.of_type("choice"))
    units = [column.unit for column in dataset.columns if column.unit]
    header = " ".join(str(cell.value) for cell in data(book)[2])
    assert all(f"({unit})" in header for unit in units)


# -- right files ------------------------------------------------------------------------------


def test_a_right_file_becomes_figures_with_their_cells() -> None:
    found = checked(filled(SEEKERS, ROWS))
    assert found.is_right
    assert found.result is not None
    rows = found.result.observations.to_pylist()
    assert len(rows) == 6
    first = rows[0]
    assert (first["indicator_id"], first["value"], first["locator"]) == (
        "job_seekers_registered", Decimal(120), "Data!E4",
    )  # fmt: skip
    assert (first["breakdown"], first["category"]) == ("village", "36.04.05.2001")
    assert (first["region_code"], first["period_label"]) == ("3604", "2025-Q1")
    assert rows[-1]["value"] is None
    assert rows[-1]["obs_status"] == "O"


def test_numbers_as_text_in_indonesian_style_are_read() -> None:
    body = filled(AGENCY["agency_village_development"],
                  [["3604", "2025", "36.04.05.2001", "Satu", "maju", "0,7215"]])  # fmt: skip
    found = checked(body, AGENCY["agency_village_development"])
    assert found.result is not None
    assert found.result.observations["value"].to_pylist() == [Decimal("0.7215")]


# -- wrong files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "value", "rule", "shown"),
    [
        ("A4", "3699", "unknown_region", "3699"),
        ("A4", None, "required", ""),
        ("B4", "2025-03", "bad_form", "2025-03"),
        ("C4", "3604052001", "bad_form", "3604052001"),
        ("D4", "x" * 200, "too_long", "x" * 80),
        ("D4", "|cmd", "looks_like_formula", "|cmd"),
        ("E4", -1, "too_small", "-1"),
        ("E4", 1.5, "not_whole", "1.5"),
        ("E4", "banyak", "not_a_number", "banyak"),
        ("E4", "-", "not_a_number", "-"),
        ("E4", "=1+1", "formula_cell", ""),
        ("G1", "nama", "unknown_column", "nama"),
        ("G4", "Budi", "outside_template", "Budi"),
        ("G2", "catatan", "outside_template", "catatan"),
        ("F1", "pencari_kerja", "repeated_column", "pencari_kerja"),
    ],
)
def test_each_wrong_cell_is_named_with_its_rule(
    cell: str, value: Any, rule: str, shown: str
) -> None:
    found = wrong(filled(SEEKERS, ROWS, put(cell, value)))
    assert ("Data", cell, shown, rule) in found


def test_every_wrong_cell_is_named_at_once() -> None:
    def change(book: openpyxl.Workbook) -> None:
        data(book)["E4"] = "banyak"
        data(book)["E5"] = -4
        data(book)["B6"] = "lalu"

    assert [one[1] for one in wrong(filled(SEEKERS, ROWS, change))] == ["E4", "E5", "B6"]


def test_what_two_rows_say_twice_is_wrong() -> None:
    found = wrong(filled(SEEKERS, [ROWS[0], ROWS[0]]))
    assert {(one[1], one[3]) for one in found} == {("E5", "duplicate_row"), ("F5", "duplicate_row")}


def test_other_sheets_and_words_added_to_ours_are_refused() -> None:
    def change(book: openpyxl.Workbook) -> None:
        book.create_sheet("Rincian")["A1"] = "Budi"
        book["Petunjuk"]["B30"] = "daftar nama"
        book["Rincian"].sheet_state = "veryHidden"

    found = wrong(filled(SEEKERS, ROWS, change))
    assert ("Rincian", "", None, "unknown_sheet") in found
    assert ("Petunjuk", "B30", "daftar nama", "outside_template") in found


def test_a_missing_column_an_empty_sheet_and_a_missing_sheet_are_named() -> None:
    gone = wrong(filled(SEEKERS, ROWS, lambda book: data(book).delete_cols(3)))
    assert ("Data", "", "kode_desa", "missing_column") in gone
    assert wrong(filled(SEEKERS, [])) == [("Data", "", None, "no_rows")]
    renamed = filled(SEEKERS, ROWS, lambda book: setattr(data(book), "title", "Isi"))
    assert ("Data", "", None, "missing_sheet") in wrong(renamed)


def test_a_percentage_is_not_taken_for_a_number() -> None:
    def change(book: openpyxl.Workbook) -> None:
        data(book)["E4"].number_format = "0%"

    assert wrong(filled(SEEKERS, ROWS, change)) == [("Data", "E4", "12000", "number_format")]


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"kode,tahun\n", b"PK\x03\x04cut"])
def test_what_is_no_workbook_is_named_so(body: bytes) -> None:
    found = checked(body)
    assert found.is_unsafe
    assert len(found.findings) == 1


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"columns": SEEKERS.columns[1:]}, "exactly one region"),
        ({"attributes": ["alamat"]}, "no column alamat"),
        ({"columns": [*SEEKERS.columns, SEEKERS.columns[0]]}, "stands twice"),
        ({"bundled": {"folder": "x", "collected_on": "2026-01-01"}}, "never bundled"),
    ],
)
def test_a_template_that_can_not_be_meant_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        AgencyDataset.model_validate({**SEEKERS.model_dump(), **fields})


# -- what goes back ---------------------------------------------------------------------------


def test_the_report_runs_nothing_when_it_is_opened() -> None:
    found = checked(filled(SEEKERS, ROWS, put("G4", "@SUM(A1:A9)"))).findings
    rows = list(csv.DictReader(io.StringIO(report(found).decode("utf-8-sig"))))
    assert rows[0]["value"] == "'@SUM(A1:A9)"
    assert (rows[0]["sheet"], rows[0]["cell"], rows[0]["rule"]) == (
        "Data", "G4", "outside_template",
    )  # fmt: skip
    assert rows[0]["message_id"]
    assert rows[0]["message_en"]


def test_the_copy_marks_each_wrong_cell_and_keeps_the_rest() -> None:
    body = filled(SEEKERS, ROWS, put("E5", "banyak"))
    book = openpyxl.load_workbook(io.BytesIO(marked_copy(body, checked(body).findings)))
    cell = data(book)["E5"]
    assert cell.fill.fgColor.rgb == "00FF9999"
    assert cell.comment is not None
    assert "not_a_number" in cell.comment.text
    assert cell.value == "banyak"
    assert data(book)["E4"].value == 120
    assert data(book)["E4"].comment is None


# -- the folder -------------------------------------------------------------------------------


class Office:
    """A home with a drop folder, and what is done with it."""

    def __init__(self, home: Path) -> None:
        self.settings = Settings(home=home)
        self.drop = home / "drop"
        self.inbox = self.drop / SEEKERS.dataset

    def send(self, name: str, body: bytes) -> Path:
        self.inbox.mkdir(parents=True, exist_ok=True)
        path = self.inbox / name
        path.write_bytes(body)
        return path

    def receive(self) -> list[drop.Received]:
        return drop.receive(self.settings, CATALOGUE)

    def harvest(self) -> harvest.HarvestReport:
        (found,) = harvest.harvest([SEEKERS.dataset], self.settings)
        return found

    def files(self) -> list[str]:
        return sorted(
            p.relative_to(self.inbox).as_posix() for p in self.inbox.rglob("*") if p.is_file()
        )

    def holding(self, text: str) -> list[Path]:
        """Return every stored file with a text in it, workbooks unpacked."""
        wanted = text.encode()
        return [p for p in self.settings.home.rglob("*") if p.is_file() and wanted in _unpacked(p)]


def _unpacked(path: Path) -> bytes:
    import zipfile

    if not zipfile.is_zipfile(path):
        return path.read_bytes()
    with zipfile.ZipFile(path) as archive:
        return b"".join(archive.read(name) for name in archive.namelist())


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.delenv("LUMBUNG_DROP_URL", raising=False)
    return Office(tmp_path / "a home")


def test_without_a_folder_nothing_is_asked_and_nothing_is_wrong(office: Office) -> None:
    assert office.receive() == []
    assert office.harvest().outcome == "not_configured"


def test_an_empty_folder_is_no_error(office: Office) -> None:
    office.inbox.mkdir(parents=True)
    assert office.receive() == []
    assert office.harvest().outcome == "empty"


def test_a_right_file_is_archived_and_lands(office: Office) -> None:
    body = filled(SEEKERS, ROWS)
    office.send("Pencaker TW1 2025.xlsx", body)
    (received,) = office.receive()
    assert (received.outcome, received.file) == ("accepted", "pencaker-tw1-2025")
    (archived,) = office.files()
    assert archived.startswith("accepted/pencaker-tw1-2025/")
    assert (office.inbox / archived).read_bytes() == body
    found = office.harvest()
    assert (found.outcome, found.n_observations, found.n_rejected) == ("ok", 6, 0)
    assert not found.is_sample
    assert office.receive() == []
    assert office.harvest().outcome == "unchanged"


def test_a_file_sent_again_under_its_name_is_a_new_version_of_it(office: Office) -> None:
    office.send("tw1.xlsx", filled(SEEKERS, ROWS))
    office.receive()
    office.harvest()
    office.send("tw1.xlsx", filled(SEEKERS, ROWS, put("E4", 121)))
    office.receive()
    assert office.harvest().n_snapshots == 2
    snapshots = Landing(office.settings.landing).snapshots(SEEKERS.dataset)
    assert {one.partition for one in snapshots} == {"tw1"}
    newest = Landing(office.settings.landing).read(snapshots[-1].snapshot_id)
    assert newest == filled(SEEKERS, ROWS, put("E4", 121)) or b"121" in _bytes_of(newest)


def _bytes_of(body: bytes) -> bytes:
    import zipfile

    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        return archive.read("xl/worksheets/sheet2.xml")


def test_a_wrong_file_goes_back_with_a_report_and_never_lands(office: Office) -> None:
    office.send("tw1.xlsx", filled(SEEKERS, ROWS, put("E4", "banyak")))
    (received,) = office.receive()
    assert (received.outcome, received.n_findings) == ("returned", 1)
    kinds = [name.rpartition("/")[2] for name in office.files()]
    assert kinds == ["report.csv", "tw1-marked.xlsx", "tw1.xlsx"]
    assert all(name.startswith("returned/") for name in office.files())
    assert office.harvest().n_snapshots == 0
    (attempt,) = [a for a in Landing(office.settings.landing).attempts() if a.partition == "tw1"]
    assert (attempt.outcome, "banyak" in attempt.message) == ("refused", False)
    assert office.receive() == []


def test_one_wrong_file_does_not_hold_up_the_right_ones(office: Office) -> None:
    office.send("a.xlsx", b"junk")
    office.send("b.xlsx", filled(SEEKERS, ROWS))
    assert [one.outcome for one in office.receive()] == ["refused", "accepted"]
    assert office.harvest().n_observations == 6


@pytest.mark.parametrize("where", ["cell", "number", "hidden", "comment", "property", "header"])
def test_personal_data_is_refused_before_a_byte_is_stored(office: Office, where: str) -> None:
    from openpyxl.comments import Comment

    def change(book: openpyxl.Workbook) -> None:
        sheet = data(book)
        if where == "cell":
            sheet["D5"] = f"Budi {NIK}"
        elif where == "hidden":
            hidden = book.create_sheet("x")
            hidden["C9"], hidden.sheet_state = NIK, "veryHidden"
        elif where == "comment":
            sheet["D5"].comment = Comment(NIK, "x")
        elif where == "property":
            book.properties.keywords = NIK
        elif where == "header":
            sheet.oddFooter.left.text = NIK

    body = filled(SEEKERS, ROWS, change)
    if where == "number":
        body = repacked(body, in_sheet(b"<v>120</v>", b"<v>" + NIK.encode() + b"</v>"))
    path = office.send("tw1.xlsx", body)
    (received,) = office.receive()
    assert received.outcome == "refused"
    office.harvest()
    assert office.holding(NIK) == [path]
    text = (office.drop / (received.report or "")).read_text("utf-8-sig")
    places = {"cell": "Data,D5,", "number": "Data,E4,", "hidden": "x,C9,",
              "comment": "Data,D5 (comment),", "property": "docProps/core.xml,core.xml,",
              "header": '"header, footer or settings"'}  # fmt: skip
    assert places[where] in text
    assert path.exists()


def test_a_file_whose_name_is_personal_is_refused_under_another(office: Office) -> None:
    path = office.send(f"KTP {NIK}.xlsx", filled(SEEKERS, ROWS))
    (received,) = office.receive()
    assert received.outcome == "refused"
    assert NIK not in received.file
    assert office.holding(NIK) == []
    assert [p for p in office.settings.home.rglob("*") if NIK in p.name] == [path]


def test_what_somebody_puts_among_the_accepted_is_still_looked_at(office: Office) -> None:
    folder = office.inbox / "accepted" / "sly"
    folder.mkdir(parents=True)
    (folder / "1.xlsx").write_bytes(filled(SEEKERS, ROWS, put("D4", NIK)))
    found = office.harvest()
    assert (found.outcome, found.n_snapshots) == ("refused", 0)
    assert office.holding(NIK) == [folder / "1.xlsx"]
    assert NIK not in found.message


def test_a_folder_at_any_address_works_alike(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    import fsspec

    monkeypatch.setenv("LUMBUNG_DROP_URL", "memory://lumbung-test")
    memory = fsspec.filesystem("memory")
    memory.pipe_file(f"/lumbung-test/{SEEKERS.dataset}/tw1.xlsx", filled(SEEKERS, ROWS))
    try:
        assert [one.outcome for one in office.receive()] == ["accepted"]
        assert office.harvest().n_observations == 6
    finally:
        memory.rm("/lumbung-test", recursive=True)


@pytest.mark.parametrize("name", ["../../etc/passwd", "a/../../b", "a\\..\\b", "a/./b"])
def test_no_name_leads_out_of_the_folder(tmp_path: Path, name: str) -> None:
    folder = Folder(f"file://{tmp_path}/drop", 1000)
    with pytest.raises(FetchError, match="leads out"):
        folder.read(name)


def test_links_hidden_and_lock_files_are_left_alone_and_large_ones_refused(office: Office) -> None:
    outside = office.settings.home.parent / "secret.xlsx"
    outside.write_bytes(filled(SEEKERS, ROWS))
    office.inbox.mkdir(parents=True)
    (office.inbox / "link.xlsx").symlink_to(outside)
    office.send("~$tw1.xlsx", b"x")
    office.send(".tw1.xlsx", b"x")
    assert office.receive() == []
    office.settings = Settings(home=office.settings.home, max_body_bytes=10)
    office.send("big.xlsx", b"x" * 11)
    (received,) = office.receive()
    assert (received.outcome, received.report) == ("refused", None)


# -- small counts -----------------------------------------------------------------------------


def test_small_counts_of_persons_in_villages_are_withheld(office: Office) -> None:
    import pyarrow.parquet as pq

    rows = [
        ["3604", "2025-Q1", f"36.04.05.{2000 + n}", "Desa", seekers, 0]
        for n, seekers in enumerate([2, 7, 40, 90])
    ]
    office.send("tw1.xlsx", filled(SEEKERS, rows))
    office.receive()
    assert office.harvest().n_observations == 8
    (path,) = office.settings.observations.rglob("*.observations.parquet")
    found = [
        (r["value"], r["value_text"], r["obs_status"])
        for r in pq.read_table(path).to_pylist()
        if r["indicator_id"] == "job_seekers_registered"
    ]
    assert found == [
        (None, "", "Q"), (None, "", "Q"), (Decimal(40), "40", "A"), (Decimal(90), "90", "A"),
    ]  # fmt: skip


def read_back(office: Office, folder: Path) -> list[dict[str, Any]]:
    """Return what a build reads of registered seekers, of every file and version."""
    import pyarrow.parquet as pq

    from ingest import inputs

    inputs.write(office.settings, folder)
    rows = pq.read_table(folder / "observations.parquet").to_pylist()
    return [row for row in rows if row["indicator_id"] == "job_seekers_registered"]


def seekers(*numbers: int) -> list[list[Any]]:
    return [
        ["3604", "2025-Q1", f"36.04.05.{2000 + n}", "Desa", seekers, None]
        for n, seekers in enumerate(numbers)
    ]


@pytest.mark.parametrize("second", ["tw1.xlsx", "tw1-koreksi.xlsx"])
def test_two_files_together_reveal_no_small_count(
    office: Office, second: str, tmp_path: Path
) -> None:
    """165 - 60 - 90 leaves 15 for two villages, 107 - 90 leaves 17 for three: 2 for the third."""
    office.send("tw1.xlsx", filled(SEEKERS, seekers(3, 12, 60, 90)))
    office.receive()
    office.harvest()
    alone = [row["value"] for row in read_back(office, tmp_path / "first")]
    assert alone == [None, None, 60, 90]
    office.send(second, filled(SEEKERS, seekers(3, 12, 2, 90)))
    office.receive()
    office.harvest()
    shown = {
        (row["snapshot_id"], row["category"][-1], row["value"])
        for row in read_back(office, tmp_path / "both")
        if row["value"] is not None
    }
    assert {(village, value) for _, village, value in shown} == {("3", 90)}
    assert len(shown) == 2


def test_what_is_withheld_in_one_quarter_is_shown_in_another(
    office: Office, tmp_path: Path
) -> None:
    later = [[code, "2025-Q2", *rest] for code, _, *rest in seekers(8, 12, 60, 90)]
    office.send("tw1.xlsx", filled(SEEKERS, [*seekers(3, 12, 60, 90), *later]))
    office.receive()
    office.harvest()
    values = {
        (row["period_label"], row["category"][-1]): row["value"]
        for row in read_back(office, tmp_path / "inputs")
    }
    assert [values["2025-Q2", village] for village in "0123"] == [8, 12, 60, 90]
    assert [values["2025-Q1", village] for village in "0123"] == [None, None, 60, 90]
