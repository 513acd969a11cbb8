"""The figures as they stand: a casebook, what it comes to, and the text that is handed to whoever asks.

Folding and measuring take turns under one lock; measuring runs in a thread, so that a scrape never waits for it.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from services.metrics.casebook import Casebook
from services.metrics.exposition import Exposition
from services.metrics.fact import decode
from services.metrics.inbox import Entry
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from shared.runtime.clock import Clock, monotonic, today

log = logging.getLogger(__name__)

A_SECOND_IN_MICROSECONDS = 1_000_000
PAUSE = 0.1
"""Seconds between measurements at the least."""
SHARE_OF_TIME = 9
"""A measurement is followed by a pause of so many times its length, so that folding goes on."""
LONGEST_PAUSE = 1.0
"""However long a measurement took (the first one looks at everything), the next is not far."""
AT_LEAST_EVERY = 1.0
"""Seconds after which the clock alone is a reason to measure."""


class Figures:
    """Everything between an event off the bus and the bytes of a scrape."""

    def __init__(self, clock: Clock, policies: PolicyBook) -> None:
        self._clock = clock
        self._casebook = Casebook(today(clock))
        self._measurement = Measurement(self._casebook, strands(), england_and_wales(), policies)
        self._exposition = Exposition(strands())
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()
        self.text = b""
        self.as_of: datetime | None = None
        self.applied: Mapping[str, int] = {}
        """By authority: events that the text accounts for."""

    async def fold(self, entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
        """Take in entries; returns those that cannot be read, with the reason."""
        async with self._lock:
            unread = self._fold(entries)
        self._changed.set()
        return unread

    async def measure_forever(self) -> None:
        """Measure at the figures' own pace: soon after a change, and at least every second."""
        while True:
            began = monotonic()
            self._changed.clear()
            await self.measure()
            await asyncio.sleep(pause_after(monotonic() - began))
            await self._wait_for_change()

    async def measure(self) -> None:
        """Bring the text up to date."""
        async with self._lock:
            await asyncio.to_thread(self._measure)

    async def _wait_for_change(self) -> None:
        try:
            async with asyncio.timeout(AT_LEAST_EVERY):
                await self._changed.wait()
        except TimeoutError:
            pass

    def _measure(self) -> None:
        snapshot = self._measurement.snapshot(self._clock.now())
        self.text = self._exposition.write(snapshot)
        self.as_of, self.applied = snapshot.as_of, snapshot.taken_in

    def _fold(self, entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
        unread = []
        for entry in entries:
            _, received, document = entry
            try:
                self._casebook.fold(decode(document), received / A_SECOND_IN_MICROSECONDS)
            except (msgspec.MsgspecError, ValueError, LookupError) as error:
                unread.append((entry, type(error).__name__))
        return unread


def pause_after(took: float) -> float:
    """Seconds to wait after a measurement of so many seconds."""
    return min(LONGEST_PAUSE, max(PAUSE, SHARE_OF_TIME * took))
