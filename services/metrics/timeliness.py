"""Clocks: something starts one, something stops it, and it is due (indicators.md, *Clocks*). Pure."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from services.metrics.casebook import Kind
from services.metrics.strand import Family, Mark, Strand
from services.metrics.tally import WINDOWS, Number, Windowed
from services.metrics.views import View
from shared.domain.calendar import england_and_wales

SOON = 5
"""Working days ahead that count as soon."""
A_DAY_IN_SECONDS = 86_400
LATEST = date.max


@dataclass(frozen=True, slots=True)
class Item:
    """One run of a clock: neither gone nor a thing of the future."""

    team: str
    start: date
    stop: date | None


@dataclass(frozen=True, slots=True)
class Clock:
    """One row of the contract's table of clocks, for timescales in working days."""

    name: str
    meaning: str
    """What starts it and what stops it, in a sentence."""
    source: str
    """The guidance or the practice that sets the timescale."""
    needs: frozenset[str]
    kind: Kind
    items: Callable[..., Iterable[Item]]
    working_days: int
    buckets: tuple[int, ...] = ()
    """Upper bounds, in working days, of the published distribution."""

    @property
    def due_soon_from_the_start(self) -> bool:
        """Of a one-day clock everything that is not overdue is due soon."""
        return self.working_days == 1


def strand_of(clock: Clock, names: tuple[str, ...]) -> Strand:
    """All series of one clock, counted together; ``names`` are those of all clocks."""
    return Strand(
        families=tuple(families(names, clock.buckets)),
        needs=clock.needs,
        kind=clock.kind,
        marks=lambda view: _marks(clock, view),
        tally=lambda today: ClockTally(clock, today),
        fixed={"clock": clock.name},
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


class ClockTally:
    """Open items by due date, and completed ones by day, bucket and whether they were on time."""

    def __init__(self, clock: Clock, today: date) -> None:
        self._clock = clock
        self._open: Counter[tuple[date, date]] = Counter()
        self._done = Windowed(2, today)
        self._within = Windowed(len(clock.buckets) + 1, today, (timedelta(days=365),))
        self._set(today)

    def add(self, mark: tuple[date, date] | tuple[date, bool, int], sign: int) -> None:
        if len(mark) == 2:
            self._open[mark] += sign
            if not self._open[mark]:
                del self._open[mark]
        else:
            self._add_done(*mark, sign)

    def roll(self, today: date) -> None:
        self._done.roll(today)
        self._within.roll(today)
        self._set(today)

    def values(self) -> Sequence[Number]:
        return (
            *self._open_values(),
            *self._done.values(),
            *(self._cumulative() if self._clock.buckets else ()),
        )

    def _set(self, today: date) -> None:
        self._today = today
        ahead = england_and_wales().add_working_days(today, SOON)
        self._soon_until = LATEST if self._clock.due_soon_from_the_start else ahead

    def _add_done(self, stop: date, on_time: bool, bucket: int, sign: int) -> None:
        self._done.add((0, stop, 1), sign)
        if on_time:
            self._done.add((1, stop, 1), sign)
        self._within.add((bucket, stop, 1), sign)

    def _open_values(self) -> tuple[int, int, int, int]:
        overdue = [(due, number) for (due, late_from), number in self._open.items() if late_from <= self._today]
        soon = sum(
            number
            for (due, late_from), number in self._open.items()
            if late_from > self._today and due <= self._soon_until
        )
        longest = max(((self._today - due).days for due, _ in overdue), default=0)
        return self._open.total(), sum(number for _, number in overdue), soon, longest * A_DAY_IN_SECONDS

    def _cumulative(self) -> Iterator[Number]:
        total: Number = 0
        for number in self._within.values():
            total += number  # type: ignore[operator]  # counts of items: whole numbers
            yield total


def _marks(clock: Clock, view: View) -> Iterator[Mark]:
    for item in clock.items(view):
        yield (
            item.team,
            (_done(clock, view, item.start, item.stop) if item.stop else _open(clock, view, item.start)),
        )


def _open(clock: Clock, view: View, start: date) -> tuple[date, date]:
    """When it is due, and the day from which it is overdue: the working day after, not the weekend or holiday."""
    due = view.calendar.add_working_days(start, clock.working_days)
    return due, view.calendar.add_working_days(due, 1)


def _done(clock: Clock, view: View, start: date, stop: date) -> tuple[date, bool, int]:
    """A stop dated before its start completes the item on the stop's own date with duration 0, on time."""
    took = view.calendar.working_days_between(start, stop)
    bucket = next((i for i, bound in enumerate(clock.buckets) if took <= bound), len(clock.buckets))
    return stop, took <= clock.working_days, bucket
