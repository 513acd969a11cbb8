"""Journal to bus: every event of a partition, in order, its position as the id of its entry.

Redis refuses an id that is not larger than the last, so that relays which repeat themselves or each other publish
nothing twice. What the bus loses is not the relay's concern: positions are consecutive, and a consumer that sees a
gap, or nothing, reads the journal.
"""

import asyncio
import logging
from collections.abc import Sequence
from typing import Any

import asyncpg
from redis.asyncio import Redis
from redis.exceptions import RedisError

from shared.contracts.streams import stream_key
from shared.runtime.appender import STORE_AWAY
from shared.runtime.clock import monotonic
from shared.runtime.journal import Place, read_heads, read_identity, read_journal

log = logging.getLogger(__name__)

AT_ONCE = 500
"""Events published in one go: a script of a millisecond or two, which others of the bus hardly notice."""
KEPT = 100_000
"""Entries that the bus keeps of each partition, about; the journal keeps all."""
POLL = 0.2
"""Seconds after which the journal is looked at though nothing was said: another process may have appended."""
NOTE_EVERY = 1.0
"""Seconds between notes of the positions: after a restart on an empty bus some may be published again."""
RETRY = (0.1, 5.0)
"""Seconds before the first try after a failure, doubled up to the second."""

PUBLISH = """
-- KEYS[1]: the stream. ARGV: entries to keep, the journal's mark, the first position, then event and time of receipt
-- of each event from there on. What has come before is passed over; every other error ends it and is told.
local position = tonumber(ARGV[3])
for i = 4, #ARGV, 2 do
  local id = string.format('%.0f-0', position)
  local answer = redis.pcall('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], id,
    'event', ARGV[i], 'received', ARGV[i + 1], 'journal', ARGV[2])
  if type(answer) == 'table' and answer.err and not string.find(answer.err, 'equal or smaller', 1, true) then
    return answer
  end
  position = position + 1
end
return redis.status_reply('OK')
"""


class Relay:
    """Publishes one service's journal."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        redis: Redis,
        service: str,
        appended: asyncio.Event,
        *,
        kept: int = KEPT,
    ) -> None:
        self._pool = pool
        self._redis = redis
        self._service = service
        self._appended = appended
        self._kept = kept
        self._publish_script = redis.register_script(PUBLISH)
        self._identity = ""
        self._positions: dict[Place, int] = {}
        self._noted: dict[Place, int] = {}
        self._note_due = 0.0

    async def relay_forever(self) -> None:
        """Publish what is new; while the bus or the store is away, try again."""
        shortest, longest = RETRY
        pause = shortest
        while True:
            try:
                await self._relay_once()
                pause = shortest
                await self._wait()
            except (RedisError, *STORE_AWAY) as error:
                log.warning("cannot relay (%s): trying again in %.1f s", type(error).__name__, pause)
                self._positions.clear()  # what came back may hold less, or be another
                await asyncio.sleep(pause)
                pause = min(2 * pause, longest)

    async def _wait(self) -> None:
        try:
            async with asyncio.timeout(POLL):
                await self._appended.wait()
        except TimeoutError:
            return

    async def _relay_once(self) -> None:
        """Everything that the journal held when it was asked."""
        self._appended.clear()
        for place, head in (await self._heads()).items():
            if place not in self._positions:
                self._positions[place] = await self._begin(place)
            while self._positions[place] < head:
                await self._publish(place)
        if monotonic() >= self._note_due:
            await self._note()

    async def _heads(self) -> dict[Place, int]:
        async with self._pool.acquire() as connection:
            if not self._positions:
                self._identity = await read_identity(connection, self._service) or ""
            return await read_heads(connection, (self._service,))

    async def _begin(self, place: Place) -> int:
        """After the last entry of the bus; where it has none of ours, after what was relayed when last noted."""
        key = stream_key(*place)
        last = await self._last_on_bus(key)
        if last is None:
            return await self._noted_position(place)
        position, identity = last
        # In this order: nothing of this journal is on the bus before it is in the journal.
        if identity == self._identity and position <= (await self._heads()).get(place, 0):
            return position
        log.warning("%s holds entries of another journal, or of this one's lost future: they are removed", key)
        await self._redis.delete(key)
        return await self._noted_position(place)

    async def _last_on_bus(self, key: str) -> tuple[int, str] | None:
        newest: Any = await self._redis.xrevrange(key, count=1)
        if not newest:
            return None
        entry_id, fields = newest[0]
        return int(entry_id.split(b"-")[0]), (fields or {}).get(b"journal", b"").decode(errors="replace")

    async def _noted_position(self, place: Place) -> int:
        position: int | None = await self._pool.fetchval(
            "SELECT position FROM relay_position WHERE stream = $1 AND partition = $2", *place
        )
        return position or 0

    async def _publish(self, place: Place) -> None:
        async with self._pool.acquire() as connection:
            rows = await read_journal(connection, self._service, *place, self._positions[place], AT_ONCE)
        await self._publish_script(keys=[stream_key(*place)], args=self._arguments(rows))
        self._positions[place] = rows[-1][0]

    def _arguments(self, rows: Sequence[tuple[int, int, str]]) -> list[Any]:
        arguments: list[Any] = [self._kept, self._identity, rows[0][0]]
        for _, received, event in rows:
            arguments += (event.encode(), received)
        return arguments

    async def _note(self) -> None:
        moved = [(*place, at) for place, at in self._positions.items() if self._noted.get(place) != at]
        if moved:
            await self._pool.executemany(
                """
                INSERT INTO relay_position (stream, partition, position) VALUES ($1, $2, $3)
                ON CONFLICT (stream, partition) DO UPDATE SET position = EXCLUDED.position
                """,
                moved,
            )
        self._noted = dict(self._positions)
        self._note_due = monotonic() + NOTE_EVERY
