"""The journal of the metrics service, read again."""

from datetime import UTC, datetime

import pytest

from services.metrics.inbox import SCHEMA, Batch, Packer, append
from services.metrics.questions import ledger
from services.metrics.questions.ledger import Extent, microseconds
from shared.contracts.streams import PARTITIONS, STREAMS, partition_of
from shared.runtime.database import connect

HERE, THERE = "E09000003", "E06000052"
PARTITION = partition_of(HERE)


def entry(position, at=0, authority=HERE):
    return position, at, b'{"authority":"%s","n":%d}' % (authority.encode(), position)


async def store(pool, *batches):
    async with pool.acquire() as connection:
        for stream, partition, entries in batches:
            await append(connection, [Batch((stream, partition), entries)], Packer())


async def read(pool, partition, extent):
    async with pool.acquire() as connection:
        return [received async for some in ledger.read(connection, partition, extent) for received in some]


def numbers(found):
    return [int(received.document.split(b'"n":')[1][:-1]) for received in found]


async def test_entries_come_stream_by_stream_in_order_with_when_they_were_received(pool):
    await store(
        pool,
        ("csc.staffing", 3, [entry(1, 10)]),
        ("csc.referral", 3, [entry(1, 11), entry(2, 12)]),
        ("csc.referral", 3, [entry(3, 9)]),
        ("csc.referral", 4, [entry(4)]),
    )
    found = await read(pool, 3, Extent())
    assert [received.at for received in found] == [11, 12, 9, 10]
    assert found[0].document == entry(1)[2]


async def test_what_two_workers_stored_twice_comes_once(pool):
    await store(
        pool,
        ("csc.referral", 3, [entry(1), entry(2), entry(3)]),
        ("csc.referral", 3, [entry(2), entry(3), entry(4), entry(5)]),
        ("csc.referral", 3, [entry(4)]),
        ("csc.referral", 3, [entry(6)]),
    )
    assert numbers(await read(pool, 3, Extent())) == [1, 2, 3, 4, 5, 6]


async def test_what_was_received_after_the_last_instant_is_left_out_wherever_it_stands(pool):
    last = datetime(2026, 3, 31, 22, 59, 59, 999_999, tzinfo=UTC)
    at = microseconds(last)
    await store(pool, ("csc.referral", 3, [entry(1, at + 1), entry(2, at), entry(3, at - 1)]))
    assert numbers(await read(pool, 3, Extent(until=last))) == [2, 3]


async def test_entries_that_do_not_name_the_authority_are_passed_over_unread(pool):
    await store(pool, ("csc.referral", PARTITION, [entry(1), entry(2, authority=THERE), entry(3)]))
    assert numbers(await read(pool, PARTITION, Extent(HERE))) == [1, 3]


def test_an_authority_lies_in_one_partition_and_all_lie_in_all():
    assert list(Extent(HERE).partitions) == [PARTITION]
    assert list(Extent().partitions) == list(range(PARTITIONS))


async def test_a_database_without_the_journal_is_told_from_an_empty_one(pool, database):
    assert await ledger.is_there(database)
    await database.execute(f"DROP SCHEMA {SCHEMA} CASCADE")
    assert not await ledger.is_there(database)


async def test_it_knows_how_many_accepted_events_have_not_come_yet(world):
    await world.record(5)
    connection = await connect(world.url, SCHEMA)
    assert await ledger.behind(connection) == 5
    await append(connection, [Batch((STREAMS[0], PARTITION), [entry(1), entry(2)])], Packer())
    assert await ledger.behind(connection) == 3
    await connection.close()


@pytest.mark.parametrize("stream", STREAMS)
async def test_every_stream_is_read(pool, stream):
    await store(pool, (stream, 3, [entry(7)]))
    assert numbers(await read(pool, 3, Extent())) == [7]


async def test_a_restart_of_the_service_changes_nothing_that_is_read(world):
    await world.record(4)
    worker = await world.worker()
    await worker.until(4)
    before = await read(world.inbox, PARTITION, Extent(HERE))
    await worker.end()
    worker = await world.worker()
    await worker.until(4)
    assert await read(world.inbox, PARTITION, Extent(HERE)) == before
    assert len(before) == 4
    await world.record(1)
    await worker.until(5)
    assert (await read(world.inbox, PARTITION, Extent(HERE)))[:4] == before
