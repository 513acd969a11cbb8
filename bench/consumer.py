"""Stream to durable to folded: ours, the two contenders, and a bare read of the same stream."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, time
from itertools import islice
from statistics import median

import asyncpg
import orjson
from redis.asyncio import Redis

from bench import contenders
from bench.table import Row
from deploy.local.embedded import Stack
from deploy.rehearsal.world import events as rehearsal
from services.metrics import inbox
from services.metrics.casebook import Casebook
from services.metrics.consumer import PLACES, Consumer
from services.metrics.exposition import Exposition
from services.metrics.fact import decode
from services.metrics.figures import Figures
from services.metrics.indicators import strands
from services.metrics.lease import Lease
from services.metrics.measurement import Measurement
from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.catalogue import CATALOGUE
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from shared.runtime import journal
from shared.runtime.clock import FixedClock, monotonic
from shared.runtime.database import migrate, open_pool
from shared.runtime.relay import Relay

ROUNDS = 3
OF_TUTORIAL = 5_000
"""Events for the tutorial's consumer: at its pace all would take minutes."""
STREAM = "bench"


class Bench:
    """One embedded stack, with the same events in the journals, on the bus and on a FastStream stream."""

    def __init__(self, stack: Stack, events: Sequence[bytes], today: date) -> None:
        self.stack = stack
        self.events = events
        self.now = datetime.combine(today, time(9), UTC)
        self.redis = Redis.from_url(stack.redis_url)

    async def prepare(self) -> None:
        """Journals and bus as the services would have made them."""
        for service in journal.SERVICES:
            await migrate(self.stack.database_url, service, journal.MIGRATIONS)
            pool = await open_pool(self.stack.database_url, service)
            await self._append(pool, service)
            relay = Relay(pool, self.redis, service, asyncio.Event(), kept=10 * len(self.events))
            await relay._relay_once()
            await pool.close()

    async def _append(self, pool: "asyncpg.Pool[asyncpg.Record]", service: str) -> None:
        own = [event for event in self.events if CATALOGUE[decode(event).type].service == service]
        judged = [admit(event, service=service, scope=EVERYTHING, today=self.now.date()) for event in own]
        admitted = [one for one in judged if isinstance(one, Admitted)]
        assert len(admitted) == len(own), "the rehearsal sends what the contract refuses"
        async with pool.acquire() as connection:
            for start in range(0, len(admitted), 5_000):
                part = journal.Submission("bench", EVERYTHING, self.now, admitted[start : start + 5_000])
                await journal.append(connection, [part])

    async def read(self) -> float:
        """Seconds that a bare XREAD of all entries takes, by the same client and in the same portions."""
        positions = dict.fromkeys(PLACES, b"0")
        began, left = monotonic(), len(self.events)
        while left:
            answer = await self.redis.xread(dict(positions), count=1_000)
            for key, entries in answer.items() if isinstance(answer, dict) else answer:
                entries = entries[0] if isinstance(answer, dict) else entries
                positions[key] = entries[-1][0]
                left -= len(entries)
        return monotonic() - began

    async def ours(self) -> tuple[float, float, str]:
        """Seconds to durable and folded, seconds more to the figures, and the figures."""
        await self._forget()
        await migrate(self.stack.database_url, inbox.SCHEMA, inbox.MIGRATIONS)
        pool = await open_pool(self.stack.database_url, inbox.SCHEMA)
        lease = Lease(self.stack.database_url)
        figures = Figures(FixedClock(self.now))
        consumer = Consumer(pool, self.redis, figures, lease)
        await consumer.begin()
        began = monotonic()
        while sum(consumer.positions.values()) < len(self.events):
            await consumer._consume_once()
        folded = monotonic()
        await figures.measure()
        measured = monotonic()
        await lease.give_back()
        await pool.close()
        return folded - began, measured - folded, figures.text.decode()

    async def theirs(self, run: Callable[..., Awaitable[None]], number: int) -> tuple[float, str]:
        """Seconds of a contender for the first events, and the figures that its table comes to."""
        await contenders.publish(self.stack.redis_url, STREAM, self.events[:number])
        pool = await asyncpg.create_pool(self.stack.database_url, min_size=4, max_size=4)
        await pool.execute(contenders.TABLE)
        began = monotonic()
        await run(self.stack.redis_url, pool, STREAM, number)
        took = monotonic() - began
        facts = [row["event"].encode() for row in await pool.fetch("SELECT event FROM fact")]
        await pool.close()
        return took, self.figures_of(facts)

    def figures_of(self, events: Sequence[bytes]) -> str:
        """The figures of events, worked out at once."""
        casebook = Casebook(self.now.date())
        for event in events:
            casebook.fold(decode(event), self.now.timestamp())
        measurement = Measurement(casebook, strands(), england_and_wales(), PolicyBook())
        return b"".join(Exposition(strands()).write(measurement.snapshot(self.now))).decode()

    async def _forget(self) -> None:
        connection = await asyncpg.connect(self.stack.database_url)
        await connection.execute(f'DROP SCHEMA IF EXISTS "{inbox.SCHEMA}" CASCADE')
        await connection.close()


NOT_IN_A_TABLE_OF_WINNERS = ("_last_", "csc_source_stale", 'state="superseded"')
"""What such a table has thrown away: losers, and when things were received."""


def same(ours: str, theirs: str) -> bool:
    """Whether two texts give the same figures; a table of winners does not know where losers fell: zeros may lack."""
    return _comparable(ours) == _comparable(theirs)


def _comparable(text: str) -> set[str]:
    lines = (line for line in text.splitlines() if not line.endswith(" 0"))
    return {line for line in lines if not any(part in line for part in NOT_IN_A_TABLE_OF_WINNERS)}


async def run(stack: Stack, events: Sequence[bytes], today: date) -> list[Row]:
    """The rows of the table; ``AssertionError`` where the figures differ."""
    bench, number = Bench(stack, events, today), len(events)
    await bench.prepare()
    reads, folds, measures, batched, each = [], [], [], [], []
    for _ in range(ROUNDS):
        reads.append(await bench.read())
        folded, measured, figures = await bench.ours()
        folds.append(folded)
        measures.append(folded + measured)
        took, theirs = await bench.theirs(contenders.batches, number)
        batched.append(took)
        assert same(figures, theirs), "batches give other figures"
        took, theirs = await bench.theirs(contenders.tutorial, OF_TUTORIAL)
        each.append(took)
        assert same(bench.figures_of(events[:OF_TUTORIAL]), theirs), "the tutorial gives other figures"
    await bench.redis.aclose()
    return _rows(number, reads, folds, measures, batched, each)


def _rows(
    number: int, reads: list[float], folds: list[float], measures: list[float], *others: list[float]
) -> list[Row]:
    batched, each = others
    ours = number / median(folds)
    rates = {
        "bare `XREAD` of the stream": number / median(reads),
        "Daymark: stream → durable → folded": ours,
        "Daymark: … → all figures worked out": number / median(measures),
        "FastStream, batches of 1,000, one upsert statement each": number / median(batched),
        "FastStream as in the tutorial: a handler and an upsert a message": OF_TUTORIAL / median(each),
    }
    return [Row(what, f"{rate:,.0f} events/s", f"{ours / rate:.2f} times") for what, rate in rates.items()]


def rehearsed(number: int) -> list[bytes]:
    """The first events of the rehearsal."""
    return [orjson.dumps(event) for event in islice(rehearsal(seed=1), number)]
