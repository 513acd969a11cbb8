import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import orjson
import pytest

from shared.contracts.admission import EVERYTHING, Admitted, Reason, Refusal, admit
from shared.runtime import journal
from shared.runtime.appender import Appender
from shared.runtime.database import migrate, open_pool
from shared.runtime.journal import (
    Receipt,
    Refused,
    Submission,
    append,
    read_heads,
    read_identity,
    read_journal,
    read_mentions,
    read_quarantined,
)

NOW = datetime(2026, 3, 2, 9, 0, 0, 123456, UTC)
NOW_US = 1_772_442_000_123_456
Make = Callable[..., dict[str, Any]]
Pool = Any


@pytest.fixture
async def pools(database_url: str) -> AsyncIterator[tuple[Pool, Pool]]:
    """Two pools, as two processes would have them."""
    await migrate(database_url, "referrals", journal.MIGRATIONS)
    both = (await open_pool(database_url, "referrals"), await open_pool(database_url, "referrals"))
    yield both
    for pool in both:
        pool.terminate()


def admitted(event: dict[str, Any]) -> Admitted:
    verdict = admit(orjson.dumps(event), service="referrals", scope=EVERYTHING, today=date(2026, 3, 2))
    assert isinstance(verdict, Admitted)
    return verdict


def submission(*events: dict[str, Any]) -> Submission:
    return Submission("someone", EVERYTHING, NOW, [admitted(event) for event in events])


async def positions(pool: Pool) -> dict[tuple[str, int], list[int]]:
    rows = await pool.fetch("SELECT stream, partition, position FROM journal ORDER BY 1, 2, 3")
    found: dict[tuple[str, int], list[int]] = {}
    for row in rows:
        found.setdefault((row["stream"], row["partition"]), []).append(row["position"])
    return found


async def test_positions_are_contiguous_under_concurrent_appends(pools: tuple[Pool, Pool], referral: Make) -> None:
    authorities = [f"E0900000{number}" for number in range(1, 6)]
    appenders = [Appender(pool) for pool in pools]
    running = [asyncio.create_task(appender.append_forever()) for appender in appenders]
    sent = [submission(*(referral(authority=authorities[(number + i) % 5]) for i in range(7))) for number in range(120)]
    receipts = await asyncio.gather(*(appenders[n % 2].submit(one) for n, one in enumerate(sent)))
    for task in running:
        task.cancel()
    assert sum(receipt.accepted for receipt in receipts) == 840
    found = await positions(pools[0])
    assert sum(map(len, found.values())) == 840
    for given in found.values():
        assert given == list(range(1, len(given) + 1))
    async with pools[0].acquire() as connection:
        assert await read_heads(connection) == {place: len(given) for place, given in found.items()}


async def test_of_concurrent_senders_of_one_event_one_is_accepted(pools: tuple[Pool, Pool], referral: Make) -> None:
    """The same ids at once, within a partition and across two: the second authority's event reuses the first's id."""
    appenders = [Appender(pool) for pool in pools]
    running = [asyncio.create_task(appender.append_forever()) for appender in appenders]
    events = [referral() for _ in range(40)]
    elsewhere = [{**event, "authority": "E09000004"} for event in reversed(events)]
    receipts: list[Receipt] = await asyncio.gather(
        *(appenders[n % 2].submit(submission(*events)) for n in range(6)),
        *(appenders[n % 2].submit(submission(*elsewhere)) for n in range(6)),
    )
    for task in running:
        task.cancel()
    assert sum(receipt.accepted for receipt in receipts) == 40
    assert sum(receipt.accepted + receipt.duplicate + len(receipt.refused) for receipt in receipts) == 480
    here, there = receipts[:6], receipts[6:]
    for group in (here, there):
        won = sum(receipt.accepted for receipt in group)
        assert sum(receipt.duplicate for receipt in group) == 5 * won
        assert Counter(refusal.reason for receipt in group for _, refusal in receipt.refused) == (
            {"id_reused": 6 * (40 - won)} if won < 40 else {}
        )
    assert await pools[0].fetchval("SELECT count(*) FROM journal") == 40


async def test_across_partitions_the_unique_key_is_the_guard(pools: tuple[Pool, Pool], referral: Make) -> None:
    """Both appends have seen that the key is not known before either has stored it."""
    event = referral()
    first, second = pools[0], pools[1]
    async with first.acquire() as one, second.acquire() as other:
        transaction = one.transaction()
        await transaction.start()
        await append(one, [submission(event)])
        waiting = asyncio.create_task(append(other, [submission({**event, "authority": "E09000004"})]))
        while not await first.fetchval("SELECT count(*) FROM pg_locks WHERE NOT granted"):
            assert not waiting.done()
            await asyncio.sleep(0.01)
        await transaction.commit()
        with pytest.raises(asyncpg.UniqueViolationError):
            await waiting
        [receipt] = await append(other, [submission({**event, "authority": "E09000004"})])
        assert [refusal.reason for _, refusal in receipt.refused] == ["id_reused"]


