"""What came in and what is still to come: the producers' counts and heads, beside where the consumer is.

These few families go through prometheus-client; the many of the indicators have a renderer of their own.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import Iterator
from typing import Any

import asyncpg
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.metrics.consumer import Consumer
from services.metrics.figures import Figures
from services.metrics.inbox import Place
from shared.runtime import journal
from shared.runtime.appender import STORE_AWAY

EVERY = 1.0
"""Seconds between two looks at the producers' books."""


class Bookkeeping(Collector):
    """Knows what the producers have accepted, and what the figures account for."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", consumer: Consumer, figures: Figures) -> None:
        self._pool = pool
        self._consumer = consumer
        self._figures = figures
        self._heads: dict[Place, int] = {}
        self._counts: Counter[tuple[str, str, str, str]] = Counter()
        self._accepted: Counter[str] = Counter()
        self._registry = CollectorRegistry()
        self._registry.register(self)
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
        self._counts, self._accepted = Counter(), Counter()
        for service, authority, source, type, result, events in counts:
            self._counts[service, source, type, result] += events
            if result == "accepted":
                self._accepted[authority] += events
        self.text = generate_latest(self._registry)

    async def status(self) -> dict[str, Any]:
        """Whether all that was accepted by now is in the figures, as a whole and by authority."""
        applied = self._figures.applied  # before the books: what came in between is not yet settled
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
            "authorities": authorities,
        }

    def collect(self) -> Iterator[Metric]:
        """The families for prometheus-client."""
        events = CounterMetricFamily(
            "csc_events",
            "Events by what became of them at the intake.",
            labels=("service", "source", "type", "result"),
        )
        for labels, number in sorted(self._counts.items()):
            events.add_metric(labels, number)
        yield events
        lag = GaugeMetricFamily(
            "csc_stream_lag_events",
            "Events in the journals and not yet read.",
            labels=("stream", "partition"),
        )
        for (stream, partition), head in sorted(self._heads.items()):
            behind = head - self._consumer.positions[stream, partition]
            lag.add_metric((stream, str(partition)), max(0, behind))
        yield lag


def _standing(accepted: int, applied: int) -> dict[str, int]:
    return {"accepted": accepted, "applied": applied, "lag_events": max(0, accepted - applied)}
