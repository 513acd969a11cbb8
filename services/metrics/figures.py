"""The figures as they stand: a casebook, what it comes to, and the text that is handed to whoever asks.

Folding and measuring take turns under one lock; measuring runs in a thread, so that a scrape never waits for it.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.metrics.casebook import Casebook
from services.metrics.exposition import Exposition, Text
from services.metrics.fact import CANNOT_BE_FOLDED, decode
from services.metrics.inbox import Entry, Place
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from services.metrics.rulebook import Rulebook
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


@dataclass(frozen=True, slots=True)
class Shown:
    """The figures as they are shown, with all that they follow from."""

    text: Text
    as_of: datetime | None
    """None before the first measurement."""
    applied: Mapping[str, int]
    """By authority: events that the text accounts for."""
    positions: Mapping[Place, int]
    """Where each partition had been folded to."""
    rules: Rulebook

    @property
    def as_of_known(self) -> datetime:
        """The instant of the figures; ``ValueError`` where there are none yet."""
        if self.as_of is None:
            raise ValueError("there are no figures yet")
        return self.as_of


class Figures:
    """Everything between an event off the bus and the bytes of a scrape."""

    def __init__(self, clock: Clock, rules: Rulebook | None = None) -> None:
        self._clock = clock
        self._rules = rules or Rulebook()
        self._casebook = Casebook(today(clock))
        self._measurement = Measurement(self._casebook, strands(), self._rules.calendar, self._rules.policies)
        self._exposition = Exposition(strands())
        self._positions: dict[Place, int] = {}
        self._lock = asyncio.Lock()
        self._changed = asyncio.Event()
        self.shown = Shown(Text(b"", b""), None, {}, {}, self._rules)

    @property
    def text(self) -> bytes:
        """The figures, put together for whoever asks."""
        return b"".join(self.shown.text)

    @property
    def as_of(self) -> datetime | None:
        """The instant of the figures; None before the first measurement."""
        return self.shown.as_of

    async def adopt(self, rules: Rulebook) -> None:
        """Go by other rules from the next measurement on."""
        async with self._lock:
            self._rules = rules
            await asyncio.to_thread(self._measurement.adopt, rules.calendar, rules.policies)
        self._changed.set()

    async def fold(self, entries: Sequence[Entry], place: Place | None = None) -> list[tuple[Entry, str]]:
        """Take in entries, of one partition where it is named; returns those that cannot be read, with the reason."""
        async with self._lock:
            unread = self._fold(entries)
            if place and entries:
                self._positions[place] = entries[-1][0]
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
        text = self._exposition.write(snapshot)
        self.shown = Shown(text, snapshot.as_of, snapshot.taken_in, dict(self._positions), self._rules)

    def _fold(self, entries: Sequence[Entry]) -> list[tuple[Entry, str]]:
        unread = []
        for entry in entries:
            _, received, document = entry
            try:
                self._casebook.fold(decode(document), received / A_SECOND_IN_MICROSECONDS)
            except CANNOT_BE_FOLDED as error:
                unread.append((entry, type(error).__name__))
        return unread


def pause_after(took: float) -> float:
    """Seconds to wait after a measurement of so many seconds."""
    return min(LONGEST_PAUSE, max(PAUSE, SHARE_OF_TIME * took))
