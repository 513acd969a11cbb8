import asyncio
import os
import shutil
import socket
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path
from time import sleep
from typing import Any

import httpx
import pytest

from deploy.local.embedded import Stack
from deploy.local.services import NAMES, Service, Wiring
from services.metrics.app import build
from shared.domain.policy import PolicyError
from shared.runtime.clock import monotonic
from shared.runtime.service import end
from tests.integration.conftest import KEY, NOW, settings_for
from tests.oracle.examples import AUTHORITY, contact, decided, job, lead, referral, said
from tests.oracle.figures import figures
from tests.oracle.histories import service_of
from tests.oracle.text import difference, parse

EVENTS = [
    {"id": f"e{number}", **event}
    for number, event in enumerate(
        [
            contact("k1", "2026-02-27"),
            referral("r1", "2026-01-05"),
            decided("r1", "2026-01-06"),
            said("assessment.started", "a1", "2026-01-07", referral_id="r1"),
            said("section47.started", "s1", "2026-02-02", referral_id="r1"),
            lead("q1", "2026-01-08"),
            job("m1", "2025-01-06", fte=0.6),
            said("absence.started", "b1", "2026-02-02"),
            said("establishment.reported", "north", "2026-02-15", vacant_fte=1.5),
        ]
    )
]


def free_ports() -> int:
    """A number that three free ports follow, below those that the system gives to clients as they come."""
    bases = range(20_000 + os.getpid() % 2_000 * 4, 32_000, 4)
    return next(base for base in bases if all(_is_free(base + offset) for offset in (1, 2, 3)))


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Service]]:
    """The three services as processes, on servers of their own."""
    logs: Path = tmp_path_factory.mktemp("logs")
    with Stack(durable=False) as stack:
        wiring = Wiring(stack.database_url, stack.redis_url, port_base=free_ports(), clock=NOW, dev_key=KEY)
        running = {name: Service(name, wiring, logs) for name in NAMES}
        try:
            for service in running.values():
                service.start()
            _wait_until_ready(running)
            yield running
        finally:
            for service in running.values():
                service.child.stop(6)


def _wait_until_ready(services: dict[str, Service]) -> None:
    until = monotonic() + 30
    while not all(service.ready() for service in services.values()):
        assert monotonic() < until, [service.child.last_words() for service in services.values()]
        dead = [service for service in services.values() if not service.child.alive]
        assert not dead, [service.child.last_words() for service in dead]
        sleep(0.05)


@pytest.fixture(scope="module")
async def settled(services: dict[str, Service]) -> httpx.Response:
    """What the metrics service answers once all that was sent is settled."""
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/cloudevents-batch+json"}
    async with httpx.AsyncClient(headers=headers, timeout=10) as client:
        for name in ("referrals", "workforce"):
            own = [event for event in EVENTS if service_of(event["type"]) == name]
            answer = await client.post(f"{services[name].url}/events", json=own)
            assert answer.status_code in (200, 202), answer.text
        async with asyncio.timeout(20):
            while (status := await _status(client, services))["accepted"] < len(EVENTS) or not status["settled"]:
                await asyncio.sleep(0.05)
        assert status["authorities"] == {AUTHORITY: {"accepted": 9, "applied": 9, "lag_events": 0}}
        assert status["as_of"] == NOW
        return await client.get(f"{services['metrics'].url}/metrics")


async def _status(client: httpx.AsyncClient, services: dict[str, Service]) -> Any:
    return (await client.get(f"{services['metrics'].url}/status")).json()


def test_what_was_sent_over_http_is_scraped_as_brute_force_has_it(settled: httpx.Response) -> None:
    now = datetime.fromisoformat(NOW)
    assert difference(figures(EVENTS, today=now.date(), now=now), parse(settled.text)) == []


def test_a_scrape_is_prometheus_text_with_counters_of_the_intake(settled: httpx.Response) -> None:
    assert settled.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8"
    every = parse(settled.text, families=None)
    accepted = sum(value for (family, _), value in every.items() if family == "csc_events_total")
    assert accepted == len(EVENTS)
    assert {float(value) for (family, _), value in every.items() if family == "csc_stream_lag_events"} == {0.0}
    assert every["csc_as_of_timestamp_seconds", ()] == 1_772_442_000


def test_promtool_finds_nothing_to_say(settled: httpx.Response) -> None:
    promtool = shutil.which("promtool")
    if not promtool:
        if os.environ.get("CI") == "true":
            pytest.fail("promtool is not on the PATH")
        pytest.skip("promtool is not on the PATH")
    checked = subprocess.run([promtool, "check", "metrics"], input=settled.content, capture_output=True, check=False)
    assert (checked.returncode, checked.stdout + checked.stderr) == (0, b"")


