"""What has a start and perhaps an end, whose it is, and what a case is."""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.oracle.facts import UNASSIGNED, Record, Version

CASE_OUTCOMES = ("assessment", "strategy_discussion")
HOLDING_ROLES = ("case_holder", "senior_practitioner")


def team_of(*chain: Version | None) -> str:
    """The team of the fact that starts an item, else of the one it hangs on, else none."""
    named = [fact.get("team_id") for fact in chain if fact is not None]
    return next((team for team in named if team is not None), UNASSIGNED)


def day_of(fact: Version | None) -> date | None:
    """The local date of a fact that may not be there."""
    return None if fact is None else fact.day


@dataclass(frozen=True)
class Spell:
    """Something that starts and may end: a plan, a period of care, an allocation, an employment."""

    begun: Version
    end: Version | None

    @property
    def start(self) -> date:
        return self.begun.day

    @property
    def ran(self) -> bool:
        """False for a spell that ended before it started."""
        return self.end is None or self.end.day >= self.start

    def running_on(self, day: date) -> bool:
        """Started on or before the day, and not ended or ended after it."""
        return self.start <= day and (self.end is None or self.end.day > day)

    def covers(self, day: date) -> bool:
        """From the start date to the end date, both included."""
        return self.start <= day and (self.end is None or self.end.day >= day)


def spells(record: Record, started: str, ended: str) -> list[Spell]:
    """All spells of a kind, with those that never ran."""
    return [Spell(fact, record.one(ended, fact.subject, fact.child)) for fact in record.all(started)]


def cp_plans(record: Record) -> list[Spell]:
    return spells(record, "cp_plan.started", "cp_plan.ended")


def cin_plans(record: Record) -> list[Spell]:
    return spells(record, "cin_plan.started", "cin_plan.ended")


def periods(record: Record) -> list[Spell]:
    """The periods of care."""
    return spells(record, "care.started", "care.ended")


def period_of(record: Record, placement: Version) -> Spell | None:
    """The period of care that a placement hangs on, once it has started."""
    care_id = placement.get("care_id")
    begun = record.one("care.started", care_id, placement.child)
    return None if begun is None else Spell(begun, record.one("care.ended", care_id, placement.child))


def placements(record: Record) -> list[Spell]:
    """A placement ends with its period of care, if not before."""
    found = []
    for spell in spells(record, "placement.started", "placement.ended"):
        period = period_of(record, spell.begun)
        ends = [end for end in (spell.end, period and period.end) if end is not None]
        found.append(Spell(spell.begun, min(ends, key=lambda end: end.day, default=None)))
    return found


def allocations(record: Record) -> list[Spell]:
    """The lead allocations."""
    both = spells(record, "case.allocated", "case.deallocated")
    return [spell for spell in both if spell.begun.get("role") == "lead"]


def employments(record: Record) -> list[Spell]:
    return spells(record, "employment.started", "employment.ended")


def absences(record: Record) -> list[Spell]:
    return spells(record, "absence.started", "absence.ended")


def running(all_spells: Iterable[Spell], day: date) -> list[Version]:
    """What started the spells that are running on the day."""
    return [spell.begun for spell in all_spells if spell.running_on(day)]


def latest(facts: Iterable[Version]) -> Version:
    """By local date; on one date the larger record id."""
    return max(facts, key=lambda fact: fact.by_date)


def earliest(facts: Iterable[Version]) -> Version | None:
    """By local date; on one date the smaller record id."""
    return min(facts, key=lambda fact: fact.by_date, default=None)


def grouped(items: Iterable[Any], key: Callable[[Any], Hashable]) -> dict[Any, list[Any]]:
    groups = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


# ---- cases


def referral_of(record: Record, fact: Version, referral_id: str | None) -> Version | None:
    """The referral that a fact hangs on, once it has been received."""
    return record.one("referral.received", referral_id, fact.child)


def case_closed(record: Record, fact: Version, referral_id: str | None) -> bool:
    """A case is closed when both its referral and its closure are there."""
    received = referral_of(record, fact, referral_id)
    return received is not None and record.one("case.closed", referral_id, fact.child) is not None


def cases(record: Record) -> list[Version]:
    """The referrals that are a case: received, decided as one, and not closed."""
    return [referral for referral in record.all("referral.received") if is_case(record, referral)]


def is_case(record: Record, referral: Version) -> bool:
    decided = record.one("referral.decided", referral.subject, referral.child)
    if decided is None or decided.get("outcome") not in CASE_OUTCOMES:
        return False
    return record.one("case.closed", referral.subject, referral.child) is None


def team_of_child(facts: Iterable[Version]) -> dict[str, str]:
    """The team of each child: that of the latest."""
    return {child: team_of(latest(same)) for child, same in grouped(facts, lambda fact: fact.child).items()}


def in_need(record: Record) -> dict[str, str]:
    """The children with a case, each with its team."""
    return team_of_child(cases(record))
