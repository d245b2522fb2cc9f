"""A real Superset: started by the very command behind `make superset`, read through its pages."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
from playwright.sync_api import Browser, Page, Request, Response

from bi import control
from lumbung.settings import ROOT, Settings
from serving import access
from tests import chromium, environments
from tests.serving import workbench
from tests.serving.workbench import free_port

pytestmark = [pytest.mark.full, pytest.mark.timeout(1500)]

SHOTS = os.environ.get("LUMBUNG_TEST_SHOTS")
CHARTS = len(list((ROOT / "bi" / "assets" / "charts").glob("*.yml")))
WORDS = {
    "banten": ("Apakah pengangguran benar-benar berubah?", "Agustus", "seluruh TKD", "6,63"),
    "banten-en": ("Did joblessness really change?", "August", "all transfers (TKD)", "6,63"),
}


def run(settings: Settings, *command: str, python: str = sys.executable) -> Any:
    environment = {k: v for k, v in os.environ.items() if not k.startswith("LUMBUNG_")}
    return subprocess.run(
        [python, "-m", *command],
        cwd=ROOT,
        env={
            **environment,
            "LUMBUNG_HOME": str(settings.home),
            "LUMBUNG_POSTGRES_PORT": str(settings.postgres_port),
            "LUMBUNG_SUPERSET_PORT": str(settings.superset_port),
        },
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Install Superset's own environment, where that was not done before."""
    return environments.installed("superset", tmp_path_factory)


@pytest.fixture(scope="module")
def superset(home: Path, environment: Path) -> Iterator[Settings]:
    """Run Superset over a PostgreSQL of its own, which serves the release of all figures."""
    with workbench.postgres(superset_port=free_port()) as settings:
        (settings.home / "releases").symlink_to((home / "releases").resolve())
        started = run(settings, "bi", "start")
        try:
            assert started.returncode == 0, started.stdout + started.stderr
            assert f"http://127.0.0.1:{settings.superset_port}/superset/dashboard/banten/" in (
                started.stdout
            )
            assert str(control.password_file(settings)) in started.stdout
            yield settings
        finally:
            run(settings, "bi", "stop")


def password(settings: Settings) -> str:
    return control.password_file(settings).read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def api(superset: Settings) -> requests.Session:
    session = requests.Session()
    credentials = {"username": "admin", "password": password(superset), "provider": "db"}
    base = control.address(superset)
    answer = session.post(f"{base}api/v1/security/login", json=credentials, timeout=120)
    session.headers["Authorization"] = f"Bearer {answer.json()['access_token']}"
    token = session.get(f"{base}api/v1/security/csrf_token/", timeout=120).json()["result"]
    session.headers.update({"X-CSRFToken": token, "Referer": base})
    return session


def objects(superset: Settings, api: requests.Session) -> dict[str, list[tuple[int, str]]]:
    """Return id and name of everything that Superset holds."""
    names = {
        "database": "database_name", "dataset": "table_name", "chart": "slice_name",
        "dashboard": "dashboard_title",
    }  # fmt: skip
    found = {}
    for kind, name in names.items():
        where = f"{control.address(superset)}api/v1/{kind}/?q=(page_size:100)"
        rows = api.get(where, timeout=120).json()["result"]
        found[kind] = sorted((row["id"], row[name]) for row in rows)
    return found


class Seen:
    """What a page of Superset did while it was looked at."""

    def __init__(self, base: str) -> None:
        self.base = base
        self.errors: list[str] = []
        self.left: list[str] = []
        self.refused: list[str] = []
        self.data: dict[str, list[dict[str, Any]]] = {}
        self.names: dict[int, str] = {}

    def watch(self, page: Page) -> None:
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("requestfinished", self._finished)
        page.on("requestfailed", self._failed)
        page.on("response", self._answered)

    def _said(self, said: Any) -> None:
        if said.type == "error" and "Content Security Policy" not in said.text:
            self.errors.append(said.text)

    def _is_ours(self, asked: Request) -> bool:
        return asked.url.startswith((self.base, "data:", "blob:"))

    def _finished(self, asked: Request) -> None:
        if not self._is_ours(asked):
            self.left.append(asked.url)

    def _failed(self, asked: Request) -> None:
        if not self._is_ours(asked):
            refused = asked.failure == "csp"
            (self.refused if refused else self.left).append(asked.url)

    def _answered(self, got: Response) -> None:
        if got.status >= 400:
            self.errors.append(f"{got.status} {got.url}")
        elif "chart/data" in got.url and "slice_id" in got.url:
            asked = json.loads(got.request.post_data or "{}")
            number = asked["form_data"]["slice_id"]
            self.data[self.names[number]] = got.json()["result"][0]["data"]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium.opened() as found:
        yield found


