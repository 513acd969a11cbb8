"""``kill -9`` at every station, while events come in: afterwards the figures are as if nothing had happened."""

import os
import random
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime
from time import sleep
from typing import Any

import httpx
import orjson
import pytest
from redis import Redis

from shared.runtime.clock import monotonic
from tests.journeys.running import KEY, Up, running
from tests.oracle.figures import figures
from tests.oracle.histories import history, service_of
from tests.oracle.text import difference, parse

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
STATIONS = ("referrals", "workforce", "metrics", "postgres", "redis")
NDJSON = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
A_REQUEST = 25
PATIENCE = 60.0


@pytest.fixture(scope="module")
def victim(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    with running(tmp_path_factory.mktemp("victim") / "data", "--clock", NOW.isoformat()) as up:
        yield up


def kill(up: Up, station: str) -> None:
    """SIGKILL to one process; the supervisor starts it again."""
    with suppress(ProcessLookupError):  # it may have died of the last one's death
        os.kill(up.note()["pids"][station], signal.SIGKILL)


def events_of(authority: str, seed: int) -> list[dict[str, Any]]:
    """A history of one authority, with ids that no other test uses."""
    events = []
    for part in range(4):
        for event in history(seed * 100 + part, NOW.date(), 250, after_today=False):
            source = f"/{authority}/{part}{event['source']}"
            events.append({**event, "authority": authority, "source": source})
    random.Random(seed).shuffle(events)
    return events


def send(up: Up, events: list[dict[str, Any]]) -> None:
    """As a recording system does: what was not answered with 202 is sent again."""
    for service in ("referrals", "workforce"):
        own = [event for event in events if service_of(event["type"]) == service]
        for start in range(0, len(own), A_REQUEST):
            body = b"\n".join(map(orjson.dumps, own[start : start + A_REQUEST]))
            send_until_promised(up.report[service], body)


def send_until_promised(url: str, body: bytes) -> None:
    end = monotonic() + PATIENCE
    while monotonic() < end:
        with suppress(httpx.TransportError):
            answer = httpx.post(f"{url}/events", content=body, headers=NDJSON, timeout=10)
            if answer.status_code == 202:
                assert answer.json()["refused"] == []
                return
            assert answer.status_code == 503, answer.text
        sleep(0.05)
    raise AssertionError(f"no promise within {PATIENCE} s")


def settled_figures(up: Up) -> str:
    end = monotonic() + PATIENCE
    while monotonic() < end:
        with suppress(httpx.TransportError):
            status = httpx.get(f"{up.report['metrics']}/status", timeout=5)
            if status.status_code == 200 and status.json()["settled"]:
                return httpx.get(f"{up.report['metrics']}/metrics", timeout=5).text
        sleep(0.1)
    raise AssertionError(f"not settled within {PATIENCE} s: {status.text}")


def of_authority(found: Mapping[Any, Any], authority: str) -> dict[Any, Any]:
    return {key: value for key, value in found.items() if ("authority", authority) in key[1]}


def assert_right(up: Up, events: list[dict[str, Any]], authority: str) -> None:
    expected = of_authority(figures(events, today=NOW.date(), now=NOW), authority)
    assert difference(expected, of_authority(parse(settled_figures(up)), authority)) == []


@pytest.mark.parametrize("station", STATIONS)
def test_figures_are_right_after_kill_9_of(victim: Up, station: str) -> None:
    seed = STATIONS.index(station) + 1
    authority = f"E0900010{seed}"
    events = events_of(authority, seed)
    with ThreadPoolExecutor() as pool:
        sending = pool.submit(send, victim, events)
        for pause in (0.1, 0.7):
            sleep(pause)
            kill(victim, station)
        sending.result()
    assert_right(victim, events, authority)


def test_figures_are_right_after_the_bus_was_wiped(victim: Up) -> None:
    authority = "E09000109"
    events = events_of(authority, 9)
    with ThreadPoolExecutor() as pool, Redis.from_url(victim.report["redis_url"]) as bus:
        sending = pool.submit(send, victim, events)
        for pause in (0.1, 0.2, 0.2):
            sleep(pause)
            bus.flushall()
        sending.result()
    assert_right(victim, events, authority)


def test_a_second_up_on_the_same_data_shows_the_same_figures(victim: Up) -> None:
    before = parse(settled_figures(victim))
    victim.stop()
    with running(victim.data, "--clock", NOW.isoformat()) as again:
        after = parse(settled_figures(again))
    assert before
    assert difference(before, after) == []
