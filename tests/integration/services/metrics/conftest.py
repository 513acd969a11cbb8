"""Journals, a bus and metrics workers whose every step a test decides."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import asyncpg
import orjson
import pytest
from redis.asyncio import Redis

from services.metrics.consumer import Consumer
from services.metrics.figures import Figures
from services.metrics.inbox import MIGRATIONS, SCHEMA
from services.metrics.lease import Lease
from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.streams import partition_of, stream_key
from shared.domain.london import local_date
from shared.runtime import journal
from shared.runtime.clock import FixedClock
from shared.runtime.database import migrate, open_pool
from shared.runtime.journal import Place, Submission
from shared.runtime.service import end

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
AUTHORITY = "E09000003"
PLACE: Place = ("csc.referral", partition_of(AUTHORITY))


@dataclass
class Worker:
    """A metrics worker without its server."""

    consumer: Consumer
    figures: Figures
    lease: Lease
    task: "asyncio.Task[None]"

    async def applied(self, authority: str = AUTHORITY) -> int:
        await self.figures.measure()
        return self.figures.shown.applied.get(authority, 0)

    async def referrals(self) -> dict[str, int]:
        """The referrals of a year that the figures show, by authority."""
        await self.figures.measure()
        lines = [line for line in self.figures.text.decode().splitlines() if line.startswith("csc_referrals{")]
        return {line.split('"')[1]: int(line.split()[-1]) for line in lines if 'window="365d"' in line}

    async def until(self, number: int, authority: str = AUTHORITY) -> None:
        """Wait until so many events are in the figures; more are an error."""
        async with asyncio.timeout(20):
            while (applied := await self.applied(authority)) < number:
                if self.task.done():
                    self.task.result()
                await asyncio.sleep(0.02)
        assert applied == number

    async def end(self) -> None:
        """As a process that is told to stop."""
        await end([self.task])
        await self.lease.give_back()


class World:
    """The journals of a database and the bus beside them."""

    def __init__(
        self, url: str, redis_url: str, make: Callable[..., dict[str, Any]], exit_stack: AsyncExitStack
    ) -> None:
        self.url = url
        self.redis_url = redis_url
        self._make = make
        self._exit_stack = exit_stack

    async def open(self) -> None:
        """Bring the schemas up to date."""
        for schema, scripts in (("referrals", journal.MIGRATIONS), (SCHEMA, MIGRATIONS)):
            await migrate(self.url, schema, scripts)
        self.pool = await open_pool(self.url, "referrals")
        self._exit_stack.callback(self.pool.terminate)
        self.inbox = await open_pool(self.url, SCHEMA, size=1)
        self._exit_stack.callback(self.inbox.terminate)
        self.bus: Any = await self._exit_stack.enter_async_context(Redis.from_url(self.redis_url))

    async def record(self, number: int, authority: str = AUTHORITY) -> None:
        """So many new referrals in the journal, none of them on the bus."""
        events = [self._make(authority=authority, source=f"/{authority}/mosaic") for _ in range(number)]
        verdicts = [
            admit(orjson.dumps(event), service="referrals", scope=EVERYTHING, today=local_date(NOW)) for event in events
        ]
        judged = [verdict for verdict in verdicts if isinstance(verdict, Admitted)]
        assert len(judged) == number
        async with self.pool.acquire() as connection:
            await journal.append(connection, [Submission("someone", EVERYTHING, NOW, judged)])

    async def publish(self, positions: Iterable[int], authority: str = AUTHORITY, **changes: Any) -> None:
        """Entries of the journal on the bus, as the relay writes them but for what is changed."""
        place = ("csc.referral", partition_of(authority))
        async with self.pool.acquire() as connection:
            rows = await journal.read_journal(connection, "referrals", *place, 0, 10_000)
            identity = await journal.read_identity(connection, "referrals")
        by_position = {position: (received, event) for position, received, event in rows}
        for position in positions:
            received, event = by_position.get(position, (0, "{}"))
            fields = {"event": event, "received": received, "journal": identity or ""} | changes
            present = {name: value for name, value in fields.items() if value is not None}
            await self.bus.xadd(stream_key(*place), present, id=f"{position}-0")

    async def worker(self, *, redis_url: str | None = None) -> Worker:
        """A worker that begins at once; ended with the test if not before."""
        pool = await open_pool(self.url, SCHEMA)
        self._exit_stack.callback(pool.terminate)
        bus = await self._exit_stack.enter_async_context(Redis.from_url(redis_url or self.redis_url))
        figures, lease = Figures(FixedClock(NOW)), Lease(self.url)
        consumer = Consumer(pool, bus, figures, lease)
        worker = Worker(consumer, figures, lease, asyncio.create_task(_work(consumer)))
        self._exit_stack.push_async_callback(worker.end)
        return worker

    async def batches(self, place: Place = PLACE) -> list[tuple[int, int]]:
        """First and last position of each stored batch, in order."""
        rows = await self.inbox.fetch(
            "SELECT first_position, last_position FROM inbox WHERE stream = $1 AND partition = $2 ORDER BY 2, 1", *place
        )
        return [tuple(row) for row in rows]

    async def unlock(self) -> int:
        """Cut the connections that hold the lease; how many there were."""
        terminated = await self.pool.fetch(
            """
            SELECT pg_terminate_backend(pid) FROM pg_locks
            WHERE locktype = 'advisory' AND granted
              AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
            """
        )
        return len(terminated)


async def _work(consumer: Consumer) -> None:
    await consumer.begin()
    await consumer.consume_forever()


MakeWorld = Callable[[str, str], Awaitable[World]]


@pytest.fixture
async def make_world(referral: Callable[..., dict[str, Any]]) -> AsyncIterator[MakeWorld]:
    """Makes worlds on any servers."""
    async with AsyncExitStack() as exit_stack:

        async def make(url: str, redis_url: str) -> World:
            world = World(url, redis_url, referral, exit_stack)
            await world.open()
            return world

        yield make


@pytest.fixture
async def world(database_url: str, redis_url: str, make_world: MakeWorld) -> World:
    """A world of one's own, empty."""
    return await make_world(database_url, redis_url)


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator["asyncpg.Pool[asyncpg.Record]"]:
    """The metrics service's schema, empty."""
    await migrate(database_url, SCHEMA, MIGRATIONS)
    pool = await open_pool(database_url, SCHEMA)
    yield pool
    pool.terminate()
