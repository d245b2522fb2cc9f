"""What the tree promises as a whole: names, locks, and no trace of one machine."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LOCKS = (
    "requirements.txt", "requirements-dev.txt", "requirements-bootstrap.txt",
    "requirements-superset.txt", "requirements-spark.txt", "requirements-s3.txt",
)  # fmt: skip


def pins(lock: str) -> dict[str, str]:
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    found = [re.match(r"([a-z0-9._-]+)==([^\s;]+)", line) for line in lines]
    return {match[1]: match[2] for match in found if match}


def test_the_dbt_folder_and_the_dbt_package_live_together():
    assert not (ROOT / "dbt" / "__init__.py").exists()
    done = subprocess.run(
        [sys.executable, "-c", "import dbt, dbt.cli.main; print(list(dbt.__path__))"],
        cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert str(ROOT / "dbt") in done.stdout
    assert "site-packages" in done.stdout


@pytest.mark.parametrize("lock", LOCKS)
def test_every_locked_package_has_a_hash(lock):
    text = (ROOT / lock).read_text(encoding="utf-8")
    blocks = re.split(r"\n(?=[a-z0-9])", text)
    wanting = [b.splitlines()[0] for b in blocks if "==" in b and "--hash=sha256:" not in b]
    assert pins(lock)
    assert wanting == []


@pytest.mark.parametrize("lock", LOCKS)
def test_no_lock_names_an_address(lock):
    lines = (ROOT / lock).read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if "://" in line] == []


def test_the_run_time_lock_holds_no_development_spark_or_superset_packages():
    forbidden = {
        "pytest", "mypy", "ruff", "sqlfluff", "hypothesis", "playwright", "import-linter",
        "pre-commit", "pyspark", "dbt-spark", "apache-superset",
    }  # fmt: skip
    assert forbidden & set(pins("requirements.txt")) == set()


def test_the_development_lock_holds_the_run_time_lock_unchanged():
    """Going from refresh to test and back must not exchange a single package."""
    run, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: dev.get(name) for name in run} == run
    s3 = pins("requirements-s3.txt")
    assert {name: dev.get(name) for name in s3} == s3, "S3 is tried with other versions"
    assert "s3fs" in s3


def test_committed_text_names_no_index_machine_or_key():
    done = subprocess.run(
        [sys.executable, "scripts/check_committed.py"],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout == ""
    assert done.returncode == 0


@pytest.mark.parametrize(
    "line",
    [
        "--index-" + "url https://somewhere/simple",
        "see https://pypi.org/" + "simple/uv/",
        "log = '/ro" + "ot/x.log'",
        "LUMBUNG_BPS_KEY=" + "0123456789abcdef" * 2,
    ],
)
def test_the_check_of_committed_text_finds_what_it_looks_for(line, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import check_committed

    monkeypatch.setattr(check_committed, "ROOT", tmp_path)
    (tmp_path / "a.txt").write_text(f"fine\n{line}\n")
    [finding] = check_committed.findings_of(tmp_path / "a.txt")
    assert finding.startswith("a.txt:2: ")


def test_make_prints_what_there_is():
    done = subprocess.run(["make"], cwd=ROOT, capture_output=True, text=True, check=True)
    for target in ("refresh", "query", "test", "test-all", "lint", "bench", "clean"):
        assert f"make {target} " in done.stdout


def test_every_setting_is_in_the_readme():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    sources = "".join(
        path.read_text(encoding="utf-8")
        for room in ("lumbung", "ingest", "release", "expectations")
        for path in (ROOT / room).rglob("*.py")
    )
    from lumbung.settings import Settings

    named = {f"LUMBUNG_{name.upper()}" for name in Settings.model_fields}
    named |= set(re.findall(r"LUMBUNG_[A-Z]+(?:_[A-Z]+)*", sources)) - {"LUMBUNG_"}
    # What a build tells dbt: nobody sets it.
    internal = {name for name in named if name.startswith("LUMBUNG_BUILD_")}
    internal = (internal - {"LUMBUNG_BUILD_MEMORY"}) | {
        "LUMBUNG_DUCKDB", "LUMBUNG_INPUTS", "LUMBUNG_SCRATCH",
    }  # fmt: skip
    assert [name for name in sorted(named - internal) if name not in readme] == []


def test_every_test_and_file_that_the_page_of_trust_names_is_there():
    page = (ROOT / "docs" / "trust.md").read_text(encoding="utf-8")
    found = list((ROOT / "tests").rglob("test_*.py"))
    texts = [path.read_text(encoding="utf-8") for path in found]
    code, files = "\n".join(texts), {path.name for path in found}
    named = re.findall(r"`(?:(test_\w+\.py)(?:::(\w+))?|(test_\w+))`", page)
    assert len(named) > 30
    for file, inside, test in named:
        assert not file or file in files, file
        for name in filter(None, (inside, test)):
            assert re.search(rf"^(?:    )?(?:def|class) {name}\b", code, re.MULTILINE), name
    for name in re.findall(r"`(test_\w+)` \*\(full\)\*", page):
        (text,) = [text for text in texts if f"def {name}(" in text]
        marked = re.search(r"^pytestmark = \[?pytest\.mark\.full", text, re.MULTILINE)
        assert marked or f"@pytest.mark.full\ndef {name}(" in text, f"`make test` runs {name} too"
    paths = re.findall(r"`((?:tests|benchmarks|expectations|docs|dbt)/[\w./-]+)`", page)
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []
