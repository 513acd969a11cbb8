"""The same figures a second time, from nothing: every event looked at once, sorted, counted, thrown away.

The measurement keeps figures up to date by adding and taking back; what it might get wrong, this cannot: it knows no
yesterday, takes nothing back, moves nothing on and remembers nothing. It shares the indicators, not the bookkeeping.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import NamedTuple

from services.metrics.casebook import (
    CASE_ALLOCATED,
    STARTS_OF_STAFF,
    STATE_REPORTS,
    Casebook,
    Kind,
    Source,
    Unit,
)
from services.metrics.exposition import labels_of, labels_text, number_text
from services.metrics.fact import CANNOT_BE_FOLDED, PER_CHILD, Event, Fact, fact_of
from services.metrics.measurement import SOON, Owner
from services.metrics.reach import places_of
from services.metrics.strand import AUTHORITY, SOURCE, TEAM, Strand
from services.metrics.tally import AsOf, Tally
from services.metrics.views import VIEWS
from shared.domain.calendar import WorkingCalendar
from shared.domain.london import local_date
from shared.domain.policy import PolicyBook

Figures = dict[str, str]
"""By series, as it stands in the text: its value, as it stands there."""


class Rules(NamedTuple):
    """What the figures are worked out by."""

    strands: tuple[Strand, ...]
    calendar: WorkingCalendar
    policies: PolicyBook


def reckon(events: Iterable[Event], as_of: datetime, rules: Rules) -> Figures:
    """All series of the strands, at an instant, of exactly these events; each event once."""
    casebook = assemble(events, local_date(as_of))
    tallies, reach = _count(casebook, _as_of(as_of, rules.calendar), rules)
    found: Figures = {}
    for owner in _owners(casebook, reach):
        for number, strand in enumerate(rules.strands):
            if _shows(owner, strand, reach.get(owner[0], {})):
                found.update(_series(owner, strand, tallies[owner, number]))
    return found


def differences(one: Mapping[str, str], other: Mapping[str, str]) -> list[str]:
    """The series that the two do not say the same of, in order."""
    return sorted(series for series in one.keys() | other.keys() if one.get(series) != other.get(series))


def parse(text: bytes) -> Figures:
    """The series of a text as it is exposed."""
    lines = (line for line in text.decode().splitlines() if not line.startswith("#"))
    return dict(line.rsplit(" ", 1) for line in lines)


def assemble(events: Iterable[Event], today: date) -> Casebook:
    """A casebook of what is known on a day, put together fact by fact."""
    casebook = Casebook(today)
    versions: defaultdict[Identity, list[Fact]] = defaultdict(list)
    for event in events:
        with suppress(*CANNOT_BE_FOLDED):  # what the service could not fold is left out here too
            fact = fact_of(event)
            if fact.day <= today:
                casebook.sources.setdefault((event.authority, event.source), Source())
                versions[_identity(event, fact)].append(fact)
    settled = {identity: _settled(same) for identity, same in versions.items()}
    for (authority, child, *_), fact in settled.items():
        _file(casebook, authority, child, fact)
    _join_staff(casebook)
    return casebook


Identity = tuple[str, str, str, str, float]
"""Authority, child or nothing, type, subject; of a state report its time too."""


def _identity(event: Event, fact: Fact) -> Identity:
    child = event.payload["child_id"] if event.type in PER_CHILD else ""
    return event.authority, child, event.type, event.subject, fact.time if event.type in STATE_REPORTS else 0


def _settled(versions: Sequence[Fact]) -> Fact:
    fact = max(versions, key=lambda version: version.order)
    places = {place for version in versions for place in version.places}
    fact.places = tuple(sorted(places, key=lambda place: (place[0] or "", place[1] or "")))
    fact.versions = len(versions)
    return fact


def _file(casebook: Casebook, authority: str, child: str, fact: Fact) -> None:
    if child:
        unit = _unit(casebook, authority, Kind.CHILD, child)
    else:
        family = STARTS_OF_STAFF.get(fact.type) or fact.type.rpartition(".")[0]
        unit = _unit(casebook, authority, Kind.RECORD, f"{family}/{fact.subject}")
    unit.facts[(*fact.named, fact.time) if fact.type in STATE_REPORTS else fact.named] = fact


def _join_staff(casebook: Casebook) -> None:
    """Give each worker what was ever said of it: employments, absences, supervisions, allocations."""
    for unit in list(casebook.units.values()):
        for fact in list(unit.facts.values()):
            if fact.type == STARTS_OF_STAFF.get(fact.type):
                for worker in _workers(casebook, unit, fact):
                    worker.facts.update(unit.facts)
            elif fact.type == CASE_ALLOCATED:
                for worker in _workers(casebook, unit, fact):
                    worker.refs.add((unit.id, fact.subject))


def _workers(casebook: Casebook, unit: Unit, fact: Fact) -> Iterator[Unit]:
    return (_unit(casebook, unit.authority, Kind.WORKER, worker) for _, worker in fact.places if worker)


def _unit(casebook: Casebook, authority: str, kind: Kind, id: str) -> Unit:
    return casebook.units.setdefault((authority, kind, id), Unit(authority, kind, id))


def _as_of(instant: datetime, calendar: WorkingCalendar) -> AsOf:
    today = local_date(instant)
    return AsOf(today, instant.timestamp(), calendar.add_working_days(today, SOON))


Tallies = dict[tuple[Owner, int], Tally]
Reached = dict[str, dict[str, set[str]]]
"""By authority and type: the teams under which an event has ever fallen."""


def _count(casebook: Casebook, as_of: AsOf, rules: Rules) -> tuple[Tallies, Reached]:
    needed = frozenset[str]().union(*(strand.needs for strand in rules.strands))
    tallies: Tallies = _Fresh(as_of, rules.strands)
    reached: Reached = defaultdict(lambda: defaultdict(set))
    for unit in casebook.units.values():
        for team, type in places_of(unit, needed):
            reached[unit.authority][type].add(team)
        view = VIEWS[unit.kind](unit, casebook, rules.calendar, rules.policies.of(unit.authority))
        for number, strand in enumerate(rules.strands):
            if unit.kind in strand.marks and (not strand.needs or strand.needs & set(view.types)):
                for mark in strand.marks[unit.kind](view):
                    tallies[(unit.authority, strand.per, mark.owner), number].add(mark.what, 1)
    return tallies, reached


class _Fresh(dict[tuple[Owner, int], Tally]):
    """An empty tally for whom there is none yet."""

    def __init__(self, as_of: AsOf, strands: Sequence[Strand]) -> None:
        self._as_of, self._strands = as_of, strands

    def __missing__(self, key: tuple[Owner, int]) -> Tally:
        tally = self[key] = self._strands[key[1]].tally(self._as_of)
        return tally


def _owners(casebook: Casebook, reached: Reached) -> set[Owner]:
    teams = {(authority, TEAM, team) for authority, types in reached.items() for team in set().union(*types.values())}
    sources = {(authority, SOURCE, source) for authority, source in casebook.sources}
    return teams | sources | {(authority, AUTHORITY, "") for authority, _ in casebook.sources}


def _shows(owner: Owner, strand: Strand, reached: Mapping[str, set[str]]) -> bool:
    if strand.per != owner[1]:
        return False
    teams = [reached.get(type, set()) for type in strand.needs]
    return all(teams) and (not teams or any(owner[2] in known for known in teams))


def _series(owner: Owner, strand: Strand, tally: Tally) -> Iterator[tuple[str, str]]:
    values, whose = iter(tally.values()), labels_of(owner)
    for family in strand.families:
        for closed in family.series(strand.fixed):
            yield f"{family.name}{{{whose}{labels_text(closed)}}}", number_text(next(values))
