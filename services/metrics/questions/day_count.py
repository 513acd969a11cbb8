"""How a due date comes about: the days that were counted, and each that was not, with the reason. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from services.metrics.timeliness import Item
from shared.domain.calendar import ONE_DAY, WorkingCalendar
from shared.domain.holiday_names import name_of
from shared.domain.london import LONDON, local_date
from shared.domain.timescale import NEVER, Days, DaysThatCount, Hours, Months, Timescale, WorkingDays

WEEKEND = {5: "Saturday", 6: "Sunday"}


@dataclass(frozen=True, slots=True)
class Skipped:
    """A day after the start that was not counted."""

    day: date
    why: str


@dataclass(frozen=True, slots=True)
class DayCount:
    """From the start of an item to its due date, and how much of that was used."""

    due: date | None
    """The last day that is on time; None where nothing falls due."""
    due_at: datetime | None
    """The last instant that is on time, of a timescale in hours."""
    late_from: date | None
    """The first day that is late; None of a timescale in hours, which is late from the next instant on."""
    allowed: int | None
    """In ``unit``; None where the rule gives no number of them."""
    used: int
    """In ``unit``, to the stop, or to today while it runs."""
    unit: str
    skipped: tuple[Skipped, ...] = ()
    """In order, to the due date, the stop or today, whichever is last."""
    note: str = ""
    """What is special about this one."""


def day_count(item: Item, end: date, end_seconds: float, calendar: WorkingCalendar) -> DayCount:
    """The count of an item that stopped, or has run until, ``end``.

    ``end_seconds``, since the Unix epoch, says the same to the second. Raises ``BeyondHorizonError`` where the calendar
    does not reach.
    """
    if item.rule is None:
        raise LookupError(f"an item of {item.about} has no rule to go by")
    timescale = item.rule.timescale
    if isinstance(timescale, Hours):
        return _to_the_second(timescale, item.start.time, end_seconds)
    return _to_the_day(timescale, item.start.day, end, calendar)


def _to_the_second(timescale: Hours, start: float, end: float) -> DayCount:
    due_at = datetime.fromtimestamp(start + timescale.seconds, LONDON)
    used = max(0, int(end - start))
    return DayCount(local_date(due_at), due_at, None, timescale.seconds, used, "seconds")


def _to_the_day(timescale: Timescale, start: date, end: date, calendar: WorkingCalendar) -> DayCount:
    due, late_from = timescale.due(start, calendar), timescale.late_from(start, calendar)
    last = end if due == NEVER else max(due, end)
    skipped = tuple(_skipped(timescale, start, last, calendar))
    used = max(0, (end - start).days - sum(one.day <= end for one in skipped))
    allowed = timescale.number if isinstance(timescale, WorkingDays | Days | DaysThatCount) else None
    unit = "working days" if isinstance(timescale, WorkingDays) else "days"
    shown = (None, None) if due == NEVER else (due, late_from)
    return DayCount(shown[0], None, shown[1], allowed, used, unit, skipped, _note(timescale, start, due))


def _skipped(timescale: Timescale, start: date, last: date, calendar: WorkingCalendar) -> Iterator[Skipped]:
    day = start
    while day < last:
        day += ONE_DAY
        if why := _why_skipped(timescale, day, calendar):
            yield Skipped(day, why)


def _why_skipped(timescale: Timescale, day: date, calendar: WorkingCalendar) -> str | None:
    if isinstance(timescale, WorkingDays):
        return None if calendar.is_working_day(day) else WEEKEND.get(day.weekday()) or name_of(day)
    if isinstance(timescale, DaysThatCount):
        return next((_absence(*one) for one in timescale.breaks if _lies_in(day, *one)), None)
    return None


def _lies_in(day: date, first: date, after: date | None) -> bool:
    return first <= day and (after is None or day < after)


def _absence(first: date, after: date | None) -> str:
    return f"absence from {first}, without an end" if after is None else f"absence from {first} to {after - ONE_DAY}"


def _note(timescale: Timescale, start: date, due: date) -> str:
    if due == NEVER:
        return "an absence has no end yet: nothing falls due in it"
    if isinstance(timescale, Months) and due.day != start.day:
        return f"clipped to the month's end: {due:%B %Y} has no day {start.day}"
    return ""
