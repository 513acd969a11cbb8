"""What an indicator is shown: one child, worker or record, as its standing facts make it on one day. Pure."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar

from services.metrics.casebook import Casebook, Kind, Unit
from services.metrics.fact import UNASSIGNED, Fact
from shared.domain.calendar import WorkingCalendar
from shared.domain.policy import Policy

ACCEPTED = frozenset({"assessment", "strategy_discussion"})
"""Decisions on a referral that make a case of it."""
T = TypeVar("T")
HOLDING_ROLES = frozenset({"case_holder", "senior_practitioner"})
EMPLOYED = frozenset({"csc.employment.started"})
"""What figures about the workforce need."""
HOLDINGS = EMPLOYED | {"csc.case.allocated"}
"""What figures about caseload need."""
STATUSES = {
    "in_need": "csc.referral.decided",
    "child_protection": "csc.cp_plan.started",
    "looked_after": "csc.care.started",
}
"""What a child can be, each with the type that it needs."""


class once(cached_property[T]):  # noqa: N801  # reads as the property that it is
    """A property worked out once; without the lock that Python 3.11 takes each time."""

    def __get__(self, view: Any, owner: type | None = None) -> Any:
        value = view.__dict__[self.attrname] = self.func(view)
        return value


@dataclass(frozen=True, slots=True)
class Spell:
    """What has a start and may have an end: a plan, a period of care, an allocation, an employment, an absence."""

    start: Fact
    end: Fact | None

    @property
    def ran(self) -> bool:
        """A spell whose end is dated before its start never ran."""
        return self.end is None or self.end.day >= self.start.day

    @property
    def running(self) -> bool:
        """Facts of later days are not known, so that what has an end has ended."""
        return self.end is None

    def running_on(self, day: date) -> bool:
        """An end takes effect on its date."""
        return self.start.day <= day and (self.end is None or self.end.day > day)

    def holds(self, day: date) -> bool:
        """Whether what happened on a day can belong to it: from its start to its end, both included."""
        return self.start.day <= day and (self.end is None or self.end.day >= day)


@dataclass(frozen=True, slots=True)
class Referral:
    """A referral that is there, with what followed."""

    received: Fact
    decided: Fact | None
    closed: Fact | None

    @property
    def team(self) -> str:
        return self.received.team or UNASSIGNED

    @property
    def accepted(self) -> bool:
        return self.decided is not None and self.decided.data["outcome"] in ACCEPTED

    @property
    def is_case(self) -> bool:
        """A case is a referral received, decided for an assessment or a strategy discussion, and not closed."""
        return self.accepted and self.closed is None


def earliest(facts: list[Fact]) -> Fact | None:
    """By local date; on one date the smaller id."""
    return min(facts, key=_age, default=None)


def latest_started(spells: list[Spell]) -> Spell | None:
    """By local date; on one date the larger id."""
    return max(spells, key=lambda spell: _age(spell.start), default=None)


def _age(fact: Fact) -> tuple[date, str]:
    return fact.day, fact.subject


class View:
    """The standing facts of one unit by type, and the day and the rules that it is looked at by."""

    def __init__(self, unit: Unit, casebook: Casebook, calendar: WorkingCalendar, policy: Policy) -> None:
        self.unit = unit
        self.today = casebook.today
        self.calendar = calendar
        self.policy = policy
        self._casebook = casebook
        self.remembered: dict[str, list[Any]] = {}
        """What was worked out for one indicator and serves another."""
        self._by_type: dict[str, dict[str, Fact]] = {}
        for fact in unit.facts.values():
            if fact.stands:
                self._by_type.setdefault(fact.type, {})[fact.subject] = fact

    @property
    def types(self) -> Collection[str]:
        """The types of which there are standing facts."""
        return self._by_type.keys()

    def facts(self, type: str) -> list[Fact]:
        """The standing facts of a type."""
        return list(self._by_type.get(type, {}).values())

    def fact(self, type: str, subject: str) -> Fact | None:
        """The standing fact of a type about one record."""
        return self._by_type.get(type, {}).get(subject)

    def spells(self, started: str, ended: str) -> list[Spell]:
        """All that started, with what ended it; those that never ran included."""
        return [Spell(start, self.fact(ended, start.subject)) for start in self.facts(started)]

    def look_again(self, day: date) -> None:
        """Say that the figures of this unit change on ``day`` though nothing may have happened."""
        if day > self.today:
            self._casebook.wake(self.unit, day)


class ChildView(View):
    """One child of one authority."""

    @once
    def referrals(self) -> dict[str, Referral]:
        """Referrals that are there, by id."""
        return {
            received.subject: Referral(
                received,
                self.fact("csc.referral.decided", received.subject),
                self.fact("csc.case.closed", received.subject),
            )
            for received in self.facts("csc.referral.received")
        }

    @once
    def case(self) -> Referral | None:
        """The child's case; of several the latest received (several count as one)."""
        cases = [referral for referral in self.referrals.values() if referral.is_case]
        return max(cases, key=lambda case: _age(case.received), default=None)

    @once
    def protection_plan(self) -> Spell | None:
        """The latest-started running child protection plan."""
        return self._latest_running("csc.cp_plan.started", "csc.cp_plan.ended")

    @once
    def care(self) -> Spell | None:
        """The latest-started running period of care."""
        return self._latest_running("csc.care.started", "csc.care.ended")

    @once
    def lead_allocations(self) -> list[Spell]:
        """Allocations to a lead worker that ran."""
        spells = self.spells("csc.case.allocated", "csc.case.deallocated")
        return [spell for spell in spells if spell.start.data["role"] == "lead" and spell.ran]

    @once
    def placements(self) -> list[Spell]:
        """Placements, each with the end that came first: its own or that of its period of care."""
        return [
            Spell(placement.start, _first_end(placement.end, self._end_of_care(placement.start.data["care_id"])))
            for placement in self.spells("csc.placement.started", "csc.placement.ended")
        ]

    def team_in(self, status: str) -> str | None:
        """The team under which the child has a status; None where it has not."""
        if status == "in_need":
            return self.case.team if self.case else None
        spell = self.protection_plan if status == "child_protection" else self.care
        return (spell.start.team or UNASSIGNED) if spell else None

    @property
    def allocated(self) -> bool:
        """Whether a lead allocation is running."""
        return any(spell.running for spell in self.lead_allocations)

    def closed(self, referral_id: str | None) -> bool:
        """Whether the case that an item belongs to is closed; an item without a referral has no case."""
        referral = self.referrals.get(referral_id) if referral_id else None
        return referral is not None and referral.closed is not None

    def team_by(self, fact: Fact) -> str:
        """The team of an item: its own, else that of its referral, else unassigned."""
        referral = self.referrals.get(fact.data.get("referral_id") or "")
        return fact.team or (referral.team if referral else UNASSIGNED)

    def _end_of_care(self, care_id: str) -> Fact | None:
        """An end without a start changes nothing yet."""
        return self.fact("csc.care.ended", care_id) if self.fact("csc.care.started", care_id) else None

    def _latest_running(self, started: str, ended: str) -> Spell | None:
        return latest_started([spell for spell in self.spells(started, ended) if spell.running])


