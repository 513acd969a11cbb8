import asyncio
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from shared.runtime.clock import monotonic
from shared.runtime.service import end, health_router, serve
from shared.runtime.settings import Settings

ROOT = Path(__file__).parents[4]
Make = Callable[..., dict[str, Any]]
BATCH = {"Content-Type": "application/cloudevents-batch+json", "Authorization": "Bearer k"}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextmanager
def process(database_url: str, redis_url: str, port: int, **more: str) -> Iterator["subprocess.Popen[str]"]:
    """``python -m services.referrals``; killed if it still runs at the end."""
    environment = {
        "DATABASE_URL": database_url,
        "REDIS_URL": redis_url,
        "DAYMARK_DEV_KEY": "k",
        "DAYMARK_PORT": str(port),
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "services.referrals"],
        cwd=ROOT,
        env={**os.environ, **environment, **more},
        stderr=subprocess.PIPE,
        text=True,
    )
    with child:
        try:
            yield child
        finally:
            child.kill()


async def until_ready(client: httpx.AsyncClient) -> None:
    async with asyncio.timeout(30):
        while True:
            try:
                if (await client.get("/health/ready")).status_code == 200:
                    return
            except httpx.TransportError:
                await asyncio.sleep(0.05)


async def test_sigterm_ends_it_cleanly_while_requests_come_in(
    database_url: str, redis_url: str, referral: Make
) -> None:
    port = free_port()
    answers: list[int] = []

    async def keep_sending(client: httpx.AsyncClient) -> None:
        while True:
            try:
                answers.append((await client.post("/events", json=[referral()], headers=BATCH)).status_code)
            except httpx.TransportError:
                return

    with process(database_url, redis_url, port) as child:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until_ready(client)
            senders = [asyncio.create_task(keep_sending(client)) for _ in range(4)]
            await asyncio.sleep(0.5)
            asked = monotonic()
            child.send_signal(signal.SIGTERM)
            assert await asyncio.to_thread(child.wait, 10) == 0
            assert monotonic() - asked < 5
            await asyncio.gather(*senders)
    assert set(answers) == {202}


async def test_a_202_holds_though_the_process_is_killed(
    database_url: str, redis_url: str, database: Any, referral: Make
) -> None:
    port = free_port()
    promised: list[str] = []

    async def keep_sending(client: httpx.AsyncClient) -> None:
        while True:
            events = [referral() for _ in range(20)]
            try:
                answer = await client.post("/events", json=events, headers=BATCH)
            except httpx.TransportError:
                return
            assert answer.json()["accepted"] == 20
            promised.extend(event["id"] for event in events)

    with process(database_url, redis_url, port) as child:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client:
            await until_ready(client)
            senders = [asyncio.create_task(keep_sending(client)) for _ in range(4)]
            await asyncio.sleep(1)
            child.kill()
            await asyncio.gather(*senders)
    kept = {row["id"] for row in await database.fetch("SELECT event::jsonb->>'id' AS id FROM referrals.journal")}
    assert len(promised) > 100
    assert set(promised) <= kept


@pytest.mark.parametrize(
    ("environment", "status", "says"),
    [
        ({"DAYMARK_HOST": "0.0.0.0"}, 2, "loopback only"),  # noqa: S104
        ({"DAYMARK_PORT": "many"}, 2, "port"),
        ({"DATABASE_URL": "postgresql://nobody@127.0.0.1:9/nothing"}, 1, "ConnectionRefusedError"),
    ],
)
async def test_it_does_not_start_on_what_is_wrong(
    database_url: str, redis_url: str, environment: dict[str, str], status: int, says: str
) -> None:
    with process(database_url, redis_url, free_port(), **environment) as child:
        _, errors = await asyncio.to_thread(child.communicate, timeout=30)
    assert child.returncode == status
    assert says in errors


async def test_a_task_that_fails_ends_the_service_with_its_error() -> None:
    async def fail() -> None:
        await asyncio.sleep(0.2)
        raise LookupError("lost")

    ended = asyncio.Event()

    async def go_on() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    settings = Settings.model_validate({"DATABASE_URL": "-", "REDIS_URL": "-"})
    with pytest.raises(LookupError, match="lost"):
        await serve(FastAPI(), settings, go_on(), fail())
    assert ended.is_set()


async def test_a_cancellation_that_gets_lost_is_repeated() -> None:
    async def stubborn() -> None:
        for _ in range(2):
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                continue

    task = asyncio.create_task(stubborn())
    await asyncio.sleep(0)
    async with asyncio.timeout(5):
        await end([task])
    assert task.done()


async def test_readiness_names_the_check_that_does_not_hold() -> None:
    async def holds() -> bool:
        return True

    async def fails() -> bool:
        raise ConnectionError

    app = FastAPI()
    app.include_router(health_router({"one": holds, "other": fails}))
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service") as client:
        response = await client.get("/health/ready")
    assert (response.status_code, response.json()) == (503, {"ready": False, "checks": {"one": True, "other": False}})
