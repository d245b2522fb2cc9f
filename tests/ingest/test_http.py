"""The HTTP client against a real server: what it takes, what it refuses, what it never says."""

from __future__ import annotations

import logging
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pydantic import SecretStr

from ingest.errors import BlockedError, FetchError, KeyEchoError
from ingest.http import Client, RedirectRefusedError
from ingest.redaction import guard_logs
from lumbung.settings import ROOT
from tests.ingest.world import KEY, World
from tests.replicas.bps import Fault, Replica, sample

QUESTION = {"model": "data", "lang": "ind", "domain": "3600", "var": "64", "th": "118"}
SECRETS = {"key": SecretStr(KEY)}


def ask(world: World, replica: Replica):
    return Client(world.settings).get(replica.url + "/list", QUESTION, SECRETS)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def replica_with(*faults: Fault) -> Replica:
    return Replica(sample(), keys=[KEY], faults=faults)


def test_a_whole_body_comes_back_with_its_address_but_without_the_key(world):
    with replica_with() as replica:
        answer = ask(world, replica)
    assert b'"datacontent"' in answer.body
    assert answer.url.endswith("/list?model=data&lang=ind&domain=3600&var=64&th=118")
    assert answer.content_type.startswith("application/json")


@pytest.mark.parametrize("kind", ["server_error", "blocked", "echo", "redirect", "html"])
def test_a_key_in_the_path_is_sent_there_and_shown_nowhere(world, kind, caplog):
    guard_logs(SECRETS["key"])
    caplog.set_level(logging.DEBUG)
    client = Client(world.settings)
    path = "/list/model/th/domain/3600/var/64/key/{key}/"
    with replica_with() as replica:
        answer = client.get(replica.url + path, {"lang": "ind"}, SECRETS)
        replica.faults = [Fault(kind)]
        said = ""
        try:
            said = client.get(replica.url + path, {"lang": "ind"}, SECRETS).url
        except (FetchError, BlockedError, KeyEchoError) as error:
            said = str(error)
    assert b'"th_id"' in answer.body
    assert answer.url.endswith("/list/model/th/domain/3600/var/64/key/***/?lang=ind")
    assert said
    assert KEY not in said + caplog.text
    assert world.files_with(KEY) == []


def test_the_client_says_who_it_is_and_where_to_complain(world):
    with replica_with() as replica:
        ask(world, replica)
    (agent,) = replica.agents
    assert agent.startswith("Lumbung/")
    assert f"(+{world.settings.contact})" in agent


@pytest.mark.parametrize("kind", ["server_error", "half_body", "long_length", "reset"])
def test_what_passes_is_tried_again_until_it_is_whole(world, kind):
    with replica_with() as healthy:
        expected = ask(world, healthy).body
    with replica_with(Fault(kind, times=2)) as replica:
        assert ask(world, replica).body == expected
        assert len(replica.requests) == 3


@pytest.mark.parametrize("kind", ["server_error", "half_body", "long_length", "reset"])
def test_what_does_not_pass_is_given_up_after_the_last_attempt(world, kind):
    with replica_with(Fault(kind)) as replica:
        with pytest.raises(FetchError) as caught:
            ask(world, replica)
        assert len(replica.requests) == world.settings.max_attempts
    assert KEY not in str(caught.value)
    assert "var=64" in str(caught.value)
    assert f"given up after {world.settings.max_attempts} tries" in str(caught.value)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("server_error", "HTTP 500, the service has a fault of its own"),
        ("rate_limited", r"HTTP 429, .*ask too often \(LUMBUNG_RATE_PER_HOST\)"),
        ("half_body", r"the body ended after \d+ of \d+ bytes"),
    ],
)
def test_what_was_given_up_says_what_it_was_in_words(world, kind, said):
    with replica_with(Fault(kind, retry_after="0")) as replica:
        with pytest.raises(FetchError, match=said) as caught:
            ask(world, replica)
        assert "the next run asks again" in str(caught.value)


def test_a_host_that_names_a_time_is_waited_for(world):
    with replica_with(Fault("rate_limited", times=1, retry_after="1")) as replica:
        started = time.monotonic()
        assert ask(world, replica).body
        assert time.monotonic() - started >= 1.0
        assert len(replica.requests) == 2


def test_a_host_that_wants_a_long_rest_gets_it(world):
    with replica_with(Fault("rate_limited", retry_after="3600")) as replica:
        with pytest.raises(FetchError, match="left alone for 3600 s"):
            ask(world, replica)
        assert len(replica.requests) == 1


def test_a_retry_after_nobody_can_read_means_the_usual_wait(world):
    with replica_with(Fault("rate_limited", times=1, retry_after="sebentar")) as replica:
        assert ask(world, replica).body


def test_a_trickle_meets_the_deadline_though_every_byte_is_in_time(tmp_path):
    world = World(tmp_path, deadline_seconds=0.3, max_attempts=1)
    with replica_with(Fault("trickle", seconds_between_bytes=0.01)) as replica:
        started = time.monotonic()
        with pytest.raises(FetchError, match="LUMBUNG_DEADLINE_SECONDS"):
            ask(world, replica)
        assert time.monotonic() - started < 2


