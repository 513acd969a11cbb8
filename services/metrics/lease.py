"""One metrics worker at a time: whoever holds the lease reads, the others stand by."""

import asyncio
import logging

import asyncpg

from services.metrics.inbox import SCHEMA

log = logging.getLogger(__name__)

LEASE = 0x64617965  # "daye"
RETRY = 0.5


class Lease:
    """An advisory lock of PostgreSQL, held for as long as its connection lives."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None

    @property
    def held(self) -> bool:
        return self._connection is not None and not self._connection.is_closed()

    async def take(self) -> None:
        """Wait until no other worker holds the lease, through absences of the store too."""
        said = False
        while not await self._try():
            if not said:
                log.warning("another metrics worker holds the lease, or PostgreSQL is away: standing by")
                said = True
            await asyncio.sleep(RETRY)

    async def give_back(self) -> None:
        """Let another worker take over."""
        if self._connection is not None:
            await self._connection.close(timeout=2)

    async def _try(self) -> bool:
        try:
            if self._connection is None or self._connection.is_closed():
                self._connection = await asyncpg.connect(
                    self._url, timeout=5, server_settings={"application_name": f"daymark-{SCHEMA}-lease"}
                )
            return bool(await self._connection.fetchval("SELECT pg_try_advisory_lock($1)", LEASE))
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            return False
