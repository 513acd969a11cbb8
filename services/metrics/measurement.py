"""Casebook, day, calendar and policy come to figures: the marks of what changed, added up by owner.

Each unit's marks are worked out when its facts change, and taken back when they change again; windows and due dates
are kept by day. So a measurement costs in proportion to what changed and to teams and days, not to events.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from services.metrics.casebook import Casebook, Kind, Source, Unit
from services.metrics.fact import Fact
from services.metrics.reach import Reach, places_of
from services.metrics.strand import AUTHORITY, SOURCE, TEAM, Mark, Strand
from services.metrics.tally import AsOf, Number, Tally
from services.metrics.views import VIEWS, View
from shared.domain.calendar import WorkingCalendar
from shared.domain.london import local_date, local_midnight
from shared.domain.policy import Policy, PolicyBook
from shared.domain.timescale import SECONDS_AN_HOUR

Owner = tuple[str, str, str]
"""Authority, the label that names whom the figures are of, and its value: a team, a source, or ``""`` twice."""
Values = tuple[Sequence[Number] | None, ...]
"""For each strand, in order: a number for each of its series; None where it has no source, or is of other owners."""

A_SLICE = 2_000
"""Units worked out before whoever waits may have a turn."""
SOON = 5
"""Working days ahead that count as soon."""


class Cell:
    """Where marks of units add up: those of one strand for one owner."""

    __slots__ = ("number", "owner", "tally")

    def __init__(self, owner: Owner, number: int, tally: Tally) -> None:
        self.owner = owner
        self.number = number
        """Of the strand."""
        self.tally = tally


class Ground:
    """A team of an authority, under which events fall; stands in the place of a cell."""

    __slots__ = ("owner",)

    def __init__(self, owner: Owner) -> None:
        self.owner = owner


Marks = dict[tuple[Cell | Ground, Any], int]
"""What a unit comes to: how often each mark falls into each cell; on a ground, the types of events."""


class Heard(NamedTuple):
    """What a source was last heard to say, in Unix seconds."""

    event: float
    """The newest time of an event."""
    received: float
    """The newest arrival of one."""
    stale: bool
    """Whether that is longer ago than the policy's patience."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures of one instant."""

    as_of: datetime
    owners: Mapping[Owner, Values]
    changed: frozenset[Owner]
    """The owners whose values may differ from those of the snapshot before."""
    gone: frozenset[Owner]
    """The owners that the snapshot before had and this one has not."""
    sources: Mapping[tuple[str, str], Heard]
    """By authority and source."""
    policies: Mapping[str, Policy]
    """By authority that has sent anything."""
    described: Mapping[tuple[str, str], Fact]
    """By authority and team: what the team is called; the fact may not stand."""
    working_day: bool
    horizon: datetime
    """The last day that the calendar knows, local midnight."""
    taken_in: Mapping[str, int]
    """By authority: events taken in so far."""