def test_a_silent_host_meets_the_timeout(tmp_path):
    world = World(tmp_path, timeout_seconds=0.2, max_attempts=2)
    with (
        Replica(sample(), keys=[KEY], latency=5) as replica,
        pytest.raises(FetchError, match="timed out"),
    ):
        ask(world, replica)


def test_a_body_beyond_the_limit_is_dropped(tmp_path):
    world = World(tmp_path, max_body_bytes=100)
    with replica_with() as replica, pytest.raises(FetchError, match="larger than 100 bytes"):
        ask(world, replica)


def test_a_block_is_not_tried_again(world):
    with replica_with(Fault("blocked")) as replica:
        with pytest.raises(BlockedError) as caught:
            ask(world, replica)
        assert len(replica.requests) == 1
    assert KEY not in str(caught.value)


def test_after_three_blocks_in_a_row_the_host_is_left_alone(world):
    client = Client(world.settings)
    with replica_with(Fault("blocked", times=3)) as replica:
        for _ in range(5):
            with pytest.raises(BlockedError):
                client.get(replica.url + "/list", QUESTION, SECRETS)
        assert len(replica.requests) == 3


def test_two_blocks_and_an_answer_are_forgotten(world):
    client = Client(world.settings)
    with replica_with(Fault("blocked", times=2)) as replica:
        for _ in range(2):
            with pytest.raises(BlockedError):
                client.get(replica.url + "/list", QUESTION, SECRETS)
        client.get(replica.url + "/list", QUESTION, SECRETS)
        replica.faults = [Fault("blocked", times=2)]
        for _ in range(2):
            with pytest.raises(BlockedError):
                client.get(replica.url + "/list", QUESTION, SECRETS)
        assert client.get(replica.url + "/list", QUESTION, SECRETS).body


def test_a_page_that_repeats_the_key_is_refused(world):
    with replica_with(Fault("echo")) as replica, pytest.raises(KeyEchoError) as caught:
        ask(world, replica)
    assert KEY not in str(caught.value)


def test_a_redirect_to_another_host_is_refused_and_never_followed(world):
    with replica_with() as other:
        target = other.url.replace("127.0.0.1", "localhost") + "/list"
        with (
            replica_with(Fault("redirect", target=target)) as replica,
            pytest.raises(RedirectRefusedError) as caught,
        ):
            ask(world, replica)
        assert other.requests == []
    assert KEY not in str(caught.value)


def test_a_redirect_on_the_same_host_is_followed(world):
    replica = replica_with(Fault("redirect", times=1))
    replica.faults[0].target = replica.url + "/list"
    with replica:
        assert b"datacontent" in ask(world, replica).body


def test_nobody_listening_is_a_fetch_error_without_the_key(world):
    with replica_with() as replica:
        pass
    with pytest.raises(FetchError, match="refused") as caught:
        ask(world, replica)
    assert KEY not in repr(caught.value)
    assert caught.value.__context__ is None, "a chained error would carry the key's address"


def test_no_library_logs_the_key(world, caplog):
    guard_logs(SECRETS["key"])
    with caplog.at_level(logging.DEBUG), replica_with(Fault("server_error", times=1)) as replica:
        ask(world, replica)
    assert "HTTP/1.1" in caplog.text, "urllib3 no longer logs addresses: is this test of use?"
    assert KEY not in caplog.text


def test_a_netrc_file_adds_nothing(world, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password mine")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    client = Client(world.settings)
    with replica_with() as replica:
        seen = []
        client.session.hooks["response"] = lambda response, **_: seen.append(response)
        client.get(replica.url + "/list", QUESTION, SECRETS)
    assert "Authorization" not in seen[0].request.headers
    assert seen[0].connection.cert_verify is not None
    assert client.session.verify is True


SHARED_RATE = """
import sys
from pathlib import Path
from threading import Thread
from ingest.http import Client
from lumbung.settings import Settings
client = Client(Settings(home=Path(sys.argv[1]), rate_per_host=10))
def ask():
    for _ in range(5):
        client.get(sys.argv[2] + "/list", {"model": "th"}, {})
threads = [Thread(target=ask) for _ in range(2)]
[thread.start() for thread in threads]
[thread.join() for thread in threads]
"""


def test_processes_and_their_threads_share_one_rate_limit(tmp_path):
    with replica_with() as replica:
        command = [sys.executable, "-c", SHARED_RATE, str(tmp_path), replica.url]
        running = [subprocess.Popen(command, cwd=ROOT) for _ in range(3)]
        assert [process.wait(60) for process in running] == [0, 0, 0]
    assert len(replica.times) == 30
    busiest = max(
        sum(1 for other in replica.times if start <= other < start + 1) for start in replica.times
    )
    assert busiest <= 12, "ten a second, and two for the time between permission and arrival"
