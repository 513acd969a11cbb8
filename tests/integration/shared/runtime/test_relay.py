import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from redis.asyncio import Redis

from deploy.local.embedded import Stack
from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.streams import partition_of, stream_key
from shared.runtime import journal
from shared.runtime.database import migrate, open_pool
from shared.runtime.journal import Submission, append, read_identity
from shared.runtime.relay import Relay
from shared.runtime.service import end

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
PLACE = ("csc.referral", partition_of("E09000003"))
KEY = stream_key(*PLACE)
Make = Callable[..., dict[str, Any]]
AppendEvents = Callable[[int], Awaitable[None]]


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    await migrate(database_url, "referrals", journal.MIGRATIONS)
    pool = await open_pool(database_url, "referrals", size=8)
    yield pool
    pool.terminate()


@pytest.fixture
def append_events(pool: Any, referral: Make) -> AppendEvents:
    return lambda many: append_to(pool, referral, many)


async def append_to(pool: Any, referral: Make, many: int) -> None:
    """Append so many events to one partition."""
    verdicts = [
        admit(orjson.dumps(referral()), service="referrals", scope=EVERYTHING, today=date(2026, 3, 2))
        for _ in range(many)
    ]
    async with pool.acquire() as connection:
        judged = [verdict for verdict in verdicts if isinstance(verdict, Admitted)]
        await append(connection, [Submission("someone", EVERYTHING, NOW, judged)])


class Relays:
    """Starts relays, and ends those that still run."""

    def __init__(self, pool: Any, bus: Any) -> None:
        self._pool = pool
        self._bus = bus
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, **options: int) -> "asyncio.Task[None]":
        relay = Relay(self._pool, self._bus, "referrals", asyncio.Event(), **options)
        self._tasks.append(asyncio.create_task(relay.relay_forever()))
        return self._tasks[-1]

    async def end(self) -> None:
        await end(self._tasks)
        self._tasks.clear()


@pytest.fixture
async def relays(pool: Any, bus: Any) -> AsyncIterator[Relays]:
    relays = Relays(pool, bus)
    yield relays
    await relays.end()


async def ids(bus: Any) -> list[int]:
    return [int(entry_id.split(b"-")[0]) for entry_id, _ in await bus.xrange(KEY)]


async def until_relayed(bus: Any, position: int) -> None:
    async with asyncio.timeout(20):
        while not (newest := await bus.xrevrange(KEY, count=1)) or newest[0][0] != f"{position}-0".encode():
            await asyncio.sleep(0.02)


async def test_entries_are_the_journal_in_order_readable_by_anyone(
    relays: Relays, append_events: AppendEvents, bus: Any, pool: Any
) -> None:
    await append_events(1_200)
    relays.start()
    await until_relayed(bus, 1_200)
    entries = await bus.xrange(KEY)
    rows = await pool.fetch("SELECT position, event FROM journal ORDER BY position")
    async with pool.acquire() as connection:
        identity = await read_identity(connection, "referrals")
    assert identity
    assert entries == [
        (
            f"{row['position']}-0".encode(),
            {b"event": row["event"].encode(), b"received": b"1772442000000000", b"journal": identity.encode()},
        )
        for row in rows
    ]


async def test_what_is_appended_later_follows_within_a_second(
    relays: Relays, append_events: AppendEvents, bus: Any
) -> None:
    relays.start()
    for position in (1, 2, 3):
        await append_events(1)
        async with asyncio.timeout(1):
            await until_relayed(bus, position)


async def test_a_restart_goes_on_and_publishes_nothing_twice(
    relays: Relays, append_events: AppendEvents, bus: Any
) -> None:
    await append_events(700)
    relays.start()
    await until_relayed(bus, 700)
    await relays.end()
    await append_events(10)
    relays.start()
    await until_relayed(bus, 710)
    assert await ids(bus) == list(range(1, 711))


async def test_a_relay_that_forgot_where_it_was_publishes_nothing_twice(
    relays: Relays, append_events: AppendEvents, bus: Any, pool: Any
) -> None:
    await append_events(20)
    relay = Relay(pool, bus, "referrals", asyncio.Event())
    for _ in range(3):
        await relay._relay_once()
        relay._positions[PLACE] = 0
    assert await ids(bus) == list(range(1, 21))


async def test_two_relays_publish_each_event_once_in_order(
    relays: Relays, append_events: AppendEvents, bus: Any
) -> None:
    relays.start()
    relays.start()
    for _ in range(40):
        await append_events(60)
    await until_relayed(bus, 2_400)
    assert await ids(bus) == list(range(1, 2_401))


