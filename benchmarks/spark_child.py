"""One build by dbt on Spark in this process, out of .venv-spark, from tables given as files.

    python spark_child.py TABLES WORD...

TABLES is a JSON file: schema.name of each table that the models read, and the Parquet file behind
it. The words are dbt's. Spark's catalogue ends with the process, so the tables are made in it.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from dbt.cli.main import dbtRunner
from pyspark import SparkContext
from pyspark.sql import SparkSession


def main() -> None:
    """Make the tables known, build, and end with 1 where dbt failed."""
    warehouse = os.environ["LUMBUNG_SPARK_WAREHOUSE"]
    spark = SparkSession.builder.config("spark.sql.warehouse.dir", warehouse).getOrCreate()
    # dbt's profile sets it too, but only once these are read.
    spark.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    for table, path in json.loads(Path(sys.argv[1]).read_text(encoding="utf-8")).items():
        spark.sql(f"create schema if not exists {table.split('.')[0]}")
        spark.catalog.createTable(table, path=path, source="parquet")
    is_built = dbtRunner().invoke(sys.argv[2:]).success
    java = SparkContext._gateway.proc
    spark.stop()
    # Java ends with its input. Waited for, its seconds of the processor count as this process's.
    java.stdin.close()
    java.wait()
    sys.exit(not is_built)


if __name__ == "__main__":
    main()
