"""Under which teams events have ever fallen: where there is no source there is no number.

A family is absent for an authority until every type that it needs has come, and is then shown for each team under
which an event of one of these types has ever fallen. All upserts count, superseded and withdrawn ones too, so that
this follows from the set of events. An event without a team falls where what it hangs on has fallen.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator

from services.metrics.casebook import STARTS_OF_STAFF, Kind, Unit
from services.metrics.fact import UNASSIGNED, Fact

RECEIVED = "csc.referral.received"
HANGS_ON = {
    "csc.referral.decided": RECEIVED,
    "csc.assessment.started": RECEIVED,
    "csc.section47.started": RECEIVED,
    "csc.placement.started": "csc.care.started",
}
"""Where what names no team falls: where the record of this type that it hangs on has fallen."""
ABSENCE = "csc.absence.started"
EMPLOYMENT = "csc.employment.started"
REPORTED = "csc.establishment.reported"


class Reach:
    """Counts where the events of one authority fell, by type and team."""

    def __init__(self) -> None:
        self._teams: defaultdict[str, Counter[str]] = defaultdict(Counter)

    def add(self, team: str, type: str, sign: int) -> bool:
        """Count an event in or out; whether the type has come to be, or ceased to be, a source by it."""
        teams = self._teams[type]
        was_source = bool(teams)
        teams[team] += sign
        if not teams[team]:
            del teams[team]
        return was_source != bool(teams)

    def shows(self, team: str, needs: Iterable[str]) -> bool:
        """Whether figures that need these types are shown for a team."""
        reached = [self._teams[type] for type in needs]
        return all(reached) and any(team in teams for teams in reached)

    def teams(self) -> set[str]:
        """Every team under which an event has fallen."""
        return set().union(*self._teams.values())


def places_of(unit: Unit, needed: frozenset[str]) -> Iterator[tuple[str, str]]:
    """The teams and types, each pair once, that the events about a unit fell under."""
    if unit.kind is Kind.WORKER:
        yield from _of_worker(unit, needed)
    elif unit.kind is Kind.CHILD:
        yield from {(team, fact.type) for fact in _needed(unit, needed) for team in _of_child(unit, fact)}
    else:
        yield from {(team, fact.type) for fact in _needed(unit, needed) for team in _of_record(fact)}


def _needed(unit: Unit, needed: frozenset[str]) -> Iterator[Fact]:
    return (fact for fact in unit.facts.values() if fact.type in needed)


def _of_child(child: Unit, fact: Fact) -> Iterator[str]:
    for team, link in fact.places:
        if team or fact.type not in HANGS_ON:
            yield team or UNASSIGNED
        else:
            yield from _named(child.facts.get((HANGS_ON[fact.type], link)))


def _named(parent: Fact | None) -> set[str]:
    """The teams that any version of a record named; what hangs on a record that is not there is unassigned."""
    named = {team or UNASSIGNED for team, _ in parent.places} if parent else set()
    return named if parent and parent.stands else named | {UNASSIGNED}


def _of_worker(worker: Unit, needed: frozenset[str]) -> Iterator[tuple[str, str]]:
    posts = {
        team
        for fact in worker.facts.values()
        if fact.type == EMPLOYMENT
        for team, named in fact.places
        if team and named == worker.id
    }
    if EMPLOYMENT in needed:
        yield from ((team, EMPLOYMENT) for team in posts)
    if ABSENCE in needed and any(fact.type == ABSENCE and _names(fact, worker) for fact in worker.facts.values()):
        yield from ((team, ABSENCE) for team in posts or {UNASSIGNED})


def _names(fact: Fact, worker: Unit) -> bool:
    return any(named == worker.id for _, named in fact.places)


def _of_record(fact: Fact) -> set[str]:
    """What is about a worker falls where the worker's employments have."""
    if fact.type in STARTS_OF_STAFF:
        return set()
    return {fact.subject if fact.type == REPORTED else team or UNASSIGNED for team, _ in fact.places}
