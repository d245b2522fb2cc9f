"""The whole path on the bundled figures: real replies, real dbt, real gates, real releases."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

import duckdb
import pytest
from typer.testing import CliRunner

from ingest import catalogue
from ingest.harvest import harvest
from lumbung.settings import ROOT, Settings
from release import build
from release.__main__ import app
from release.errors import GateError
from release.store import Store

COMMANDS = CliRunner(env={"COLUMNS": "200"})


class OwnFigures(Settings):
    """Settings whose bundle and catalogue are copies that a test may change."""

    @property
    def bundled(self) -> Path:
        """The copy of the bundled figures."""
        return self.home.parent / "bundled"

    @property
    def catalog(self) -> Path:
        """The copy of the catalogue."""
        return self.home.parent / "catalog"


def collect(settings: Settings) -> None:
    for source in catalogue.load(settings.catalog).sources:
        for report in harvest(source, settings):
            assert report.outcome in ("ok", "unchanged", "not_configured"), report


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> tuple[OwnFigures, str]:
    """A home with one release of the bundled figures."""
    folder = tmp_path_factory.mktemp("bundled figures")
    for name in ("bundled", "catalog"):
        shutil.copytree(ROOT / "ingest" / name, folder / name)
    settings = OwnFigures(home=folder / "home")
    collect(settings)
    planned, manifest = build.run(settings)
    assert manifest is not None
    return settings, planned.release_id


@pytest.fixture
def figures(first: tuple[OwnFigures, str], tmp_path: Path) -> tuple[OwnFigures, str]:
    """A copy of that home, for a test to change."""
    settings, name = first
    shutil.copytree(settings.home.parent, tmp_path / "copy", symlinks=True)
    return OwnFigures(home=tmp_path / "copy" / "home"), name


def drop_one_price(settings: OwnFigures) -> str:
    """Withdraw the last figure of the prices, as a corrected collection would."""
    path = settings.bundled / "cited_prices" / "all.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(lines[:-1]), encoding="utf-8")
    dataset = settings.catalog / "cited_prices.yml"
    text = dataset.read_text(encoding="utf-8")
    dataset.write_text(re.sub(r"minimum_rows: \d+", "minimum_rows: 1", text), encoding="utf-8")
    collect(settings)
    return lines[-1].partition(",")[0]


def test_the_release_is_whole_and_says_that_it_is_bundled(first: tuple[OwnFigures, str]) -> None:
    settings, name = first
    store = Store(settings)
    manifest = store.current_manifest()
    assert manifest is not None
    assert store.current() == name == manifest.release_id
    assert store.verify(name) == len(manifest.tables) + 1
    assert manifest.is_sample
    assert {gate.name for gate in manifest.gates} == {"observations", "candidate", "diff"}
    assert {"unemployment", "transfer_cuts", "program_spend"} <= {t.name for t in manifest.tables}
    folder = settings.releases / "current"
    assert duckdb.sql(f"select count(*) from '{folder}/marts/dim_region.parquet'").fetchone()
    with duckdb.connect(str(folder.resolve() / "warehouse.duckdb"), read_only=True) as connection:
        rate = connection.execute(
            "select value from marts.observation_history where indicator_id = 'unemployment_rate' "
            "and region_code = '3604' and period_label = '2022-08' and is_headline"
        ).fetchone()
    assert rate is not None
    assert f"{rate[0]:.2f}" == "10.61"


def test_every_release_carries_its_data_docs(first: tuple[OwnFigures, str]) -> None:
    settings, name = first
    pages = settings.releases / name / "quality" / "docs"
    assert "36.65" in (pages / "observations-history.html").read_text(encoding="utf-8")
    assert sum(path.stat().st_size for path in pages.iterdir()) < 2_000_000
    report = json.loads((settings.releases / name / "quality" / "audit.json").read_text())
    assert report["gates"]["observations"] == "warn"


@pytest.mark.full
def test_readers_are_told_of_every_check(first: tuple[OwnFigures, str]) -> None:
    settings, name = first
    folder = settings.releases / name
    said = [
        (gate, c["suite"], c["table"], c["rule"], c["severity"], c["n_checked"], c["n_failed"])
        for gate in ("observations", "candidate")
        for c in json.loads((folder / "quality" / f"{gate}.json").read_text())["checks"]
    ]
    table = folder / "marts" / "audit_checks.parquet"
    told = duckdb.sql(
        f"select gate, suite, table_name, rule, severity, n_checked, n_failed, outcome, examples "
        f"from read_parquet('{table}')"
    ).fetchall()
    assert sorted(row[:7] for row in told) == sorted(said)
    assert {row[7] for row in told} == {"pass", "warn"}
    for *_, n_failed, outcome, examples in told:
        assert (outcome == "pass") == (n_failed == 0) == (examples is None)
        assert examples is None or 0 < len(json.loads(examples)) <= 3


@pytest.mark.full
def test_landing_alone_builds_a_removed_release_again(
    figures: tuple[OwnFigures, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Later fetches, lost rows and a lost release folder make no difference."""
    settings, name = figures
    collect(settings)
    store = Store(settings)
    store.manifests.mkdir()
    shutil.copy(settings.releases / name / "manifest.json", store.manifests / f"{name}.json")
    (settings.releases / "current").unlink()
    shutil.rmtree(settings.releases / name)
    shutil.rmtree(settings.observations)
    monkeypatch.setattr("lumbung.settings.load", lambda: settings)
    done = COMMANDS.invoke(app, ["rebuild", name])
    assert done.exit_code == 0, done.output
    assert "have the hash they were published with" in done.output
    assert "not compared: audit_checks, release_diff" in done.output
    assert "not those it was built with" not in done.output

    landed = json.loads((store.manifests / f"{name}.json").read_text())["inputs"][0]
    buried = ["quarantine", landed["sha256"], "--because", "names", "--by", "Ani"]
    assert COMMANDS.invoke(app, buried).exit_code == 0
    refused = COMMANDS.invoke(app, ["rebuild", name])
    assert refused.exit_code == 1
    assert "quarantined" in refused.output


