"""At the front door: a decision on each contact and referral, and a worker for each child who needs one."""

from collections.abc import Iterator
from datetime import date

from services.metrics.casebook import Kind
from services.metrics.fact import Fact
from services.metrics.timeliness import Clock, Item
from services.metrics.views import ChildView, Spell, earliest
from shared.domain.timescale import WorkingDays, always


def contact_decision(child: ChildView) -> Iterator[Item]:
    """From contact received to contact decided."""
    for received in child.facts("csc.contact.received"):
        decided = child.fact("csc.contact.decided", received.subject)
        yield Item(child.team_by(received), received.subject, received, decided)


def referral_decision(child: ChildView) -> Iterator[Item]:
    """From referral received to referral decided."""
    for referral in child.referrals.values():
        yield Item(referral.team, referral.received.subject, referral.received, referral.decided)


def allocation(child: ChildView) -> Iterator[Item]:
    """From the decision to the first lead allocation that was running at the referral or started after it."""
    for referral in child.referrals.values():
        if referral.accepted and referral.decided:
            first = _first_allocation(child, referral.received.day)
            if first or not referral.closed:
                stopped = max(first.day, referral.decided.day) if first else None
                yield Item(referral.team, referral.received.subject, referral.decided, first, stopped=stopped)


def _first_allocation(child: ChildView, received: date) -> Fact | None:
    return earliest([spell.start for spell in child.lead_allocations if _counts_for(spell, received)])


def _counts_for(allocation: Spell, received: date) -> bool:
    return allocation.start.day > received or allocation.running_on(received)


CLOCKS = (
    Clock(
        name="contact_decision",
        starts="A contact is received.",
        stops="It is decided.",
        gone="Never.",
        rules=always(WorkingDays(1), "Local practice of 24 hours; no national rule"),
        needs=frozenset({"csc.contact.received"}),
        kind=Kind.CHILD,
        items=contact_decision,
        silent_on="Whether the decision was right. Contacts are not in the census, and authorities count them "
        "differently.",
        balance="Contacts by outcome, and re-referrals: quick decisions that turn children away come back.",
        breached="Look at who screens on the day and what holds the oldest one up; ask the partner who waits.",
    ),
    Clock(
        name="referral_decision",
        starts="A referral is received.",
        stops="It is decided what happens next.",
        gone="Never.",
        rules=always(WorkingDays(1), "Working Together; Keeping Children Safe in Education; CIN census guide 4.1"),
        needs=frozenset({"csc.referral.received"}),
        kind=Kind.CHILD,
        items=referral_decision,
        silent_on="Whether the referrer was told, and whether the threshold was applied evenly.",
        balance="Referrals with no further action, and re-referrals within twelve months.",
        breached="A manager reads each undecided referral today: nobody has yet looked at how safe the child is.",
    ),
    Clock(
        name="allocation",
        starts="A referral is decided to need an assessment or a strategy discussion.",
        stops="The first lead allocation of the child that ran on the referral's received date or began after it.",
        gone="The case closed and there is no such allocation.",
        rules=always(WorkingDays(1), "Local practice; no national rule"),
        needs=frozenset({"csc.referral.decided", "csc.case.allocated"}),
        kind=Kind.CHILD,
        items=allocation,
        silent_on="Whether the worker has room for the child, or has met it.",
        balance="Caseload over threshold: children given at once to whoever is already full are not helped.",
        breached="Decide where the child goes today; if no one has room, that is for the head of service to know.",
    ),
)
