"""All that is known: facts, folded in any order.

The casebook is a function of the *set* of events: of several events for one fact the highest order counts, whenever
it came. Facts are kept with the thing that figures are worked out for (a child, a worker, a team), its *unit*; a
unit whose facts have changed is handed out once by ``take_changed``. Nothing here asks what time it is.
"""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, MutableMapping, ValuesView
from datetime import date
from enum import StrEnum
from itertools import islice
from typing import Any

from services.metrics.fact import PER_CHILD, Event, Fact, fact_of, later_of
from shared.contracts.catalogue import CATALOGUE

CASE_ALLOCATED = "csc.case.allocated"
CASE_DEALLOCATED = "csc.case.deallocated"
STATE_REPORTS = frozenset(name for name, row in CATALOGUE.items() if row.state_report)
TEAM_DESCRIBED = "csc.team.described"
STARTS_OF_STAFF = {
    "csc.employment.started": "csc.employment.started",
    "csc.employment.ended": "csc.employment.started",
    "csc.absence.started": "csc.absence.started",
    "csc.absence.ended": "csc.absence.started",
    "csc.supervision.held": "csc.supervision.held",
}
"""Facts about a worker, each with the type that names the worker."""


NONE: Any = frozenset()
"""The allocations of what is no worker; an empty set for each takes 30 bytes a fact."""


class Kind(StrEnum):
    """What figures are worked out for."""

    CHILD = "child"
    WORKER = "worker"
    RECORD = "record"
    """Everything else: a team's establishment, an audit, an audit action, an employment as a record of its own."""


class Facts(MutableMapping[Hashable, Fact]):
    """The facts of one unit, by type and subject; a state report by its time too.

    They are kept by subject, those of one subject together: without a tuple and a place in the table for each name
    a fact takes 70 bytes less.
    """

    __slots__ = ("_kept",)

    def __init__(self, facts: Mapping[Hashable, Fact] | None = None) -> None:
        self._kept: dict[Hashable, Fact | tuple[Fact, ...]] = {}
        if facts:
            self.update(facts)

    def settle(self, name: tuple[Any, ...], fact: Fact) -> Fact:
        """Take in one more version of a fact; returns the winner."""
        place = name[1] if len(name) == 2 else name
        if place not in self._kept:
            self._kept[place] = fact
            return fact
        known = self.get(name)
        if known is not None:
            fact = later_of(known, fact)
        self[name] = fact
        return fact

    def __getitem__(self, name: Any) -> Fact:
        fact: Fact | None = self.get(name)
        if fact is None:
            raise KeyError(name)
        return fact

    def get(self, name: Any, default: Any = None) -> Any:
        """The fact of that name."""
        kept = self._kept.get(name[1] if len(name) == 2 else name)
        if kept is None:
            return default
        if isinstance(kept, Fact):
            return kept if kept.type == name[0] else default
        for fact in kept:
            if fact.type == name[0]:
                return fact
        return default

    def __setitem__(self, name: Any, fact: Fact) -> None:
        place = name[1] if len(name) == 2 else name
        kept = self._kept.get(place)
        if kept is None:
            self._kept[place] = fact
            return
        together = (kept,) if isinstance(kept, Fact) else kept
        fact.subject = together[0].subject  # equal, and one text is enough: 10 B a fact
        others = tuple(one for one in together if one.type != fact.type)
        self._kept[place] = (*others, fact) if others else fact

    def __delitem__(self, name: Hashable) -> None:
        raise TypeError("what is known is not forgotten")

    def __iter__(self) -> Iterator[Hashable]:
        for place, kept in self._kept.items():
            if isinstance(place, tuple):
                yield place
            else:
                yield from (fact.named for fact in ((kept,) if isinstance(kept, Fact) else kept))

    def __len__(self) -> int:
        return sum(1 if isinstance(kept, Fact) else len(kept) for kept in self._kept.values())

    def values(self) -> ValuesView[Fact]:
        """The facts alone, without a look-up for each."""
        return _Facts(self)

    def each(self) -> Iterator[Fact]:
        """What ``values`` goes through."""
        for kept in self._kept.values():
            if type(kept) is tuple:
                yield from kept
            elif type(kept) is Fact:
                yield kept


class _Facts(ValuesView[Fact]):
    __slots__ = ()
    _mapping: Facts

    def __iter__(self) -> Iterator[Fact]:
        return self._mapping.each()


class Unit:
    """The facts about one child, worker or record, and what they last came to."""

    __slots__ = ("authority", "facts", "id", "kind", "marks", "refs")

    def __init__(self, authority: str, kind: Kind, id: str) -> None:
        self.authority = authority
        self.kind = kind
        self.id = id
        self.facts: Facts = Facts()
        """By type and subject (a state report: by its time too). Allocations are the child's, not the worker's."""
        self.refs: set[tuple[str, str]] = set() if kind is Kind.WORKER else NONE
        """A worker's allocations, as child and allocation id: all that any version ever gave to the worker."""
        self.marks: tuple[Any, ...] = ()
        """What the unit last came to; kept by the measurement, so that it can be taken back."""


class Source:
    """When a source was last heard of, in Unix seconds."""

    __slots__ = ("last_event", "last_received")

    def __init__(self) -> None:
        self.last_event = self.last_received = float("-inf")

    def heard(self, happened: float, received: float) -> None:
        self.last_event = max(self.last_event, happened)
        self.last_received = max(self.last_received, received)


