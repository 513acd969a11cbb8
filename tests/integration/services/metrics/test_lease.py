import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from deploy.local.embedded import Stack
from services.metrics.lease import LEASE, Lease

MakeLease = Callable[[str], Lease]


@pytest.fixture
async def make_lease() -> AsyncIterator[MakeLease]:
    """Makes leases that are given back with the test."""
    async with AsyncExitStack() as exit_stack:

        def make(url: str) -> Lease:
            lease = Lease(url)
            exit_stack.push_async_callback(lease.give_back)
            return lease

        yield make


async def holders(database: Any) -> list[int]:
    rows = await database.fetch(
        """
        SELECT pid FROM pg_locks JOIN pg_database ON pg_database.oid = database
        WHERE locktype = 'advisory' AND objid = $1 AND datname = current_database() AND granted
        """,
        LEASE,
    )
    return [row["pid"] for row in rows]


async def taken(lease: Lease, seconds: float = 5) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await lease.take()
    except TimeoutError:
        return False
    return True


async def test_one_holds_the_lease_and_the_others_stand_by(
    database_url: str, make_lease: MakeLease, database: Any
) -> None:
    first, second = make_lease(database_url), make_lease(database_url)
    assert not first.held
    assert await taken(first)
    assert first.held
    assert not await taken(second, 0.7)
    assert len(await holders(database)) == 1
    await first.give_back()
    assert not first.held
    assert await taken(second)


async def test_who_stands_by_takes_over_when_the_holders_connection_dies(
    database_url: str, make_lease: MakeLease, database: Any
) -> None:
    first, second = make_lease(database_url), make_lease(database_url)
    await first.take()
    waiting = asyncio.create_task(second.take())
    await asyncio.sleep(0.1)
    assert not waiting.done()
    (pid,) = await holders(database)
    await database.execute("SELECT pg_terminate_backend($1)", pid)
    async with asyncio.timeout(5):
        await waiting
        while first.held:
            await asyncio.sleep(0.01)
    assert second.held
    assert not await taken(first, 0.7)


async def test_databases_have_leases_of_their_own(stack: Stack, database_url: str, make_lease: MakeLease) -> None:
    assert await taken(make_lease(database_url))
    assert await taken(make_lease(stack.database_url))


async def test_standing_by_is_said_once(
    database_url: str, make_lease: MakeLease, caplog: pytest.LogCaptureFixture
) -> None:
    await make_lease(database_url).take()
    assert not await taken(make_lease(database_url), 1.2)
    assert caplog.text.count("standing by") == 1


async def test_giving_back_what_was_never_taken_is_nothing(make_lease: MakeLease) -> None:
    await make_lease("postgresql://nobody@/nowhere?host=/nowhere").give_back()


async def test_a_restart_of_postgresql_frees_the_lease_and_it_is_taken_again(make_lease: MakeLease) -> None:
    with Stack(durable=False) as stack:
        lease = make_lease(stack.database_url)
        await lease.take()
        stack.postgres.stop()
        async with asyncio.timeout(5):
            while lease.held:
                await asyncio.sleep(0.01)
        waiting = asyncio.create_task(lease.take())
        await asyncio.sleep(0.6)
        assert not waiting.done()
        stack.postgres.start()
        async with asyncio.timeout(10):
            await waiting
        assert lease.held
        await lease.give_back()
