"""What the metrics service was told, read again from its own journal: in order, each entry once.

An authority lies in one partition of every stream, so that a question about one costs one partition.
"""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from services.metrics.inbox import SCHEMA, Batch, Connection, Packer, each_once, positions
from shared.contracts.streams import PARTITIONS, STREAMS, partition_of
from shared.runtime import journal

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
A_MICROSECOND = timedelta(microseconds=1)


class Received(NamedTuple):
    """One entry as it came."""

    at: int
    """When it was received, in microseconds since the Unix epoch."""
    document: bytes
    """The CloudEvent."""


@dataclass(frozen=True, slots=True)
class Extent:
    """Which entries are wanted."""

    authority: str | None = None
    """None: of all. Entries of another authority that merely name this one may come too: their reader looks."""
    until: datetime | None = None
    """The last instant of receipt; None: whatever came."""

    @property
    def partitions(self) -> Sequence[int]:
        """Where they lie."""
        return range(PARTITIONS) if self.authority is None else (partition_of(self.authority),)


async def is_there(connection: Connection) -> bool:
    """Whether the database has the service's journal at all."""
    found: bool = await connection.fetchval("SELECT to_regclass($1) IS NOT NULL", f"{SCHEMA}.inbox")
    return found


async def read(connection: Connection, partition: int, extent: Extent) -> AsyncIterator[list[Received]]:
    """The entries of one partition, stream by stream in order of position, some at a time."""
    packer = Packer()
    for stream in STREAMS:
        async for batch in each_once(connection, (stream, partition), packer):
            yield _wanted(batch, extent)


async def behind(connection: Connection) -> int:
    """How many accepted events have not come to the service's journal yet."""
    arrived = await positions(connection)
    heads = await journal.read_heads(connection)
    return sum(max(0, head - arrived.get(place, 0)) for place, head in heads.items())


def _wanted(batch: Batch, extent: Extent) -> list[Received]:
    named = extent.authority.encode() if extent.authority else b""
    last = microseconds(extent.until) if extent.until else None
    return [
        Received(received, document)
        for _, received, document in batch.entries
        if named in document and (last is None or received <= last)
    ]


def microseconds(instant: datetime) -> int:
    """An aware instant as the journal writes it: since the Unix epoch."""
    return (instant - EPOCH) // A_MICROSECOND
