"""Runs ``dbt build --target spark`` in Spark's own environment.

Where the inputs lie and where the marts go are addresses that Spark understands: folders, or
`s3a://`, `hdfs://` and the like. With a Thrift server set the cluster behind it does the work;
without, Spark runs inside dbt's own process.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lumbung.settings import ROOT, Settings
from spark.errors import SparkError

PYTHON = ROOT / ".venv-spark" / "bin" / "python"
#: Settings of Spark in one process; a cluster has its own.
LOCAL = ROOT / "spark" / "local"
#: What a process needs of the environment of whoever started us. Spark's and Hadoop's own
#: variables say where a cluster is and who we are there.
NEEDED = (
    "PATH", "HOME", "LANG", "LC_", "TZ", "TMPDIR", "JAVA_HOME", "SPARK_", "HADOOP_", "AWS_",
)  # fmt: skip
#: dbt must not talk to anybody.
QUIET = {"DBT_SEND_ANONYMOUS_USAGE_STATS": "False", "DO_NOT_TRACK": "1"}
LOG = "dbt.log"


def build(
    settings: Settings, inputs: str, words: Mapping[str, str], options: Sequence[str] = ()
) -> Path:
    """Build every mart from ``inputs`` and return dbt's log; ``options`` go to dbt.

    ``words`` are what the release says about itself. Raises SparkError where something is
    missing or a node failed.
    """
    _require(PYTHON.is_file(), "Spark's environment is not there: make setup-spark")
    if not settings.spark_thrift:
        _require(shutil.which("java") is not None, NO_JAVA)
    folder = settings.spark
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / LOG
    with log.open("wb") as output:
        done = subprocess.run(
            [str(PYTHON), "-m", "dbt.cli.main", *_arguments(folder), *options],
            cwd=folder, env={**environment(settings), **words, "LUMBUNG_INPUTS": inputs},
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT, check=False,
        )  # fmt: skip
    _require(done.returncode == 0, f"dbt did not build the marts on Spark; it said why in {log}")
    return log


NO_JAVA = "Spark needs Java 17 and there is none (on Debian: apt install openjdk-17-jre-headless)"


def environment(settings: Settings) -> dict[str, str]:
    """Return what dbt starts with: nothing of ours that it need not know, keys least of all."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(NEEDED)}
    told = {
        "PYTHONPATH": str(ROOT),
        "SPARK_CONF_DIR": os.environ.get("SPARK_CONF_DIR", str(LOCAL)),
        "LUMBUNG_SPARK_WAREHOUSE": warehouse(settings),
        "LUMBUNG_SPARK_THREADS": str(settings.spark_threads),
    }
    if settings.spark_thrift:
        host, _, port = settings.spark_thrift.rpartition(":")
        told |= {
            "LUMBUNG_SPARK_METHOD": "thrift",
            "LUMBUNG_SPARK_HOST": host,
            "LUMBUNG_SPARK_PORT": port,
        }
    return {**kept, **QUIET, **told}


def warehouse(settings: Settings) -> str:
    """Return where the marts go: the address that was set, else a folder below the home."""
    return settings.spark_warehouse or str(settings.spark / "warehouse")


def _arguments(folder: Path) -> list[str]:
    return [
        "--no-use-colors", "--log-level-file", "none", "build", "--target", "spark",
        "--project-dir", str(ROOT / "dbt"), "--profiles-dir", str(ROOT),
        "--target-path", str(folder / "dbt"), "--log-path", str(folder / "dbt"),
    ]  # fmt: skip


def _require(holds: bool, otherwise: str) -> None:
    if not holds:
        raise SparkError(otherwise)
