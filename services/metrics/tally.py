"""How the marks of one team add up: plain counts, counts in windows, the largest.

A tally takes marks and takes them back again in any order, and gives its values at a cost that does not grow with the
number of events. What only the date changes is kept by day and moved on once a day by ``roll``.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from datetime import date, timedelta
from decimal import Decimal
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
    """The marks of one strand for one team."""

    def add(self, mark: Any, sign: int) -> None:
        """Take in a mark (``sign`` 1) or take it back (-1)."""
        ...

    def roll(self, as_of: AsOf) -> None:
        """Move on to a day, or to an instant of it."""
        ...

    def values(self) -> Sequence[Number]:
        """One number for each series of the strand, in its order."""
        ...


class Counts:
    """A number for each of ``width`` series; a mark is a position and an amount."""

    def __init__(self, width: int) -> None:
        self._counts: list[Number] = [0] * width

    def add(self, mark: tuple[int, Number], sign: int) -> None:
        position, amount = mark
        self._counts[position] += sign * amount  # type: ignore[operator]  # int and Decimal add up; no float comes here

    def roll(self, as_of: AsOf) -> None:
        """Nothing here depends on the date."""

    def values(self) -> Sequence[Number]:
        return self._counts


class Sums:
    """A number for each of ``width`` series; a mark is an amount for each."""

    def __init__(self, width: int) -> None:
        self._sums = [0] * width

    def add(self, mark: tuple[int, ...], sign: int) -> None:
        for position, amount in enumerate(mark):
            self._sums[position] += sign * amount

    def roll(self, as_of: AsOf) -> None:
        """Nothing here depends on the date."""

    def values(self) -> Sequence[Number]:
        return self._sums


class Largest:
    """The largest of the numbers marked, 0 if none."""

    def __init__(self) -> None:
        self._numbers: Counter[int] = Counter()

    def add(self, mark: tuple[int], sign: int) -> None:
        (number,) = mark
        self._numbers[number] += sign
        if not self._numbers[number]:
            del self._numbers[number]

    def roll(self, as_of: AsOf) -> None:
        """Nothing here depends on the date."""

    def values(self) -> Sequence[Number]:
        return (max(self._numbers, default=0),)


class Windowed:
    """For each of ``width`` rows and each window, the sum over the days ``(today - n, today]``.

    A mark is a row, a day and an amount. Values run row by row, in each row window by window.
    """

    def __init__(self, width: int, as_of: AsOf, days: Sequence[timedelta] = DAYS) -> None:
        self._width = width
        self._days = days
        self._by_day: defaultdict[date, list[Number]] = defaultdict(lambda: [0] * width)
        self.roll(as_of)

    def roll(self, as_of: AsOf) -> None:
        self._begins = [as_of.day - days for days in self._days]
        self._sums: list[Number] = [0] * (self._width * len(self._days))
        oldest = min(self._begins)
        for day, amounts in self._by_day.items():
            if day > oldest:
                for row, amount in enumerate(amounts):
                    self._sum_up(row, day, amount)

    def add(self, mark: tuple[int, date, Number], sign: int) -> None:
        row, day, amount = mark
        amount = sign * amount
        self._by_day[day][row] += amount  # type: ignore[operator]  # as above
        self._sum_up(row, day, amount)

    def values(self) -> Sequence[Number]:
        return self._sums

    def _sum_up(self, row: int, day: date, amount: Number) -> None:
        first = row * len(self._days)
        for position, begin in enumerate(self._begins, first):
            if day > begin:
                self._sums[position] += amount  # type: ignore[operator]  # as above


def counts(width: int) -> Callable[[AsOf], Counts]:
    """Makes plain counts of ``width`` series."""
    return lambda _as_of: Counts(width)


def sums(width: int) -> Callable[[AsOf], Sums]:
    """Makes sums of ``width`` series."""
    return lambda _as_of: Sums(width)


def windowed(width: int, days: Sequence[timedelta] = DAYS) -> Callable[[AsOf], Windowed]:
    """Makes sums over windows of ``width`` rows."""
    return lambda as_of: Windowed(width, as_of, days)


def largest(_as_of: AsOf) -> Largest:
    """Makes a largest number."""
    return Largest()
