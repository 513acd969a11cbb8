"""A database, a bus and the services for one test each."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any

import asyncpg
import httpx
import pytest
from redis.asyncio import Redis

from deploy.local.embedded import Stack
from shared.runtime.producer import build_producer
from shared.runtime.service import end
from shared.runtime.settings import Settings

NOW = "2026-03-02T09:00:00Z"
KEY = "a-key-for-development"

_numbers = count(1)


@pytest.fixture
async def database_url(stack: Stack) -> AsyncIterator[str]:
    """A database of one's own, empty."""
    name = f"test_{next(_numbers)}"
    server = await asyncpg.connect(stack.database_url)
    await server.execute(f"CREATE DATABASE {name}")
    yield stack.postgres.url(name)
    await server.execute(f"DROP DATABASE {name} WITH (FORCE)")
    await server.close()


@pytest.fixture
async def redis_url(stack: Stack) -> str:
    """The bus, empty."""
    async with Redis.from_url(stack.redis_url) as bus:
        await bus.flushall()
    return stack.redis_url


@pytest.fixture
async def bus(redis_url: str) -> AsyncIterator[Any]:
    """A client of the bus."""
    async with Redis.from_url(redis_url) as client:
        yield client


@dataclass(frozen=True)
class Running:
    """A service with its tasks running, and a client with the development key."""

    client: httpx.AsyncClient
    settings: Settings

    async def send(self, *events: Any, **headers: str) -> httpx.Response:
        """Events as a batch."""
        content_type = {"Content-Type": "application/cloudevents-batch+json"}
        return await self.client.post("/events", json=events, headers=content_type | headers)


Start = Callable[..., AbstractAsyncContextManager[Running]]


def settings_for(database_url: str, redis_url: str, **more: Any) -> Settings:
    given = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "clock": NOW, "dev_key": KEY}
    return Settings.model_validate(given | more)


@asynccontextmanager
async def _running(service: str, settings: Settings) -> AsyncIterator[Running]:
    async with AsyncExitStack() as exit_stack:
        parts = await exit_stack.enter_async_context(build_producer(service, settings))
        tasks = [asyncio.create_task(task) for task in parts.tasks]
        exit_stack.push_async_callback(end, tasks)
        transport = httpx.ASGITransport(parts.app, raise_app_exceptions=False)
        headers = {"Authorization": f"Bearer {KEY}"}
        client = httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers)
        yield Running(await exit_stack.enter_async_context(client), settings)


@pytest.fixture
def start(database_url: str, redis_url: str) -> Start:
    """Starts a service inside this process: ``async with start("referrals") as running``."""

    def start(service: str, **settings: Any) -> AbstractAsyncContextManager[Running]:
        return _running(service, settings_for(database_url, redis_url, **settings))

    return start


@pytest.fixture
async def referrals(start: Start) -> AsyncIterator[Running]:
    async with start("referrals") as running:
        yield running


@pytest.fixture
async def workforce(start: Start) -> AsyncIterator[Running]:
    async with start("workforce") as running:
        yield running


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Any]:
    """A connection to the test's database."""
    connection = await asyncpg.connect(database_url)
    yield connection
    await connection.close()


@pytest.fixture
def referral() -> Callable[..., dict[str, Any]]:
    """Makes referrals: a new one at each call, with the attributes that are named changed or, by None, left out."""
    numbers = count(1)

    def make(**changes: Any) -> dict[str, Any]:
        number = next(numbers)
        event = {
            "specversion": "1.0",
            "id": f"event-{number}",
            "source": "/E09000003/mosaic",
            "type": "csc.referral.received",
            "subject": f"R{number}",
            "time": "2026-02-02T10:00:00Z",
            "authority": "E09000003",
            "data": {"child_id": f"C{number}", "source_code": "1A"},
        }
        return {name: value for name, value in (event | changes).items() if value is not None}

    return make
