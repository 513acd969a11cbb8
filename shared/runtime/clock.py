"""The only module that asks what time it is."""

import time
from datetime import UTC, date, datetime
from typing import Protocol

from shared.domain.london import local_date


class Clock(Protocol):
    """Tells the instant that the service goes by."""

    def now(self) -> datetime:
        """The instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


class FixedClock:
    """A clock that stands still, so that any day can be replayed."""

    def __init__(self, instant: datetime) -> None:
        if instant.tzinfo is None:
            raise ValueError(f"a fixed clock needs an offset, e.g. 2026-03-02T09:00:00Z; got {instant.isoformat()}")
        self._instant = instant.astimezone(UTC)

    def now(self) -> datetime:
        return self._instant


def clock_from(setting: str | None) -> Clock:
    """The machine's clock, or one fixed at an ISO 8601 instant with offset (``ValueError`` on any other text)."""
    return FixedClock(datetime.fromisoformat(setting)) if setting else SystemClock()


def today(clock: Clock) -> date:
    """The local date in England of the clock's instant."""
    return local_date(clock.now())


def monotonic() -> float:
    """Seconds from an arbitrary start, for durations and timeouts; never for dates."""
    return time.monotonic()