@pytest.fixture(scope="module")
def reader(browser: Browser, superset: Settings) -> Iterator[Page]:
    """Return a page of somebody who has logged in, tall enough that every chart is drawn."""
    page = browser.new_page(viewport={"width": 1440, "height": 4600})
    page.set_default_timeout(240_000)
    page.goto(f"{control.address(superset)}login/")
    page.fill("#username", "admin")
    page.fill("#password", password(superset))
    page.keyboard.press("Enter")
    page.wait_for_url("**/welcome/**")
    yield page
    page.close()


@pytest.fixture(scope="module", params=["banten", "banten-en"])
def board(
    request: pytest.FixtureRequest, reader: Page, superset: Settings, api: requests.Session
) -> tuple[str, Page, Seen]:
    """Open a dashboard and wait until every chart is drawn."""
    slug = request.param
    seen = Seen(control.address(superset))
    seen.names = {number: slug_of(name) for number, name in objects(superset, api)["chart"]}
    seen.watch(reader)
    reader.goto(f"{seen.base}superset/dashboard/{slug}/")
    deadline = time.monotonic() + 240
    while len(seen.data) < CHARTS or reader.locator(".loading").count():
        assert time.monotonic() < deadline, f"only {sorted(seen.data)} came; {seen.errors}"
        reader.wait_for_timeout(250)
    reader.wait_for_timeout(1500)  # the drawing is animated
    if SHOTS:
        reader.screenshot(path=str(Path(SHOTS) / f"{slug}.png"))
    return slug, reader, seen


def slug_of(title: str) -> str:
    """Return the file that a chart's title comes from."""
    import yaml

    for path in (ROOT / "bi" / "assets" / "charts").glob("*.yml"):
        if title in yaml.safe_load(path.read_text(encoding="utf-8"))["title"].values():
            return path.stem
    raise AssertionError(f"{title} is no title of ours")


def test_both_dashboards_and_everything_they_need_are_there(superset, api):
    found = objects(superset, api)
    assert [name for _, name in found["database"]] == ["Lumbung"]
    assert len(found["chart"]) == 2 * CHARTS
    assert {name for _, name in found["dashboard"]} == {
        "Banten: pekerjaan, transfer, belanja",
        "Banten: jobs, transfers, spending",
    }


def test_every_chart_shows_what_the_marts_hold(superset, board):
    slug, _, seen = board
    assert set(seen.data) == {p.stem for p in (ROOT / "bi" / "assets" / "charts").glob("*.yml")}
    assert [chart for chart, rows in seen.data.items() if not rows] == []
    with access.connect(superset, "reader") as marts:

        def ask(query: str) -> list[tuple[Any, ...]]:
            return marts.execute(query.encode()).fetchall()

        rates = ask(
            "select region_name, unemployment_rate_pct::float from unemployment where is_headline "
            "and survey_year = 2025 and survey_month = 8 and "
            "(region_code = '3600' or parent_region_code = '3600')"
        )
        short = {name.replace("Kabupaten", "Kab."): float(rate) for name, rate in rates}
        province = short.pop("Banten")
        shown = seen.data["rate_by_regency"]
        assert {row["region_short"]: row["rate"] for row in shown} == short
        assert {row["province"] for row in shown} == {province}
        assert {row["upper"] for row in shown} == {None}, "no sampling error is published"
        sizes = [row["rate"] for row in shown]
        assert sizes == sorted(sizes, reverse=True), "the longest first"
        gaps = {row["region_short"]: row["gap"] for row in seen.data["gap_ranking"]}
        assert gaps == pytest.approx({name: rate - province for name, rate in short.items()})
        certainty = {row["measure"]: row for row in seen.data["certainty"]}
        assert len(certainty) == 4
        [rate_row] = [row for row in certainty.values() if row["value"] == 6.63]
        assert rate_row["certainty"].startswith("±")
        assert ("tidak terbit" if slug == "banten" else "no sampling error") in (
            rate_row["certainty"]
        )
        assert all(row["period"] for row in certainty.values())
        [(latest,)] = ask(
            "select unemployment_rate_pct::float from unemployment where is_headline and "
            "region_code = '3600' order by survey_year desc, survey_month desc limit 1"
        )
        assert seen.data["rate_now"][-1]["rate"] == latest
        cuts = ask(
            "select region_name, cut_idr / 1e9 from transfer_cuts where is_headline and "
            "fiscal_year = 2026 and component = 'total' and region_code like '36%'"
        )
        drawn = {
            row["region_name"]: value
            for row in seen.data["cut_by_region"]
            for key, value in row.items()
            if key != "region_name" and value is not None
        }
        assert drawn == pytest.approx({name: float(value) for name, value in cuts})
        [(per_head,)] = ask(
            "select budget_per_unemployed_idr from program_spend_by_theme "
            "where region_code = '3600' and theme = 'employment'"
        )
        assert seen.data["jobs_budget_now"][-1]["per_unemployed"] == per_head
        [(n_figures,)] = ask("select count(*) from observations where region_code = '3600'")
        assert len(seen.data["figures"]) == n_figures
        [(release,)] = ask("select release_id from publication")
        [told] = seen.data["release"]
        assert told["release_id"] == release
        failed = ask("select rule, n_failed from audit_checks where outcome <> 'pass'")
        assert {(row["rule"], row["n_failed"]) for row in seen.data["failed_checks"]} == set(failed)
        assert told["n_checks"] - told["n_passed"] == len(failed) > 0


