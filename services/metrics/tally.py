"""How the marks of one owner add up: plain counts, counts in windows, the largest.

A tally takes marks and takes them back again in any order, and gives its values at a cost that does not grow with the
number of events. What only the date changes is kept by day and moved on once a day by ``roll``.
"""

from collections import Counter
from collections.abc import Callable, Collection, Sequence
from datetime import date, timedelta
from decimal import Decimal
from functools import lru_cache
from itertools import accumulate
from typing import Any, NamedTuple, Protocol

Number = int | float | Decimal

WINDOWS = ("28d", "91d", "365d")
DAYS = tuple(timedelta(days=int(window.removesuffix("d"))) for window in WINDOWS)


class AsOf(NamedTuple):
    """The instant that tallies stand at."""

    day: date
    seconds: float
    """Since the Unix epoch."""
    soon: date
    """The last day that counts as soon."""


class Tally(Protocol):
    """The marks of one strand for one owner."""

    def add(self, mark: Any, times: int) -> None:
        """Take in a mark so many times, or take it back where ``times`` is below 0."""
        ...

    def roll(self, as_of: AsOf, /) -> bool:
        """Move on to a later day, or to an instant of it; whether the values may be others by that."""
        ...

    def values(self) -> Sequence[Number]:
        """One number for each series of the strand, in its order."""
        ...


class Counts:
    """A number for each of ``width`` series; a mark is a position and an amount."""

    __slots__ = ("_counts",)

    def __init__(self, width: int) -> None:
        self._counts: list[Number] = [0] * width

    def add(self, mark: tuple[int, Number], times: int) -> None:
        position, amount = mark
        self._counts[position] += times * amount  # type: ignore[operator]  # int and Decimal add up; no float comes here

    def roll(self, _as_of: AsOf) -> bool:
        """Nothing here depends on the date."""
        return False

    def values(self) -> Sequence[Number]:
        return self._counts


class Cumulated(Counts):
    """A number for each of ``width`` bounds; a mark falls under the bound of its position and all that follow."""

    __slots__ = ()

    def values(self) -> Sequence[Number]:
        return tuple(accumulate(self._counts))


class Sums:
    """A number for each of ``width`` series; a mark is an amount for each."""

    __slots__ = ("_sums",)

    def __init__(self, width: int) -> None:
        self._sums = [0] * width

    def add(self, mark: tuple[int, ...], times: int) -> None:
        for position, amount in enumerate(mark):
            self._sums[position] += times * amount

    def roll(self, _as_of: AsOf) -> bool:
        """Nothing here depends on the date."""
        return False

    def values(self) -> Sequence[Number]:
        return self._sums


class Largest:
    """The largest of the numbers marked, 0 if none."""

    __slots__ = ("_numbers",)

    def __init__(self) -> None:
        self._numbers: Counter[int] = Counter()

    def add(self, mark: tuple[int], times: int) -> None:
        (number,) = mark
        self._numbers[number] += times
        if not self._numbers[number]:
            del self._numbers[number]

    def roll(self, _as_of: AsOf) -> bool:
        """Nothing here depends on the date."""
        return False

    def values(self) -> Sequence[Number]:
        return (max(self._numbers, default=0),)


class Windowed:
    """For each of ``width`` rows and each window, the sum over the days ``(today - n, today]``.

    A mark is a row, a day and an amount. Values run row by row, in each row window by window. Time only goes on, so
    that days which have left the longest window are not kept.
    """

    __slots__ = ("_begins", "_by_day", "_days", "_sums", "_width")

    def __init__(self, width: int, as_of: AsOf, days: Sequence[timedelta] = DAYS) -> None:
        self._width = width
        self._days = days
        self._begins = _begins(as_of.day, tuple(days))
        self._sums: list[Number] = [0] * (width * len(days))
        self._by_day: dict[date, list[Number]] = {}

    def roll(self, as_of: AsOf) -> bool:
        before, self._begins = self._begins, _begins(as_of.day, tuple(self._days))
        if before == self._begins:
            return False
        left = False
        for position, (old, new) in enumerate(zip(before, self._begins, strict=True)):
            for day in _between(old, new, self._by_day):
                left = True
                for row, amount in enumerate(self._by_day[day]):
                    self._sums[row * len(self._days) + position] -= amount  # type: ignore[operator]  # as above
        self._forget(min(before), min(self._begins))
        return left

    def add(self, mark: tuple[int, date, Number], times: int) -> None:
        row, day, amount = mark
        begins = self._begins
        if day <= min(begins):
            return
        amount = times * amount
        amounts = self._by_day.get(day)
        if amounts is None:
            amounts = self._by_day[day] = [0] * self._width
        amounts[row] += amount  # type: ignore[operator]  # as above
        for position, begin in enumerate(begins, row * len(begins)):
            if day > begin:
                self._sums[position] += amount  # type: ignore[operator]  # as above

    def values(self) -> Sequence[Number]:
        return self._sums

    def _forget(self, old: date, new: date) -> None:
        for day in _between(old, new, self._by_day):
            del self._by_day[day]


@lru_cache(maxsize=64)
def _begins(today: date, days: tuple[timedelta, ...]) -> tuple[date, ...]:
    """The last day before each window: one tuple for all tallies."""
    return tuple(today - each for each in days)


def _between(old: date, new: date, days: Collection[date]) -> list[date]:
    """The known days after one up to another; mostly that is one day, whatever number is known."""
    if (new - old).days > len(days):
        return [day for day in days if old < day <= new]
    every = (old + timedelta(days=n) for n in range(1, (new - old).days + 1))
    return [day for day in every if day in days]


def counts(width: int) -> Callable[[AsOf], Counts]:
    """Makes plain counts of ``width`` series."""
    return lambda _as_of: Counts(width)


def cumulated(width: int) -> Callable[[AsOf], Cumulated]:
    """Makes counts of ``width`` bounds."""
    return lambda _as_of: Cumulated(width)


def sums(width: int) -> Callable[[AsOf], Sums]:
    """Makes sums of ``width`` series."""
    return lambda _as_of: Sums(width)


def windowed(width: int, days: Sequence[timedelta] = DAYS) -> Callable[[AsOf], Windowed]:
    """Makes sums over windows of ``width`` rows."""
    return lambda as_of: Windowed(width, as_of, days)


def largest(_as_of: AsOf) -> Largest:
    """Makes a largest number."""
    return Largest()
