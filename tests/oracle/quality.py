"""What the contract says of the work's quality and of the information itself."""

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal

from tests.oracle.clocks import assessment_of, authorised, first_naming, was_held
from tests.oracle.facts import Record, Version, exposed_teams
from tests.oracle.series import WINDOWS, Figures, expose, series, windows_of
from tests.oracle.spells import (
    absences,
    allocations,
    case_closed,
    cin_plans,
    cp_plans,
    earliest,
    employments,
    grouped,
    in_need,
    periods,
    placements,
    running,
    spells,
    team_of,
)

GRADES = ("outstanding", "good", "requires_improvement", "inadequate")
HOUR = 3600
DELAYS = {"1h": HOUR, **{f"{days}d": days * 24 * HOUR for days in (1, 2, 5, 10, 20, 45)}}


def quality(record: Record, today: date) -> Figures:
    """The families under Quality, and of those under The information itself what follows from the facts."""
    return {
        **audits(record, today),
        **audit_actions(record),
        **delays(record),
        **states(record),
        **teams(record),
        **checks(record, today),
    }


def audits(record: Record, today: date) -> Figures:
    counts = Counter(
        (team_of(audit), audit.get("grade"), window)
        for audit in record.all("audit.completed")
        for window in windows_of(audit.day, today)
    )
    named = exposed_teams(record, "audit.completed")
    return expose(record, "csc_audits", named, {"grade": GRADES, "window": WINDOWS}, counts)


def audit_actions(record: Record) -> Figures:
    counts = Counter(
        (team_of(action),)
        for action in record.all("audit_action.raised")
        if record.one("audit_action.completed", action.subject)
        and not record.one("audit_action.verified", action.subject)
    )
    return expose(record, "csc_audit_actions_unverified", exposed_teams(record, "audit_action.raised"), {}, counts)


def delays(record: Record) -> Figures:
    """How long after they happened the facts were typed in, by the source of the version that counts."""
    found: Figures = {}
    for source in {version.source for version in record.versions}:
        took = [
            fact.recorded - fact.instant
            for fact in record.facts.values()
            if fact.source == source and fact.recorded is not None
        ]
        for label, limit in {**DELAYS, "+Inf": Decimal("Infinity")}.items():
            key = series("csc_recording_delay_facts", authority=record.authority, source=source, at_most=label)
            found[key] = Decimal(sum(delay <= limit for delay in took))
    return found


def checks(record: Record, today: date) -> Figures:
    return {
        series("csc_data_quality_facts", authority=record.authority, check=check): Decimal(count(record, today))
        for check, count in CHECKS.items()
    }


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
        first_of = first_naming(record, stop, field)
        for fact in record.all(start):
            yield fact, first_of(fact)

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
    first_of = first_naming(record, "core_group.held", "plan_id")
    for plan in cp_plans(record):
        if plan.ran:
            yield plan.begun, first_of(plan.begun)


def interviews(record: Record) -> Iterator[tuple[Version, Version]]:
    """The interviews that were held."""
    for missing, interview in same_record("missing.returned", "return_interview.held")(record):
        if interview is not None and was_held(interview):
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


def end_before_start(record: Record, today: date) -> int:
    every = [
        *cp_plans(record),
        *cin_plans(record),
        *periods(record),
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


def overlapping_plans(record: Record, today: date) -> int:
    plans = Counter(fact.child for fact in running(cp_plans(record), today))
    return sum(count - 1 for count in plans.values())


def plan_without_case(record: Record, today: date) -> int:
    need = in_need(record)
    both = running([*cp_plans(record), *cin_plans(record)], today)
    return sum(fact.child not in need for fact in both)


def allocation_without_case(record: Record, today: date) -> int:
    known = set(in_need(record))
    known |= {fact.child for fact in running([*cp_plans(record), *cin_plans(record), *periods(record)], today)}
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
