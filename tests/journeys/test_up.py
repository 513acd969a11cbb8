"""`daymark up`, from the ready line to the end of the last process."""

import json
import signal
import socket
import subprocess
from os import kill

import httpx
import pytest

from deploy.local.embedded import Stack
from shared.runtime.clock import monotonic
from tests.journeys.processes import await_true, is_gone, of_folder
from tests.journeys.running import AUTHORITY, KEY, command, contact, environment, free_port_base, run, running

SERVICES = ("referrals", "workforce", "metrics")


def is_ready(up, service):
    try:
        return httpx.get(up.report[service] + "/health/ready").status_code == 200
    except httpx.TransportError:
        return False


def send(up, *lines):
    return httpx.post(
        up.report["referrals"] + "/events",
        content="\n".join(lines),
        headers={"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"},
    ).json()


def settled(up):
    return httpx.get(up.report["metrics"] + "/status").json()["settled"]


def contacts(up):
    return [line for line in up.figures().splitlines() if line.startswith("csc_contacts{") and AUTHORITY in line]


def test_the_ready_line_says_where_everything_is(up):
    assert up.report["ready"] is True
    assert set(up.report["pids"]) == {"up", "postgres", "redis", *SERVICES}
    ports = [int(up.report[service].rpartition(":")[2]) for service in SERVICES]
    assert [port - ports[0] for port in ports] == [0, 1, 2]
    assert all(is_ready(up, service) for service in SERVICES)
    assert up.note() == up.report


def test_a_second_up_on_the_same_folder_is_refused(up):
    second = run("up", "--data", up.data, "--port-base", free_port_base())
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr.startswith(f"daymark: {up.data} is in use by another daymark")


def test_a_port_that_is_taken_is_named_and_nothing_is_left(tmp_path):
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        refused = run("up", "--data", tmp_path / "d", "--port-base", port - 3)
    assert refused.returncode == 2
    assert f"port {port} of 127.0.0.1, for metrics, is taken" in refused.stderr
    assert of_folder(tmp_path) == []


def end(up, number):
    """Send a signal; all must be over within ten seconds, with nothing more said on standard output."""
    began = monotonic()
    up.process.send_signal(number)
    rest, _ = up.process.communicate(timeout=15)
    assert monotonic() - began < 10
    assert (up.process.returncode, rest) == (0, "")
    assert [name for name, pid in up.report["pids"].items() if not is_gone(pid)] == []
    assert not (up.data / "up.json").exists()


def test_a_stop_ends_everything_and_the_figures_are_there_again_at_the_next_start(tmp_path):
    fixed = ("--clock", "2026-03-03T09:00:00Z")
    with running(tmp_path / "d", *fixed) as up:
        assert send(up, contact(1), contact(2))["accepted"] == 2
        await_true(lambda: settled(up))
        await_true(lambda: contacts(up))
        before = contacts(up)
        end(up, signal.SIGTERM)
        assert of_folder(tmp_path) == []
    with running(tmp_path / "d", *fixed) as again:
        assert contacts(again) == before != []
        end(again, signal.SIGINT)


def test_sigkill_of_up_leaves_no_process_and_no_lock(tmp_path):
    with running(tmp_path / "d") as up:
        up.process.kill()
        up.process.wait()
        await_true(lambda: all(is_gone(pid) for pid in up.report["pids"].values()))
        await_true(lambda: of_folder(tmp_path) == [])
    with running(tmp_path / "d") as again:
        assert is_ready(again, "metrics")


@pytest.mark.parametrize("name", ["redis", "postgres", *SERVICES])
def test_what_dies_is_started_again_and_takes_events_again(up, name):
    pid = up.note()["pids"][name]
    kill(pid, signal.SIGKILL)
    await_true(lambda: up.note()["pids"][name] not in (pid, None), what="another process")
    await_true(lambda: all(is_ready(up, service) for service in SERVICES), what="readiness")
    assert f"daymark: {name} was ended by SIGKILL; starting it again in" in up.errors.read_text()
    line = contact(f"after-{name}", "E99000077")
    await_true(lambda: send(up, line).get("duplicate") == 1, what="an answer")
    await_true(lambda: settled(up), what="the figures")


async def test_servers_of_ones_own_take_the_place_of_the_embedded_ones(tmp_path):
    with Stack(durable=False) as own:
        urls = {"DATABASE_URL": own.database_url, "REDIS_URL": own.redis_url}
        with running(tmp_path / "d", **urls) as up:
            assert set(up.report["pids"]) == {"up", *SERVICES}
            assert up.report["database_url"] == own.database_url
            assert send(up, contact(1))["accepted"] == 1
            await_true(lambda: settled(up))
            up.stop()
        assert not (tmp_path / "d" / "pg").exists()


def test_without_json_the_ready_line_is_for_people(tmp_path):
    with Stack(durable=False) as own:
        base = free_port_base()
        process = subprocess.Popen(
            command("up", "--data", tmp_path / "d", "--port-base", base),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment(DATABASE_URL=own.database_url, REDIS_URL=own.redis_url),
        )
        line = process.stdout.readline()
        process.terminate()
        rest, _ = process.communicate(timeout=15)
    assert line.startswith(f"ready: referrals http://127.0.0.1:{base + 1}, workforce ")
    assert rest == ""
    with pytest.raises(json.JSONDecodeError):
        json.loads(line)
