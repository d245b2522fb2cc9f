"""A small cluster on loopback: a master, two workers and a Thrift server, each ended by its id.

The wheel has no start scripts for a cluster, so its classes are started by name.
"""

from __future__ import annotations

import os
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from spark import build
from tests.serving.workbench import free_port

HOST = "127.0.0.1"
WORKERS = ("127.0.0.11", "127.0.0.12")
#: On a busy machine each of the four processes takes its time.
UP_SECONDS = 240.0
SPARK = "org.apache.spark"
THRIFT = f"{SPARK}.sql.hive.thriftserver.HiveThriftServer2"
#: Two workers of half a gigabyte.
DEFAULTS = """
spark.executor.memory                512m
spark.executor.cores                 1
spark.executor.memoryOverhead        64m
spark.executor.extraJavaOptions      -XX:+UseSerialGC -XX:TieredStopAtLevel=1
spark.driver.host                    127.0.0.1
spark.driver.bindAddress             127.0.0.1
spark.sql.session.timeZone           UTC
spark.sql.timestampType              TIMESTAMP_NTZ
spark.sql.ansi.enabled               false
spark.sql.decimalOperations.allowPrecisionLoss  false
spark.sql.constraintPropagation.enabled         false
spark.sql.codegen.wholeStage         false
spark.sql.codegen.factoryMode        NO_CODEGEN
spark.sql.shuffle.partitions         2
spark.sql.adaptive.enabled           false
spark.sql.warehouse.dir              {folder}/warehouse
spark.sql.catalogImplementation      in-memory
spark.network.timeout                60s
spark.ui.enabled                     false
spark.log.level                      WARN
"""


@dataclass(frozen=True)
class Cluster:
    """Where it listens, and the processes that may be killed."""

    folder: Path
    thrift: str
    workers: tuple[psutil.Process, ...]

    def kill(self, number: int) -> list[int]:
        """Kill a worker and its executors as a power cut would; return their ids."""
        family = [self.workers[number], *self.workers[number].children(recursive=True)]
        for process in family:
            process.kill()
        psutil.wait_procs(family, timeout=10)
        return [process.pid for process in family]


@contextmanager
def running(folder: Path) -> Iterator[Cluster]:
    """Start all four processes below ``folder``, wait until both workers work, end them all."""
    master_port, thrift_port = free_port(), free_port()
    master = f"spark://{HOST}:{master_port}"
    (folder / "conf").mkdir(parents=True)
    (folder / "conf" / "spark-defaults.conf").write_text(
        DEFAULTS.format(folder=folder), encoding="utf-8"
    )
    started: list[subprocess.Popen[bytes]] = []
    try:
        started.append(
            _start(folder, "master", "spark-class", f"{SPARK}.deploy.master.Master",
                   "--host", HOST, "--port", str(master_port), "--webui-port", "0")
        )  # fmt: skip
        _await(folder / "master.log", "I have been elected leader", started)
        workers = []
        for host in WORKERS:
            worker = _start(
                folder, host, "spark-class", f"{SPARK}.deploy.worker.Worker",
                "--host", host, "--webui-port", "0", "--cores", "1", "--memory", "600m",
                "--work-dir", str(folder / host), master,
            )  # fmt: skip
            started.append(worker)
            workers.append(psutil.Process(worker.pid))
            _await(folder / f"{host}.log", "Successfully registered with master", started)
        started.append(
            _start(folder, "thrift", "spark-submit", "--master", master, "--class", THRIFT,
                   "spark-internal", "--hiveconf", f"hive.server2.thrift.port={thrift_port}",
                   "--hiveconf", f"hive.server2.thrift.bind.host={HOST}")
        )  # fmt: skip
        _await_port(thrift_port, folder / "thrift.log", started)
        yield Cluster(folder, f"{HOST}:{thrift_port}", tuple(workers))
    finally:
        _end(started)


def _start(folder: Path, name: str, program: str, *arguments: str) -> subprocess.Popen[bytes]:
    with (folder / f"{name}.log").open("wb") as output:
        return subprocess.Popen(
            [str(build.PYTHON.parent / program), *arguments],
            cwd=folder,
            env={
                "PATH": f"{build.PYTHON.parent}{os.pathsep}{os.environ['PATH']}",
                "HOME": os.environ.get("HOME", "/"),
                "SPARK_CONF_DIR": str(folder / "conf"),
                "SPARK_LOCAL_DIRS": str(folder / "scratch"),
                # To Spark the Thrift server, which plans every statement, is a daemon too.
                "SPARK_DAEMON_MEMORY": "768m" if program == "spark-submit" else "160m",
                "SPARK_DAEMON_JAVA_OPTS": "-XX:+UseSerialGC -XX:TieredStopAtLevel=1",
            },
            stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT,
        )  # fmt: skip


def _await(log: Path, words: str, started: list[subprocess.Popen[bytes]]) -> None:
    _until(lambda: words in _said(log), log, started)


def _await_port(port: int, log: Path, started: list[subprocess.Popen[bytes]]) -> None:
    def answers() -> bool:
        with socket.socket() as asked:
            return asked.connect_ex((HOST, port)) == 0

    _until(answers, log, started)


def _until(ready: Callable[[], bool], log: Path, started: list[subprocess.Popen[bytes]]) -> None:
    until = time.monotonic() + UP_SECONDS
    while not ready():
        dead = [process.args for process in started if process.poll() is not None]
        assert not dead, f"{dead} ended: {_said(log)[-3000:]}"
        assert time.monotonic() < until, f"not ready: {_said(log)[-3000:]}"
        time.sleep(0.2)


def _said(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")


def _end(started: list[subprocess.Popen[bytes]]) -> None:
    for process in reversed(started):
        family = []
        with suppress(psutil.NoSuchProcess):
            family = psutil.Process(process.pid).children(recursive=True)
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait(10)
        for one in family:
            if one.is_running():
                one.kill()
        psutil.wait_procs(family, timeout=10)
