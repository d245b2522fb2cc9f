"""A source goes live, fails, and never falls back: whole refreshes against a replica of BPS.

The replica serves the bundled tables with two differences: one figure is restated, two are missing.
The key it asks for is a canary, looked for afterwards in every byte that the refreshes left behind.
"""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest

from tests.replicas.bps import Fault, Replica, Variable
from tests.tree import ROOT, Outcome, Tree

pytestmark = [pytest.mark.full, pytest.mark.timeout(900)]

CANARY = "kenari0kunci0kenari0kunci0kenari"
DATASET = "bps_unemployment_rate_by_province"
BUNDLE = ROOT / "ingest" / "bundled" / DATASET
#: Bengkulu's rate is nobody else's word; DKI Jakarta's is cited by the press too.
BANTEN, DKI, BENGKULU = 3600, 3100, 1700


def bundled_table() -> Variable:
    """Make a table for the replica of the bundled replies of the dataset."""
    replies = [json.loads(path.read_text("utf-8")) for path in sorted(BUNDLE.glob("th-1*.json"))]
    vervars, turths, cells = {}, {}, {}
    for reply in replies:
        variable = reply["var"][0]["val"]
        vervars |= {entry["val"]: entry["label"] for entry in reply["vervar"]}
        turths |= {entry["val"]: entry["label"] for entry in reply["turtahun"]}
        for vervar in reply["vervar"]:
            for year in reply["tahun"]:
                for turth in reply["turtahun"]:
                    key = f"{vervar['val']}{variable}0{year['val']}{turth['val']}"
                    if key in reply["datacontent"]:
                        place = (vervar["val"], "0", int(year["label"]), turth["val"])
                        cells[place] = reply["datacontent"][key]
    head = replies[0]["var"][0]
    return Variable("0000", head["val"], head["label"], head["unit"], vervars, cells, turths)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    tree = Tree.copy_to(tmp_path_factory.mktemp("live"))
    outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    return tree


@pytest.fixture(scope="module")
def replica():
    table = bundled_table()
    table.cells[BANTEN, "0", 2023, 190] = 7.53
    del table.cells[DKI, "0", 2023, 190], table.cells[BENGKULU, "0", 2023, 190]
    with Replica([table], keys=[CANARY]) as replica:
        yield replica


@pytest.fixture(scope="module")
def first_fetch_failed(tree: Tree, replica: Replica) -> tuple[str, Outcome]:
    """The release before, and a refresh that went live and had no answer."""
    before = tree.current
    tree.extra |= {
        "LUMBUNG_BPS_URL": replica.url,
        "LUMBUNG_BPS_KEY": CANARY,
        "LUMBUNG_RATE_PER_HOST": "50",
        "LUMBUNG_MAX_ATTEMPTS": "2",
        "LUMBUNG_BACKOFF_SECONDS": "0.01",
    }
    replica.faults = [Fault("html")]
    with another_news(tree):
        outcome = tree.refresh()
    replica.faults = []
    return before, outcome


@contextmanager
def another_news(tree: Tree) -> Iterator[None]:
    """Change a figure of another source while the block runs."""
    csv = tree.root / "ingest" / "bundled" / "cited_labour" / "all.csv"
    body = csv.read_bytes()
    line = next(
        line for line in body.splitlines()
        if line.startswith(b"unemployment_rate") and b",3604," in line and b",10.61," in line
    )  # fmt: skip
    csv.write_bytes(body.replace(line, line.replace(b",10.61,", b",10.62,")))
    try:
        yield
    finally:
        csv.write_bytes(body)


@pytest.fixture(scope="module")
def live(tree: Tree, first_fetch_failed: tuple[str, Outcome]) -> Outcome:
    outcome = tree.refresh()
    assert outcome.code == 0, outcome.complained
    return outcome


def of_the_table(tree: Tree, condition: str = "true") -> list[tuple]:
    return tree.ask(
        "select region_code, value, is_sample from marts.observation_history "
        f"where dataset_id = '{DATASET}' and is_current and {condition} order by all"
    )


def test_the_bundle_stays_until_something_live_was_read(tree, first_fetch_failed):
    before, outcome = first_fetch_failed
    assert outcome.code == 1
    assert f"{DATASET} went live and no live reply could be read yet" in outcome.complained
    assert f"Nothing was published: release {before} is current, as before" in outcome.complained


