"""Casebook, day, calendar and policy come to figures: the marks of what changed, added up by team.

Each unit's marks are worked out when its facts change, and taken back when they change again; windows and due dates
are kept by day. So a measurement costs in proportion to what changed and to teams and days, not to events.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.metrics.casebook import Casebook, Kind, Unit
from services.metrics.reach import Reach, places_of
from services.metrics.strand import Strand
from services.metrics.tally import Number, Tally
from services.metrics.views import VIEWS
from shared.domain.calendar import WorkingCalendar
from shared.domain.london import local_date
from shared.domain.policy import PolicyBook

Team = tuple[str, str]
"""Authority and team."""
Values = tuple[Sequence[Number] | None, ...]
"""For each strand, in order: a number for each of its series; None where it has no source."""

REACH = -1
"""In the place of a strand's number: the mark says where an event fell."""
A_SLICE = 2_000
"""Units worked out before whoever waits may have a turn."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The figures of one instant."""

    as_of: datetime
    teams: Mapping[Team, Values]
    changed: frozenset[Team]
    """The teams whose values may differ from those of the snapshot before."""
    gone: frozenset[Team]
    """The teams that the snapshot before had and this one has not."""
    sources: Mapping[tuple[str, str], tuple[float, float]]
    """By authority and source: the newest time of an event, and its newest arrival, in Unix seconds."""
    thresholds: Mapping[str, Mapping[str, float]]
    """By authority that has sent anything: cases per full-time worker, by band."""
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
            kind: [(number, strand) for number, strand in enumerate(strands) if strand.kind is kind] for kind in Kind
        }
        self._zeros = [(0,) * strand.width for strand in strands]
        self._tallies: dict[Team, dict[int, Tally]] = defaultdict(dict)
        self._reach: defaultdict[str, Reach] = defaultdict(Reach)
        self._new_sources: set[str] = set()
        self._touched: set[Team] = set()
        self._teams: dict[Team, Values] = {}
        self._today = casebook.today

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
        return Snapshot(
            as_of=as_of,
            teams=self._teams,
            changed=changed,
            gone=gone,
            sources={key: (source.last_event, source.last_received) for key, source in self._casebook.sources.items()},
            thresholds={authority: self._thresholds(authority) for authority, _ in self._casebook.sources},
            taken_in=dict(self._casebook.taken_in),
        )

    def _bring_up_to_date(self) -> tuple[frozenset[Team], frozenset[Team]]:
        """The teams whose values were taken anew, and those that are shown no more."""
        touched = self._take_touched()
        before = self._teams.keys() & touched
        for team in touched:
            values = self._values(team)
            if any(each is not None for each in values):
                self._teams[team] = values
            else:
                self._teams.pop(team, None)
        after = self._teams.keys() & touched
        return frozenset(after), frozenset(before - after)

    def _move_on(self, as_of: datetime) -> None:
        today = local_date(as_of)
        if today == self._today:
            return
        self._casebook.advance(today)
        self._today = today
        for team, tallies in self._tallies.items():
            for tally in tallies.values():
                tally.roll(today)
            self._touched.add(team)

    def _work_out(self, unit: Unit) -> None:
        view = VIEWS[unit.kind](unit, self._casebook, self._calendar, self._policies.of(unit.authority))
        marks: list[tuple[Any, ...]] = [(REACH, team, type) for team, type in places_of(unit, self._needed)]
        for number, strand in self._by_kind[unit.kind]:
            if not strand.needs.isdisjoint(view.types):
                marks.extend((number, team, mark) for team, mark in strand.marks(view))
        if tuple(marks) != unit.marks:
            self._apply(unit.authority, unit.marks, -1)
            self._apply(unit.authority, marks, 1)
            unit.marks = tuple(marks)

    def _apply(self, authority: str, marks: Sequence[tuple[Any, ...]], sign: int) -> None:
        for number, team, mark in marks:
            self._touched.add((authority, team))
            if number == REACH:
                if self._reach[authority].add(team, mark, sign):
                    self._new_sources.add(authority)
            else:
                self._tally(authority, team, number).add(mark, sign)

    def _tally(self, authority: str, team: str, number: int) -> Tally:
        tallies = self._tallies[authority, team]
        tally = tallies.get(number)
        if tally is None:
            tally = tallies[number] = self._strands[number].tally(self._today)
        return tally

    def _take_touched(self) -> set[Team]:
        """Where a source is new in an authority, all of the authority's teams may be shown differently."""
        touched, self._touched = self._touched, set()
        for authority in self._new_sources:
            touched.update((authority, team) for team in self._reach[authority].teams())
        self._new_sources.clear()
        return touched

    def _values(self, team: Team) -> Values:
        authority, name = team
        reach, tallies = self._reach[authority], self._tallies.get(team, {})
        return tuple(
            self._of_strand(number, tallies) if reach.shows(name, strand.needs) else None
            for number, strand in enumerate(self._strands)
        )

    def _of_strand(self, number: int, tallies: Mapping[int, Tally]) -> Sequence[Number]:
        tally = tallies.get(number)
        return tuple(tally.values()) if tally else self._zeros[number]

    def _thresholds(self, authority: str) -> dict[str, float]:
        policy = self._policies.of(authority).caseload
        return {band: float(getattr(policy, band)) for band in ("amber", "red", "critical")}
