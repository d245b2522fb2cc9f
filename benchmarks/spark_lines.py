r"""The budget marts from made-up lines on Spark, in one process, against DuckDB's row by row.

    python -m benchmarks.spark_lines --lines 200000 2000000 --out benchmarks/results/spark.json

The same lines, models and contracts as `benchmarks.lines`, built by dbt out of `.venv-spark`
(`make setup-spark`, Java 17). Tables that the models read are given to it as Parquet files. Both
engines are held to the same memory, and dbt's process is measured from its start to its end on
both: on Spark that includes starting a Java machine, making fifteen input tables known and asking
Spark about its settings, some twenty seconds whatever the size. Spark compiles its statements and
adapts its plans here, as on a cluster; `spark/local` turns both off for small figures. The largest
size is built on one core too: what the second core gains says how Spark shares work out, without
the network that lies between the machines of a cluster.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path
from typing import Any

import duckdb

from benchmarks import disk, lines
from benchmarks.measure import Cost, run
from benchmarks.result import provenance
from lumbung import settings
from lumbung.settings import ROOT, Settings
from spark import build, compare

#: What Spark's process may take as heap: with what Java and dbt take beside it, below 2 GiB.
HEAP = "1200m"
CHILD = ROOT / "benchmarks" / "spark_child.py"
DEFAULTS = """
spark.master                     local[{cores}]
spark.driver.memory              {heap}
spark.driver.host                127.0.0.1
spark.driver.bindAddress         127.0.0.1
spark.local.dir                  {scratch}
spark.sql.catalogImplementation  in-memory
spark.ui.enabled                 false
spark.ui.showConsoleProgress     false
spark.log.level                  ERROR
"""


def main() -> None:
    """Measure every size asked for and print or keep what it came to."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, nargs="+", default=[200_000, 2_000_000])
    parser.add_argument("--home", type=Path, default=settings.load().home)
    parser.add_argument("--scratch", type=Path)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    words = " ".join(sys.argv[1:])
    where = provenance(f"python -m benchmarks.spark_lines {words}")  # before: of an idle machine
    if not build.PYTHON.is_file() or shutil.which("java") is None:
        raise SystemExit(f"Spark's environment is not there: make setup-spark; {build.NO_JAVA}")
    runs, on_one_core = [], {}
    for count in sorted(options.lines):
        folder = Path(tempfile.mkdtemp(prefix="lumbung-spark-lines-", dir=options.scratch))
        try:
            runs.append(measure(count, options.home, folder))
            if count == max(options.lines):
                on_one_core = asdict(build_on_spark(folder, n_cores=1))
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    said = where | {
        "heap": HEAP, "runs": runs,
        "one_core": {"n_lines": max(options.lines), **on_one_core},
    }  # fmt: skip
    text = json.dumps(said, indent=1, default=str) + "\n"
    if options.out:
        options.out.write_text(text, encoding="utf-8")
    print(text)


def measure(count: int, home: Path, folder: Path) -> dict[str, Any]:
    """Build the budget marts from so many lines on both engines, and compare every row."""
    lines.prepare(count, home, folder, lines.MEMORY)
    export(folder)
    on_duckdb = lines.build_with_dbt(folder, lines.MEMORY)
    before, n_cores = disk.taken_by(folder), os.cpu_count() or 1
    with disk.watched(folder) as fullest:
        on_spark = build_on_spark(folder, n_cores)
    others = frozenset(compare.tables(folder / lines.BUILT)) - set(lines.MARTS)
    marts = folder / "warehouse" / "marts.db"
    differing = list(compare.differences(folder / lines.BUILT, marts, without=others))
    if differing:
        raise SystemExit("\n".join(f"{one.table}: {one.what}" for one in differing))
    return {
        "n_lines": count,
        "n_cores": n_cores,
        "seconds": round(on_spark.seconds, 1),
        "cpu_seconds": round(on_spark.cpu_seconds, 1),
        "peak_mib": round(on_spark.peak_mib),
        "rows": lines.rows(folder / lines.BUILT),
        "marts_that_differ": [],
        "spark": asdict(on_spark),
        "duckdb": asdict(on_duckdb),
        "ratio": round(on_spark.seconds / on_duckdb.seconds, 3),
        "bytes_written_at_most": fullest.n_bytes - before,
    }


def export(folder: Path) -> None:
    """Write the tables beside the lines as Parquet, and the list of all that Spark is given."""
    given = {"intermediate.int_programmes__lines": str(folder / lines.LINES)}
    with duckdb.connect(str(folder / lines.BUILT), read_only=True) as connection:
        schemas = dict(
            connection.execute("select table_name, schema_name from duckdb_tables()").fetchall()
        )
        for name in (*lines.BESIDE, *lines.SEEDS):
            path, table = folder / f"{name}.parquet", f"{schemas[name]}.{name}"
            target = str(path).replace("'", "''")
            connection.execute(f"copy {table} to '{target}' (format parquet)")
            given[table] = str(path)
    (folder / "tables.json").write_text(json.dumps(given), encoding="utf-8")


def build_on_spark(folder: Path, n_cores: int) -> Cost:
    """Run the models as dbt does on Spark, from the start of its process to its end."""
    environment = configured(folder, n_cores)
    words: list[str | Path] = [
        "--target", "spark", "--project-dir", ROOT / "dbt", "--profiles-dir", ROOT,
        "--target-path", folder / "dbt-spark",
    ]  # fmt: skip
    # The project is read beforehand, as DuckDB's build finds it.
    run([build.PYTHON, "-m", "dbt.cli.main", "parse", *words], cwd=folder, env=environment)
    # Without -P dbt would take benchmarks/dbt_build.py beside the script for one of its plugins.
    child: list[str | Path] = [build.PYTHON, "-P", CHILD, folder / "tables.json"]
    command = [*child, "run", "--select", *lines.MODELS, *words]
    return run(command, cwd=folder, env=environment)


def configured(folder: Path, n_cores: int) -> dict[str, str]:
    """Write Spark's settings, empty its warehouse, and return the environment that knows both."""
    conf, warehouse = folder / "conf", folder / "warehouse"
    for made in (conf, warehouse):
        shutil.rmtree(made, ignore_errors=True)
    conf.mkdir()
    (conf / "spark-defaults.conf").write_text(
        DEFAULTS.format(cores=n_cores, heap=HEAP, scratch=folder / "spark-scratch"),
        encoding="utf-8",
    )
    loaded = Settings(home=folder, spark_warehouse=str(warehouse), spark_thrift=None)
    return build.environment(loaded) | {
        "SPARK_CONF_DIR": str(conf), "LUMBUNG_INPUTS": str(folder / "inputs"),
    }  # fmt: skip


if __name__ == "__main__":
    main()
