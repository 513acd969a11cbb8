from typing import Any

import asyncpg
import pytest

from services.metrics.inbox import (
    ROWS_AT_ONCE,
    Batch,
    Entry,
    Packer,
    append,
    batches_after,
    each_once,
    park,
    parked,
    positions,
)

PLACE, OTHER = ("csc.referral", 3), ("csc.staffing", 3)


def batch(first: int, last: int, place: tuple[str, int] = PLACE) -> Batch:
    entries: list[Entry] = [
        (n, 1_772_442_000_000_000 + n, b'{"id":"\xc3\xa9 \xf0\x9f\x97\x92 %d"}' % n) for n in range(first, last + 1)
    ]
    return Batch(place, entries)


async def stored(pool: Any, place: tuple[str, int] = PLACE, after: int = 0) -> list[Batch]:
    async with pool.acquire() as connection:
        return [one async for one in batches_after(connection, place, after, Packer())]


async def store(pool: Any, *batches: Batch) -> None:
    async with pool.acquire() as connection:
        await append(connection, batches, Packer())


async def position_of(pool: Any) -> dict[tuple[str, int], int]:
    async with pool.acquire() as connection:
        return await positions(connection)


async def test_what_is_stored_comes_back_to_the_byte_in_order(pool: Any) -> None:
    await store(pool, batch(1, 5), batch(6, 6), batch(1, 2, OTHER))
    await store(pool, batch(7, 1_006))
    assert await stored(pool) == [batch(1, 5), batch(6, 6), batch(7, 1_006)]
    assert await stored(pool, OTHER) == [batch(1, 2, OTHER)]


async def test_an_event_may_hold_tabs_and_anything_but_line_breaks(pool: Any) -> None:
    entries: list[Entry] = [(1, 0, b""), (2, -5, b"\t\t\x00\xff"), (3, 2**62, b"5\t{}")]
    await store(pool, Batch(PLACE, entries))
    (found,) = await stored(pool)
    assert found.entries == entries
    assert (found.first, found.last) == (1, 3)


async def test_what_two_workers_stored_is_read_once(pool: Any) -> None:
    await store(pool, batch(1, 5))
    await store(pool, batch(3, 8))
    async with pool.acquire() as connection:
        found = [one async for one in each_once(connection, PLACE, Packer())]
    assert found == [batch(1, 5), batch(6, 8)]


async def test_the_position_is_stored_with_the_data(pool: Any) -> None:
    assert await position_of(pool) == {}
    await store(pool, batch(1, 5), batch(1, 2, OTHER))
    await store(pool, batch(6, 9))
    assert await position_of(pool) == {PLACE: 9, OTHER: 2}


async def test_reading_goes_on_behind_a_position(pool: Any) -> None:
    await store(pool, batch(1, 5), batch(6, 9), batch(10, 10))
    assert [one.last for one in await stored(pool, after=5)] == [9, 10]
    assert [one.first for one in await stored(pool, after=7)] == [6, 10]
    assert await stored(pool, after=10) == []


@pytest.mark.parametrize("number", [ROWS_AT_ONCE - 1, ROWS_AT_ONCE, 2 * ROWS_AT_ONCE + 1])
async def test_more_batches_than_are_read_at_once_all_come(pool: Any, number: int) -> None:
    await store(pool, *(batch(n, n) for n in range(1, number + 1)))
    assert [one.last for one in await stored(pool)] == list(range(1, number + 1))


async def test_who_comes_second_stores_nothing_at_all(pool: Any) -> None:
    await store(pool, batch(1, 5))
    with pytest.raises(asyncpg.UniqueViolationError):
        await store(pool, batch(1, 2, OTHER), batch(1, 5))
    assert await position_of(pool) == {PLACE: 5}


async def test_a_batch_that_ends_before_it_begins_is_refused(pool: Any) -> None:
    with pytest.raises(asyncpg.CheckViolationError):
        await store(pool, Batch(PLACE, [(5, 0, b""), (4, 0, b"")]))


async def test_an_entry_is_parked_once_with_its_reason(pool: Any) -> None:
    async with pool.acquire() as connection:
        numbers = [await parked(connection)]
        for reason in ("DecodeError", "KeyError"):
            await park(connection, PLACE, (7, 0, b"\xffnot an event"), reason)
            numbers.append(await parked(connection))
        await park(connection, OTHER, (7, 0, b""), "KeyError")
        assert [*numbers, await parked(connection)] == [0, 1, 1, 2]
    rows = await pool.fetch("SELECT stream, position, reason, event FROM parked ORDER BY stream")
    assert [tuple(row) for row in rows] == [
        ("csc.referral", 7, "DecodeError", b"\xffnot an event"),
        ("csc.staffing", 7, "KeyError", b""),
    ]
