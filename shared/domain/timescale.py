"""How long something may take, since when the rule says so, and who says so.

A timescale turns a start into the day on which it is due, and the first day on which it is late. In working days the
two may lie apart: on the weekend or the holiday after the due date nothing is late yet.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from shared.domain.calendar import ONE_DAY, WorkingCalendar, add_months

NEVER = date.max
"""The due date of what does not fall due."""
SECONDS_AN_HOUR = 3600


class Timescale(Protocol):
    """A length of time that counts from the day on which something starts."""

    def due(self, start: date, calendar: WorkingCalendar, /) -> date:
        """The last day that is on time."""
        ...

    def late_from(self, start: date, calendar: WorkingCalendar, /) -> date:
        """The first day that is late."""
        ...


class _ToTheDay(ABC):
    """Late from the day after the due date on."""

    @abstractmethod
    def due(self, start: date, calendar: WorkingCalendar, /) -> date:
        """The last day that is on time."""

    def late_from(self, start: date, calendar: WorkingCalendar, /) -> date:
        due = self.due(start, calendar)
        return due if due == NEVER else due + ONE_DAY


@dataclass(frozen=True, slots=True)
class WorkingDays:
    """So many working days of England and Wales; the start day is day 0."""

    number: int

    def due(self, start: date, calendar: WorkingCalendar, /) -> date:
        return calendar.add_working_days(start, self.number)

    def late_from(self, start: date, calendar: WorkingCalendar, /) -> date:
        """The working day after the due date."""
        return calendar.add_working_days(start, self.number + 1)

    def __str__(self) -> str:
        return _counted(self.number, "working day")


@dataclass(frozen=True)
class Days(_ToTheDay):
    """So many calendar days; a week is 7."""

    number: int

    def due(self, start: date, _calendar: WorkingCalendar, /) -> date:
        return start + timedelta(days=self.number)

    def __str__(self) -> str:
        return _counted(self.number, "day")


@dataclass(frozen=True)
class Months(_ToTheDay):
    """So many calendar months, clipped to the month's end."""

    number: int

    def due(self, start: date, _calendar: WorkingCalendar, /) -> date:
        return add_months(start, self.number)

    def __str__(self) -> str:
        return _counted(self.number, "month")


@dataclass(frozen=True)
class Until(_ToTheDay):
    """Until a day that was set for it."""

    day: date

    def due(self, _start: date, _calendar: WorkingCalendar, /) -> date:
        return self.day

    def __str__(self) -> str:
        return f"until {self.day}"


@dataclass(frozen=True)
class DaysThatCount(_ToTheDay):
    """The so-manieth day after the start that lies in none of the breaks.

    A break is its first day and the day after its last; without an end it goes on, and nothing falls due in it.
    """

    number: int
    breaks: Sequence[tuple[date, date | None]]

    def due(self, start: date, _calendar: WorkingCalendar, /) -> date:
        """Breaks may overlap. Each pushes the due date on by the days of it that would have counted."""
        due = start + timedelta(days=self.number)
        counted_from = start + ONE_DAY
        for first, after in sorted(self.breaks, key=lambda one: one[0]):
            if first > due:
                break
            if after is None:
                return NEVER
            lost = after - max(first, counted_from)
            if lost > timedelta():
                due += lost
                counted_from = after
        return due

    def __str__(self) -> str:
        return f"{_counted(self.number, 'day')}, days of absence not counted"


@dataclass(frozen=True, slots=True)
class Hours:
    """So many hours, to the second, from one instant to another."""

    number: int

    @property
    def seconds(self) -> int:
        return self.number * SECONDS_AN_HOUR

    def __str__(self) -> str:
        return _counted(self.number, "hour")


@dataclass(frozen=True, slots=True)
class Rule:
    """A timescale, who sets it, and the day from which on it holds."""

    timescale: Timescale | Hours
    source: str
    since: date = date.min

    @property
    def version(self) -> str:
        """What tells it from the rules before and after it."""
        return "the only one so far" if self.since == date.min else f"in force since {self.since}"


@dataclass(frozen=True, slots=True)
class Rules:
    """The rules for one thing over the years: what starts on a day goes by the rule in force on that day."""

    dated: tuple[Rule, ...]

    def __post_init__(self) -> None:
        since = [rule.since for rule in self.dated]
        if not since or since != sorted(set(since)):
            raise ValueError("expected rules in the order of their dates, each with a date of its own")

    def on(self, day: date) -> Rule:
        """The rule in force on a day; ``LookupError`` before the first."""
        for rule in reversed(self.dated):
            if rule.since <= day:
                return rule
        raise LookupError(f"no rule was in force on {day}: the first is of {self.dated[0].since}")


def always(timescale: Timescale | Hours, source: str) -> Rules:
    """The one rule that has held for as long as is known."""
    return Rules((Rule(timescale, source),))


def _counted(number: int, unit: str) -> str:
    return f"{number} {unit}" if number == 1 else f"{number} {unit}s"