def test_a_quarter_that_is_not_published_breaks_the_line(board):
    _, _, seen = board
    rows = seen.data["absorption_by_quarter"]
    assert [row["quarter_label"] for row in rows] == ["I", "II", "III", "IV"]
    [year] = [key for key in rows[0] if key != "quarter_label"]
    # as the governor's office said: until 1 April, until 19 November
    assert [row[year] and round(row[year], 1) for row in rows] == [9.3, None, None, 71.1]


def test_years_without_a_round_break_the_line_instead_of_being_bridged(board):
    _, _, seen = board
    rows = {row["year_start"]: row["highest"] for row in seen.data["gap"]}
    years = [time.gmtime(moment / 1000).tm_year for moment in rows]
    assert years == list(range(min(years), max(years) + 1))
    missing = [year for year, value in zip(years, rows.values(), strict=True) if value is None]
    assert missing == [2016, 2017]


def test_the_page_is_drawn_in_its_language_without_an_error(board):
    slug, page, seen = board
    assert seen.errors == []
    assert page.locator(".ant-alert-error, [data-test='error-msg']").all_inner_texts() == []
    assert page.locator(".slice_container").count() == CHARTS
    assert page.locator(".slice_container canvas").count() >= 7
    text = page.locator("body").inner_text()
    for word in WORDS[slug]:
        assert word in text, word
    other = next(words for name, words in WORDS.items() if name != slug)
    assert other[0] not in text


def test_nothing_leaves_this_machine(board):
    _, _, seen = board
    assert seen.left == []
    # the counting pixel is built into Superset's pages: the browser refuses to fetch it
    assert {url.split("/")[2] for url in seen.refused} <= {"apachesuperset.gateway.scarf.sh"}


def test_another_region_is_a_choice_away(board):
    _, page, seen = board
    seen.data.clear()
    page.locator("[data-test='form-item-value'] .ant-select, .ant-select").first.click()
    page.keyboard.type("Kota Serang")
    page.locator(".ant-select-item-option", has_text="Kota Serang").first.click()
    page.locator("[data-test='filter-bar__apply-button']").click()
    deadline = time.monotonic() + 240
    while len(seen.data.get("claims", [])) != 5:
        assert time.monotonic() < deadline, seen.data
        page.wait_for_timeout(250)
    amounts = sorted(row["amount_billion_idr"] for row in seen.data["claims"])
    assert amounts == [185.0, 186.0, 186.0, 186.4, 216.0]
    assert "rate_by_regency" not in seen.data, "what compares regions shows them all"


@pytest.fixture(scope="module")
def dataset(superset: Settings, api: requests.Session) -> Any:
    """Ask one of the English datasets as a chart does, with what was chosen in the filters."""
    numbers = {name: number for number, name in objects(superset, api)["dataset"]}

    def rows(
        name: str, columns: list[str], metrics: tuple[str, ...] = (), **chosen: list[str]
    ) -> list[dict[str, Any]]:
        filters = [{"col": col, "op": "IN", "val": val} for col, val in chosen.items()]
        query = {"columns": columns, "metrics": list(metrics), "filters": filters,
                 "row_limit": 5000, "orderby": []}  # fmt: skip
        body = {"datasource": {"id": numbers[name], "type": "table"}, "queries": [query],
                "result_format": "json", "result_type": "full"}  # fmt: skip
        where = f"{control.address(superset)}api/v1/chart/data"
        answer = api.post(where, json=body, timeout=240)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, Any]] = answer.json()["result"][0]["data"]
        return found

    return rows


