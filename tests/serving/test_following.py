"""What a refresh and its DAG make of a PostgreSQL: behind, up to date, down or not there."""

from __future__ import annotations

from pathlib import Path

import pytest
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from lumbung import refresh, runner, steps
from serving import follow, publish
from serving.errors import ServingError, UnreachableError
from tests.serving import workbench


def _as_set(monkeypatch, settings) -> None:
    monkeypatch.setenv("LUMBUNG_HOME", str(settings.home))
    monkeypatch.setenv("LUMBUNG_POSTGRES_PORT", str(settings.postgres_port))


def test_without_a_postgresql_the_step_is_skipped(tmp_path, monkeypatch):
    monkeypatch.setenv("LUMBUNG_HOME", str(tmp_path))
    with pytest.raises(AirflowSkipException):
        steps.serve_current_release()


def test_a_home_without_a_release_has_nothing_to_serve(served, monkeypatch):
    _as_set(monkeypatch, served)
    with pytest.raises(AirflowSkipException):
        steps.serve_current_release()


def test_the_step_serves_the_current_release_and_what_is_down_is_asked_again(served, monkeypatch):
    release_id = workbench.release(served, 1)
    _as_set(monkeypatch, served)
    assert steps.serve_current_release() == release_id
    assert publish.served(served) == release_id
    assert follow.follow(served) == f"PostgreSQL serves {release_id}, as before."
    # Down: Airflow asks again, so this is no failure for good.
    monkeypatch.setenv("LUMBUNG_POSTGRES_PORT", str(workbench.free_port()))
    with pytest.raises(UnreachableError, match="python -m serving start"):
        steps.serve_current_release()
    down = served.model_copy(update={"postgres_port": workbench.free_port()})
    with pytest.raises(ServingError, match="PostgreSQL did not follow"):
        follow.follow(down)


def test_what_no_retry_would_change_fails_for_good(served, monkeypatch):
    damaged = workbench.release(served, 2)
    (served.releases / damaged / "marts" / "budget.parquet").unlink()
    _as_set(monkeypatch, served)
    with pytest.raises(AirflowFailException, match=r"budget\.parquet is missing"):
        steps.serve_current_release()


def test_a_refresh_tells_that_postgresql_is_behind_though_the_release_stands(capsys):
    event = runner.TaskEvent("serve_release", "serve", "failed", 1.0, "no PostgreSQL lets us in")
    run = runner.DagRun("serve_release", "failed", {"serve": event})
    assert refresh._explain_unserved([run], Path("refresh.log")) == 1
    said = capsys.readouterr().err
    assert "no PostgreSQL lets us in" in said
    assert "The release above stands in files" in said
    assert "python -m serving publish" in said
    good = runner.DagRun("serve_release", "success", {})
    assert refresh._explain_unserved([good], Path("refresh.log")) == 0
    assert refresh._explain_unserved([], Path("refresh.log")) == 0
