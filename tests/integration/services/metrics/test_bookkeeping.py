import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from redis.asyncio import Redis

from services.metrics.bookkeeping import Bookkeeping
from services.metrics.consumer import Consumer
from services.metrics.figures import Figures
from services.metrics.inbox import SCHEMA, park
from services.metrics.lease import Lease
from shared.contracts.admission import EVERYTHING, Reason, Refusal
from shared.runtime import journal
from shared.runtime.clock import FixedClock
from shared.runtime.database import migrate, open_pool
from shared.runtime.journal import Refused, Submission
from tests.integration.services.metrics.conftest import AUTHORITY, NOW, PLACE, World
from tests.oracle.text import parse

OTHER = "E06000052"


class Books(Bookkeeping):
    """Bookkeeping with the consumer and the figures that it looks at."""

    def __init__(self, pool: Any, consumer: Consumer, figures: Figures) -> None:
        super().__init__(pool, consumer, figures)
        self.consumer, self.figures = consumer, figures

    async def shown(self) -> dict[Any, float]:
        await self.look()
        return {key: float(value) for key, value in parse(self.text.decode(), families=None).items()}


@pytest.fixture
async def books(world: World) -> AsyncIterator[Books]:
    pool = await open_pool(world.url, SCHEMA)
    figures = Figures(FixedClock(NOW))
    async with Redis.from_url(world.redis_url) as bus:
        consumer = Consumer(pool, bus, figures, Lease(world.url))
        yield Books(pool, consumer, figures)
    pool.terminate()


async def consume(books: Books) -> None:
    """Everything that the journals hold, without a word of it in the figures yet."""
    await books.consumer._follow_journals()


def standing(accepted: int, applied: int) -> dict[str, int]:
    return {"accepted": accepted, "applied": applied, "lag_events": accepted - applied}


async def test_nothing_is_settled_before_the_first_figures(books: Books) -> None:
    status = await books.status()
    assert (status["settled"], status["as_of"], status["authorities"]) == (False, None, {})
    await books.figures.measure()
    status = await books.status()
    assert (status["settled"], status["as_of"]) == (True, "2026-03-02T09:00:00Z")


async def test_what_was_accepted_is_settled_only_when_it_is_in_the_figures(books: Books, world: World) -> None:
    await books.figures.measure()
    await world.record(3)
    assert await books.status() | {"as_of": None} == {
        "settled": False,
        "as_of": None,
        **standing(3, 0),
        "reconciliation": None,
        "authorities": {AUTHORITY: standing(3, 0)},
    }
    await consume(books)
    assert (await books.status())["lag_events"] == 3  # folded, but in no text yet
    assert b"csc_referrals" not in books.figures.text
    await books.figures.measure()
    status = await books.status()
    assert (status["settled"], status["authorities"]) == (True, {AUTHORITY: standing(3, 3)})
    assert b"csc_referrals" in books.figures.text


async def test_each_authority_stands_for_itself(books: Books, world: World) -> None:
    await world.record(2)
    await consume(books)
    await books.figures.measure()
    await world.record(4, OTHER)
    status = await books.status()
    assert not status["settled"]
    assert status["authorities"] == {AUTHORITY: standing(2, 2), OTHER: standing(4, 0)}
    assert (status["accepted"], status["applied"], status["lag_events"]) == (6, 2, 4)


async def test_events_are_counted_by_what_became_of_them(books: Books, world: World) -> None:
    await world.record(3)
    refusal = Refusal(Reason.BAD_PAYLOAD, "wrong", "1", AUTHORITY, f"/{AUTHORITY}/mosaic", "csc.referral.received")
    unreadable = Refusal(Reason.NOT_JSON, "wrong", None, None, None, None)
    async with world.pool.acquire() as connection:
        refused = [Refused(refusal, b"{}"), Refused(unreadable, b"{")]
        await journal.append(connection, [Submission("someone", EVERYTHING, NOW, refused)])
    own = {"service": "referrals", "source": f"/{AUTHORITY}/mosaic", "type": "csc.referral.received"}
    nobodys = {"service": "referrals", "source": "", "type": ""}
    shown = await books.shown()
    counted = {labels: value for (family, labels), value in shown.items() if family == "csc_events_total"}
    assert counted == {
        tuple(sorted({**own, "result": "accepted"}.items())): 3,
        tuple(sorted({**own, "result": "refused"}.items())): 1,
        tuple(sorted({**nobodys, "result": "refused"}.items())): 1,
    }
    assert (await books.status())["accepted"] == 3


