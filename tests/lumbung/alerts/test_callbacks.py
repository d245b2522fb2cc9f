"""A failed task of a real DAG run reaches the file, the mail server and the webhook, once."""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[3]

DAG = """
import pendulum
from airflow.sdk import dag, task
from lumbung.alerts.callbacks import ON_FAILURE, AlreadyToldError, within

@dag(schedule=None, start_date=pendulum.datetime(2025, 1, 1), catchup=False,
     default_args=ON_FAILURE, deadline=within("falls", minutes=5))
def falls():
    @task
    def trip():
        raise ValueError("20261122T041500Z-0123abcd stumbled over a stone")
    @task
    def told():
        raise AlreadyToldError("said before")
    trip(), told()
falls()
"""

#: Runs the DAG twice, then hands its deadline's callback to what Airflow's executors call.
RUN = """
import gc, sys
from pathlib import Path
from lumbung import airflow_home, runner, settings
airflow_home.ROOT = Path(sys.argv[1]).parent
airflow_home.prepare(settings.load())
dags = runner.load(Path(sys.argv[1]))
[deadline] = dags["falls"].deadline  # before the runs: one at a terminal leaves it out
for _ in range(2):
    assert not runner.run(dags["falls"], lambda event: None).succeeded
assert gc.isenabled() and gc.get_freeze_count() > 100_000  # Airflow's own objects
from airflow.sdk.execution_time.callback_supervisor import execute_callback
from airflow.serialization.serialized_objects import DagSerialization
import structlog
DagSerialization.to_dict(runner.load(Path(sys.argv[1]))["falls"])
kwargs = {**deadline.callback.kwargs, "context": {"dag_run": {"dag_run_id": "run-7"}}}
for _ in range(2):
    log = structlog.get_logger()
    print(execute_callback(deadline.callback.path, kwargs, "falls.py", None, log))
"""


class Mailbox(socketserver.StreamRequestHandler):
    """Speaks as much SMTP as a client needs to deliver one mail."""

    def handle(self) -> None:
        self.wfile.write(b"220 here\r\n")
        while line := self.rfile.readline():
            word = line[:4].upper()
            if word == b"DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b""
                while (line := self.rfile.readline()) != b".\r\n":
                    mail += line
                self.server.mails.append(mail.decode())  # type: ignore[attr-defined]
            self.wfile.write(b"221 bye\r\n" if word == b"QUIT" else b"250 ok\r\n")


class Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        seen = (self.path, self.headers.get("Authorization"), json.loads(body))
        self.server.posts.append(seen)  # type: ignore[attr-defined]
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("alerts")
    (folder / "dags").mkdir()
    (folder / "dags" / "falls.py").write_text(DAG)
    mail = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Mailbox)
    hook = HTTPServer(("127.0.0.1", 0), Hook)
    mail.mails, hook.posts = [], []  # type: ignore[attr-defined]
    for server in (mail, hook):
        threading.Thread(target=server.serve_forever, daemon=True).start()
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("LUMBUNG_", "AIRFLOW"))}
    smtp = {
        "conn_type": "smtp", "host": "127.0.0.1", "port": mail.server_address[1],
        "extra": {"disable_ssl": True, "disable_tls": True, "from_email": "barn@lumbung.invalid"},
    }  # fmt: skip
    webhook = {
        "conn_type": "http", "schema": "http", "host": "127.0.0.1",
        "password": "token-of-the-test",  # pragma: allowlist secret
        "port": hook.server_address[1], "extra": {"path": "/alerts"},
    }  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", RUN, str(folder / "dags")],
        cwd=ROOT, capture_output=True, text=True, check=False,
        env={
            **kept,
            "PYTHONPATH": str(ROOT),
            "LUMBUNG_HOME": str(folder / "home"),
            "LUMBUNG_ALERT_EMAIL": "operator@lumbung.invalid",
            "LUMBUNG_ALERT_WEBHOOK_CONNECTION": "lumbung_webhook",
            "AIRFLOW_CONN_LUMBUNG_SMTP": json.dumps(smtp),
            "AIRFLOW_CONN_LUMBUNG_WEBHOOK": json.dumps(webhook),
        },
    )  # fmt: skip
    files = sorted((folder / "home" / "alerts").glob("*.jsonl"))
    yield {
        "done": done,
        "lines": [json.loads(line) for file in files for line in file.read_text().splitlines()],
        "mails": mail.mails,  # type: ignore[attr-defined]
        "posts": hook.posts,  # type: ignore[attr-defined]
    }
    for server in (mail, hook):
        server.shutdown()
        server.server_close()


def test_a_failed_task_writes_one_line_though_it_fails_twice(told):
    assert told["done"].returncode == 0, told["done"].stderr[-3000:]
    [line] = [line for line in told["lines"] if line["kind"] == "task_failed"]
    assert line["subject"] == "falls.trip"
    assert line["message"] == "20261122T041500Z-0123abcd stumbled over a stone"
    assert line["release_id"] == "20261122T041500Z-0123abcd"
    assert line["run_id"]


def test_a_missed_deadline_writes_one_line_with_its_run(told):
    [line] = [line for line in told["lines"] if line["kind"] == "deadline_missed"]
    assert (line["subject"], line["run_id"]) == ("falls", "run-7")
    assert told["done"].stdout.count("(True, None)") == 2


def test_what_was_told_dataset_by_dataset_is_not_told_again_by_its_task(told):
    assert {line["subject"] for line in told["lines"]} == {"falls.trip", "falls"}


def test_each_alert_is_mailed_once_through_airflows_provider(told):
    assert len(told["mails"]) == 2
    assert "operator@lumbung.invalid" in told["mails"][0]
    assert "Subject: Lumbung: falls.trip: task failed" in told["mails"][0]


def test_each_alert_is_posted_once_with_the_connections_token(told):
    assert [(path, secret) for path, secret, _ in told["posts"]] == [
        ("/alerts", "Bearer token-of-the-test")
    ] * 2
    body = told["posts"][0][2]
    assert body["subject"] == "falls.trip"
    assert "stumbled over a stone" in body["text"]
