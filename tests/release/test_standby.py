"""dbt stands by only where it may, for the code and settings that it reads, and never outlives."""

from __future__ import annotations

from pathlib import Path

import pytest

from lumbung.settings import Settings
from release import dbt_process, fingerprint
from release.standby import Standby


class Process:
    """In the place of dbt: says when it began and ended."""

    def __init__(self, settings: Settings) -> None:
        self.said: list[str] = []
        lived.append(self)

    def __enter__(self) -> Process:
        self.said.append("begun")
        return self

    def __exit__(self, *_: object) -> None:
        self.said.append("ended")


lived: list[Process] = []


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    lived.clear()
    monkeypatch.setattr(dbt_process, "DbtProcess", Process)
    return Settings(home=tmp_path / "home")


def test_what_waits_is_taken_once_and_ends_with_its_build(settings: Settings) -> None:
    standby = Standby()
    with standby.allowed():
        standby.call(settings)
        standby.call(settings)
        with standby.process(settings) as first:
            assert lived == [first]
            assert first.said == ["begun"]
        assert first.said == ["begun", "ended"]
        with standby.process(settings) as second:
            assert lived == [first, second]
    assert second.said == ["begun", "ended"]


def test_where_the_code_cannot_be_read_nobody_is_left_standing(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(*_: object) -> str:
        raise OSError("the disk does not answer")

    monkeypatch.setattr(fingerprint, "of", unreadable)
    standby = Standby()
    with standby.allowed():
        standby.call(settings)
        assert [process.said for process in lived] == [["begun", "ended"]]


def test_nobody_stands_by_where_nobody_allowed_it(settings: Settings) -> None:
    standby = Standby()
    standby.call(settings)
    with standby.allowed():
        pass
    standby.call(settings)
    assert lived == []


def test_what_nobody_took_ends_with_the_block_whatever_happens(settings: Settings) -> None:
    def refresh(standby: Standby) -> None:
        with standby.allowed():
            standby.call(settings)
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        refresh(Standby())
    assert [process.said for process in lived] == [["begun", "ended"]]


@pytest.mark.parametrize("changed", ["code", "settings"])
def test_a_process_that_reads_other_code_or_settings_makes_way(
    changed: str, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    standby = Standby()
    with standby.allowed():
        standby.call(settings)
        if changed == "code":
            monkeypatch.setattr(fingerprint, "of", lambda *_: "edited meanwhile")
        else:
            settings = settings.model_copy(update={"build_memory": "300MB"})
        with standby.process(settings) as fresh:
            old, new = lived
            assert new is fresh
            assert old.said == ["begun", "ended"]
            assert new.said == ["begun"]


def test_what_airflow_sets_meanwhile_is_none_of_its_business(settings: Settings) -> None:
    standby = Standby()
    with standby.allowed():
        standby.call(settings)
        later = settings.model_copy(update={"heavy_pool": "heavy"})
        with standby.process(later) as taken:
            assert lived == [taken]


def test_where_it_can_not_begin_whoever_builds_will_say_so(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr(Process, "__enter__", fails)
    standby = Standby()
    with standby.allowed():
        standby.call(settings)
        with pytest.raises(OSError, match="full"), standby.process(settings):
            pass
