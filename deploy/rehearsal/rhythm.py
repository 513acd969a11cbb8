"""The rhythm of the work: working days, weekdays, seasons, and hands dealt from published shares.

Days are proleptic ordinals (``date.toordinal``): the rehearsal does little but compare and add them.
"""

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date
from functools import cache
from math import exp
from random import Random
from typing import Generic, TypeVar

from shared.domain.calendar import england_and_wales

MONTHS = (1.02, 1.01, 1.10, 0.98, 1.03, 1.03, 1.03, 0.78, 1.07, 1.06, 1.06, 0.83)
"""January first: August and Christmas dip, March and the first months of school are busy."""

T = TypeVar("T")

WEEKDAYS = (1.16, 1.10, 1.06, 1.02, 1.04, 0.16, 0.11)
HOLIDAY = 0.14


class Almanac:
    """Working days by ordinal, from 1990 to 2100; beyond the calendar's horizon the weekday decides."""

    def __init__(self) -> None:
        calendar = england_and_wales()
        horizon = calendar.horizon.toordinal()
        self.first = date(1990, 1, 1).toordinal()
        span = range(self.first, date(2100, 1, 1).toordinal())
        self._working = [
            calendar.is_working_day(date.fromordinal(day)) if day <= horizon else (day - 1) % 7 < 5 for day in span
        ]
        self._worked = [day for day, working in zip(span, self._working, strict=True) if working]

    def works(self, day: int) -> bool:
        """Whether a day is a working day."""
        return self._working[day - self.first]

    def add(self, day: int, working_days: int) -> int:
        """The n-th working day after a day; the day itself for 0."""
        return self._worked[bisect_right(self._worked, day) + working_days - 1] if working_days else day

    def on_or_after(self, day: int) -> int:
        """The day, or the next working day."""
        return day if self.works(day) else self.add(day, 1)

    def between(self, start: int, end: int) -> int:
        """Working days after the start up to the end."""
        return max(0, bisect_right(self._worked, end) - bisect_right(self._worked, start))

    def weight(self, day: int) -> float:
        """How busy the front door is on a day, 1 on average over the years."""
        return self._raw(day) / _mean_weight()

    def _raw(self, day: int) -> float:
        weekday = (day - 1) % 7
        by_week = WEEKDAYS[weekday] if weekday > 4 or self.works(day) else HOLIDAY
        return by_week * MONTHS[date.fromordinal(day).month - 1]


@cache
def almanac() -> Almanac:
    """The one almanac: it holds no state."""
    return Almanac()


@cache
def _mean_weight() -> float:
    book, first, last = almanac(), date(2024, 1, 1).toordinal(), date(2028, 1, 1).toordinal()
    return sum(book._raw(day) for day in range(first, last)) / (last - first)


class Hand(Generic[T]):
    """Deals from a shuffled pack in which each item has its share: shares come out over any stretch."""

    def __init__(self, rng: Random, shares: Sequence[tuple[T, float]], pack: int = 200) -> None:
        self._rng = rng
        self._shares = shares
        self._size = pack
        self._pack: list[T] = []
        self._owed = [0.0] * len(shares)

    def deal(self) -> T:
        """The next item."""
        while not self._pack:
            self._shuffle()
        return self._pack.pop()

    def _shuffle(self) -> None:
        total = sum(share for _, share in self._shares)
        for place, (item, share) in enumerate(self._shares):
            self._owed[place] += self._size * share / total
            cards = int(self._owed[place] + 0.5)
            self._owed[place] -= cards
            self._pack.extend([item] * cards)
        self._rng.shuffle(self._pack)


class Spans:
    """Deals durations: a bracket by its share, then a length within it."""

    def __init__(self, rng: Random, brackets: Sequence[tuple[int, int, float]], pack: int = 200) -> None:
        self._rng = rng
        self._hand = Hand(rng, [((low, high), share) for low, high, share in brackets], pack)

    def deal(self) -> int:
        """The next length; brackets are inclusive."""
        low, high = self._hand.deal()
        return low + int(self._rng.random() * (high - low + 1))


class Coin:
    """Falls on its share, over any stretch."""

    def __init__(self, rng: Random, share: float) -> None:
        self._hand = Hand(rng, ((True, share), (False, 1 - share)))

    def toss(self) -> bool:
        """Whether it happens."""
        return self._hand.deal()


class Drip:
    """What happens now and then: never far from how often it should, and never quite regular."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._owed = rng.random()

    def drip(self, mean: float) -> int:
        """How often it happens now, ``mean`` on average."""
        self._owed += mean
        times = 0
        while self._owed >= 1:
            self._owed -= 0.5 + self._rng.random()
            times += 1
        return times


def poisson(rng: Random, mean: float) -> int:
    """How many of what happens at random, ``mean`` on average."""
    if mean > 40:
        return max(0, round(rng.gauss(mean, mean**0.5)))
    count, product, limit = 0, rng.random(), exp(-mean)
    while product > limit:
        count += 1
        product *= rng.random()
    return count
