"""Casebook, day, calendar and policy come to figures: the marks of what changed, added up by owner.

Each unit's marks are worked out when its facts change, and taken back when they change again; windows and due dates
are kept by day. So a measurement costs in proportion to what changed and to teams and days, not to events.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
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

REACH = -1
"""In the place of a strand's number: the mark says where an event fell."""
A_SLICE = 2_000
"""Units worked out before whoever waits may have a turn."""
SOON = 5
"""Working days ahead that count as soon."""


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
        self._zeros = [(0,) * strand.width for strand in strands]
        self._tallies: dict[Owner, dict[int, Tally]] = defaultdict(dict)
        self._by_the_second: set[tuple[Owner, int]] = set()
        self._reach: defaultdict[str, Reach] = defaultdict(Reach)
        self._new_sources: set[str] = set()
        self._heard: set[tuple[str, str]] = set()
        self._touched: set[Owner] = set()
        self._owners: dict[Owner, Values] = {}
        self._same: dict[Any, Any] = {}
        """Marks that are equal are kept once: there are far fewer kinds than units."""
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
        sources = {key: self._heard_of(*key, source, as_of) for key, source in self._casebook.sources.items()}
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
        for number, strand in self._by_kind[view.unit.kind]:
            if not strand.needs or not strand.needs.isdisjoint(view.types):
                for mark in strand.marks[view.unit.kind](view):
                    yield number, mark

    def _heard_of(self, authority: str, _: str, source: Source, as_of: datetime) -> Heard:
        patience = self._policies.of(authority).sources.patience_hours * SECONDS_AN_HOUR
        stale = as_of.timestamp() - source.last_received > patience
        return Heard(source.last_event, source.last_received, stale)

    def _bring_up_to_date(self) -> tuple[frozenset[Owner], frozenset[Owner]]:
        """The owners whose values were taken anew, and those that are shown no more."""
        touched = self._take_touched()
        before = self._owners.keys() & touched
        for owner in touched:
            values = self._values(owner)
            if any(each is not None for each in values):
                self._owners[owner] = values
            else:
                self._owners.pop(owner, None)
        after = self._owners.keys() & touched
        return frozenset(after), frozenset(before - after)

    def _move_on(self, as_of: datetime) -> None:
        today, seconds = local_date(as_of), as_of.timestamp()
        if today == self._as_of.day:
            self._as_of = self._as_of._replace(seconds=seconds)
            for owner, number in self._by_the_second:
                self._tallies[owner][number].roll(self._as_of)
                self._touched.add(owner)
            return
        self._casebook.advance(today)
        self._roll(AsOf(today, seconds, self._calendar.add_working_days(today, SOON)))

    def _roll(self, as_of: AsOf) -> None:
        self._as_of = as_of
        for owner, tallies in self._tallies.items():
            for tally in tallies.values():
                tally.roll(self._as_of)
            self._touched.add(owner)

    def _work_out(self, unit: Unit) -> None:
        marks: list[tuple[Any, ...]] = [
            (REACH, (unit.authority, TEAM, team), type) for team, type in places_of(unit, self._needed)
        ]
        for number, mark in self.marks_of(self.view_of(unit)):
            marks.append((number, (unit.authority, self._strands[number].per, mark.owner), mark.what))
        kept = tuple(self._same.setdefault(mark, mark) for mark in marks)
        if kept != unit.marks:
            self._apply(unit.marks, -1)
            self._apply(kept, 1)
            unit.marks = kept

    def _apply(self, marks: Sequence[tuple[Any, ...]], sign: int) -> None:
        for number, owner, mark in marks:
            self._touched.add(owner)
            if number == REACH:
                if self._reach[owner[0]].add(owner[2], mark, sign):
                    self._new_sources.add(owner[0])
            else:
                self._tally(owner, number).add(mark, sign)

    def _tally(self, owner: Owner, number: int) -> Tally:
        tallies = self._tallies[owner]
        tally = tallies.get(number)
        if tally is None:
            tally = tallies[number] = self._strands[number].tally(self._as_of)
            if self._strands[number].by_the_second:
                self._by_the_second.add((owner, number))
        return tally

    def _take_touched(self) -> set[Owner]:
        """Where a source is new in an authority, all of the authority's teams may be shown differently."""
        touched, self._touched = self._touched, set()
        for authority in self._new_sources:
            touched.update((authority, TEAM, team) for team in self._reach[authority].teams())
        self._new_sources.clear()
        for authority, source in self._casebook.sources.keys() - self._heard:
            touched |= {(authority, AUTHORITY, ""), (authority, SOURCE, source)}
            self._heard.add((authority, source))
        return touched

    def _values(self, owner: Owner) -> Values:
        tallies = self._tallies.get(owner, {})
        return tuple(
            self._of_strand(number, tallies) if self._shows(owner, strand) else None
            for number, strand in enumerate(self._strands)
        )

    def _shows(self, owner: Owner, strand: Strand) -> bool:
        authority, label, name = owner
        if strand.per != label:
            return False
        return not strand.needs or self._reach[authority].shows(name, strand.needs)

    def _of_strand(self, number: int, tallies: Mapping[int, Tally]) -> Sequence[Number]:
        tally = tallies.get(number)
        return tuple(tally.values()) if tally else self._zeros[number]