async def test_an_append_is_whole_or_not_at_all(pools: tuple[Pool, Pool], referral: Make) -> None:
    pool = pools[0]
    await pool.execute("ALTER TABLE intake_count ADD CHECK (events < 3)")
    async with pool.acquire() as connection:
        with pytest.raises(asyncpg.CheckViolationError):
            await append(connection, [submission(referral(), referral(), referral())])
        assert await positions(pool) == {}
        assert await read_heads(connection) == {}
        await append(connection, [submission(referral(), referral())])
    assert list((await positions(pool)).values()) == [[1, 2]]


async def test_what_is_read_is_what_was_appended_in_order(pools: tuple[Pool, Pool], referral: Make) -> None:
    events = [referral() for _ in range(5)]
    async with pools[0].acquire() as connection:
        await append(connection, [submission(*events)])
        [(stream, partition)] = await read_heads(connection)
        rows = await read_journal(connection, "referrals", stream, partition, 1, 3)
        assert [(position, received) for position, received, _ in rows] == [(at, NOW_US) for at in (2, 3, 4)]
        assert [orjson.loads(event) for _, _, event in rows] == events[1:4]
        assert await read_journal(connection, "referrals", stream, partition, 5, 3) == []
        with pytest.raises(ValueError, match="no service"):
            await read_journal(connection, "public; DROP", stream, partition, 1, 3)


async def test_events_are_found_by_a_text_in_them_whole_and_in_order(pools: tuple[Pool, Pool], referral: Make) -> None:
    subjects = ("R_1", "Rx1", "R_11", "r_1", "R.2", "R_1")
    events = [referral(subject=subject, data={"child_id": "C9", "source_code": "1A"}) for subject in subjects]
    async with pools[0].acquire() as connection:
        await append(connection, [submission(*events)])
        (place,) = await read_heads(connection, ["referrals"])

    async def found(*words: str, until: datetime | None = None) -> list[str]:
        rows = await read_mentions(pools[0], place, words, until)
        assert all(received == NOW_US for received, _ in rows)
        return [orjson.loads(event)["id"] for _, event in rows]

    assert await found("R_1") == [events[0]["id"], events[5]["id"]]
    assert await found("R.2", "Rx1") == [events[1]["id"], events[4]["id"]]
    assert await found("R_") == []
    assert len(await found("C9", until=NOW)) == 6
    assert await found("C9", until=NOW.replace(microsecond=123455)) == []


async def test_a_service_that_never_ran_has_no_heads_counts_or_identity(database: Any) -> None:
    assert await read_heads(database) == {}
    assert await journal.read_intake_counts(database) == []
    assert await read_identity(database, "referrals") is None


async def test_each_journal_has_an_identity_of_its_own(database: Any, database_url: str) -> None:
    for service in ("referrals", "workforce"):
        await migrate(database_url, service, journal.MIGRATIONS)
    identities = [await read_identity(database, service) for service in ("referrals", "workforce")]
    assert all(identities)
    assert len(set(identities)) == 2


def refused(authority: str | None, reason: Reason = Reason.BAD_PAYLOAD, id: str = "1") -> Submission:
    refusal = Refusal(reason, "wrong", authority=authority, source="/mosaic" if authority else None)
    return Submission("someone", EVERYTHING, NOW, [Refused(refusal, orjson.dumps([authority, id]))])


async def test_what_waits_in_quarantine_is_counted_for_authorities_that_have_had_an_event_accepted(
    pools: tuple[Pool, Pool], referral: Make
) -> None:
    async with pools[0].acquire() as connection:

        async def waiting() -> list[tuple[str, str, int]]:
            return sorted(await read_quarantined(connection))

        assert await waiting() == []
        for authority in ("E09000003", "E06000052", None):
            await append(connection, [refused(authority)])
        await append(connection, [refused("E09000003", id="2"), refused("E09000003", Reason.TOO_LARGE)])
        assert await waiting() == [("", "bad_payload", 4), ("", "too_large", 1)]  # each is but claimed so far
        await append(connection, [submission(referral(), referral(source="/E09000003/another"))])
        assert await waiting() == [
            ("", "bad_payload", 2),
            ("E09000003", "bad_payload", 2),
            ("E09000003", "too_large", 1),
        ]


async def test_what_is_sent_and_refused_again_waits_once(pools: tuple[Pool, Pool], referral: Make) -> None:
    async with pools[0].acquire() as connection:
        await append(connection, [submission(referral()), refused("E09000003")])
        await append(connection, [refused("E09000003"), refused("E09000003")])
        assert await read_quarantined(connection) == [("E09000003", "bad_payload", 1)]


async def test_each_service_that_has_run_has_a_quarantine_of_its_own(database: Any, database_url: str) -> None:
    assert await read_quarantined(database) == []
    for service in ("referrals", "workforce"):
        await migrate(database_url, service, journal.MIGRATIONS)
        pool = await open_pool(database_url, service)
        async with pool.acquire() as connection:
            await append(connection, [refused(None)])
        pool.terminate()
    assert await read_quarantined(database) == [("", "bad_payload", 1)] * 2
