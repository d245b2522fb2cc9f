"""Asks Spark's table functions, out of .venv-spark: tables from files, statements, answers kept.

    python ask.py ASKED

ASKED is a JSON file: `tables` (name and Parquet folder), `statements` that make the functions, and
`answers` (folder to write and question).
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

from pyspark.sql import SparkSession


def main() -> None:
    """Answer every question in a session of its own."""
    asked = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    spark = SparkSession.builder.getOrCreate()
    spark.conf.set("spark.sql.session.timeZone", "UTC")
    spark.conf.set("spark.sql.timestampType", "TIMESTAMP_NTZ")
    spark.conf.set("spark.sql.ansi.enabled", "false")
    spark.conf.set("spark.sql.constraintPropagation.enabled", "false")
    spark.sql("create schema marts")
    spark.sql("use marts")
    for table, folder in asked["tables"].items():
        spark.catalog.createTable(table, path=folder, source="parquet")
    for statement in asked["statements"]:
        spark.sql(statement)
    for folder, question in asked["answers"].items():
        spark.sql(question).coalesce(1).write.parquet(folder)


if __name__ == "__main__":
    main()