class Casebook:
    """Every fact of every authority, as known on ``today``; events of later days wait for their day."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.units: dict[tuple[str, Kind, str], Unit] = {}
        self.sources: defaultdict[tuple[str, str], Source] = defaultdict(Source)
        self.described: dict[tuple[str, str], Fact] = {}
        """By authority and team: what the team is called; the fact may not stand."""
        self.taken_in: defaultdict[str, int] = defaultdict(int)
        """Events by authority, those included that wait for their day."""
        self._changed: dict[Unit, None] = {}
        self._later: defaultdict[date, list[tuple[Event, float]]] = defaultdict(list)
        self._wakes: defaultdict[date, set[Unit]] = defaultdict(set)

    def fold(self, event: Event, received: float) -> None:
        """Take in one event, received at Unix second ``received``."""
        self.taken_in[event.authority] += 1
        self._fold(event, received)

    def advance(self, today: date) -> None:
        """Move on to a later day: what waited for it counts, and what only the date changes is worked out again."""
        if today < self.today:
            raise ValueError(f"the casebook is at {self.today} and cannot go back to {today}: build a new one")
        self.today = today
        for day in sorted(day for day in self._later if day <= today):
            for event, received in self._later.pop(day):
                self._fold(event, received)
        for day in [day for day in self._wakes if day <= today]:
            self._changed.update(dict.fromkeys(self._wakes.pop(day)))

    def wake(self, unit: Unit, day: date) -> None:
        """Hand the unit out again on ``day``, though nothing may have happened to it."""
        self._wakes[day].add(unit)

    def look_at_all_again(self) -> None:
        """Hand out every unit again: what they are looked at by has changed."""
        self._changed.update(dict.fromkeys(self.units.values()))

    def take_changed(self, most: int) -> list[Unit]:
        """Up to ``most`` units whose figures must be worked out again, each once."""
        taken = list(islice(self._changed, most))
        for unit in taken:
            del self._changed[unit]
        return taken

    def allocations_of(self, worker: Unit) -> Iterator[tuple[str, Fact, Fact | None]]:
        """The child, start and end of each standing allocation to a worker."""
        for child_id, subject in worker.refs:
            child = self.units[worker.authority, Kind.CHILD, child_id]
            start = child.facts.get((CASE_ALLOCATED, subject))
            if start is not None and start.stands and start.data["worker_id"] == worker.id:
                yield child_id, start, child.facts.get((CASE_DEALLOCATED, subject))

    def _fold(self, event: Event, received: float) -> None:
        fact = fact_of(event)
        if fact.day > self.today:
            self._later[fact.day].append((event, received))
            return
        self.sources[event.authority, event.source].heard(fact.time, received)
        if event.type in PER_CHILD:
            self._fold_child(event.authority, event.payload["child_id"], fact)
        elif event.type in STARTS_OF_STAFF:
            self._fold_staff(event.authority, fact)
        else:
            self._fold_record(event.authority, fact)

    def _fold_child(self, authority: str, child_id: str, fact: Fact) -> None:
        child = self._unit(authority, Kind.CHILD, child_id)
        fact = child.facts.settle(fact.named, fact)
        self._changed[child] = None
        if fact.type == CASE_ALLOCATED:
            self._tell_workers(authority, child_id, fact)
        elif fact.type == CASE_DEALLOCATED and (start := child.facts.get((CASE_ALLOCATED, fact.subject))):
            self._tell_workers(authority, child_id, start)

    def _tell_workers(self, authority: str, child_id: str, allocation: Fact) -> None:
        for worker in self._workers_of(authority, allocation):
            worker.refs.add((child_id, allocation.subject))
            self._changed[worker] = None

    def _fold_staff(self, authority: str, fact: Fact) -> None:
        """An employment or absence is kept with every worker that any version of its start ever named."""
        start_key = (STARTS_OF_STAFF[fact.type], fact.subject)
        spells = self._unit(authority, Kind.RECORD, f"{start_key[0]}/{fact.subject}")
        fact = spells.facts.settle(fact.named, fact)
        self._changed[spells] = None
        start = spells.facts.get(start_key)
        for worker in self._workers_of(authority, start) if start else ():
            worker.facts.update(spells.facts)
            self._changed[worker] = None

    def _fold_record(self, authority: str, fact: Fact) -> None:
        """A state report is a fact of its own for each time; all else is one fact a subject."""
        record = self._unit(authority, Kind.RECORD, f"{_family(fact.type)}/{fact.subject}")
        report = fact.type in STATE_REPORTS
        fact = record.facts.settle((fact.type, fact.subject, fact.time) if report else fact.named, fact)
        self._changed[record] = None
        if fact.type == TEAM_DESCRIBED:
            self.described[authority, fact.subject] = fact

    def _workers_of(self, authority: str, start: Fact) -> Iterable[Unit]:
        return [self._unit(authority, Kind.WORKER, worker) for _, worker in start.places if worker]

    def _unit(self, authority: str, kind: Kind, id: str) -> Unit:
        unit = self.units.get((authority, kind, id))
        if unit is None:
            unit = self.units[authority, kind, id] = Unit(authority, kind, id)
        return unit


def _family(type: str) -> str:
    return type.rpartition(".")[0]
