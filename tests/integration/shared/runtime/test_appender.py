import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import orjson
import pytest

from deploy.local.embedded import Stack
from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.runtime import appender as appending
from shared.runtime import journal
from shared.runtime.appender import Appender, StoreAwayError
from shared.runtime.database import migrate, open_pool
from shared.runtime.journal import Submission, append
from shared.runtime.service import end

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
Make = Callable[..., dict[str, Any]]


def submission(*events: dict[str, Any]) -> Submission:
    judged = [
        admit(orjson.dumps(event), service="referrals", scope=EVERYTHING, today=date(2026, 3, 2)) for event in events
    ]
    return Submission("someone", EVERYTHING, NOW, [one for one in judged if isinstance(one, Admitted)])


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    await migrate(database_url, "referrals", journal.MIGRATIONS)
    pool = await open_pool(database_url, "referrals")
    yield pool
    pool.terminate()


async def test_requests_that_wait_share_a_transaction(pool: Any, referral: Make) -> None:
    appender = Appender(pool)
    waiting = [asyncio.create_task(appender.submit(submission(referral()))) for _ in range(50)]
    await asyncio.sleep(0)
    task = asyncio.create_task(appender.append_forever())
    receipts = await asyncio.gather(*waiting)
    await end([task])
    assert [receipt.accepted for receipt in receipts] == [1] * 50
    assert await pool.fetchval("SELECT count(DISTINCT xmin::text) FROM journal") == 1
    assert appender.appended.is_set()


async def test_more_than_may_wait_is_turned_away(pool: Any, referral: Make) -> None:
    appender = Appender(pool)
    one = submission(referral())
    large = Submission("someone", EVERYTHING, NOW, list(one.judged) * appending.MOST_WAITING)
    waiting = asyncio.create_task(appender.submit(large))
    await asyncio.sleep(0)
    with pytest.raises(StoreAwayError):
        await appender.submit(one)
    task = asyncio.create_task(appender.append_forever())
    assert (await waiting).accepted == 1
    assert (await appender.submit(one)).duplicate == 1
    await end([task])


async def test_nobody_is_answered_before_the_commit(pool: Any, referral: Make, database_url: str) -> None:
    appender = Appender(pool)
    task = asyncio.create_task(appender.append_forever())
    holder = await asyncpg.connect(database_url)
    async with holder.transaction():
        await holder.execute("LOCK TABLE referrals.intake_count IN EXCLUSIVE MODE")  # the last statement waits
        waiting = asyncio.create_task(appender.submit(submission(referral())))
        while not await holder.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        assert not waiting.done()
    assert (await waiting).accepted == 1
    await end([task])
    await holder.close()


async def test_a_full_or_failing_request_leaves_the_others_alone(pool: Any, referral: Make) -> None:
    await pool.execute("ALTER TABLE journal ADD CHECK (event NOT LIKE '%poison%')")
    appender = Appender(pool)
    subjects = ("R1", "poison", "R3")
    waiting = [asyncio.create_task(appender.submit(submission(referral(subject=name)))) for name in subjects]
    await asyncio.sleep(0)
    task = asyncio.create_task(appender.append_forever())
    outcomes = await asyncio.gather(*waiting, return_exceptions=True)
    await end([task])
    assert [type(outcome).__name__ for outcome in outcomes] == ["Receipt", "CheckViolationError", "Receipt"]


async def test_an_id_that_another_partition_takes_meanwhile_is_seen_at_the_second_try(
    pool: Any, referral: Make
) -> None:
    event, other = referral(), referral(authority="E09000004")
    appender = Appender(pool)
    task = asyncio.create_task(appender.append_forever())
    async with pool.acquire() as connection:
        transaction = connection.transaction()
        await transaction.start()
        await append(connection, [submission(event)])
        waiting = asyncio.create_task(appender.submit(submission({**event, "authority": "E09000004"}, other)))
        while not await pool.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            await asyncio.sleep(0.01)
        await transaction.commit()
    receipt = await waiting
    await end([task])
    assert (receipt.accepted, [(index, refusal.reason) for index, refusal in receipt.refused]) == (
        1,
        [(0, "id_reused")],
    )


@pytest.mark.parametrize("how", ["kill", "stop"])
async def test_while_postgresql_is_away_nothing_is_promised(referral: Make, how: str) -> None:
    with Stack() as stack:
        await migrate(stack.database_url, "referrals", journal.MIGRATIONS)
        pool = await open_pool(stack.database_url, "referrals")
        appender = Appender(pool)
        task = asyncio.create_task(appender.append_forever())
        before, during = submission(referral()), submission(referral())
        assert (await appender.submit(before)).accepted == 1
        getattr(stack.postgres, how)()
        for _ in range(2):
            with pytest.raises(StoreAwayError):
                await appender.submit(during)
        stack.postgres.start()
        assert (await appender.submit(before)).duplicate == 1
        assert (await appender.submit(during)).accepted == 1
        await end([task])
        pool.terminate()
