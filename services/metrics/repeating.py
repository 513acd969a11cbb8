"""Clocks that begin again: each visit or review ends one interval and begins the next. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from services.metrics.fact import Fact
from services.metrics.views import ChildView, Spell, latest_started


class Interval(NamedTuple):
    """From the start of a spell, or what was held last, to what was held next."""

    begins: Fact
    ends: Fact | None
    before: int
    """How many were held before it began."""


def intervals(spell: Spell, held: Iterable[Fact]) -> Iterator[Interval]:
    """The intervals of a spell; its end takes the running one with it, and one that never ran has none."""
    if not spell.ran:
        return
    begins, before = spell.start, 0
    for fact in held_within(spell, held):
        yield Interval(begins, fact, before)
        begins, before = fact, before + 1
    if spell.end is None:
        yield Interval(begins, None, before)


def held_within(spell: Spell, held: Iterable[Fact]) -> list[Fact]:
    """What was held from the start to the end of a spell, both included; on one date it counts once."""
    by_day: dict[object, Fact] = {}
    for fact in sorted(held, key=lambda fact: (fact.day, fact.subject)):
        if spell.holds(fact.day):
            by_day.setdefault(fact.day, fact)
    return list(by_day.values())


def by_record(facts: Iterable[Fact], field: str) -> Mapping[str, list[Fact]]:
    """Facts by the record that they name."""
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        found[fact.data[field]].append(fact)
    return found


def visits_of(child: ChildView, purpose: str, spells: Sequence[Spell]) -> Mapping[str, list[Fact]]:
    """Visits at which the child was seen, by the plan or placement that they were made under."""
    known = {spell.start.subject for spell in spells}
    found: defaultdict[str, list[Fact]] = defaultdict(list)
    for visit in child.facts("csc.visit.recorded"):
        if visit.data["purpose"] == purpose and visit.data["seen"]:
            record = visit.data.get("record_id") or _latest_at(visit, spells)
            if record in known:
                found[record].append(visit)
    return found


def _latest_at(visit: Fact, spells: Sequence[Spell]) -> str:
    """A visit that names no record belongs to the latest-started that holds its date."""
    latest = latest_started([spell for spell in spells if spell.holds(visit.day)])
    return latest.start.subject if latest else ""