async def test_after_a_wipe_the_relay_goes_on_with_what_is_new(
    relays: Relays, append_events: AppendEvents, bus: Any
) -> None:
    relays.start()
    await append_events(30)
    await until_relayed(bus, 30)
    await bus.flushall()  # the script is gone too
    await append_events(5)
    await until_relayed(bus, 35)
    assert await ids(bus) == [31, 32, 33, 34, 35]


async def test_started_on_an_empty_bus_it_begins_where_it_last_noted(
    relays: Relays, append_events: AppendEvents, bus: Any, pool: Any
) -> None:
    relays.start()
    await append_events(30)
    async with asyncio.timeout(10):
        while await pool.fetchval("SELECT position FROM relay_position") != 30:
            await asyncio.sleep(0.05)
    await relays.end()
    await bus.flushall()
    await append_events(2)
    relays.start()
    await until_relayed(bus, 32)
    assert await ids(bus) == [31, 32]


async def test_the_stream_is_kept_short(relays: Relays, append_events: AppendEvents, bus: Any) -> None:
    relays.start(kept=100)
    await append_events(2_000)
    await until_relayed(bus, 2_000)
    assert 100 <= await bus.xlen(KEY) < 400


@pytest.mark.parametrize("fields", [{"event": "{}", "journal": "another"}, {"nothing": "of ours"}])
async def test_entries_of_another_journal_make_way(
    relays: Relays, append_events: AppendEvents, bus: Any, fields: dict[str, str]
) -> None:
    await bus.xadd(KEY, fields, id="2-0")
    await append_events(3)
    relays.start()
    await until_relayed(bus, 3)
    assert await ids(bus) == [1, 2, 3]


async def test_after_a_restored_database_its_lost_future_makes_way(
    relays: Relays, append_events: AppendEvents, bus: Any, pool: Any
) -> None:
    relays.start()
    await append_events(9)
    await until_relayed(bus, 9)
    await relays.end()
    await pool.execute("DELETE FROM journal WHERE position > 4; UPDATE journal_head SET position = 4")
    await pool.execute("UPDATE relay_position SET position = 2")
    await append_events(1)
    relays.start()
    await until_relayed(bus, 5)
    assert (await ids(bus))[-1] == 5


async def test_after_a_failure_it_goes_on_from_what_the_bus_still_has(
    relays: Relays, append_events: AppendEvents, bus: Any
) -> None:
    relays.start()
    await append_events(50)
    await until_relayed(bus, 50)
    older = (await bus.xrange(KEY))[:20]
    await bus.delete(KEY)
    await bus.set(KEY, "not a stream")
    await append_events(1)
    await asyncio.sleep(0.5)
    async with bus.pipeline(transaction=True) as restored:
        restored.delete(KEY)
        for entry_id, fields in older:
            restored.xadd(KEY, fields, id=entry_id)
        await restored.execute()
    await until_relayed(bus, 51)
    assert await ids(bus) == list(range(1, 52))


async def test_an_error_of_the_bus_is_not_taken_for_a_repetition(
    append_events: AppendEvents, bus: Any, pool: Any
) -> None:
    from redis.exceptions import ResponseError

    await bus.set(KEY, "not a stream")
    await append_events(1)
    relay = Relay(pool, bus, "referrals", asyncio.Event())
    relay._positions[PLACE] = 0
    with pytest.raises(ResponseError, match="WRONGTYPE"):
        await relay._relay_once()


@pytest.mark.parametrize("server", ["redis", "postgres"])
async def test_a_killed_server_delays_the_relay_and_loses_nothing(referral: Make, server: str) -> None:
    with Stack() as stack:
        await migrate(stack.database_url, "referrals", journal.MIGRATIONS)
        pool = await open_pool(stack.database_url, "referrals")
        async with Redis.from_url(stack.redis_url) as bus:
            relays = Relays(pool, bus)
            relays.start()
            await append_to(pool, referral, 50)
            await until_relayed(bus, 50)
            getattr(stack, server).kill()
            if server == "redis":
                await append_to(pool, referral, 50)
            await asyncio.sleep(0.5)
            getattr(stack, server).start()
            await append_to(pool, referral, 50)
            head = await pool.fetchval("SELECT position FROM journal_head")
            await until_relayed(bus, head)
            found = await ids(bus)
            await relays.end()
        pool.terminate()
    assert head == (150 if server == "redis" else 100)
    assert found == list(range(1, head + 1))
