"""What a refresh leaves out of Airflow's start is nothing that its own tasks ask for."""

from __future__ import annotations

import json
from pathlib import Path

from tests.lumbung import reading_dags

#: Reads DAG files as a refresh does, and asks Airflow's API as a task in this process does.
ASK = """
import json, sys
from pathlib import Path
from lumbung import airflow_home, runner, settings
airflow_home.prepare(settings.load())
runner.load(Path(sys.argv[1]))
import httpx
from airflow.api_fastapi.execution_api.versions import bundle
from airflow.sdk.api.datamodels._generated import API_VERSION
from airflow.sdk.execution_time.supervisor import in_process_api_server
api = in_process_api_server()
with httpx.Client(transport=api.transport, base_url="http://in-process.invalid/") as client:
    answer = client.get("health", headers={"Airflow-API-Version": API_VERSION})
routers = api.app.router.versioned_routers
print(json.dumps({
    "answer": answer.json(),
    "newest": str(bundle.versions[0].value),
    "spoken": API_VERSION,
    "prepared": [version for version, router in routers.items() if router.routes],
}))
"""


def test_airflows_api_is_prepared_for_its_own_client_and_not_for_all_before(
    tmp_path: Path,
) -> None:
    done = reading_dags.run(ASK, tmp_path)
    assert done.returncode == 0, done.stderr[-2000:]
    said = json.loads(done.stdout.splitlines()[-1])
    assert said["answer"] == {"status": "healthy"}
    assert said["spoken"] == said["newest"] == max(said["prepared"])
    assert len(said["prepared"]) == 2
