"""Stream to journal to casebook: reads on from the stored position, stores, and only then folds.

The position is stored with the data, in one statement. Positions of a partition are consecutive, so that an entry
that the bus has lost (wiped, trimmed, a second of its file gone) shows as a gap; it is filled from the producer's
journal, which is the truth. Without the bus the figures follow the journals.
"""

import asyncio
import logging
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from services.metrics import inbox
from services.metrics.figures import Figures
from services.metrics.inbox import Batch, Entry, Packer, Place
from services.metrics.lease import Lease
from shared.contracts.streams import PARTITIONS, PRODUCERS, STREAMS, stream_key
from shared.runtime import journal
from shared.runtime.appender import STORE_AWAY
from shared.runtime.clock import monotonic

log = logging.getLogger(__name__)

AT_ONCE = 1_000
"""Entries read from one partition at a time."""
WAIT_MS = 500
"""How long a read waits for news; then the journals are asked whether the bus has missed any."""
RETRY = 0.5
JOURNALS_EVERY = 1.0
"""Seconds after which the journals are asked though the bus is never silent: it may still have missed some."""

PLACES: dict[bytes, Place] = {
    stream_key(stream, partition).encode(): (stream, partition) for stream in STREAMS for partition in range(PARTITIONS)
}


class Consumer:
    """Reads every partition from where the inbox ends."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", redis: Redis, figures: Figures, lease: Lease) -> None:
        self._pool = pool
        self._redis = redis
        self._figures = figures
        self._lease = lease
        self._packer = Packer()
        self._identities: dict[str, bytes | None] = dict.fromkeys(journal.SERVICES)
        self.positions: dict[Place, int] = dict.fromkeys(PLACES.values(), 0)
        """Where each partition is folded to."""
        self.pending: dict[Place, int] = dict.fromkeys(PLACES.values(), 0)
        """Entries of each partition that are read and not yet stored and folded."""
        self._journals_due = 0.0

    async def begin(self) -> None:
        """Take the lease, then fold the whole inbox: start-up is recovery."""
        await self._lease.take()
        await self.recover()

    async def recover(self) -> None:
        """Fold what the inbox holds beyond what is folded: at the start all of it."""
        async with self._pool.acquire() as connection:
            for place in await inbox.positions(connection):
                async for batch in inbox.batches_after(connection, place, self.positions[place], self._packer):
                    await self._fold(batch)

    async def consume_forever(self) -> None:
        """Read, store, fold; where the store is away, wait for it and go on from what it holds."""
        while True:
            try:
                await self._ensure_lease()
                await self._consume_once()
            except STORE_AWAY as error:
                log.warning("PostgreSQL is away (%s): figures stand still until it is back", type(error).__name__)
                await self._wait_for_store()

    async def _ensure_lease(self) -> None:
        """Whoever had the lease in the meantime may have stored more."""
        if not self._lease.held:
            await self._lease.take()
            await self.recover()

    async def _consume_once(self) -> None:
        read = await self._read()
        batches = [batch for place, entries in read for batch in await self._mend(place, entries)]
        if batches:
            await self._take_in(batches)
        elif read:
            await asyncio.sleep(RETRY)  # what cannot be used is there again at once
        if not batches or monotonic() >= self._journals_due:
            await self._follow_journals()

    async def _read(self) -> list[tuple[Place, list[Entry]]]:
        """What is new on the bus; nothing where the bus is away."""
        await self._identify()
        wanted: dict[Any, Any] = {key: f"{self.positions[place]}-0" for key, place in PLACES.items()}
        try:
            answer = await self._redis.xread(wanted, count=AT_ONCE, block=WAIT_MS)
        except (RedisError, OSError) as error:
            log.warning("the bus is away (%s): following the journals", type(error).__name__)
            await asyncio.sleep(RETRY)
            return []
        return [(PLACES[key], list(self._own(PLACES[key], entries))) for key, entries in _pairs(answer)]

    def _own(self, place: Place, raw: Iterable[tuple[bytes, dict[bytes, bytes]]]) -> Iterator[Entry]:
        """Entries as the relay writes them; anything else shows as a gap, and the journal fills it."""
        identity = self._identities[PRODUCERS[place[0]]]
        for id, fields in raw:
            try:
                if fields[b"journal"] == identity:
                    yield _entry(id, fields)
            except (KeyError, ValueError, TypeError):
                log.warning("an entry of %s %d is not as it was written: taking it from the journal", *place)

    async def _identify(self) -> None:
        """Learn how the producers mark their entries, once they have begun."""
        for service, identity in self._identities.items():
            if identity is None:
                async with self._pool.acquire() as connection:
                    found = await journal.read_identity(connection, service)
                self._identities[service] = found.encode() if found else None

    async def _mend(self, place: Place, entries: Sequence[Entry]) -> list[Batch]:
        """The entries as consecutive batches, with the gaps between them filled from the producer's journal."""
        batches, position = [], self.positions[place]
        for run in _runs(entries):
            while run[0][0] > position + 1:
                missing = await self._from_journal(place, position, run[0][0] - position - 1)
                batches.append(Batch(place, missing))
                position = missing[-1][0]
            batches.append(Batch(place, run))
            position = run[-1][0]
        return batches

    async def _follow_journals(self) -> None:
        """Fetch what the journals have and the bus has not brought."""
        async with self._pool.acquire() as connection:
            heads = await journal.read_heads(connection)
        for place, head in heads.items():
            if head > self.positions[place]:
                await self._take_in([Batch(place, await self._from_journal(place, self.positions[place], AT_ONCE))])
        self._journals_due = monotonic() + JOURNALS_EVERY

    async def _from_journal(self, place: Place, after: int, most: int) -> list[Entry]:
        stream, partition = place
        async with self._pool.acquire() as connection:
            rows = await journal.read_journal(
                connection, PRODUCERS[stream], stream, partition, after, min(most, AT_ONCE)
            )
        if not rows or rows[0][0] != after + 1:
            raise JournalGapError(f"the journal of {stream} {partition} has no position {after + 1}")
        return [(position, received, event.encode()) for position, received, event in rows]

    async def _take_in(self, batches: Sequence[Batch]) -> None:
        """Store first, then fold: what is in the figures is durable."""
        for batch in batches:
            self.pending[batch.place] = batch.last - self.positions[batch.place]
        async with self._pool.acquire() as connection:
            await inbox.append(connection, batches, self._packer)
        for batch in batches:
            await self._fold(batch)
            self.pending[batch.place] = 0

    async def _fold(self, batch: Batch) -> None:
        """Entries that are folded already are passed over: two workers may both have stored them."""
        folded = self.positions[batch.place]
        unread = await self._figures.fold([entry for entry in batch.entries if entry[0] > folded], batch.place)
        self.positions[batch.place] = max(folded, batch.last)
        for entry, reason in unread:
            log.error("cannot read position %d of %s %d (%s): parked", entry[0], *batch.place, reason)
            async with self._pool.acquire() as connection:
                await inbox.park(connection, batch.place, entry, reason)

    async def _wait_for_store(self) -> None:
        """A commit that was cut off may have come through: what is folded must catch up with what is stored."""
        while True:
            await asyncio.sleep(RETRY)
            try:
                await self.recover()
            except STORE_AWAY:
                continue
            return


class JournalGapError(RuntimeError):
    """A producer's journal lacks a position that it gave out: the figures would be wrong without it."""


def _entry(id: bytes, fields: dict[bytes, bytes]) -> Entry:
    position, sequence = id.split(b"-")
    if sequence != b"0" or b"\n" in fields[b"event"]:
        raise ValueError("not an entry of the relay")
    return int(position), int(fields[b"received"]), fields[b"event"]


def _pairs(answer: Any) -> Iterable[tuple[bytes, list[tuple[bytes, dict[bytes, bytes]]]]]:
    """The answer to XREAD, as RESP2 and RESP3 give it."""
    return answer.items() if isinstance(answer, dict) else answer


def _runs(entries: Sequence[Entry]) -> Iterable[list[Entry]]:
    """Entries cut where their positions are not consecutive."""
    run: list[Entry] = []
    for entry in entries:
        if run and entry[0] != run[-1][0] + 1:
            yield run
            run = []
        run.append(entry)
    if run:
        yield run
