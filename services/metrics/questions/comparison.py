"""What was learnt of a day between two others, fact by fact, and which figures each fact moved. Pure.

Facts are added in the order in which they first came; what a fact moved is what it changed when it was added to all
that had come before. So the moves of all facts add up to the whole difference, and no part of it is counted twice.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, NamedTuple

from services.metrics.casebook import STARTS_OF_STAFF, STATE_REPORTS, Casebook, Kind
from services.metrics.fact import PER_CHILD, Event, Fact, fact_of
from services.metrics.measurement import Owner, Values
from services.metrics.questions.readings import Choice, Labels, Series, all_series, labels_of, value_of
from services.metrics.questions.replay import Day, Replay
from services.metrics.tally import Number

Place = tuple[tuple[str, Kind, str], Hashable]
"""Where the casebook keeps a fact: the unit, and the fact's key in it."""


class Move(NamedTuple):
    """A series that a fact moved."""

    family: str
    labels: Labels
    before: Number | None
    """None where the series was not there."""
    after: Number | None

    @property
    def moved(self) -> Number:
        """By how much; a series that is not there counts as 0."""
        before: Any = self.before or 0
        moved: Number = (self.after or 0) - before
        return moved


@dataclass(frozen=True, slots=True)
class Change:
    """A fact about which something came, and what that did."""

    authority: str
    type: str
    subject: str
    child: str
    """The child that the fact is about; ``""`` where it is about none."""
    how: str
    """``arrived``, ``changed``, ``withdrawn``, ``brought back``; ``superseded`` where what came was outdated."""
    source: str
    received: int
    """When the first of it came, in microseconds since the Unix epoch."""
    events: int
    moves: tuple[Move, ...]


@dataclass(slots=True)
class _Group:
    """What came about one fact."""

    first: int
    arrivals: list[tuple[int, Event]] = field(default_factory=list)


class Comparison:
    """Takes in entries, those that were known and those that came later; ``changes`` looks at the difference."""

    def __init__(self, day: Day, known: int, later: int) -> None:
        """``known`` and ``later``: the last microseconds of the two days between which things came."""
        self._replay = Replay(day)
        self._known, self._later = known, later
        self._groups: dict[Place, _Group] = {}
        self.of_later_days = 0
        """Events that came in between and are of days after the one in question."""

    @property
    def unreadable(self) -> int:
        """Entries that could not be taken in."""
        return self._replay.unreadable

    def take(self, received: int, document: bytes) -> None:
        """Take in one entry."""
        event = self._replay.read(document) if received <= self._later else None
        if event is None:
            return
        if received <= self._known:
            self._replay.fold(event, received)
        else:
            self._keep(event, received)

    def changes(self, choice: Choice) -> Iterator[Change]:
        """What came, in order, with the moves of the wanted series. To be called once, when all is taken in."""
        owners: dict[Owner, Values] = dict(self._replay.snapshot().owners)
        for place, group in sorted(self._groups.items(), key=lambda one: one[1].first):
            before = _known_at(self._replay.casebook, place)
            outcome = before.order if before else None, before.stands if before else False
            for received, event in group.arrivals:
                self._replay.fold(event, received)
            after = _known_at(self._replay.casebook, place)
            moves = tuple(self._moves(owners, choice))
            if after is not None:
                how = _how(*outcome, after)
                yield _change(place, group, after, how, moves)

    def _keep(self, event: Event, received: int) -> None:
        try:
            fact, place = fact_of(event), place_of(event)
        except (ValueError, LookupError):
            self._replay.unreadable += 1
            return
        if fact.day > self._replay.day.on:
            self.of_later_days += 1
            return
        group = self._groups.setdefault(place, _Group(received))
        group.first = min(group.first, received)
        group.arrivals.append((received, event))

    def _moves(self, owners: dict[Owner, Values], choice: Choice) -> Iterator[Move]:
        """The difference that the last fold made; ``owners`` is brought up to date."""
        snapshot = self._replay.snapshot()
        for owner in sorted(snapshot.changed | snapshot.gone):
            before, after = owners.get(owner), snapshot.owners.get(owner)
            if before != after:
                yield from _differences(owner, before, after, choice)
            owners.pop(owner, None)
            if after is not None:
                owners[owner] = after


def place_of(event: Event) -> Place:
    """Where the casebook keeps the fact that an event is about; ``LookupError`` where the event lacks its child."""
    named: tuple[Hashable, ...] = (event.type, event.subject)
    if event.type in PER_CHILD:
        return (event.authority, Kind.CHILD, event.payload["child_id"]), named
    family = STARTS_OF_STAFF.get(event.type) or event.type.rpartition(".")[0]
    if event.type in STATE_REPORTS:
        named = (*named, fact_of(event).time)
    return (event.authority, Kind.RECORD, f"{family}/{event.subject}"), named


def _known_at(casebook: Casebook, place: Place) -> Fact | None:
    unit, named = place
    return casebook.units[unit].facts.get(named) if unit in casebook.units else None


def _how(order: object, stood: bool, after: Fact) -> str:
    if order == after.order:
        return "superseded"
    if not after.stands:
        return "withdrawn"
    if order is None:
        return "arrived"
    return "changed" if stood else "brought back"


def _change(place: Place, group: _Group, fact: Fact, how: str, moves: tuple[Move, ...]) -> Change:
    authority, kind, unit = place[0]
    child = unit if kind is Kind.CHILD else ""
    many = len(group.arrivals)
    return Change(authority, fact.type, fact.subject, child, how, fact.source, group.first, many, moves)


def _differences(owner: Owner, before: Values | None, after: Values | None, choice: Choice) -> list[Move]:
    """The wanted series that differ, in the order of the text."""
    whose = labels_of(owner)
    moves = []
    for rank, series in _series_that_may_differ(before, after):
        if choice.has(series.family, whose):
            move = Move(series.family, (*whose, *series.closed), value_of(before, series), value_of(after, series))
            if (move.before or 0) != (move.after or 0):
                moves.append((rank, move))
    return [move for _, move in sorted(moves)]


def _series_that_may_differ(before: Values | None, after: Values | None) -> Iterator[tuple[int, Series]]:
    for strand, of_strand in _by_strand().items():
        if (before and before[strand]) != (after and after[strand]):
            yield from of_strand


@cache
def _by_strand() -> Mapping[int, list[tuple[int, Series]]]:
    """Each series with its rank in the text."""
    found: dict[int, list[tuple[int, Series]]] = {}
    for rank, series in enumerate(all_series()):
        found.setdefault(series.strand, []).append((rank, series))
    return found
