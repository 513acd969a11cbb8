"""Why a clock stands as it does for one record: made from the very items that the figures count. Pure.

The answer is a tree that serialises to JSON. What is gone is found by leaving facts out: where an item would run
without the end of its plan, that end is what took it away.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date, datetime
from enum import StrEnum

from services.metrics.casebook import Casebook, Facts, Kind, Unit
from services.metrics.clocks import clocks
from services.metrics.fact import LINKS, PER_CHILD, Fact
from services.metrics.measurement import SOON
from services.metrics.questions.day_count import DayCount, day_count
from services.metrics.questions.provenance import Provenance, Provenances, Received
from services.metrics.reach import HANGS_ON
from services.metrics.tally import AsOf
from services.metrics.timeliness import Clock, ClockTally, Done, Item, mark_of
from services.metrics.views import VIEWS, View
from shared.contracts.catalogue import CATALOGUE
from shared.domain.calendar import WorkingCalendar
from shared.domain.london import last_instant, local_date
from shared.domain.policy import ClockPolicy, PolicyBook

PEOPLE = frozenset({"child_id", "worker_id", "manager_id", "supervisor_id", "team_id"})
"""Fields that name no record."""
SUBJECT = re.compile(r"[A-Za-z0-9._:-]{1,64}")
"""What a record's id may look like."""
_FIRSTS = {row.subject: row.name for row in reversed(list(CATALOGUE.values()))}
FOLLOWS = frozenset(name for name, row in CATALOGUE.items() if _FIRSTS[row.subject] != name)
"""Types about a record that another type brings into being: ends, decisions, closures."""


class State(StrEnum):
    """How one run of a clock stands."""

    OPEN = "open"
    OVERDUE = "overdue"
    DUE_SOON = "due soon"
    ON_TIME = "completed on time"
    LATE = "completed late"
    GONE = "gone"


RUNNING = frozenset({State.OPEN, State.OVERDUE, State.DUE_SOON})


@dataclass(frozen=True, slots=True)
class Question:
    """Which record's clock, as of when, and from what was known when."""

    authority: str
    clock: Clock
    subject: str
    """The id of the record, or of what started or stopped an item."""
    as_of: datetime
    known_on: date | None = None
    """Only what was received by the end of this day; None: whatever was received."""

    @property
    def known_until(self) -> datetime | None:
        """The last instant of receipt that counts."""
        return last_instant(self.known_on) if self.known_on else None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """The clock's row in the table of clocks, in words."""

    name: str
    starts: str
    stops: str
    gone: str


@dataclass(frozen=True, slots=True)
class Setting:
    """A policy's number that a rule goes by."""

    key: str
    value: int
    set_by: str


@dataclass(frozen=True, slots=True)
class RuleShown:
    """What an item goes by."""

    timescale: str
    source: str
    version: str
    policy: Setting | None


@dataclass(frozen=True, slots=True)
class Gone:
    """What took a running item away."""

    reason: str
    """The clock's rule for it."""
    on: date
    by: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True)
class Interval:
    """One item: neither more nor less than what the figures count as one, or one that is gone."""

    about: str
    team: str
    state: State
    running: bool
    record: Provenance | None
    """The start of the record that it is about, where that is another fact than what started the item."""
    start: Provenance
    stop: Provenance | None
    stopped: date | None
    """The date on which it stopped."""
    rule: RuleShown
    count: DayCount
    gone: Gone | None = None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Lacking:
    """A fact without which nothing starts."""

    type: str
    subject: str | None
    """None where any record's would do."""
    why: str
    fact: Provenance | None = None


@dataclass(frozen=True, slots=True)
class NotYet:
    """Why there is no item, though the record is known."""

    starts: str
    lacking: tuple[Lacking, ...]
    """Empty where all is there, and it is not of the sort that starts the clock."""
    known: tuple[Provenance, ...]


