"""The metrics service's own journal: every batch read off the bus, with the position it reaches, in one row."""

from collections.abc import AsyncIterator, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import asyncpg
import zstandard

MIGRATIONS = Path(__file__).parent / "migrations"
SCHEMA = "metrics"
ROWS_AT_ONCE = 200

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Place = tuple[str, int]
"""Stream and partition."""
Entry = tuple[int, int, bytes]
"""Position, microseconds of receipt since the Unix epoch, CloudEvent."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Consecutive entries of one partition, in order."""

    place: Place
    entries: Sequence[Entry]

    @property
    def first(self) -> int:
        return self.entries[0][0]

    @property
    def last(self) -> int:
        return self.entries[-1][0]


class Packer:
    """Puts the entries of a batch into one compressed value, and takes them out again."""

    def __init__(self) -> None:
        self._compressor = zstandard.ZstdCompressor(level=1)
        self._decompressor = zstandard.ZstdDecompressor()

    def pack(self, batch: Batch) -> bytes:
        """A line an entry; JSON as the intake writes it has no line breaks."""
        return self._compressor.compress(
            b"\n".join(b"%d\t%s" % (received, event) for _, received, event in batch.entries)
        )

    def unpack(self, place: Place, first: int, packed: bytes) -> Batch:
        """The batch that was packed."""
        lines = self._decompressor.decompress(packed).split(b"\n")
        pairs = (line.split(b"\t", 1) for line in lines)
        return Batch(place, [(first + n, int(received), event) for n, (received, event) in enumerate(pairs)])


async def append(connection: Connection, batches: Iterable[Batch], packer: Packer) -> None:
    """Store batches and their positions in one transaction; ``UniqueViolationError`` if another worker was first."""
    rows = [(*batch.place, batch.last, batch.first, packer.pack(batch)) for batch in batches]
    columns = list(zip(*rows, strict=True))
    await connection.execute(
        """
        INSERT INTO inbox (stream, partition, last_position, first_position, events)
        SELECT * FROM unnest($1::text[], $2::smallint[], $3::bigint[], $4::bigint[], $5::bytea[])
        """,
        *columns,
    )


async def positions(connection: Connection) -> dict[Place, int]:
    """The position that each partition was read to."""
    rows = await connection.fetch("SELECT stream, partition, max(last_position) AS position FROM inbox GROUP BY 1, 2")
    return {(row["stream"], row["partition"]): row["position"] for row in rows}


async def batches_after(connection: Connection, place: Place, position: int, packer: Packer) -> AsyncIterator[Batch]:
    """The stored batches of a partition beyond a position, in order."""
    while True:
        rows = await connection.fetch(
            """
            SELECT first_position, last_position, events FROM inbox
            WHERE stream = $1 AND partition = $2 AND last_position > $3
            ORDER BY last_position LIMIT $4
            """,
            *place,
            position,
            ROWS_AT_ONCE,
        )
        for row in rows:
            yield packer.unpack(place, row["first_position"], row["events"])
        if len(rows) < ROWS_AT_ONCE:
            return
        position = rows[-1]["last_position"]


async def each_once(connection: Connection, place: Place, packer: Packer) -> AsyncIterator[Batch]:
    """All batches of a partition, without what was in one before: two workers may both have stored an entry."""
    reached = 0
    async for batch in batches_after(connection, place, 0, packer):
        yield Batch(place, [entry for entry in batch.entries if entry[0] > reached])
        reached = max(reached, batch.last)


async def park(connection: Connection, place: Place, entry: Entry, reason: str) -> None:
    """Keep an entry that cannot be read; doing so twice is doing so once."""
    await connection.execute(
        """
        INSERT INTO parked (stream, partition, position, reason, event) VALUES ($1, $2, $3, $4, $5)
        ON CONFLICT DO NOTHING
        """,
        *place,
        entry[0],
        reason,
        entry[2],
    )


async def parked(connection: Connection) -> int:
    """How many entries wait because they could not be read."""
    number: int = await connection.fetchval("SELECT count(*) FROM parked")
    return number
