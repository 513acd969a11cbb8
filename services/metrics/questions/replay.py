"""The figures of the end of any day, from whatever is given to it: the service's own code, once over. Pure."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

import msgspec

from services.metrics.casebook import Casebook
from services.metrics.fact import Event, decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement, Snapshot
from shared.domain.calendar import WorkingCalendar, england_and_wales
from shared.domain.london import last_instant
from shared.domain.policy import PolicyBook

A_SECOND_IN_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class Day:
    """The day whose end the figures are of, and what they go by."""

    on: date
    authority: str | None = None
    """The only one whose events count; None: all."""
    calendar: WorkingCalendar = field(default_factory=england_and_wales)
    policies: PolicyBook = field(default_factory=PolicyBook)


class Replay:
    """A casebook and its measurement, as they are at the end of a day."""

    def __init__(self, day: Day) -> None:
        self.day = day
        self.casebook = Casebook(day.on)
        self.measurement = Measurement(self.casebook, strands(), day.calendar, day.policies)
        self.taken = 0
        """Events taken in."""
        self.unreadable = 0
        """Entries that could not be; the service has parked them."""
        self.newest: int | None = None
        """When the last of them was received, in microseconds since the Unix epoch."""

    def take(self, received: int, document: bytes) -> None:
        """Take in one entry, received at a microsecond since the Unix epoch."""
        if event := self.read(document):
            self.fold(event, received)

    def read(self, document: bytes) -> Event | None:
        """The event of an entry; None where it cannot be read or is of another authority."""
        try:
            event = decode(document)
        except msgspec.MsgspecError:
            self.unreadable += 1
            return None
        return event if self.day.authority in (None, event.authority) else None

    def fold(self, event: Event, received: int) -> None:
        """Take in an event; what does not fold is counted, as the service leaves it out."""
        try:
            self.casebook.fold(event, received / A_SECOND_IN_MICROSECONDS)
        except (ValueError, LookupError):
            self.unreadable += 1
            return
        self.taken += 1
        self.newest = max(received, self.newest or received)

    def snapshot(self) -> Snapshot:
        """The figures of the last instant of the day."""
        return self.measurement.snapshot(last_instant(self.day.on))


def replay(day: Day, entries: Iterable[tuple[int, bytes]]) -> Replay:
    """A day as these entries tell it."""
    replayed = Replay(day)
    for received, document in entries:
        replayed.take(received, document)
    return replayed
