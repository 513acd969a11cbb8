"""The records behind a number, by the code that made the number. Pure.

What a record adds to a series is the value of an empty tally that has had its mark and nothing else. The number is the
sum of that over all marks, or the largest, and a test says so of every family.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from functools import cache
from typing import Any, NamedTuple

from services.metrics.casebook import Unit
from services.metrics.clocks import clocks
from services.metrics.indicators import strands
from services.metrics.measurement import SOON, Measurement, Owner, Snapshot
from services.metrics.questions.readings import (
    Series,
    all_series,
    counted_families,
    labels_of,
    other_families,
    value_of,
)
from services.metrics.questions.replay import Replay
from services.metrics.strand import Mark, Strand
from services.metrics.tally import AsOf, Number
from services.metrics.timeliness import Clock, Item
from services.metrics.views import View
from shared.domain.calendar import WorkingCalendar
from shared.domain.london import LONDON
from shared.domain.timescale import NEVER, Hours

LARGEST = frozenset({"csc_caseload_max", "csc_clock_longest_overdue_seconds"})
"""The families whose number is the largest of what the records add, not the sum."""
ABOUT_THE_WHOLE = {
    "csc_caseload_threshold": "it is what the policy says, not a count",
    "csc_population_children": "it is what the policy says, not a count",
    "csc_team_info": "it is a team's name, not a count",
    "csc_as_of_timestamp_seconds": "it is the instant of the figures, not a count",
    "csc_working_day": "it is what the calendar says of the day, not a count",
    "csc_calendar_horizon_timestamp_seconds": "it is what the calendar knows, not a count",
}


class NoListError(ValueError):
    """What was asked for is not a number that records lie behind; the message says what it is."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """A number: one series of each owner that is not left out."""

    series: Series
    owner: tuple[str, str] | None = None
    """The owner's label and value; None: all of them."""

    @property
    def strand(self) -> Strand:
        return strands()[self.series.strand]

    @property
    def largest(self) -> bool:
        """Whether it is the largest of what the records add, not the sum."""
        return self.series.family in LARGEST


class Line(NamedTuple):
    """What one record adds."""

    authority: str
    owner: str
    """The team or the source; ``""`` for the authority as a whole."""
    kind: str
    """What the unit is: a child, a worker, or a record that belongs to neither."""
    unit: str
    record: str
    """The record within the unit, where it is not the unit itself."""
    adds: Number
    started: str = ""
    """Of an item of a clock: the date of its start; with the time where the clock counts seconds."""
    stopped: str = ""
    due: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """The numbers that were asked for, as the measurement has them, and the records behind them, in order."""

    numbers: Mapping[Owner, Number]
    lines: list[Line]


def wanted(family: str, labels: Mapping[str, str]) -> Wanted:
    """The number that a family and its labels name; ``NoListError`` where there is none such."""
    if family not in counted_families():
        raise NoListError(_what_it_is(family))
    found = [series for series in all_series() if series.family == family]
    per = strands()[found[0].strand].per
    _check_labels(family, labels, per)
    closed = {name: value for name, value in labels.items() if name != per}
    (series,) = [series for series in found if dict(series.closed) == closed]
    return Wanted(series, (per, labels[per]) if per in labels else None)


def listing(replay: Replay, number: Wanted) -> Listing:
    """The records behind a number at the end of the day that was replayed."""
    (found,) = listings(replay, [number])
    return found


def listings(replay: Replay, wanted: Sequence[Wanted]) -> list[Listing]:
    """The records behind each of several numbers."""
    snapshot = replay.snapshot()
    lines = _lines(replay, wanted)
    return [_listing(dict(_numbers(snapshot, number)), own, number) for number, own in zip(wanted, lines, strict=True)]


def _listing(numbers: Mapping[Owner, Number], lines: Iterable[Line], number: Wanted) -> Listing:
    """What falls to owners of whom nothing is shown lies behind no number."""
    return Listing(numbers, sorted((line for line in lines if _owner(line, number) in numbers), key=_order))


def total(listed: Listing, number: Wanted) -> Number:
    """What the records come to, of all owners together."""
    adds: list[Any] = [line.adds for line in listed.lines]
    return max(adds, default=0) if number.largest else sum(adds)


def _numbers(snapshot: Snapshot, number: Wanted) -> Iterator[tuple[Owner, Number]]:
    for owner, values in sorted(snapshot.owners.items()):
        value = value_of(values, number.series)
        if value is not None and (number.owner is None or number.owner in labels_of(owner)):
            yield owner, value