def test_no_id_of_a_record_a_child_or_a_worker_is_in_a_scrape(settled: httpx.Response) -> None:
    for id in ("k1", "r1", "a1", "s1", "q1", "m1", "b1", "c1", "w1"):
        assert f'"{id}"' not in settled.text


@pytest.mark.parametrize("name", NAMES)
def test_each_service_says_that_it_lives_and_is_ready(settled: httpx.Response, services: Any, name: str) -> None:
    url = services[name].url
    assert httpx.get(f"{url}/health/live").json() == {"status": "live"}
    ready = httpx.get(f"{url}/health/ready")
    assert (ready.status_code, ready.json()["ready"]) == (200, True)
    assert ready.json()["checks"]["postgresql"] is True


@pytest.mark.parametrize("path", ["/nowhere", "/docs", "/redoc"])
def test_what_is_not_served_is_not_found(services: Any, path: str) -> None:
    assert httpx.get(f"{services['metrics'].url}{path}").status_code == 404


def test_told_to_stop_the_service_stops_and_comes_back_with_the_same_figures(
    settled: httpx.Response, services: dict[str, Service]
) -> None:
    metrics = services["metrics"]
    before = monotonic()
    metrics.child.stop(6)
    assert monotonic() - before < 5
    metrics.start()
    _wait_until_ready(services)
    again = httpx.get(f"{metrics.url}/metrics")
    assert difference(parse(settled.text), parse(again.text)) == []


# ---- inside this process


@pytest.fixture
async def app(database_url: str, redis_url: str) -> AsyncIterator[httpx.AsyncClient]:
    """The service without its tasks: nothing has been worked out yet."""
    async with AsyncExitStack() as exit_stack:
        parts = await exit_stack.enter_async_context(build(settings_for(database_url, redis_url)))
        for task in parts.tasks:
            exit_stack.callback(task.close)
        transport = httpx.ASGITransport(parts.app)
        yield await exit_stack.enter_async_context(httpx.AsyncClient(transport=transport, base_url="http://metrics"))


async def test_without_figures_the_service_lives_but_is_not_ready(app: httpx.AsyncClient) -> None:
    assert (await app.get("/health/live")).status_code == 200
    ready = await app.get("/health/ready")
    assert ready.status_code == 503
    assert ready.json() == {"ready": False, "checks": {"figures": False, "postgresql": True}}
    assert (await app.get("/metrics")).text == ""
    status = (await app.get("/status")).json()
    assert (status["settled"], status["as_of"]) == (False, None)


async def test_with_its_tasks_running_the_service_is_ready_and_settled(database_url: str, redis_url: str) -> None:
    async with build(settings_for(database_url, redis_url)) as parts:
        tasks = [asyncio.create_task(task) for task in parts.tasks]
        transport = httpx.ASGITransport(parts.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client, asyncio.timeout(30):
            while (await client.get("/health/ready")).status_code != 200:
                await asyncio.sleep(0.02)
            assert (await client.get("/status")).json()["settled"]
            assert "csc_as_of_timestamp_seconds 1772442000\n" in (await client.get("/metrics")).text
        await end(tasks)


async def test_a_policy_file_that_cannot_be_meant_ends_the_start(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[caseload]\npink = 17\n")
    with pytest.raises(PolicyError, match=r"caseload\.pink"):
        async with build(settings_for(database_url, redis_url, policy=policy)):
            pass


async def test_status_says_that_postgresql_is_away() -> None:
    with Stack(durable=False) as own:
        settings = settings_for(own.database_url, own.redis_url)
        async with build(settings) as parts:
            for task in parts.tasks:
                task.close()
            transport = httpx.ASGITransport(parts.app)
            async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
                assert (await client.get("/status")).status_code == 200
                own.postgres.kill()
                answer = await client.get("/status")
    assert answer.status_code == 503
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["retry-after"] == "2"


async def test_a_policy_and_a_calendar_that_change_are_followed_while_the_service_runs(
    database_url: str, redis_url: str, tmp_path: Path
) -> None:
    policy, calendar = tmp_path / "policy.toml", tmp_path / "days.txt"
    policy.write_text("[caseload]\namber = 17\n")
    calendar.write_text("horizon 2027-12-31\n")
    settings = settings_for(database_url, redis_url, policy=policy, calendar=calendar)
    async with build(settings) as parts:
        tasks = [asyncio.create_task(task) for task in parts.tasks]
        transport = httpx.ASGITransport(parts.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client, asyncio.timeout(30):
            while "csc_working_day 1\n" not in (await client.get("/metrics")).text:
                await asyncio.sleep(0.02)
            calendar.write_text("2026-03-02\nhorizon 2027-12-31\n")
            while "csc_working_day 0\n" not in (await client.get("/metrics")).text:
                await asyncio.sleep(0.02)
            policy.write_text("[caseload]\npink = 17\n")
            await asyncio.sleep(2.5)
            assert (await client.get("/health/ready")).status_code == 200
        await end(tasks)