RATES = ["region_name", "round_label", "unemployment_rate_pct", "change_pp", "verdict"]


def test_the_month_filter_finds_the_latest_round_of_that_month(dataset):
    def latest(**chosen: list[str]) -> set[tuple[str, float]]:
        columns = [*RATES, "is_latest_round"]
        rows = dataset("unemployment", columns, region_name=["Banten"], **chosen)
        return {
            (row["round_label"], row["unemployment_rate_pct"])
            for row in rows
            if row["is_latest_round"]
        }

    assert latest() == latest(vintage=["latest"]) == {("November 2025", 6.63)}
    assert latest(round_month=["February"]) == {("February 2025", 6.64)}
    assert latest(round_month=["August", "February"]) == {("August 2025", 6.69)}
    assert dataset("figures", ["period_label"], round_month=["May"], vintage=["1990-01-01"]) == []


def test_the_vintage_filter_shows_what_was_known_on_that_day(superset, dataset):
    day = "2023-11-06"
    shown = {
        (row["region_name"], row["round_label"]): row["unemployment_rate_pct"]
        for row in dataset("unemployment", RATES, vintage=[day])
    }
    with access.connect(superset, "reader") as marts:
        known = marts.execute(
            "select region.name, to_char(period_start, 'FMMonth YYYY'), value::float "
            "from marts.observations_as_of(%s) as o join marts.dim_region as region "
            "using (region_code) where indicator_id = 'unemployment_rate' and breakdown = 'total' "
            "and region_code like '36%%' and period_kind = 'round' and valid_to is null",
            [day],
        ).fetchall()
        n_by_then = marts.execute(
            "select count(*) from marts.observations_as_of(%s) where region_code like '36%%'", [day]
        ).fetchone()
    assert shown == {(name, round_): value for name, round_, value in known}
    assert shown["Banten", "August 2023"] == 7.52
    assert ("Banten", "August 2024") not in shown
    assert dataset("figures", [], ("figures",), vintage=[day]) == [{"figures": n_by_then[0]}]
    assert dataset("ceilings_and_outturns", ["kind"], vintage=[day]) == []
    august = dataset(
        "unemployment_by_year", ["year_start", "unemployment_rate_pct"],
        vintage=[day], region_name=["Banten"], round_month=["August"],
    )  # fmt: skip
    gaps = {time.gmtime(row["year_start"] / 1000).tm_year for row in august
            if row["unemployment_rate_pct"] is None}  # fmt: skip
    assert gaps == {2017}, "a year that was not known breaks the line"
    assert dataset("transfer_claims", ["claimant"], vintage=[day]) == []
    # before the second claim of Kota Serang's cut there was only the first
    before = dataset(
        "transfer_claims", ["amount_billion_idr", "component"],
        vintage=["2025-10-15"], region_name=["Kota Serang"],
    )  # fmt: skip
    assert {row["amount_billion_idr"] for row in before} == {185.0, 186.0}
    cut = dataset("transfer_cuts", ["cut_billion_idr"], vintage=["2025-10-15"],
                  region_name=["Kota Serang"])  # fmt: skip
    assert cut == [{"cut_billion_idr": 186.0}]


def test_known_today_and_the_latest_are_the_same_rates(superset, dataset):
    """Two ways to the same figures: the mart's headline, and what leads on the newest day."""
    days = dataset("choices", ["vintage"])
    newest = max(row["vintage"] for row in days if row["vintage"] and row["vintage"][0] == "2")
    known = dataset("unemployment", RATES, vintage=[newest])
    today = {tuple(row[name] for name in RATES) for row in known}
    latest = {
        tuple(row[name] for name in RATES)
        for row in dataset("unemployment", [*RATES, "status"])
        if row["status"] != "computed"
    }
    assert {row[:3] for row in latest} <= {row[:3] for row in today}
    changed = [row for row in latest if row[3] is not None]
    assert len(changed) > 50
    assert set(changed) <= today