@dataclass(frozen=True, slots=True)
class History:
    """The clock for one child, worker or record of its own. Siblings may share a record's id: each has a history."""

    kind: Kind
    id: str
    """The pseudonym of the child or worker."""
    found_through: tuple[str, ...]
    """The records by which the items were found, where it was not the one that was asked for."""
    intervals: tuple[Interval, ...]
    not_yet: NotYet | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer."""

    authority: str
    subject: str
    as_of: datetime
    on: date
    known_on: date | None
    clock: ClockRow
    histories: tuple[History, ...]
    """Empty where nothing is known of the record on this clock."""


def clock_named(name: str) -> Clock:
    """The clock of a name; ``LookupError`` says which there are."""
    by_name = {clock.name: clock for clock in clocks()}
    if name not in by_name:
        raise LookupError(f"there is no such clock; expected one of {', '.join(sorted(by_name))}")
    return by_name[name]


def explain(
    question: Question, file: Sequence[Received], calendar: WorkingCalendar, policies: PolicyBook
) -> Explanation:
    """The answer from a file: all events that can touch the record's clock, in any order, each once."""
    clock = question.clock
    return Explanation(
        authority=question.authority,
        subject=question.subject,
        as_of=question.as_of,
        on=local_date(question.as_of),
        known_on=question.known_on,
        clock=ClockRow(clock.name, clock.starts, clock.stops, clock.gone),
        histories=tuple(_Reading(question, file, calendar, policies).histories()),
    )


