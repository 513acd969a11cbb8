"""Journal to bus: every event of a partition, in order, its position as the id of its entry.

Redis refuses an id that is not larger than the last, so that a relay which repeats itself publishes nothing twice.
What the bus loses is not the relay's concern: positions are consecutive, and a consumer that sees a gap reads the
journal.
"""

import asyncio
import logging
from collections.abc import Sequence

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError, ResponseError

from shared.contracts.streams import stream_key
from shared.runtime.appender import STORE_AWAY
from shared.runtime.journal import Place, read_heads, read_identity, read_journal

log = logging.getLogger(__name__)

AT_ONCE = 2_000
KEPT = 100_000
"""Entries that the bus keeps of each partition, about; the journal keeps all."""
POLL = 0.2
"""Seconds after which the journal is looked at though nothing was said: another process may have appended."""
RETRY = 0.5


class Relay:
    """Publishes one service's journal."""

    def __init__(
        self, pool: "asyncpg.Pool[asyncpg.Record]", redis: Redis, service: str, appended: asyncio.Event
    ) -> None:
        self._pool = pool
        self._redis = redis
        self._service = service
        self._appended = appended
        self._positions: dict[Place, int] = {}
        self._identity = ""

    async def relay_forever(self) -> None:
        """Publish what is new; while the bus or the store is away, try again."""
        while True:
            try:
                await self._relay_once()
                await self._wait()
            except (RedisError, *STORE_AWAY) as error:
                log.warning("cannot relay (%s): trying again", type(error).__name__)
                await asyncio.sleep(RETRY)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL):
                await self._appended.wait()
        except TimeoutError:
            return

    async def _relay_once(self) -> None:
        self._appended.clear()
        async with self._pool.acquire() as connection:
            self._identity = await read_identity(connection, self._service) or ""
            heads = await read_heads(connection, (self._service,))
            for place, head in heads.items():
                if place not in self._positions:
                    self._positions[place] = await self._begin(connection, place)
                while self._positions[place] < head:
                    await self._publish(connection, place)

    async def _begin(self, connection: asyncpg.pool.PoolConnectionProxy, place: Place) -> int:
        """After the last entry of the bus; where it has none of ours, after what was relayed when last noted."""
        key = stream_key(*place)
        last = await self._redis.xrevrange(key, count=1)
        if last and last[0][1].get(b"journal") == self._identity.encode():
            return int(last[0][0].split(b"-")[0])
        if last:
            log.warning("%s holds entries of another journal: they are removed", key)
            await self._redis.delete(key)
        noted = await connection.fetchval(
            "SELECT position FROM relay_position WHERE stream = $1 AND partition = $2", *place
        )
        return noted or 0

    async def _publish(self, connection: asyncpg.pool.PoolConnectionProxy, place: Place) -> None:
        rows = await read_journal(connection, self._service, *place, self._positions[place], AT_ONCE)
        await self._add(stream_key(*place), rows)
        self._positions[place] = rows[-1][0]
        await connection.execute(
            """
            INSERT INTO relay_position (stream, partition, position) VALUES ($1, $2, $3)
            ON CONFLICT (stream, partition) DO UPDATE SET position = EXCLUDED.position
            """,
            *place,
            rows[-1][0],
        )

    async def _add(self, key: str, rows: Sequence[tuple[int, int, str]]) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        for position, received, event in rows:
            fields = ("event", event, "received", received, "journal", self._identity)
            pipeline.execute_command("XADD", key, "MAXLEN", "~", KEPT, f"{position}-0", *fields)
        for answer in await pipeline.execute(raise_on_error=False):
            if isinstance(answer, Exception) and not _is_there_already(answer):
                raise answer


def _is_there_already(answer: Exception) -> bool:
    return isinstance(answer, ResponseError) and "equal or smaller" in str(answer)
