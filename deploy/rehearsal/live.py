"""The rehearsal up to today, and from today on without end."""

from collections.abc import Iterator
from datetime import date, datetime

from deploy.rehearsal.recording import Event
from deploy.rehearsal.world import pages, write
from shared.domain.calendar import add_months
from shared.domain.london import LONDON

MONTHS = 14

__all__ = ["MONTHS", "Rehearsal", "dated", "history", "live", "write"]


class Rehearsal:
    """One run of it: first the history, then live, so that the past is lived through only once."""

    def __init__(
        self, today: date, seed: int, *, authorities: int = 1, size: float = 1.0, months: int = MONTHS
    ) -> None:
        start = add_months(today, -months)
        self._today = today
        self._pages = pages(seed=seed, authorities=authorities, start=start, size=size)
        self._behind = (today - start).days + 1

    def history(self) -> Iterator[Event]:
        """What was recorded up to yesterday. Can be taken once."""
        while self._behind:
            self._behind -= 1
            yield from next(self._pages)

    def live(self) -> Iterator[Event]:
        """What is recorded from today on, without end: what comes after today is dated today."""
        for _ in self.history():
            pass
        yield from next(self._pages)
        for page in self._pages:
            for event in page:
                yield dated(event, self._today)


def history(
    today: date, seed: int, *, authorities: int = 1, size: float = 1.0, months: int = MONTHS
) -> Iterator[Event]:
    """The events of some 14 months up to and including yesterday."""
    return Rehearsal(today, seed, authorities=authorities, size=size, months=months).history()


def live(today: date, seed: int, *, authorities: int = 1, size: float = 1.0, months: int = MONTHS) -> Iterator[Event]:
    """An endless stream that goes on where ``history`` ends, none of it later than today's date."""
    return Rehearsal(today, seed, authorities=authorities, size=size, months=months).live()


def dated(event: Event, today: date) -> Event:
    """The event, on today's date where it would come later; then with an id that leaves its own day's free."""
    last = today.isoformat()
    moved = {name: _moved(event[name], today) for name in ("time", "recordedtime") if event[name][:10] > last}
    return event | moved | {"id": f"{event['id']}-live"} if moved else event


def _moved(text: str, today: date) -> str:
    """The same time of day on today's date, with its offset."""
    moment = datetime.fromisoformat(text)
    return moment.replace(year=today.year, month=today.month, day=today.day, tzinfo=LONDON).isoformat()
