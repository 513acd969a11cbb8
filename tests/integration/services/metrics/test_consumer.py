import asyncio
from typing import Any

import pytest

from deploy.local.embedded import Stack
from services.metrics.consumer import AT_ONCE, JournalGapError
from services.metrics.inbox import Batch, Entry, Packer, append
from shared.contracts.streams import stream_key
from shared.runtime.journal import read_journal
from tests.integration.services.metrics.conftest import AUTHORITY, PLACE, MakeWorld, World

OTHER = "E06000052"


async def test_what_is_on_the_bus_is_stored_and_then_shown(world: World) -> None:
    worker = await world.worker()
    await world.record(5)
    await world.publish(range(1, 6))
    await worker.until(5)
    assert await worker.referrals() == {AUTHORITY: 5}
    assert (await world.batches())[-1][1] == 5
    assert worker.consumer.positions[PLACE] == 5


async def test_a_restart_recovers_from_the_inbox_and_reads_on_behind_it(world: World) -> None:
    await world.record(5)
    await world.publish(range(1, 6))
    first = await world.worker()
    await first.until(5)
    await first.end()
    stored = await world.batches()
    await world.record(3)
    await world.publish(range(6, 9))
    second = await world.worker()
    await second.until(8)
    assert await second.referrals() == {AUTHORITY: 8}
    positions = [position for begin, last in await world.batches() for position in range(begin, last + 1)]
    assert positions == list(range(1, 9))
    assert (await world.batches())[: len(stored)] == stored


async def test_the_inbox_alone_brings_the_figures_back(world: World) -> None:
    await world.record(5)
    first = await world.worker()
    await first.until(5)
    await first.end()
    await world.pool.execute("TRUNCATE journal, journal_head")
    second = await world.worker()
    await second.until(5)
    assert await second.referrals() == {AUTHORITY: 5}


@pytest.mark.parametrize("on_the_bus", [(3,), (1, 2, 5, 9), (2, 4, 6), (10,), ()])
async def test_gaps_of_the_bus_are_filled_from_the_journal(world: World, on_the_bus: tuple[int, ...]) -> None:
    await world.record(10)
    await world.publish(on_the_bus)
    worker = await world.worker()
    await worker.until(10)
    assert await worker.referrals() == {AUTHORITY: 10}
    positions = [position for begin, last in await world.batches() for position in range(begin, last + 1)]
    assert positions == list(range(1, 11))


async def test_a_gap_wider_than_one_read_is_filled(world: World) -> None:
    number = 2 * AT_ONCE + 5
    await world.record(number)
    await world.publish([1, number])
    worker = await world.worker()
    await worker.until(number)
    assert await worker.referrals() == {AUTHORITY: number}


async def test_a_bus_that_is_wiped_costs_nothing(world: World) -> None:
    worker = await world.worker()
    await world.record(4)
    await world.publish(range(1, 5))
    await worker.until(4)
    await world.bus.flushall()
    await world.record(2)
    await worker.until(6)  # from the journal: the bus has nothing
    await world.record(2)
    await world.publish([8])
    await worker.until(8)
    assert await worker.referrals() == {AUTHORITY: 8}


async def test_without_a_bus_the_figures_follow_the_journals(world: World) -> None:
    worker = await world.worker(redis_url="unix:///nowhere/redis.sock")
    await world.record(3)
    await world.record(2, OTHER)
    await worker.until(3)
    await worker.until(2, OTHER)
    await world.record(1)
    await worker.until(4)
    assert await worker.referrals() == {AUTHORITY: 4, OTHER: 2}


async def test_entries_of_another_journal_are_passed_over(world: World) -> None:
    await world.record(2)
    forged = '{"id":"x","source":"/x","type":"csc.referral.received","subject":"x","time":"2026-03-01T00:00:00Z",'
    await world.publish(range(1, 6), journal="another", event=forged + f'"authority":"{AUTHORITY}"}}')
    worker = await world.worker()
    await worker.until(2)
    await world.record(1)
    await worker.until(3)
    assert await worker.referrals() == {AUTHORITY: 3}
    assert await world.inbox.fetchval("SELECT count(*) FROM parked") == 0


