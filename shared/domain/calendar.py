"""Working days of England and Wales, and calendar months.

The start day is day 0, also when it is no working day; ``working_days_between`` counts the working days ``d`` with
``a < d <= b`` (DfE publishes "started and finished the same day" as 0).
"""

from bisect import bisect_right
from calendar import monthrange
from collections.abc import Iterable
from datetime import date, timedelta
from functools import cache
from pathlib import Path

ONE_DAY = timedelta(days=1)


class BeyondHorizonError(ValueError):
    """A day was asked for that the calendar does not know yet."""


class CalendarError(ValueError):
    """A calendar's text says something that cannot be meant."""


class WorkingCalendar:
    """Monday to Friday less the bank holidays, known up to a horizon.

    Days before the first holiday it was given count by the weekday alone.
    """

    def __init__(self, holidays: Iterable[date], horizon: date) -> None:
        self.horizon = horizon
        self._holidays = frozenset(day for day in holidays if day.weekday() < 5)
        self._sorted = sorted(day.toordinal() for day in self._holidays)
        self._first = self._sorted[0] if self._sorted else horizon.toordinal()
        self._worked = [self._count_until(day) for day in range(self._first, horizon.toordinal() + 1)]

    def is_working_day(self, day: date) -> bool:
        """Whether ``day`` is a working day; ``BeyondHorizonError`` where that is not known yet."""
        self._check(day)
        return day.weekday() < 5 and day not in self._holidays

    def working_days_between(self, start: date, end: date) -> int:
        """Working days ``d`` with ``start < d <= end``; 0 where the end is not after the start."""
        self._check(end)
        return max(0, self._worked_until(end.toordinal()) - self._worked_until(start.toordinal()))

    def add_working_days(self, start: date, days: int) -> date:
        """The ``days``-th working day after ``start``; ``start`` itself for 0."""
        target = self._worked_until(start.toordinal()) + days
        day = start.toordinal() + days
        while days and (lacking := target - self._worked_until(day)):
            day += lacking
        return self._known(day)

    def _worked_until(self, ordinal: int) -> int:
        position = ordinal - self._first
        return self._worked[position] if 0 <= position < len(self._worked) else self._count_until(ordinal)

    def _count_until(self, ordinal: int) -> int:
        weeks, weekday = divmod(ordinal - 1, 7)  # ordinal 1 was a Monday
        return weeks * 5 + min(weekday + 1, 5) - bisect_right(self._sorted, ordinal)

    def _known(self, ordinal: int) -> date:
        day = date.fromordinal(ordinal)
        self._check(day)
        return day

    def _check(self, day: date) -> None:
        if day > self.horizon:
            raise BeyondHorizonError(f"the calendar ends on {self.horizon}: {day} is beyond it")


def parse_calendar(text: str) -> WorkingCalendar:
    """A calendar from a line a holiday (ISO date), a line ``horizon`` and ISO date, and ``#`` comments.

    Raises ``CalendarError``, which names the line.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1)]
    said = [(number, line) for number, line in lines if line and not line.startswith("#")]
    horizons = [_day(number, line.split()[-1]) for number, line in said if line.startswith("horizon ")]
    if len(horizons) != 1:
        raise CalendarError("the calendar wants one line `horizon` and the last day that it knows")
    holidays = [_day(number, line) for number, line in said if not line.startswith("horizon ")]
    if holidays and max(holidays) > horizons[0]:
        raise CalendarError(f"the calendar ends on {horizons[0]}, and has a holiday after that: {max(holidays)}")
    return WorkingCalendar(holidays, horizons[0])


def _day(number: int, text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise CalendarError(f"line {number} of the calendar: expected a date such as 2026-12-25") from None


@cache
def england_and_wales() -> WorkingCalendar:
    """The calendar that the product is shipped with."""
    return parse_calendar((Path(__file__).parent / "bank_holidays.txt").read_text())


def add_months(day: date, months: int) -> date:
    """The same day of the month so many months on (or back), clipped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