async def test_the_lag_of_a_partition_is_what_is_in_the_journal_and_not_read(books: Books, world: World) -> None:
    labels = (("partition", str(PLACE[1])), ("stream", PLACE[0]))
    await world.record(3)
    assert (await books.shown())["csc_stream_lag_events", labels] == 3
    await consume(books)
    assert (await books.shown())["csc_stream_lag_events", labels] == 0
    await world.record(1)
    assert (await books.shown())["csc_stream_lag_events", labels] == 1


async def refuse(world: World, service: str, authority: str | None, document: bytes = b"{}") -> None:
    refusal = Refusal(Reason.BAD_PAYLOAD, "wrong", authority=authority)
    async with world.pool.acquire() as connection, connection.transaction():
        await connection.execute(f"SET LOCAL search_path TO {service}")
        await journal.append(connection, [Submission("someone", EVERYTHING, NOW, [Refused(refusal, document)])])


def quarantined(shown: dict[Any, float]) -> dict[tuple[str, str], float]:
    """By authority and reason."""
    return {
        (labels[0][1], labels[1][1]): value
        for (family, labels), value in shown.items()
        if family == "csc_quarantined_events"
    }


async def test_what_waits_for_a_person_is_counted_over_all_intakes_and_the_bus(books: Books, world: World) -> None:
    assert quarantined(await books.shown()) == {}
    await migrate(world.url, "workforce", journal.MIGRATIONS)
    await world.record(1)
    await refuse(world, "referrals", AUTHORITY)
    await refuse(world, "referrals", OTHER, b"[]")
    await refuse(world, "workforce", None)
    await refuse(world, "workforce", None, b"[]")
    async with world.inbox.acquire() as connection:
        await park(connection, PLACE, (7, 0, b"?"), "DecodeError")
    assert quarantined(await books.shown()) == {}  # not at every look
    books._quarantine_due = 0.0
    assert quarantined(await books.shown()) == {
        (AUTHORITY, "bad_payload"): 1,
        ("", "bad_payload"): 3,
        ("", "unreadable"): 1,
    }


async def test_what_is_read_and_not_yet_folded_is_pending(
    books: Books, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = (("partition", str(PLACE[1])), ("stream", PLACE[0]))
    await world.record(3)
    await consume(books)
    await world.record(2)
    stored, go_on = asyncio.Event(), asyncio.Event()
    fold = books.figures.fold

    async def late(*what: Any) -> Any:
        stored.set()
        await go_on.wait()
        return await fold(*what)

    monkeypatch.setattr(books.figures, "fold", late)
    consuming = asyncio.create_task(consume(books))
    await stored.wait()
    shown = await books.shown()
    assert (shown["csc_stream_pending_events", labels], shown["csc_stream_lag_events", labels]) == (2, 2)
    go_on.set()
    await consuming
    shown = await books.shown()
    assert (shown["csc_stream_pending_events", labels], shown["csc_stream_lag_events", labels]) == (0, 0)


async def test_the_books_are_looked_at_again_and_again(books: Books, world: World) -> None:
    keeping = asyncio.create_task(books.keep_forever())
    await asyncio.sleep(0.2)
    assert b"accepted" not in books.text
    await world.record(1)
    async with asyncio.timeout(5):
        while b'result="accepted"' not in books.text:
            await asyncio.sleep(0.05)
    keeping.cancel()
    await asyncio.wait([keeping])


async def test_while_the_store_is_away_the_last_look_holds(world: World, books: Books) -> None:
    await world.record(1)
    await books.look()
    text = books.text
    await world.pool.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'daymark-metrics'"
    )
    keeping = asyncio.create_task(books.keep_forever())
    await asyncio.sleep(0.3)
    assert not keeping.done()
    assert books.text == text
    keeping.cancel()
    await asyncio.wait([keeping])
