"""What dbt is told: where to build, and nothing that is not its business."""

from __future__ import annotations

from release.candidate import Candidate, _environment
from tests.release import workbench


def test_no_key_reaches_dbt_and_paths_are_the_same_for_every_candidate(tmp_path, monkeypatch):
    monkeypatch.setenv("LUMBUNG_BPS_KEY", "canary")
    monkeypatch.setenv("AIRFLOW_CONN_MAIL", "canary")
    settings = workbench.home(tmp_path, build_memory="300MB")
    first, second = (
        _environment(settings, Candidate(name, "2026-01-01T00:00:00+00:00", "f", "e", True))
        for name in ("one", "two")
    )
    assert "canary" not in first.values()
    assert first["LUMBUNG_BUILD_MEMORY"] == "300MB"
    assert {name for name in first if first[name] != second[name]} == {"LUMBUNG_BUILD_RELEASE_ID"}
    assert first["PATH"]