def _lines(replay: Replay, wanted: Sequence[Wanted]) -> list[list[Line]]:
    as_of = _as_of(replay)
    kinds = {kind for number in wanted for kind in number.strand.marks}
    lines: list[list[Line]] = [[] for _ in wanted]
    for unit in replay.casebook.units.values():
        if unit.kind in kinds:
            marks = _marks(replay.measurement, unit)
            for number, own in zip(wanted, lines, strict=True):
                own.extend(_of_unit(unit, marks.get(number.series.strand, ()), number, as_of))
    return lines


Marked = tuple[Mark, tuple[str, str, str]]
"""A mark, and when its item started, stopped and is due."""


def _marks(measurement: Measurement, unit: Unit) -> Mapping[int, Sequence[Marked]]:
    """What a unit comes to, by strand."""
    view = measurement.view_of(unit)
    found: dict[int, list[Mark]] = {}
    for strand, mark in measurement.marks_of(view):
        found.setdefault(strand, []).append(mark)
    return {
        strand: list(zip(marks, _times(strands()[strand], view, len(marks)), strict=True))
        for strand, marks in found.items()
    }


def _of_unit(unit: Unit, marks: Iterable[Marked], number: Wanted, as_of: AsOf) -> Iterator[Line]:
    for mark, times in marks:
        if adds := _adds(number, mark, as_of):
            yield Line(unit.authority, mark.owner, unit.kind.value, unit.id, mark.record, adds, *times)


def _adds(number: Wanted, mark: Mark, as_of: AsOf) -> Number:
    tally = number.strand.tally(as_of)
    tally.add(mark.what, 1)
    return tally.values()[number.series.position]


def _times(strand: Strand, view: View, many: int) -> list[tuple[str, str, str]]:
    """Mark by mark, when the item of a clock started, stopped and is or was due; nothing for what is no clock."""
    clock = _clocks().get(strand.fixed.get("clock", ""))
    return [_of_item(item, view.calendar) for item in clock.items_of(view)] if clock else [("", "", "")] * many


def _of_item(item: Item, calendar: WorkingCalendar) -> tuple[str, str, str]:
    timescale, start = item.rule.timescale if item.rule else None, item.start
    if isinstance(timescale, Hours):
        stopped = _instant(item.stop.time) if item.stop else ""
        return _instant(start.time), stopped, _instant(start.time + timescale.seconds)
    return _date(start.day), _date(item.end), _date(timescale.due(start.day, calendar) if timescale else None)


@cache
def _clocks() -> Mapping[str, Clock]:
    return {clock.name: clock for clock in clocks()}


def _instant(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, LONDON).isoformat()


def _date(day: date | None) -> str:
    return "" if day is None or day == NEVER else str(day)


def _as_of(replay: Replay) -> AsOf:
    at = replay.snapshot().as_of
    return AsOf(replay.day.on, at.timestamp(), replay.day.calendar.add_working_days(replay.day.on, SOON))


def _owner(line: Line, number: Wanted) -> Owner:
    return line.authority, number.strand.per, line.owner


def _order(line: Line) -> tuple[object, ...]:
    return (*line[:5], line.started, line.stopped, line.due, Decimal(str(line.adds)))


def _what_it_is(family: str) -> str:
    if reason := ABOUT_THE_WHOLE.get(family):
        return f"no records lie behind {family}: {reason}"
    if family in other_families():
        return f"no records lie behind {family}: it is what was last heard of a source, not a count"
    near = get_close_matches(family, counted_families(), n=1)
    return f"there is no family {family}" + (f"; did you mean {near[0]}?" if near else "")


def _check_labels(family: str, labels: Mapping[str, str], per: str) -> None:
    closed = counted_families()[family].labels
    for name in sorted(labels.keys() - closed.keys() - {per}):
        raise NoListError(
            f"{family} has no label {name}: it has {', '.join((*filter(None, [per]), *closed)) or 'none'}"
        )
    for name, known in closed.items():
        allowed = [value for value in known if _is_there(family, {**labels, name: value}, name)]
        if labels.get(name) not in allowed:
            raise NoListError(f"{family} wants {name} to be one of: {', '.join(allowed)}")


def _is_there(family: str, labels: Mapping[str, str], name: str) -> bool:
    """Whether there is a series with this value, whatever the labels that come after it."""
    earlier = list(counted_families()[family].labels)
    before = {label: labels[label] for label in earlier[: earlier.index(name) + 1]}
    return any(series.family == family and before.items() <= dict(series.closed).items() for series in all_series())