def _first_end(*ends: Fact | None) -> Fact | None:
    return min((end for end in ends if end is not None), key=lambda end: end.day, default=None)


class WorkerView(View):
    """One worker of one authority."""

    @once
    def employments(self) -> list[Spell]:
        """All employments that name the worker, those that never ran included."""
        return self._own("csc.employment.started", "csc.employment.ended")

    @once
    def absences(self) -> list[Spell]:
        """All absences that name the worker."""
        return self._own("csc.absence.started", "csc.absence.ended")

    @once
    def running(self) -> list[Spell]:
        """Running employments."""
        return [spell for spell in self.employments if spell.running]

    @once
    def post(self) -> Spell | None:
        """The latest-started running employment: it gives team, role and newly qualified status."""
        return latest_started(self.running)

    @once
    def team(self) -> str:
        """The team of the post."""
        return (self.post.start.team if self.post else None) or UNASSIGNED

    @once
    def held(self) -> frozenset[str]:
        """The children with a running lead allocation to the worker: the worker's cases."""
        return frozenset(child for child, _ in self._running_allocations())

    @property
    def lead_allocations(self) -> list[str]:
        """The ids of the running lead allocations to the worker."""
        return [allocation for _, allocation in self._running_allocations()]

    @once
    def fte(self) -> Decimal:
        """The sum of the running employments, at most 1."""
        return min(Decimal(1), sum((fte_of(spell) for spell in self.running), Decimal(0)))

    @once
    def newly_qualified(self) -> bool:
        """Whether the worker is in the assessed and supported year in employment (ASYE) today."""
        until = self.post.start.data.get("asye_until") if self.post else None
        if until is None:
            return False
        last = date.fromisoformat(until)
        if last < date.max:  # as some systems write "for good"
            self.look_again(last + timedelta(days=1))
        return last >= self.today

    @once
    def supervisions(self) -> list[Fact]:
        """Supervisions of the worker that were held."""
        return [held for held in self.facts("csc.supervision.held") if held.data["worker_id"] == self.unit.id]

    @property
    def absence_reasons(self) -> frozenset[str]:
        """Why the worker is absent today; empty where not."""
        return frozenset(spell.start.data["reason"] for spell in self.absences if spell.running)

    def _running_allocations(self) -> Iterator[tuple[str, str]]:
        for child, start, end in self._casebook.allocations_of(self.unit):
            if start.data["role"] == "lead" and (end is None or not end.stands):
                yield child, start.subject

    def _own(self, started: str, ended: str) -> list[Spell]:
        return [spell for spell in self.spells(started, ended) if spell.start.data["worker_id"] == self.unit.id]


class RecordView(View):
    """A record that belongs to no child and no worker."""

    def latest_report(self, type: str) -> Fact | None:
        """The latest of the standing reports of a state, of which there is one a time."""
        reports = (fact for fact in self.unit.facts.values() if fact.type == type and fact.stands)
        return max(reports, key=lambda report: report.time, default=None)


VIEWS: dict[Kind, type[View]] = {Kind.CHILD: ChildView, Kind.WORKER: WorkerView, Kind.RECORD: RecordView}


def fte_of(spell: Spell) -> Decimal:
    """Full-time equivalent as it was written: 0.6 is 0.6."""
    return Decimal(str(spell.start.data["fte"]))


def team_of(spell: Spell) -> str:
    """The team of an employment."""
    team: str = spell.start.data["team_id"]
    return team
