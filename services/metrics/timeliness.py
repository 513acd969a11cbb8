"""Clocks: something starts one, something stops it, and it is due (indicators.md, *Clocks*). Pure."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from services.metrics.casebook import Kind
from services.metrics.fact import Fact
from services.metrics.strand import Family, Mark, Strand
from services.metrics.tally import WINDOWS, AsOf, Number, Windowed
from services.metrics.views import View
from shared.domain.timescale import Hours, Rule, Rules, WorkingDays

A_DAY_IN_SECONDS = 86_400
A_YEAR = (timedelta(days=365),)


class Item(NamedTuple):
    """One run of a clock: neither gone nor a thing of the future."""

    team: str
    about: str
    """The id of the record whose clock it is."""
    start: Fact
    stop: Fact | None
    rule: Rule | None = None
    """What it goes by, where that is not the clock's own."""
    stopped: date | None = None
    """When it stopped, where that is not the date of the stop."""

    @property
    def end(self) -> date | None:
        """The date on which it stopped; None while it is open."""
        return self.stopped or (self.stop.day if self.stop else None)

    @property
    def stopped_before_start(self) -> bool:
        """Whether the source dates the stop before the start."""
        if self.stop is None or self.stopped is not None:
            return False
        if self.rule and isinstance(self.rule.timescale, Hours):
            return self.stop.time < self.start.time
        return self.stop.day < self.start.day


@dataclass(frozen=True, slots=True)
class Clock:
    """One row of the contract's table of clocks."""

    name: str
    starts: str
    """What starts it, in words."""
    stops: str
    """What stops it."""
    gone: str
    """When it is neither open nor completed."""
    rules: Rules | str
    """Its timescale over the years; in words where each item has its own."""
    needs: frozenset[str]
    kind: Kind
    items: Callable[[Any], Iterable[Item]]
    silent_on: str
    """What its figures do not say."""
    balance: str
    """What to read beside them."""
    breached: str
    """What helps when it runs over."""
    national: str = ""
    """England's figure and its source, where one is published."""
    buckets: tuple[int, ...] = ()
    """Upper bounds, in working days, of the published distribution."""

    def items_of(self, view: View) -> list[Item]:
        """The items of one unit, each with its rule; worked out once for each view."""
        items: list[Item] | None = view.remembered.get(self.name)
        if items is None:
            items = view.remembered[self.name] = [self._with_rule(item) for item in self.items(view)]
        return items

    @property
    def to_the_second(self) -> bool:
        """Whether it counts in hours from one instant to another."""
        return isinstance(self.rules, Rules) and isinstance(self.rules.dated[-1].timescale, Hours)

    @property
    def due_soon_from_the_start(self) -> bool:
        """Of a one-day clock, and one in hours, everything that is not overdue is due soon."""
        one_day = isinstance(self.rules, Rules) and self.rules.dated[-1].timescale == WorkingDays(1)
        return one_day or self.to_the_second

    def _with_rule(self, item: Item) -> Item:
        if item.rule is None and isinstance(self.rules, Rules):
            return item._replace(rule=self.rules.on(item.start.day))
        return item


def strand_of(clock: Clock, names: tuple[str, ...]) -> Strand:
    """All series of one clock, counted together; ``names`` are those of all clocks."""
    return Strand(
        families=tuple(families(names, clock.buckets)),
        needs=clock.needs,
        marks={clock.kind: lambda view: marks(clock, view)},
        tally=lambda as_of: ClockTally(clock, as_of),
        fixed={"clock": clock.name},
        by_the_second=clock.to_the_second,
    )


def families(names: tuple[str, ...], buckets: tuple[int, ...]) -> Iterator[Family]:
    """The families of a clock, in the order of the tally's values."""
    clock = {"clock": names}
    yield Family("csc_clock_open", "Items started and not stopped.", clock)
    yield Family("csc_clock_overdue", "Open items that are overdue.", clock)
    yield Family("csc_clock_due_soon", "Open items, not overdue, that fall due within five working days.", clock)
    yield Family(
        "csc_clock_longest_overdue_seconds",
        "Time since the earliest due date of an overdue item, 0 if none.",
        clock,
    )
    windows = {**clock, "window": WINDOWS}
    yield Family("csc_clock_completed", "Items stopped in the window.", windows)
    yield Family("csc_clock_completed_on_time", "Items stopped in the window, on time.", windows)
    if buckets:
        bounds = (*map(str, buckets), "+Inf")
        yield Family(
            "csc_clock_completed_within",
            "Items stopped in the window within so many working days (cumulative).",
            {**clock, "window": ("365d",), "working_days": bounds},
        )