class Measurement:
    """Keeps the figures of a casebook; ``snapshot`` brings them up to date."""

    def __init__(
        self, casebook: Casebook, strands: tuple[Strand, ...], calendar: WorkingCalendar, policies: PolicyBook
    ) -> None:
        self._casebook = casebook
        self._strands = strands
        self._calendar = calendar
        self._policies = policies
        self._needed: frozenset[str] = frozenset().union(*(strand.needs for strand in strands))
        self._by_kind = {
            kind: [(number, strand) for number, strand in enumerate(strands) if kind in strand.marks] for kind in Kind
        }
        self._strands_of: dict[tuple[Kind, frozenset[str]], list[tuple[int, Strand]]] = {}
        """By the types of which a unit has standing facts: the strands that it may mark."""
        self._zeros = [(0,) * strand.width for strand in strands]
        self._cells: list[dict[tuple[str, str], Cell]] = [{} for _ in strands]
        """For each strand, by authority and name."""
        self._grounds: dict[tuple[str, str], Ground] = {}
        self._ticking: set[Cell] = set()
        """Cells whose values change with the instant."""
        self._reach: defaultdict[str, Reach] = defaultdict(Reach)
        self._new_sources: set[str] = set()
        self._heard: set[tuple[str, str]] = set()
        self._touched: set[Cell] = set()
        self._unsure: set[Owner] = set()
        """The owners of whom it must be asked anew which strands are shown."""
        self._owners: dict[Owner, Values] = {}
        self._same: list[dict[Any, Any]] = [{} for _ in strands]
        """For each strand, what was marked: equal marks are kept once, as there are far fewer than units."""
        self._as_of = AsOf(casebook.today, 0.0, calendar.add_working_days(casebook.today, SOON))

    def adopt(self, calendar: WorkingCalendar, policies: PolicyBook) -> None:
        """Go by another calendar and other policies from now on: what depends on them is worked out again."""
        self._calendar, self._policies = calendar, policies
        self._casebook.look_at_all_again()
        self._roll(self._as_of._replace(soon=calendar.add_working_days(self._as_of.day, SOON)))

    def work(self, most: int = A_SLICE) -> bool:
        """Work out up to ``most`` units whose facts have changed; whether there are more."""
        units = self._casebook.take_changed(most)
        for unit in units:
            self._work_out(unit)
        return len(units) == most

    def snapshot(self, as_of: datetime) -> Snapshot:
        """The figures as of an instant; raises ``ValueError`` where its date lies before the last one."""
        self._move_on(as_of)
        while self.work():
            pass
        changed, gone = self._bring_up_to_date()
        seconds = as_of.timestamp()
        sources = {key: self._heard_of(key[0], source, seconds) for key, source in self._casebook.sources.items()}
        return Snapshot(
            as_of=as_of,
            owners=self._owners,
            changed=changed,
            gone=gone,
            sources=sources,
            policies={authority: self._policies.of(authority) for authority, _ in sources},
            described=self._casebook.described,
            working_day=self._calendar.is_working_day(self._as_of.day),
            horizon=local_midnight(self._calendar.horizon),
            taken_in=dict(self._casebook.taken_in),
        )

    def view_of(self, unit: Unit) -> View:
        """A unit as its indicators are shown it today."""
        return VIEWS[unit.kind](unit, self._casebook, self._calendar, self._policies.of(unit.authority))

    def marks_of(self, view: View) -> Iterator[tuple[int, Mark]]:
        """All that one unit comes to, each mark with the number of its strand."""
        for number, strand in self._strands_for(view):
            for mark in strand.marks[view.unit.kind](view):
                yield number, mark

    def _strands_for(self, view: View) -> list[tuple[int, Strand]]:
        """Asking each of the strands takes 5 µs a unit; there are few sets of types."""
        key = view.unit.kind, frozenset(view.types)
        found = self._strands_of.get(key)
        if found is None:
            found = self._strands_of[key] = [
                (number, strand)
                for number, strand in self._by_kind[view.unit.kind]
                if not strand.needs or not strand.needs.isdisjoint(view.types)
            ]
        return found

    def _heard_of(self, authority: str, source: Source, seconds: float) -> Heard:
        patience = self._policies.of(authority).sources.patience_hours * SECONDS_AN_HOUR
        stale = seconds - source.last_received > patience
        return Heard(source.last_event, source.last_received, stale)

    def _bring_up_to_date(self) -> tuple[frozenset[Owner], frozenset[Owner]]:
        """The owners whose values are others now, and those that are shown no more."""
        unsure, touched = self._take_unsure(), self._take_touched()
        changed, gone = set(), set()
        for owner in unsure:
            touched.pop(owner, None)
            values = self._values(owner)
            if all(each is None for each in values):
                if self._owners.pop(owner, None):
                    gone.add(owner)
            elif values != self._owners.get(owner):
                self._owners[owner] = values
                changed.add(owner)
        for owner, cells in touched.items():
            if self._renew(owner, cells):
                changed.add(owner)
        return frozenset(changed), frozenset(gone)

    def _renew(self, owner: Owner, cells: Iterable[Cell]) -> bool:
        """Take the values of some cells anew; whether they are others."""
        before = self._owners.get(owner)
        if before is None:
            return False
        values = list(before)
        for cell in cells:
            if values[cell.number] is not None:
                values[cell.number] = tuple(cell.tally.values())
        after = tuple(values)
        if after == before:
            return False
        self._owners[owner] = after
        return True

    def _move_on(self, as_of: datetime) -> None:
        today, seconds = local_date(as_of), as_of.timestamp()
        if today == self._as_of.day:
            self._as_of = self._as_of._replace(seconds=seconds)
            self._touched |= self._ticking
            return
        self._casebook.advance(today)
        self._roll(AsOf(today, seconds, self._calendar.add_working_days(today, SOON)))

    def _roll(self, as_of: AsOf) -> None:
        self._as_of = as_of
        for cells in self._cells:
            self._touched.update(cell for cell in cells.values() if cell.tally.roll(as_of))

    def _work_out(self, unit: Unit) -> None:
        """Only what differs from before is added and taken back, so that no other cell is touched."""
        marks = self._come_to(unit)
        before = dict(_read(unit.marks))
        for key, times in marks.items():
            if more := times - before.pop(key, 0):
                self._apply(*key, more)
        for key, times in before.items():
            self._apply(*key, -times)
        unit.marks = tuple(part for key, times in marks.items() for part in (*key, times))

    def _come_to(self, unit: Unit) -> Marks:
        authority = unit.authority
        marks: Marks = {
            (self._grounds.get((authority, team)) or self._ground(authority, team), type): 1
            for team, type in places_of(unit, self._needed)
        }
        for number, mark in self.marks_of(self.view_of(unit)):
            cell = self._cells[number].get((authority, mark.owner)) or self._cell(authority, mark.owner, number)
            key = cell, self._same[number].setdefault(mark.what, mark.what)
            marks[key] = marks.get(key, 0) + 1
        return marks

    def _apply(self, cell: Cell | Ground, what: Any, times: int) -> None:
        if isinstance(cell, Cell):
            cell.tally.add(what, times)
            self._touched.add(cell)
        else:
            authority, _, team = cell.owner
            self._unsure.add(cell.owner)
            if self._reach[authority].add(team, what, times):
                self._new_sources.add(authority)

    def _ground(self, authority: str, team: str) -> Ground:
        ground = self._grounds[authority, team] = Ground((authority, TEAM, team))
        return ground

    def _cell(self, authority: str, name: str, number: int) -> Cell:
        strand = self._strands[number]
        owner = (authority, strand.per, name)
        cell = self._cells[number][authority, name] = Cell(owner, number, strand.tally(self._as_of))
        self._unsure.add(owner)
        return cell

    def _take_unsure(self) -> set[Owner]:
        """Where a source is new in an authority, all of the authority's teams may be shown differently."""
        unsure, self._unsure = self._unsure, set()
        for authority in self._new_sources:
            unsure.update((authority, TEAM, team) for team in self._reach[authority].teams())
        self._new_sources.clear()
        if len(self._heard) < len(self._casebook.sources):
            for authority, source in self._casebook.sources.keys() - self._heard:
                unsure |= {(authority, AUTHORITY, ""), (authority, SOURCE, source)}
                self._heard.add((authority, source))
        return unsure

    def _take_touched(self) -> dict[Owner, list[Cell]]:
        """The cells whose values may be others, by owner; those that tick are brought to this instant."""
        touched, self._touched = self._touched, set()
        found: defaultdict[Owner, list[Cell]] = defaultdict(list)
        for cell in touched:
            found[cell.owner].append(cell)
            if self._strands[cell.number].by_the_second:
                (self._ticking.add if cell.tally.roll(self._as_of) else self._ticking.discard)(cell)
        return found

    def _values(self, owner: Owner) -> Values:
        return tuple(
            self._of_strand(number, owner) if self._shows(owner, strand) else None
            for number, strand in enumerate(self._strands)
        )

    def _shows(self, owner: Owner, strand: Strand) -> bool:
        authority, label, name = owner
        if strand.per != label:
            return False
        return not strand.needs or self._reach[authority].shows(name, strand.needs)

    def _of_strand(self, number: int, owner: Owner) -> Sequence[Number]:
        cell = self._cells[number].get((owner[0], owner[2]))
        return tuple(cell.tally.values()) if cell else self._zeros[number]


def _read(marks: Sequence[Any]) -> Iterator[tuple[tuple[Cell | Ground, Any], int]]:
    """Marks as a unit keeps them: cell, mark and number, one after another.

    A tuple for each would take 40 bytes a fact more.
    """
    parts = iter(marks)
    return (((cell, what), times) for cell, what, times in zip(parts, parts, parts, strict=True))
