"""Working days of England and Wales, counted one day at a time."""

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache

import holidays

DAY = timedelta(days=1)
_RULES = holidays.country_holidays("GB", subdiv="ENG")

PROCLAIMED = frozenset(
    {
        date(1999, 12, 31),  # millennium
        date(2002, 6, 3),  # golden jubilee
        date(2002, 6, 4),
        date(2011, 4, 29),  # royal wedding
        date(2012, 6, 4),  # diamond jubilee
        date(2012, 6, 5),
        date(2020, 5, 8),  # early May holiday moved to VE day
        date(2022, 6, 2),  # platinum jubilee
        date(2022, 6, 3),
        date(2022, 9, 19),  # state funeral
        date(2023, 5, 8),  # coronation
    }
)


@cache
def is_working_day(day: date) -> bool:
    """Monday to Friday, and not a bank holiday of England and Wales."""
    return day.weekday() < 5 and day not in PROCLAIMED and day not in _RULES


def days_after(day: date) -> Iterator[date]:
    """The days after `day`, without end."""
    while True:
        day += DAY
        yield day


@cache
def add_working_days(start: date, n: int) -> date:
    """The n-th working day after `start`."""
    if n < 1:
        raise ValueError("there is no zeroth working day after a day")
    for day in days_after(start):
        n -= is_working_day(day)
        if n == 0:
            return day
    raise AssertionError("days do not run out")


@cache
def working_days_between(after: date, until: date) -> int:
    """How many working days d there are with after < d <= until."""
    count, day = 0, after
    while day < until:
        day += DAY
        count += is_working_day(day)
    return count


def months_before(day: date, months: int) -> date:
    """`day` less calendar months, clipped to the month's end."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def months_after(day: date, months: int) -> date:
    """`day` and calendar months, clipped to the month's end."""
    return months_before(day, -months)
