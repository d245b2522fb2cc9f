"""A report is due where there is none, or where its region's area changed since it was made."""

from __future__ import annotations

import datetime
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from lumbung.settings import Settings
from portal.report import due
from portal.report.due import Changes

REGIONS = [
    ("0000", "country", None), ("3600", "province", "0000"), ("3672", "kota", "3600"),
    ("3673", "kota", "3600"), ("3200", "province", "0000"), ("3201", "kabupaten", "3200"),
]  # fmt: skip


def release(releases: Path, name: str, against: str | None, changed: list[str]) -> None:
    """Write a release as it is kept with age: Parquet, its manifest and its diff."""
    marts = releases / name / "marts"
    marts.mkdir(parents=True)
    (releases / name / "manifest.json").write_text(json.dumps({"release_id": name}))
    (releases / name / "diff.json").write_text(json.dumps({"against": against}))
    codes, types, parents = zip(*REGIONS, strict=True)
    never = pa.array([None] * len(codes), pa.date32())
    regions = {
        "region_code": codes, "name": codes, "kemendagri_code": never, "djpk_code": never,
        "valid_from": never, "type": types, "parent_region_code": parents, "valid_to": never,
    }  # fmt: skip
    pq.write_table(pa.table(regions), marts / "dim_region.parquet")
    difference = pa.table({"region_code": pa.array(changed, pa.string())})
    pq.write_table(difference, marts / "release_diff.parquet")


@pytest.fixture
def releases(tmp_path: Path) -> Path:
    release(tmp_path, "r1", None, [])
    release(tmp_path, "r2", "r1", ["3673"])
    release(tmp_path, "r3", "r2", ["0000"])
    release(tmp_path, "r5", "r4", ["3673"])
    return tmp_path


def test_a_changed_regency_makes_its_whole_province_due(releases: Path) -> None:
    assert Changes(releases).between("r1", "r2") == {"3600", "3672", "3673"}


def test_a_changed_country_makes_itself_and_the_provinces_due(releases: Path) -> None:
    assert Changes(releases).between("r2", "r3") == {"0000", "3600", "3200"}


def test_changes_add_up_over_releases_and_none_is_none(releases: Path) -> None:
    changes = Changes(releases)
    assert changes.between("r1", "r3") == {"0000", "3200", "3600", "3672", "3673"}
    assert changes.between("r3", "r3") == set()


def test_a_broken_chain_says_nothing(releases: Path) -> None:
    assert Changes(releases).between("r1", "r5") is None
    assert Changes(releases).between("r9", "r1") is None


@pytest.fixture
def written(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Count what would be written; writing itself is tested with a whole release."""
    found: list[str] = []

    def note(job: tuple[Path, Path, object, str]) -> str:
        found.append(f"{job[2]} {job[3]}")
        return job[3]

    monkeypatch.setattr(due, "_write_one", note)
    return found


def point(home: Path, name: str) -> None:
    current = home / "releases" / "current"
    current.unlink(missing_ok=True)
    current.symlink_to(name)


def test_each_run_writes_what_is_due_and_no_more(
    tmp_path: Path, releases: Path, written: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "releases").symlink_to(releases)
    settings, march = Settings(home=home), datetime.date(2026, 3, 1)
    monkeypatch.setattr(due, "FEW", 100)
    point(home, "r1")
    codes = [code for code, _, _ in sorted(REGIONS)]
    assert due.write_due(settings, march).written == {"2025-S2": codes}
    written.clear()
    assert due.write_due(settings, march).n_written == 0
    assert written == []
    point(home, "r2")
    assert due.write_due(settings, march).written == {"2025-S2": ["3600", "3672", "3673"]}
    written.clear()
    july = due.write_due(settings, datetime.date(2026, 7, 15))
    assert july.written == {"2026-S1": codes}
    assert july.n_current == len(codes)
    point(home, "r5")
    assert set(due.write_due(settings, march).written) == {"2025-S2", "2026-S1"}
    assert "2025-S2 3201" in written, "nobody knows what changed: all are due"
