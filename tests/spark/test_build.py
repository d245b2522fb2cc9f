"""What a build on Spark is told, and what it says where something is missing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from lumbung.settings import Settings
from spark import build
from spark.errors import SparkError


def test_without_its_environment_it_says_what_to_run(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "PYTHON", tmp_path / "nothing")
    with pytest.raises(SparkError, match="make setup-spark"):
        build.build(Settings(home=tmp_path), "inputs", {})


def test_without_java_it_names_the_package(tmp_path, monkeypatch):
    monkeypatch.setattr(build, "PYTHON", Path(sys.executable))
    monkeypatch.setattr(shutil, "which", lambda _: None)
    with pytest.raises(SparkError, match="openjdk-17-jre-headless"):
        build.build(Settings(home=tmp_path), "inputs", {})


def test_a_cluster_is_told_its_address_and_no_key_of_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("LUMBUNG_BPS_KEY", "not for Spark")
    monkeypatch.setenv("AWS_REGION", "ap-southeast-3")
    told = build.environment(Settings(home=tmp_path, spark_thrift="spark.internal:10000"))
    assert told["LUMBUNG_SPARK_METHOD"] == "thrift"
    assert (told["LUMBUNG_SPARK_HOST"], told["LUMBUNG_SPARK_PORT"]) == ("spark.internal", "10000")
    assert told["LUMBUNG_SPARK_WAREHOUSE"] == str(tmp_path / "spark" / "warehouse")
    assert told["AWS_REGION"] == "ap-southeast-3"
    assert "LUMBUNG_BPS_KEY" not in told


def test_without_a_cluster_spark_runs_with_the_settings_for_one_process(tmp_path, monkeypatch):
    monkeypatch.delenv("SPARK_CONF_DIR", raising=False)
    told = build.environment(Settings(home=tmp_path, spark_warehouse="s3a://lumbung/marts"))
    assert "LUMBUNG_SPARK_METHOD" not in told
    assert (Path(told["SPARK_CONF_DIR"]) / "spark-defaults.conf").is_file()
    assert told["LUMBUNG_SPARK_WAREHOUSE"] == "s3a://lumbung/marts"


def test_an_address_without_a_port_is_refused(tmp_path):
    with pytest.raises(ValidationError, match="spark_thrift"):
        Settings(home=tmp_path, spark_thrift="spark.internal")
