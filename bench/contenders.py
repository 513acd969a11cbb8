"""Two ways in which a FastStream consumer is usually written, storing the same facts: the measure for ours.

Both keep the winner of each fact in a table, by the contract's order. The first is the tutorial's: a handler a
message, an upsert each. The second takes batches and stores each in one statement.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import asyncpg
import orjson
from faststream import AckPolicy, Context
from faststream.redis import RedisBroker, StreamSub
from pydantic import BaseModel
from redis.asyncio import Redis

from shared.contracts.catalogue import CATALOGUE

TABLE = """
DROP TABLE IF EXISTS fact;
CREATE TABLE fact (
    authority text, type text, subject text, child text, at text,
    version bigint, recorded timestamptz, id text COLLATE "C", source text COLLATE "C", event text,
    PRIMARY KEY (authority, type, subject, child, at)
)
"""
UPSERT = """
INSERT INTO fact SELECT DISTINCT ON (1, 2, 3, 4, 5) *
FROM unnest(
    $1::text[], $2::text[], $3::text[], $4::text[], $5::text[],
    $6::bigint[], $7::timestamptz[], $8::text[], $9::text[], $10::text[]
) AS new (authority, type, subject, child, at, version, recorded, id, source, event)
ORDER BY authority, type, subject, child, at, version DESC, recorded DESC, id COLLATE "C" DESC, source COLLATE "C" DESC
ON CONFLICT (authority, type, subject, child, at) DO UPDATE
SET version = excluded.version, recorded = excluded.recorded, id = excluded.id, source = excluded.source,
    event = excluded.event
WHERE (excluded.version, excluded.recorded, excluded.id, excluded.source)
    > (fact.version, fact.recorded, fact.id, fact.source)
"""
ONE = """
INSERT INTO fact VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
ON CONFLICT (authority, type, subject, child, at) DO UPDATE
SET version = excluded.version, recorded = excluded.recorded, id = excluded.id, source = excluded.source,
    event = excluded.event
WHERE (excluded.version, excluded.recorded, excluded.id, excluded.source)
    > (fact.version, fact.recorded, fact.id, fact.source)
"""


class CloudEvent(BaseModel):
    """What a tutorial's handler would take."""

    id: str
    source: str
    type: str
    subject: str
    time: Any
    authority: str
    recordedtime: Any = None
    recordversion: int = 0
    op: str = "upsert"
    data: dict[str, Any] = {}
    specversion: str = "1.0"


@dataclass
class Done:
    """Counts what was stored, and tells when it is enough."""

    wanted: int
    stored: int = 0

    def __post_init__(self) -> None:
        self.all = asyncio.Event()

    def add(self, number: int) -> None:
        self.stored += number
        if self.stored >= self.wanted:
            self.all.set()


def row_of(event: CloudEvent) -> tuple[Any, ...]:
    """A row of the table."""
    kind = CATALOGUE[event.type]
    child = event.data["child_id"] if kind.per_child else ""
    at = str(event.time) if kind.state_report else ""
    recorded = datetime.fromisoformat(event.recordedtime or event.time)
    order = (event.recordversion, recorded, event.id, event.source)
    return (event.authority, event.type, event.subject, child, at, *order, event.model_dump_json())


async def publish(redis_url: str, stream: str, events: Sequence[bytes]) -> None:
    """Put events on a stream as FastStream writes them, and make the group that its consumers read by."""
    redis = Redis.from_url(redis_url)
    await redis.delete(stream)
    async with RedisBroker(redis_url, logger=None) as broker:
        for start in range(0, len(events), 500):
            pipeline = redis.pipeline(transaction=False)
            for event in events[start : start + 500]:
                await broker.publish(orjson.loads(event), stream=stream, pipeline=pipeline)
            await pipeline.execute()
    await redis.xgroup_create(stream, "bench", "0")
    await redis.aclose()


async def tutorial(redis_url: str, pool: "asyncpg.Pool[asyncpg.Record]", stream: str, number: int) -> None:
    """A handler a message, an upsert each; returns when all are stored."""
    broker, done = RedisBroker(redis_url, logger=None), Done(number)

    @broker.subscriber(stream=StreamSub(stream, group="bench", consumer="tutorial"))
    async def handle(event: CloudEvent) -> None:
        await pool.execute(ONE, *row_of(event))
        done.add(1)

    async with broker:
        await broker.start()
        await done.all.wait()


async def batches(redis_url: str, pool: "asyncpg.Pool[asyncpg.Record]", stream: str, number: int) -> None:
    """Batches of up to 1,000, a statement and an acknowledgement each; returns when all are stored."""
    broker, done = RedisBroker(redis_url, logger=None, ack_policy=AckPolicy.MANUAL), Done(number)
    sub = StreamSub(stream, group="bench", consumer="batches", batch=True, max_records=1000)

    @broker.subscriber(stream=sub)
    async def handle(events: list[CloudEvent], message: Any = Context("message")) -> None:
        await pool.execute(UPSERT, *zip(*map(row_of, events), strict=True))
        await message.ack()
        done.add(len(events))

    async with broker:
        await broker.start()
        await done.all.wait()
