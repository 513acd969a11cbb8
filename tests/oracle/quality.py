"""What the contract says of the information itself: facts, errors in them, teams' names."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal

from tests.oracle.facts import Event, Record, Version, records
from tests.oracle.figures import (
    Figures,
    Spell,
    absences,
    allocations,
    assessment_of,
    authorised,
    case_closed,
    earliest,
    employments,
    grouped,
    in_need,
    running,
    series,
    spells,
)

FAMILIES = frozenset({"csc_facts", "csc_data_quality_facts", "csc_team_info"})


def quality(events: Iterable[Event], *, today: date) -> Figures:
    """The families of FAMILIES, keyed and valued as the oracle's figures."""
    found: Figures = {}
    for record in records(events, today):
        found.update(states(record))
        found.update(teams(record))
        for check, count in CHECKS.items():
            key = series("csc_data_quality_facts", authority=record.authority, check=check)
            found[key] = Decimal(count(record, today))
    return found


def states(record: Record) -> Figures:
    """Of all events one counts for each fact that stands, or that is withdrawn; the others lost."""
    count = {
        "current": len(record.facts),
        "withdrawn": len(record.of_fact) - len(record.facts),
        "superseded": len(record.versions) - len(record.of_fact),
    }
    return {series("csc_facts", authority=record.authority, state=state): Decimal(n) for state, n in count.items()}


def teams(record: Record) -> Figures:
    return {
        series(
            "csc_team_info",
            authority=record.authority,
            team=fact.subject,
            name=fact.get("name") or "",
            area=fact.get("area") or "",
        ): Decimal(1)
        for fact in record.all("team.described")
    }


# ---- stops before their starts


def stop_before_start(record: Record, today: date) -> int:
    """Stop facts, each once, whatever number of clocks it stops too early."""
    early = {stop.fact for pairs in STOPS for start, stop in pairs(record) if stop is not None and stop.day < start.day}
    early |= {back.fact for missing, back in interviews(record) if back.instant < missing.instant}
    return len(early)


Pairs = Iterator[tuple[Version, Version | None]]


def same_record(start: str, stop: str) -> Callable[[Record], Pairs]:
    """Clocks whose stop has the id of their start."""

    def pairs(record: Record) -> Pairs:
        for fact in record.all(start):
            yield fact, record.one(stop, fact.subject, fact.child)

    return pairs


def first_that_names(start: str, stop: str, field: str) -> Callable[[Record], Pairs]:
    """Clocks whose stop is the first fact that names their start."""

    def pairs(record: Record) -> Pairs:
        naming = grouped(record.all(stop), lambda fact: (fact.get(field), fact.child))
        for fact in record.all(start):
            yield fact, earliest(naming.get((fact.subject, fact.child), []))

    return pairs


def assessments(record: Record) -> Pairs:
    """The assessment clock: from the referral to the assessment authorised first."""
    started = grouped(record.all("assessment.started"), lambda fact: (fact.get("referral_id"), fact.child))
    for received in record.all("referral.received"):
        same = started.get((received.subject, received.child), [])
        if same and assessment_of(record, received, same).stop is not None:
            yield received, earliest(done for one in same if (done := authorised(record, one)))


def core_groups(record: Record) -> Pairs:
    """A plan that never ran starts no clock."""
    ran = {spell.begun.fact for spell in spells(record, "cp_plan.started", "cp_plan.ended") if spell.ran}
    for plan, first in first_that_names("cp_plan.started", "core_group.held", "plan_id")(record):
        if plan.fact in ran:
            yield plan, first


def interviews(record: Record) -> Iterator[tuple[Version, Version]]:
    """The interviews that were held."""
    for missing, interview in same_record("missing.returned", "return_interview.held")(record):
        if interview is not None and (interview.get("outcome") or "held") == "held":
            yield missing, interview


STOPS = (
    same_record("contact.received", "contact.decided"),
    same_record("referral.received", "referral.decided"),
    same_record("assessment.started", "assessment.authorised"),
    same_record("audit_action.raised", "audit_action.completed"),
    first_that_names("section47.started", "conference.held", "section47_id"),
    first_that_names("transfer_in.notified", "conference.held", "notification_id"),
    assessments,
    core_groups,
)

# ---- the other checks


def placements(record: Record) -> list[Spell]:
    """A placement ends with its period of care, if not before."""
    found = []
    for spell in spells(record, "placement.started", "placement.ended"):
        care = record.one("care.started", spell.begun.get("care_id"), spell.begun.child)
        ended = record.one("care.ended", spell.begun.get("care_id"), spell.begun.child)
        ends = [end for end in (spell.end, ended if care is not None else None) if end is not None]
        found.append(Spell(spell.begun, min(ends, key=lambda end: end.day, default=None)))
    return found


def end_before_start(record: Record, today: date) -> int:
    every = [
        *spells(record, "cp_plan.started", "cp_plan.ended"),
        *spells(record, "cin_plan.started", "cin_plan.ended"),
        *spells(record, "care.started", "care.ended"),
        *placements(record),
        *spells(record, "case.allocated", "case.deallocated"),
        *employments(record),
        *absences(record),
    ]
    return sum(not spell.ran for spell in every)


def closed_with_open_assessment(record: Record, today: date) -> int:
    return sum(
        authorised(record, one) is None and case_closed(record, one, one.get("referral_id"))
        for one in record.all("assessment.started")
    )


def unknown_worker(record: Record, today: date) -> int:
    known = {fact.get("worker_id") for fact in record.all("employment.started")}
    return sum(fact.get("worker_id") not in known for fact in running(allocations(record), today))


def running_plans(record: Record, kind: str, today: date) -> list[Version]:
    return running(spells(record, f"{kind}.started", f"{kind}.ended"), today)


def overlapping_plans(record: Record, today: date) -> int:
    plans = Counter(fact.child for fact in running_plans(record, "cp_plan", today))
    return sum(count - 1 for count in plans.values())


def plan_without_case(record: Record, today: date) -> int:
    need = in_need(record)
    both = running_plans(record, "cp_plan", today) + running_plans(record, "cin_plan", today)
    return sum(fact.child not in need for fact in both)


def allocation_without_case(record: Record, today: date) -> int:
    known = set(in_need(record))
    for kind in ("cp_plan", "cin_plan", "care"):
        known |= {str(fact.child) for fact in running_plans(record, kind, today)}
    return sum(fact.child not in known for fact in running(allocations(record), today))


CHECKS = {
    check.__name__: check
    for check in (
        stop_before_start,
        end_before_start,
        closed_with_open_assessment,
        unknown_worker,
        overlapping_plans,
        plan_without_case,
        allocation_without_case,
    )
}