def test_a_key_takes_the_whole_dataset_live(tree, live, replica):
    assert {is_sample for *_, is_sample in of_the_table(tree)} == {False}
    assert len(of_the_table(tree)) > 100
    assert of_the_table(tree, "region_code = '3600' and period_label = '2023-08'") == [
        ("3600", Decimal("7.53"), False)
    ]
    gone = "region_code in ('1700', '3100') and period_label = '2023-08'"
    assert of_the_table(tree, gone) == []
    assert tree.ask(
        f"select region_code, dataset_id from marts.observations where {gone} and "
        "indicator_id = 'unemployment_rate' and category = 'total'"
    ) == [("3100", "cited_labour")]


def test_bundled_figures_that_make_way_are_counted_apart_and_block_nothing(tree, live):
    manifest = json.loads((tree.home / "releases" / "current" / "manifest.json").read_text())
    assert manifest["diff"]["n_deleted"] == 0
    assert manifest["diff"]["n_replaced_by_live"] == 1
    assert {i["dataset"]: i["is_sample"] for i in manifest["inputs"]}[DATASET] is False


def test_a_failed_live_fetch_keeps_the_last_good_release_and_says_so(tree, live, replica):
    before, figures = tree.current, of_the_table(tree)
    replica.faults = [Fault("html")]
    outcome = tree.refresh()
    replica.faults = []
    assert outcome.code == 1
    assert DATASET in outcome.complained
    assert f"release {before} is current, as before" in outcome.complained
    assert (tree.current, of_the_table(tree)) == (before, figures)


def test_a_broken_source_stops_no_others_news_and_keeps_its_last_good_figures(tree, live, replica):
    before, figures = tree.current, of_the_table(tree)
    replica.faults = [Fault("html")]
    with another_news(tree):
        outcome = tree.refresh()
        now, kept = tree.current, of_the_table(tree)
        cited = tree.ask(
            "select value from marts.observation_history where is_current and dataset_id = "
            "'cited_labour' and indicator_id = 'unemployment_rate' and region_code = '3604' "
            "and period_label = '2022-08' and value > 10.6"
        )
        failing = tree.ask(f"select is_failing from marts.freshness where dataset_id = '{DATASET}'")
    replica.faults = []
    assert (outcome.code, now == before, kept) == (1, False, figures)
    assert (Decimal("10.62"),) in cited
    assert failing == [(True,)]
    assert "ingest_bps.harvest failed" in outcome.complained
    assert DATASET in outcome.complained
    assert f"Release {now} was published with what came from the other" in outcome.complained
    assert f"Published release {now}" in outcome.said
    assert tree.refresh().code == 0


def test_a_key_that_got_lost_does_not_bring_the_bundle_back_in_silence(tree, live):
    before = tree.current
    settings = dict(tree.extra)
    for name in ("LUMBUNG_BPS_URL", "LUMBUNG_BPS_KEY"):
        tree.extra.pop(name)
    outcome = tree.refresh()
    tree.extra |= settings
    assert (outcome.code, tree.current) == (1, before)
    assert f"dataset {DATASET} is not live any more" in outcome.complained
    assert {is_sample for *_, is_sample in of_the_table(tree)} == {False}


def test_the_key_is_nowhere(tree, live, replica):
    """Not in landing, ledger, Airflow's database and logs, manifests, XCom or on the terminal."""
    replica.faults = [Fault("echo")]
    echoed = tree.refresh()
    replica.faults = []
    assert "repeats our key" in echoed.complained
    for outcome in (live, echoed):
        assert CANARY not in outcome.said + outcome.complained
    assert found_in(tree.home, CANARY) == []
    assert [p for p in found_in(tree.root, CANARY) if p.name != Path(__file__).name] == []


def test_the_search_for_the_key_would_find_it(tmp_path):
    (tmp_path / "plain").write_text(f"key={CANARY.upper()}&x")
    (tmp_path / "packed.gz").write_bytes(gzip.compress(CANARY.encode()))
    assert len(found_in(tmp_path, CANARY)) == 2


def found_in(folder: Path, text: str) -> list[Path]:
    """Return the files under a folder that hold a text, in any case, gzipped ones too."""
    wanted = text.lower().encode()
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            body = path.read_bytes()
            if body.startswith(b"\x1f\x8b"):
                body = gzip.decompress(body)
            if wanted in body.lower():
                found.append(path)
    return found
