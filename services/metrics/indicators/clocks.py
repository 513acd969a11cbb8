"""Timescales in working days: how many items are open, overdue, due soon, and were completed on time.

Read the completed and the overdue side by side: slow items are in no completed figure until they finish, so that a
rising share on time can go with a growing backlog. DfE counts assessments by the date on which they ended, with the
day buckets used here (children in need census, tables C2 and C4). The census guide sets 45 working days from the
point of referral; 15 from the strategy discussion to the initial conference; one for the decision on a referral.
"""

from collections.abc import Iterator
from datetime import date

from services.metrics.casebook import Kind
from services.metrics.fact import Fact
from services.metrics.timeliness import Clock, Item, strand_of
from services.metrics.views import ChildView, Spell, earliest

STARTED = "csc.assessment.started"
AUTHORISED = "csc.assessment.authorised"
ASSESSMENT_BUCKETS = (0, 10, 20, 30, 40, 45, 50, 60)
CONFERENCE_BUCKETS = (10, 15, 20)


def contact_decision(child: ChildView) -> Iterator[Item]:
    """From contact received to contact decided."""
    for received in child.facts("csc.contact.received"):
        decided = child.fact("csc.contact.decided", received.subject)
        yield Item(child.team_by(received), received.day, _day(decided))


def referral_decision(child: ChildView) -> Iterator[Item]:
    """From referral received to referral decided."""
    for referral in child.referrals.values():
        yield Item(referral.team, referral.received.day, _day(referral.decided))


def allocation(child: ChildView) -> Iterator[Item]:
    """From the decision to the first lead allocation that was running at the referral or started after it."""
    for referral in child.referrals.values():
        if referral.accepted and referral.decided:
            first = _first_allocation(child, referral.received.day)
            if first is not None:
                first = max(first, referral.decided.day)
            if first or not referral.closed:
                yield Item(referral.team, referral.decided.day, first)


def assessment(child: ChildView) -> Iterator[Item]:
    """From the referral to the first authorisation: one clock a referral."""
    started: dict[str, list[Fact]] = {}
    for start in child.facts(STARTED):
        started.setdefault(start.data["referral_id"], []).append(start)
    for referral_id, starts in started.items():
        if referral := child.referrals.get(referral_id):
            authorised = earliest([end for start in starts if (end := child.fact(AUTHORISED, start.subject))])
            leading = child.fact(STARTED, authorised.subject) if authorised else earliest(starts)
            if leading and (authorised or not referral.closed):
                yield Item(leading.team or referral.team, referral.received.day, _day(authorised))


def assessment_from_start(child: ChildView) -> Iterator[Item]:
    """From the start of each assessment to its authorisation."""
    for start in child.facts(STARTED):
        authorised = child.fact(AUTHORISED, start.subject)
        if authorised or not child.closed(start.data["referral_id"]):
            yield Item(child.team_by(start), start.day, _day(authorised))


def conference(child: ChildView) -> Iterator[Item]:
    """From the strategy discussion that began the enquiry to the first conference held on it."""
    held = child.facts("csc.conference.held")
    for start in child.facts("csc.section47.started"):
        first = earliest([one for one in held if one.data.get("section47_id") == start.subject])
        if first or not _no_conference_to_come(child, start):
            yield Item(child.team_by(start), start.day, _day(first))


def _no_conference_to_come(child: ChildView, start: Fact) -> bool:
    completed = child.fact("csc.section47.completed", start.subject)
    no_conference = completed is not None and completed.data["outcome"] == "no_conference"
    return no_conference or child.closed(start.data.get("referral_id"))


def _first_allocation(child: ChildView, received: date) -> date | None:
    return min((spell.start.day for spell in child.lead_allocations if _counts_for(spell, received)), default=None)


def _counts_for(allocation: Spell, received: date) -> bool:
    return allocation.start.day > received or allocation.running_on(received)


def _day(fact: Fact | None) -> date | None:
    return fact.day if fact else None


CLOCKS = (
    Clock(
        name="contact_decision",
        meaning="From a contact received to what was decided on it.",
        source="Local practice of 24 hours; no national rule.",
        needs=frozenset({"csc.contact.received"}),
        kind=Kind.CHILD,
        items=contact_decision,
        working_days=1,
    ),
    Clock(
        name="referral_decision",
        meaning="From a referral received to the decision on the next steps.",
        source="Working Together; CIN census guide 4.1: within one working day.",
        needs=frozenset({"csc.referral.received"}),
        kind=Kind.CHILD,
        items=referral_decision,
        working_days=1,
    ),
    Clock(
        name="allocation",
        meaning="From the decision that a child needs an assessment to a lead worker for the child.",
        source="Local practice; no national rule.",
        needs=frozenset({"csc.referral.decided", "csc.case.allocated"}),
        kind=Kind.CHILD,
        items=allocation,
        working_days=1,
    ),
    Clock(
        name="assessment",
        meaning="From the referral to the first authorised assessment.",
        source="CIN census guide 4.9: 45 working days from the point of referral.",
        needs=frozenset({STARTED}),
        kind=Kind.CHILD,
        items=assessment,
        working_days=45,
        buckets=ASSESSMENT_BUCKETS,
    ),
    Clock(
        name="assessment_from_start",
        meaning="From the start of each assessment to its authorisation.",
        source="CIN census query 8670Q: 45 working days.",
        needs=frozenset({STARTED}),
        kind=Kind.CHILD,
        items=assessment_from_start,
        working_days=45,
        buckets=ASSESSMENT_BUCKETS,
    ),
    Clock(
        name="conference",
        meaning="From the strategy discussion to the initial child protection conference.",
        source="CIN census guide; query 8675Q: 15 working days.",
        needs=frozenset({"csc.section47.started"}),
        kind=Kind.CHILD,
        items=conference,
        working_days=15,
        buckets=CONFERENCE_BUCKETS,
    ),
)

STRANDS = tuple(strand_of(clock, tuple(clock.name for clock in CLOCKS)) for clock in CLOCKS)
