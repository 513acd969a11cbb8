"""The metrics service's journal, filled by hand: what was received when."""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import count
from typing import Any

import orjson

from services.metrics.inbox import MIGRATIONS, SCHEMA, Batch, Packer, append
from services.metrics.questions.ledger import microseconds
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.streams import partition_of
from shared.runtime.database import connect, migrate


class Inbox:
    """Writes to the journal as the service does, at instants that the test names."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._positions: defaultdict[tuple[str, int], count[int]] = defaultdict(lambda: count(1))
        self._ids = count(1)

    def receive(self, at: str, *events: Mapping[str, Any] | bytes) -> None:
        """Events received at an instant, each a batch of its own; events without an id get one."""
        asyncio.run(self._store(microseconds(datetime.fromisoformat(at)), events))

    async def _store(self, at: int, events: Iterable[Mapping[str, Any] | bytes]) -> None:
        await migrate(self._url, SCHEMA, MIGRATIONS)
        connection = await connect(self._url, SCHEMA)
        try:
            for event in events:
                await append(connection, [self._batch(at, event)], Packer())
        finally:
            await connection.close()

    def _batch(self, at: int, event: Mapping[str, Any] | bytes) -> Batch:
        if isinstance(event, bytes):
            place, document = ("csc.referral", 0), event
        else:
            place = (CATALOGUE[event["type"]].stream, partition_of(event["authority"]))
            document = orjson.dumps({"id": f"event-{next(self._ids)}", **event})
        return Batch(place, [(next(self._positions[place]), at, document)])