class _Reading:
    """A file, folded as the figures fold it, and looked at with one question."""

    def __init__(
        self, question: Question, file: Sequence[Received], calendar: WorkingCalendar, policies: PolicyBook
    ) -> None:
        today = local_date(question.as_of)
        self._question = question
        self._clock = question.clock
        self._calendar = calendar
        self._policies = policies
        self._as_of = AsOf(today, question.as_of.timestamp(), calendar.add_working_days(today, SOON))
        self._casebook = Casebook(today)
        for event, at in file:
            self._casebook.fold(event, at)
        self._provenances = Provenances(file, today)

    def histories(self) -> Iterator[History]:
        wanted = (self._question.authority, self._clock.kind)
        for unit in [unit for key, unit in sorted(self._casebook.units.items()) if key[:2] == wanted]:
            if history := self._history(unit):
                yield history

    def _history(self, unit: Unit) -> History | None:
        names, items = self._found(unit)
        gone = self._gone(unit, names, items)
        intervals = [self._interval(unit, item) for item in items] + ([gone] if gone else [])
        not_yet = None if intervals else self._not_yet(unit)
        if not intervals and not not_yet:
            return None
        through = tuple(sorted(names - {self._question.subject})) if intervals else ()
        return History(unit.kind, unit.id, through, tuple(intervals), not_yet)

    def _found(self, unit: Unit) -> tuple[frozenset[str], list[Item]]:
        """The names by which the record has items, and all items of the records that have that name.

        A visit that stops nothing, or a second assessment, is found through the plan or referral that it names; a
        referral through the enquiries that name it.
        """
        items = self._items(unit)
        subject = frozenset({self._question.subject})
        own = _named_by(subject, items)
        if own or not (linked := self._links(unit)):
            return subject, own
        return (linked, found) if (found := _named_by(linked, items)) else (subject, [])

    def _links(self, unit: Unit) -> frozenset[str]:
        """The records that the one asked for names, and those of the clock's that name it."""
        facts = [fact for fact in unit.facts.values() if fact.stands and fact.subject == self._question.subject]
        linked = {name for fact in facts for _, name in _links_of(fact)}
        linked |= {fact.subject for fact in self._naming(unit)}
        return frozenset(linked | {unit.id} if facts and unit.kind is Kind.WORKER else linked)

    def _naming(self, unit: Unit) -> Iterator[Fact]:
        for fact in unit.facts.values():
            wanted = fact.stands and fact.type in self._clock.needs
            if wanted and any(name == self._question.subject for _, name in _links_of(fact)):
                yield fact

    def _items(self, unit: Unit, without: Sequence[Fact] = ()) -> list[Item]:
        """The unit's items, as they would be without some of its facts."""
        return list(self._clock.items_of(self._view(unit, without)))

    def _view(self, unit: Unit, without: Sequence[Fact] = ()) -> View:
        if without:
            hidden = {id(fact) for fact in without}
            less = Unit(unit.authority, unit.kind, unit.id)
            less.facts = Facts({key: fact for key, fact in unit.facts.items() if id(fact) not in hidden})
            less.refs = unit.refs
            unit = less
        return VIEWS[unit.kind](unit, self._casebook, self._calendar, self._policies.of(unit.authority))

    def _interval(self, unit: Unit, item: Item) -> Interval:
        state = self._state(unit, item)
        end, seconds = item.end or self._as_of.day, item.stop.time if item.stop else self._as_of.seconds
        return Interval(
            about=item.about,
            team=item.team,
            state=state,
            running=state in RUNNING,
            record=self._record(unit, item),
            start=self._provenance(unit, item.start),
            stop=self._provenance(unit, item.stop) if item.stop else None,
            stopped=item.end,
            rule=self._rule(item),
            count=day_count(item, end, seconds, self._calendar),
            note=_note(item),
        )

    def _state(self, unit: Unit, item: Item) -> State:
        """As the tally of the figures has it."""
        mark = mark_of(self._clock, self._view(unit), item)
        if isinstance(mark, Done):
            return State.ON_TIME if mark.on_time else State.LATE
        tally = ClockTally(self._clock, self._as_of)
        tally.add(mark, 1)
        _, overdue, due_soon, *_ = tally.values()
        return State.OVERDUE if overdue else State.DUE_SOON if due_soon else State.OPEN

    def _rule(self, item: Item) -> RuleShown:
        if item.rule is None:
            raise LookupError(f"an item of {item.about} has no rule to go by")
        setting = _setting(self._clock.name, self._question.authority, self._policies)
        return RuleShown(str(item.rule.timescale), item.rule.source, item.rule.version, setting)

    def _provenance(self, unit: Unit, fact: Fact) -> Provenance:
        child = unit.id if fact.type in PER_CHILD else ""
        found = self._provenances.of(fact.type, fact.subject, child)
        if found is None:
            raise LookupError(f"the file holds no {fact.type} of {fact.subject}")
        return found

    def _record(self, unit: Unit, item: Item) -> Provenance | None:
        found = [unit.facts[type, item.about] for type in sorted(self._clock.needs) if (type, item.about) in unit.facts]
        other = next((fact for fact in found if fact.named != item.start.named), None)
        return self._provenance(unit, other) if other else None

    def _gone(self, unit: Unit, names: frozenset[str], items: Sequence[Item]) -> Interval | None:
        """The item that would be running, had something not taken it away."""
        if any(item.end is None for item in items):
            return None
        names = frozenset(item.about for item in items) or names | self._links(unit)
        culprits = self._culprits(unit, names, items)
        for item in self._open_without(unit, culprits, names):
            return self._taken(unit, item, culprits)
        return None

    def _culprits(self, unit: Unit, names: frozenset[str], items: Sequence[Item]) -> list[Fact]:
        """The fewest facts without which an item would be running; the latest where each of several would do."""
        used = {fact.named for item in items for fact in (item.start, item.stop) if fact}
        candidates = sorted(
            (fact for fact in unit.facts.values() if fact.stands and self._may_take(fact) and fact.named not in used),
            key=lambda fact: (fact.day, fact.subject),
            reverse=True,
        )
        for fact in candidates:
            if self._open_without(unit, [fact], names):
                return [fact]
        return self._fewest(unit, names, candidates)

    def _fewest(self, unit: Unit, names: frozenset[str], candidates: Sequence[Fact]) -> list[Fact]:
        left = list(candidates)
        if not self._open_without(unit, left, names):
            return []
        for fact in candidates:
            fewer = [one for one in left if one is not fact]
            if self._open_without(unit, fewer, names):
                left = fewer
        return left

    def _may_take(self, fact: Fact) -> bool:
        return fact.type in FOLLOWS and fact.type not in self._clock.needs

    def _open_without(self, unit: Unit, without: Sequence[Fact], names: frozenset[str]) -> list[Item]:
        if not without:
            return []
        return [item for item in _named_by(names, self._items(unit, without)) if item.end is None]

    def _taken(self, unit: Unit, item: Item, culprits: Sequence[Fact]) -> Interval:
        last = max(culprits, key=lambda fact: fact.day)
        gone = Gone(self._clock.gone, last.day, tuple(self._provenance(unit, fact) for fact in culprits))
        never_ran = last.day < item.start.day
        return Interval(
            about=item.about,
            team=item.team,
            state=State.GONE,
            running=False,
            record=self._record(unit, item),
            start=self._provenance(unit, item.start),
            stop=None,
            stopped=None,
            rule=self._rule(item),
            count=day_count(item, last.day, last.time, self._calendar),
            gone=gone,
            note="the end is dated before the start: it never ran" if never_ran else "",
        )

    def _not_yet(self, unit: Unit) -> NotYet | None:
        subject = self._question.subject
        whole = unit.kind is Kind.WORKER and unit.id == subject
        kinds = {CATALOGUE[type].subject for type in self._clock.needs | self._hung_on()}
        known = [
            fact
            for fact in unit.facts.values()
            if (whole or fact.subject == subject) and CATALOGUE[fact.type].subject in kinds
        ]
        lacking = tuple(self._lacking(unit, known))
        if not known and not lacking:
            return None
        return NotYet(self._clock.starts, lacking, tuple(self._provenance(unit, fact) for fact in known))

    def _hung_on(self) -> set[str]:
        return {HANGS_ON[type] for type in self._clock.needs if type in HANGS_ON}

    def _lacking(self, unit: Unit, known: Sequence[Fact]) -> Iterator[Lacking]:
        sorts = {CATALOGUE[fact.type].subject for fact in known}
        own = [type for type in sorted(self._clock.needs) if CATALOGUE[type].subject in sorts]
        for type in own:
            yield from self._lacking_of(unit, type, self._question.subject)
        if known and not own:
            for type in sorted(self._clock.needs - {fact.type for fact in self._naming(unit)}):
                yield Lacking(type, None, f"none names {self._question.subject}")
        if not known:
            yield from self._named_and_missing(unit)

    def _lacking_of(self, unit: Unit, type: str, subject: str) -> Iterator[Lacking]:
        fact = unit.facts.get((type, subject))
        if fact is None or not fact.stands:
            yield self._missing(unit, type, subject)
        elif type in HANGS_ON:
            parent = fact.data.get(LINKS[type] or "") or fact.subject
            above = unit.facts.get((HANGS_ON[type], parent))
            if above is None or not above.stands:
                yield self._missing(unit, HANGS_ON[type], parent)

    def _missing(self, unit: Unit, type: str, subject: str) -> Lacking:
        found = self._provenances.of(type, subject, unit.id if type in PER_CHILD else "")
        return Lacking(type, subject, "withdrawn" if found else "not received", found)

    def _named_and_missing(self, unit: Unit) -> Iterator[Lacking]:
        """What other facts of the unit name, and is not there itself."""
        subject = self._question.subject
        fields = {
            field
            for fact in unit.facts.values()
            if fact.stands
            for field, name in _links_of(fact)
            if name == subject and not _named_by(frozenset({fact.subject}), self._items(unit))
        }
        for type in sorted(self._clock.needs | self._hung_on()):
            if any(_may_name(field, type) for field in fields):
                yield self._missing(unit, type, subject)