@pytest.mark.parametrize(
    "changes",
    [{"event": None}, {"event": "{}\n{}"}, {"received": None}, {"received": "soon"}, {"journal": None}],
)
async def test_an_entry_that_lost_a_field_is_taken_from_the_journal(
    world: World, changes: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    await world.record(3)
    await world.publish([1])
    await world.publish([2], **changes)
    await world.publish([3])
    worker = await world.worker()
    await worker.until(3)
    assert await worker.referrals() == {AUTHORITY: 3}
    assert "soon" not in caplog.text


async def test_an_event_that_cannot_be_read_is_parked_and_holds_nothing_up(world: World) -> None:
    await world.record(3)
    await world.publish([1])
    await world.publish([2], event='{"id":"secret"')
    await world.publish([3])
    for _ in range(2):  # a restart finds it again, and keeps it once
        worker = await world.worker()
        async with asyncio.timeout(10):
            while await worker.referrals() != {AUTHORITY: 2}:
                await asyncio.sleep(0.02)
        await worker.end()
    (parked,) = await world.inbox.fetch("SELECT position, reason, event FROM parked")
    assert tuple(parked) == (2, "DecodeError", b'{"id":"secret"')


async def test_what_the_bus_cannot_give_does_not_keep_the_worker_busy(world: World) -> None:
    await world.record(2)
    await world.publish(range(1_000, 1_010), journal="another")
    worker = await world.worker()
    await worker.until(2)

    async def reads() -> int:
        stats: dict[str, Any] = await world.bus.info("commandstats")
        return int(stats["cmdstat_xread"]["calls"])

    before = await reads()
    await asyncio.sleep(1)
    assert await reads() - before <= 4


async def test_a_busy_partition_does_not_keep_another_waiting(world: World) -> None:
    worker = await world.worker()
    await world.record(3, OTHER)  # and the bus never tells
    for position in range(1, 40):
        await world.record(1)
        await world.publish([position])
        await asyncio.sleep(0.05)
        if await worker.applied(OTHER) == 3:
            break
    assert await worker.referrals() == {AUTHORITY: position, OTHER: 3}


async def test_a_journal_without_a_position_that_it_gave_out_stops_the_worker(world: World) -> None:
    await world.record(5)
    await world.publish([1, 2, 5])
    await world.pool.execute("DELETE FROM journal WHERE position = 3")
    worker = await world.worker()
    async with asyncio.timeout(10):
        await asyncio.wait([worker.task])
    with pytest.raises(JournalGapError, match="no position 3"):
        worker.task.result()
    worker.task = asyncio.create_task(asyncio.sleep(0))


# ---- two workers


async def test_a_second_worker_stands_by_and_takes_over(world: World) -> None:
    await world.record(3)
    first = await world.worker()
    await first.until(3)
    second = await world.worker()
    await world.record(2)
    await first.until(5)
    await asyncio.sleep(0.6)
    assert await second.applied() == 0
    await first.end()
    await second.until(5)
    await world.record(1)
    await second.until(6)
    assert await second.referrals() == {AUTHORITY: 6}


async def test_workers_that_lose_the_lease_take_turns_and_double_nothing(world: World) -> None:
    workers = [await world.worker() for _ in range(2)]
    number = 0
    for _ in range(4):
        await world.record(3)
        number += 3
        await world.publish(range(number - 2, number + 1))
        async with asyncio.timeout(10):
            while max([await worker.applied() for worker in workers]) < number:
                await asyncio.sleep(0.02)
        async with asyncio.timeout(10):
            while not await world.unlock():  # whoever lost it last may not have noticed yet
                await asyncio.sleep(0.02)
    for worker in workers:
        await worker.end()
    last = await world.worker()
    await last.until(number)
    assert await last.referrals() == {AUTHORITY: number}


@pytest.mark.parametrize("running", [True, False])
async def test_what_two_workers_stored_counts_once(world: World, running: bool) -> None:
    await world.record(8)
    rows = await _entries(world)
    async with world.inbox.acquire() as connection:
        await append(connection, [Batch(PLACE, rows[:5])], Packer())
    worker = await world.worker() if running else None
    if worker:
        await worker.until(8)
        await worker.end()
    async with world.inbox.acquire() as connection:
        await append(connection, [Batch(PLACE, rows[2:7])], Packer())
    if worker:
        await worker.consumer.recover()
    else:
        worker = await world.worker()
    await worker.until(8)
    assert await worker.referrals() == {AUTHORITY: 8}
    assert worker.consumer.positions[PLACE] == 8


async def _entries(world: World) -> list[Entry]:
    async with world.pool.acquire() as connection:
        rows = await read_journal(connection, "referrals", *PLACE, 0, 100)
    return [(position, received, event.encode()) for position, received, event in rows]


# ---- the store


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_postgresql_away_and_back_loses_and_doubles_nothing(make_world: MakeWorld, how: str) -> None:
    with Stack() as stack:
        world = await make_world(stack.database_url, stack.redis_url)
        worker = await world.worker()
        await world.record(20)
        await world.publish(range(1, 11))
        await worker.until(20)
        for position in range(21, 31):
            await world.record(1)
            await world.publish([position])
        getattr(stack.postgres, how)()
        await asyncio.sleep(0.7)
        assert not worker.task.done()
        stack.postgres.start()
        await worker.until(30)
        await world.record(5)
        await worker.until(35)
        await worker.end()
        again = await world.worker()
        await again.until(35)
        assert await worker.referrals() == await again.referrals() == {AUTHORITY: 35}
        positions = [position for begin, last in await world.batches() for position in range(begin, last + 1)]
        assert positions == list(range(1, 36))
        await again.end()


async def test_the_bus_away_and_back_is_read_again(make_world: MakeWorld) -> None:
    with Stack(durable=False) as stack:
        world = await make_world(stack.database_url, stack.redis_url)
        worker = await world.worker()
        stack.redis.kill()
        await world.record(3)
        await worker.until(3)
        stack.redis.start()
        await world.record(1)
        await world.publish([4])
        await worker.until(4)
        assert await world.bus.xlen(stream_key(*PLACE)) == 1
        await worker.end()