def test_nothing_new_publishes_nothing(first: tuple[OwnFigures, str]) -> None:
    settings, name = first
    planned = build.plan(settings)
    assert (planned.unchanged, planned.release_id) == (True, name)


def test_a_withdrawn_figure_blocks_until_somebody_answers_for_it(
    figures: tuple[OwnFigures, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, before = figures
    indicator = drop_one_price(settings)
    with pytest.raises(GateError) as caught:
        build.run(settings)
    message = str(caught.value)
    assert f"{before} stays current" in message
    assert "withdrawals_declared (fail)" in message
    assert "deletions_declared (fail)" in message
    assert indicator in message
    store = Store(settings)
    assert (store.current(), store.ids()) == (before, [before])
    (waiting,) = [path.name for path in settings.candidates.iterdir() if path.is_dir()]
    assert f"python -m release approve {waiting}" in message
    kept = settings.candidates / waiting / "quality" / "observations.failures.csv"
    assert "withdrawals_declared" in kept.read_text(encoding="utf-8")

    monkeypatch.setattr("lumbung.settings.load", lambda: settings)
    unnamed = COMMANDS.invoke(app, ["approve", waiting, "--by", " ", "--because", "gone"])
    assert unnamed.exit_code == 1
    assert store.current() == before
    done = COMMANDS.invoke(
        app, ["approve", waiting, "--by", "Ani Data", "--because", "printed in error"]
    )
    assert done.exit_code == 0, done.output
    assert store.current() == waiting
    manifest = json.loads((settings.releases / "current" / "manifest.json").read_text())
    assert manifest["diff"]["approved_by"] == "Ani Data"
    assert manifest["diff"]["n_deleted"] == 1
    with duckdb.connect(
        str((settings.releases / "current").resolve() / "warehouse.duckdb"), read_only=True
    ) as connection:
        differences = connection.execute(
            "select against_release_id, kind, indicator_id from marts.release_diff"
        ).fetchall()
    assert differences == [(before, "deleted", indicator)]
    assert {"name": "diff", "outcome": "approved"} in manifest["gates"]
    (approval,) = [event for event in store.history() if event["event"] == "approved"]
    assert (approval["by"], approval["because"]) == ("Ani Data", "printed in error")

    listed = COMMANDS.invoke(app, ["list"])
    assert before in listed.output
    assert waiting in listed.output
    back = COMMANDS.invoke(app, ["rollback"])
    assert back.exit_code == 0, back.output
    assert store.current() == before
    assert store.withheld() == {manifest["fingerprint"]}
    shown = COMMANDS.invoke(app, ["show"])
    assert before in shown.output
    assert COMMANDS.invoke(app, ["rollback", "nonsense"]).exit_code == 1


def test_a_rate_of_106_blocks_and_nobody_can_approve_it(
    figures: tuple[OwnFigures, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, before = figures
    path = settings.bundled / "cited_labour" / "all.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    header = lines[0].strip().split(",")
    place, value = next(
        (number, fields[header.index("value")])
        for number, fields in ((n, line.split(",")) for n, line in enumerate(lines))
        if fields[0] == "unemployment_rate"
    )
    lines[place] = lines[place].replace(f",{value},", ",106,", 1)
    path.write_text("".join(lines), encoding="utf-8")
    collect(settings)
    with pytest.raises(GateError, match=r"(?s)maximum_rejected \(fail\).*106") as caught:
        build.run(settings)
    assert "release approve" not in str(caught.value)
    store = Store(settings)
    assert (store.current(), store.ids()) == (before, [before])

    monkeypatch.setattr("lumbung.settings.load", lambda: settings)
    (waiting,) = [path.name for path in settings.candidates.iterdir() if path.is_dir()]
    refused = COMMANDS.invoke(app, ["approve", waiting, "--by", "Ani", "--because", "please"])
    assert refused.exit_code == 1
    assert "can't be approved" in refused.output
    assert store.current() == before


def test_a_candidate_that_waits_for_no_approval_is_told(
    first: tuple[OwnFigures, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, name = first
    monkeypatch.setattr("lumbung.settings.load", lambda: settings)
    answer: Any = COMMANDS.invoke(app, ["approve", name, "--by", "Ani", "--because", "why not"])
    assert answer.exit_code == 1
    assert "no candidate" in answer.output
