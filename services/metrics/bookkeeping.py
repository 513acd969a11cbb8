"""What came in and what is still to come: the producers' counts and heads, beside where the consumer is.

These few families go through prometheus-client; the many of the indicators have a renderer of their own.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.metrics import inbox
from services.metrics.consumer import Consumer
from services.metrics.figures import Figures
from services.metrics.inbox import Place
from services.metrics.reconciliation import Reconciliation
from shared.runtime import journal
from shared.runtime.appender import STORE_AWAY
from shared.runtime.clock import monotonic

FAMILIES = {
    "csc_events": "Events by what became of them at the intake.",
    "csc_stream_lag_events": "Events in the journals and not yet read.",
    "csc_stream_pending_events": "Events read and not yet stored and folded.",
    "csc_quarantined_events": "Events that were refused or cannot be read, and wait for a person.",
}
"""By name, what each family counts. Counters are exposed with `_total`."""

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
UNREADABLE = "unreadable"
"""The reason of what came off the bus and could not be folded."""
QUARANTINE_EVERY = 5.0
"""Seconds between two counts of what waits for a person."""
EVERY = 1.0
"""Seconds between two looks at the producers' books."""


class Bookkeeping(Collector):
    """Knows what the producers have accepted, and what the figures account for."""

    def __init__(
        self,
        pool: "asyncpg.Pool[asyncpg.Record]",
        consumer: Consumer,
        figures: Figures,
        reconciliation: Reconciliation | None = None,
    ) -> None:
        self._pool = pool
        self._consumer = consumer
        self._figures = figures
        self._reconciliation = reconciliation
        self._quarantined: Counter[tuple[str, str]] = Counter()
        self._quarantine_due = 0.0
        self._heads: dict[Place, int] = {}
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._accepted: Counter[str] = Counter()
        self._registry = CollectorRegistry()
        self._registry.register(self)
        if reconciliation:
            self._registry.register(reconciliation)
        self.text = b""

    async def keep_forever(self) -> None:
        """Look at the books once a second; while the store is away the last look holds."""
        while True:
            with contextlib.suppress(*STORE_AWAY):
                await self.look()
            await asyncio.sleep(EVERY)

    async def look(self) -> None:
        """Read the producers' books."""
        async with self._pool.acquire() as connection:
            counts = await journal.read_intake_counts(connection)
            self._heads = await journal.read_heads(connection)
            await self._look_at_quarantine(connection)
        self._counts, self._accepted = Counter(), Counter()
        for service, authority, source, type, result, events in counts:
            self._counts[service, source, type, result] += events
            if result == "accepted":
                self._accepted[authority] += events
        self.text = generate_latest(self._registry)

    async def _look_at_quarantine(self, connection: Connection) -> None:
        """Now and then: there may be many rows to count."""
        if monotonic() < self._quarantine_due:
            return
        waiting = await journal.read_quarantined(connection)
        self._quarantined = Counter()
        for authority, reason, events in waiting:
            self._quarantined[authority, reason] += events
        if parked := await inbox.parked(connection):
            self._quarantined["", UNREADABLE] += parked
        self._quarantine_due = monotonic() + QUARANTINE_EVERY

    async def status(self) -> dict[str, Any]:
        """Whether all that was accepted by now is in the figures, as a whole and by authority."""
        applied = self._figures.shown.applied  # before the books: what came in between is not yet settled
        await self.look()
        authorities = {
            authority: _standing(accepted, applied.get(authority, 0))
            for authority, accepted in sorted(self._accepted.items())
        }
        whole = _standing(self._accepted.total(), sum(applied.get(each, 0) for each in authorities))
        as_of = self._figures.as_of
        return {
            "settled": as_of is not None and all(each["lag_events"] == 0 for each in authorities.values()),
            "as_of": as_of.isoformat().replace("+00:00", "Z") if as_of else None,
            **whole,
            "reconciliation": self._reconciliation.status() if self._reconciliation else None,
            "authorities": authorities,
        }

    def collect(self) -> Iterator[Metric]:
        """The families for prometheus-client."""
        labels = ("service", "source", "type", "result")
        events = CounterMetricFamily("csc_events", FAMILIES["csc_events"], labels=labels)
        for what, number in sorted(self._counts.items()):
            events.add_metric(what, number)
        yield events
        positions, pending = self._consumer.positions, self._consumer.pending
        lag = {place: max(0, head - positions[place]) for place, head in self._heads.items()}
        yield _by_place("csc_stream_lag_events", lag)
        unfolded = {place: pending[place] for place in self._heads}
        yield _by_place("csc_stream_pending_events", unfolded)
        name = "csc_quarantined_events"
        quarantined = GaugeMetricFamily(name, FAMILIES[name], labels=("authority", "reason"))
        for whose, waiting in sorted(self._quarantined.items()):
            quarantined.add_metric(whose, waiting)
        yield quarantined


def _by_place(name: str, numbers: Mapping[Place, int]) -> Metric:
    family = GaugeMetricFamily(name, FAMILIES[name], labels=("stream", "partition"))
    for (stream, partition), number in sorted(numbers.items()):
        family.add_metric((stream, str(partition)), number)
    return family


def _standing(accepted: int, applied: int) -> dict[str, int]:
    return {"accepted": accepted, "applied": applied, "lag_events": max(0, accepted - applied)}