def _named_by(names: frozenset[str], items: Iterable[Item]) -> list[Item]:
    """All items of the records of which one has such a name, or was started or stopped by what has."""
    items = list(items)
    about = {item.about for item in items if names & _names_of(item)}
    return [item for item in items if item.about in about]


def _names_of(item: Item) -> set[str]:
    return {item.about, item.start.subject} | ({item.stop.subject} if item.stop else set())


def _links_of(fact: Fact) -> Iterator[tuple[str, str]]:
    """The fields of a fact that name other records, and whom they name."""
    for field, name in fact.data.items():
        if field.endswith("_id") and field not in PEOPLE and isinstance(name, str):
            yield field, name


def _may_name(field: str, type: str) -> bool:
    """Whether a field such as ``plan_id`` may hold the id of what a type such as ``csc.cp_plan.started`` is about."""
    record = field.removesuffix("_id")
    return record == "record" or type.split(".")[1].endswith(record)


def _note(item: Item) -> str:
    if item.stopped_before_start:
        return "the stop is dated before the start: it counts on its own date, as on time"
    if item.stop and item.stopped and item.stopped != item.stop.day:
        return f"what stopped it began on {item.stop.day}, before the start: it stopped when it started"
    return ""


def _setting(name: str, authority: str, policies: PolicyBook) -> Setting | None:
    """The policy's number for a clock, where the policy has one, and whose it is."""
    if name not in {field.name for field in fields(ClockPolicy)}:
        return None
    value, general, default = (
        getattr(clocks, name) for clocks in (policies.of(authority).clocks, policies.general.clocks, ClockPolicy())
    )
    set_by = "the authority's own" if value != general else "general" if value != default else "the default"
    return Setting(f"clocks.{name}", value, set_by)