class ByDay(NamedTuple):
    """Open items of one due date; they are late from another on."""

    due: date
    late_from: date

    def is_late(self, as_of: AsOf) -> bool:
        return self.late_from <= as_of.day

    def seconds_late(self, as_of: AsOf) -> Number:
        return (as_of.day - self.due).days * A_DAY_IN_SECONDS


class ByTheSecond(NamedTuple):
    """Open items that are due at one instant, in seconds since the Unix epoch."""

    due: float

    def is_late(self, as_of: AsOf) -> bool:
        return as_of.seconds > self.due

    def seconds_late(self, as_of: AsOf) -> Number:
        return round(as_of.seconds - self.due, 6)  # instants have microseconds, their float difference more


class Done(NamedTuple):
    """A completed item."""

    stop: date
    on_time: bool
    bucket: int


class ClockTally:
    """Open items by when they are due, and completed ones by day, bucket and whether they were on time."""

    __slots__ = ("_as_of", "_clock", "_done", "_open", "_within")

    def __init__(self, clock: Clock, as_of: AsOf) -> None:
        self._clock = clock
        self._open: dict[ByDay | ByTheSecond, int] = {}
        self._done = Windowed(2, as_of)
        self._within = Windowed(len(clock.buckets) + 1, as_of, A_YEAR) if clock.buckets else None
        self._as_of = as_of

    def add(self, mark: ByDay | ByTheSecond | Done, times: int) -> None:
        if isinstance(mark, Done):
            self._add_done(mark, times)
            return
        number = self._open.get(mark, 0) + times
        if number:
            self._open[mark] = number
        else:
            del self._open[mark]

    def roll(self, as_of: AsOf) -> bool:
        before, self._as_of = self._as_of, as_of
        if as_of.day == before.day:
            return bool(self._open)
        left = self._done.roll(as_of)
        if self._within:
            self._within.roll(as_of)  # of days that leave its one window, those of the other do too
        return left or bool(self._open)

    def values(self) -> Sequence[Number]:
        return (
            *self._open_values(),
            *self._done.values(),
            *self._cumulative(),
        )

    def _add_done(self, done: Done, times: int) -> None:
        self._done.add((0, done.stop, 1), times)
        if done.on_time:
            self._done.add((1, done.stop, 1), times)
        if self._within:
            self._within.add((done.bucket, done.stop, 1), times)

    def _open_values(self) -> tuple[Number, ...]:
        late: list[tuple[ByDay | ByTheSecond, int]] = []
        soon = 0
        for due, number in self._open.items():
            if due.is_late(self._as_of):
                late.append((due, number))
            elif self._is_soon(due):
                soon += number
        longest = max((due.seconds_late(self._as_of) for due, _ in late), default=0)
        return sum(self._open.values()), sum(number for _, number in late), soon, longest

    def _is_soon(self, due: ByDay | ByTheSecond) -> bool:
        if self._clock.due_soon_from_the_start or isinstance(due, ByTheSecond):
            return True
        return due.due <= self._as_of.soon

    def _cumulative(self) -> Iterator[Number]:
        total: Number = 0
        for number in self._within.values() if self._within else ():
            total += number  # type: ignore[operator]  # counts of items: whole numbers
            yield total


def marks(clock: Clock, view: View) -> Iterator[Mark]:
    """A mark for each item of a unit: when it is due while it is open, else how it was completed."""
    for item in clock.items_of(view):
        yield Mark(item.team, mark_of(clock, view, item), item.about)


def mark_of(clock: Clock, view: View, item: Item) -> ByDay | ByTheSecond | Done:
    """What an item comes to."""
    end = item.end
    return _open(view, item) if end is None else _done(clock, view, item, end)


def _open(view: View, item: Item) -> ByDay | ByTheSecond:
    timescale = _timescale(item)
    if isinstance(timescale, Hours):
        return ByTheSecond(item.start.time + timescale.seconds)
    start = item.start.day
    return ByDay(timescale.due(start, view.calendar), timescale.late_from(start, view.calendar))


def _done(clock: Clock, view: View, item: Item, end: date) -> Done:
    if not clock.buckets:
        return Done(end, _on_time(view, item, end), 0)
    took = view.calendar.working_days_between(item.start.day, end)
    bucket = next((i for i, bound in enumerate(clock.buckets) if took <= bound), len(clock.buckets))
    return Done(end, _on_time(view, item, end), bucket)


def _on_time(view: View, item: Item, end: date) -> bool:
    """A stop dated before its start completes the item on the stop's own date with duration 0, on time."""
    timescale = _timescale(item)
    if isinstance(timescale, Hours):
        return item.stop is not None and item.stop.time <= item.start.time + timescale.seconds
    return end < item.start.day or end < timescale.late_from(item.start.day, view.calendar)


def _timescale(item: Item) -> Any:
    if item.rule is None:
        raise LookupError(f"an item of {item.about} has no rule to go by")
    return item.rule.timescale