def test_status_and_theme_filters_reach_the_figures(superset, dataset):
    with access.connect(superset, "reader") as marts:
        [(disputed, health)] = marts.execute(
            "select count(*) filter (where has_conflict), count(*) filter (where theme = 'health') "
            "from marts.observations join marts.dim_indicator using (indicator_id) "
            "where region_code like '36%'"
        ).fetchall()
    count = ("figures",)
    assert dataset("figures", ["status"], count, status=["disputed"]) == [
        {"status": "disputed", "figures": disputed}
    ]
    assert dataset("figures", ["theme"], count, theme=["Health"]) == [
        {"theme": "Health", "figures": health}
    ]
    assert dataset("spending_by_theme", ["theme"], theme=["Health"])
    offered = {row["theme"] for row in dataset("choices", ["theme"])}
    assert {"Health", "Budgets", "Employment"} <= offered
    assert {row["status"] for row in dataset("transfer_cuts", ["status"], status=["disputed"])} == {
        "disputed"
    }


def test_superset_may_read_the_marts_and_nothing_else(superset, api):
    def ask(sql: str) -> requests.Response:
        [(database, _)] = objects(superset, api)["database"]
        body = {"database_id": database, "sql": sql, "schema": "marts", "runAsync": False}
        return api.post(
            f"{control.address(superset)}api/v1/sqllab/execute/", json=body, timeout=240
        )

    whoami = ask("select distinct grantee from information_schema.role_table_grants")
    assert whoami.status_code == 200, whoami.text
    assert whoami.json()["data"] == [{"grantee": "lumbung_reader"}]
    for forbidden in (
        "delete from marts.unemployment",
        "select * from ctl.loaded",
        "select pg_read_file('/etc/passwd')",
    ):
        assert ask(forbidden).status_code >= 400, forbidden


def test_no_password_of_postgresql_is_kept_by_superset(superset):
    secret = access.password_file(superset, "reader").read_text(encoding="utf-8").strip()
    for file in superset.superset.rglob("*"):
        if file.is_file():
            assert secret.encode() not in file.read_bytes(), file
    for name in ("admin.password", "secret_key", "superset.db"):
        assert (superset.superset / name).stat().st_mode & 0o077 == 0, name


def test_it_listens_on_this_machine_only(superset):
    head = control.process(superset)
    assert head is not None
    ours = {head.pid, *(child.pid for child in head.children(recursive=True))}
    doors = {
        (found.laddr.ip, found.laddr.port)
        for found in psutil.net_connections("inet")
        if found.status == psutil.CONN_LISTEN and found.pid in ours
    }
    assert doors == {("127.0.0.1", superset.superset_port)}


def test_started_again_or_imported_again_everything_is_the_same(superset, api):
    before = objects(superset, api)
    head = control.process(superset)
    (superset.superset / "prepared.assets").write_text("of another bundle\n")
    again = run(superset, "bi", "start")
    assert again.returncode == 0, again.stderr
    assert "Importing the changed dashboard" in again.stderr
    assert objects(superset, api) == before
    assert control.process(superset) == head
    third = run(superset, "bi", "start")
    assert "Importing" not in third.stderr
    elsewhere = superset.model_copy(update={"superset_port": free_port()})
    refused = run(elsewhere, "bi", "start")
    assert refused.returncode == 1
    assert "make superset-down first" in refused.stderr


def test_the_zip_for_another_superset_is_one_that_superset_takes(superset, api, tmp_path):
    before = objects(superset, api)
    assert run(superset, "bi", "bundle", str(tmp_path / "lumbung.zip")).returncode == 0
    with (tmp_path / "lumbung.zip").open("rb") as file:
        answer = api.post(
            f"{control.address(superset)}api/v1/assets/import/",
            files={"bundle": ("lumbung.zip", file, "application/zip")},
            timeout=240,
        )
    assert answer.status_code == 200, answer.text
    assert objects(superset, api) == before


def test_the_container_s_health_check_passes(superset, environment):
    asked = run(superset, "bi.serve", "--healthy", python=str(environment))
    assert asked.returncode == 0, asked.stderr
    assert run(superset, "bi", "status").returncode == 0


def test_a_taken_port_is_named_with_its_setting(superset, tmp_path):
    other = superset.model_copy(update={"home": tmp_path})
    with pytest.raises(control.SupersetError, match="LUMBUNG_SUPERSET_PORT to a free one"):
        control._launch(other, control.PYTHON)


def test_stopped_it_leaves_nothing_and_stopping_may_be_repeated(superset):
    head = control.process(superset)
    assert head is not None
    family = [head, *head.children(recursive=True)]
    assert "is stopped" in run(superset, "bi", "stop").stdout
    assert [one for one in family if one.is_running()] == []
    assert "did not run" in run(superset, "bi", "stop").stdout
    assert run(superset, "bi", "status").returncode == 3
    assert run(superset, "serving", "status").returncode == 0, "PostgreSQL goes on"
