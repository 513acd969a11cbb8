"""Child protection: the initial conference, the first core group, reviews and visits under a plan."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED, Fact
from services.metrics.repeating import by_record, intervals, visits_of
from services.metrics.timeliness import Clock, Item
from services.metrics.views import ChildView, Spell, earliest
from shared.domain.timescale import Months, Rule, WorkingDays, always

PLAN = "csc.cp_plan.started"
HELD = "csc.conference.held"
REVIEW_SOURCE = "Working Together; CIN census guide 5.5: within 3 months of the initial conference, then 6"
FIRST_REVIEW = Rule(Months(3), REVIEW_SOURCE)
NEXT_REVIEW = Rule(Months(6), REVIEW_SOURCE)
VISIT_SOURCE = "The authority's policy (clocks.cp_visit); no national interval exists"


def conference(child: ChildView) -> Iterator[Item]:
    """From the strategy discussion that began the enquiry to the first conference held on it."""
    for start in child.facts("csc.section47.started"):
        first = _first_conference(child, "section47_id", start)
        if first or not _no_conference_to_come(child, start):
            yield Item(child.team_by(start), start.subject, start, first)


def transfer_in_conference(child: ChildView) -> Iterator[Item]:
    """From the notice that a child on a plan has moved in to the first conference held on it."""
    for notified in child.facts("csc.transfer_in.notified"):
        first = _first_conference(child, "notification_id", notified)
        if first or not child.fact("csc.transfer_in.closed", notified.subject):
            yield Item(notified.team or UNASSIGNED, notified.subject, notified, first)


def core_group(child: ChildView) -> Iterator[Item]:
    """From the start of a plan to its first core group."""
    held = by_record(child.facts("csc.core_group.held"), "plan_id")
    for plan in plans(child):
        first = earliest(held.get(plan.start.subject, []))
        if plan.ran and (first or not plan.end):
            yield Item(plan.start.team or UNASSIGNED, plan.start.subject, plan.start, first)


def cp_review(child: ChildView) -> Iterator[Item]:
    """From the start of a plan to its first review, and from review to review."""
    held = by_record(child.facts("csc.cp_review.held"), "plan_id")
    for plan in plans(child):
        for interval in intervals(plan, held.get(plan.start.subject, [])):
            rule = NEXT_REVIEW if interval.before else FIRST_REVIEW
            yield Item(plan.start.team or UNASSIGNED, plan.start.subject, interval.begins, interval.ends, rule)


def cp_visit(child: ChildView) -> Iterator[Item]:
    """From the start of a plan to the first visit at which the child was seen, and from visit to visit."""
    rule = Rule(WorkingDays(child.policy.clocks.cp_visit), VISIT_SOURCE)
    all_plans = plans(child)
    visits = visits_of(child, "cp", all_plans)
    for plan in all_plans:
        for interval in intervals(plan, visits.get(plan.start.subject, [])):
            yield Item(plan.start.team or UNASSIGNED, plan.start.subject, interval.begins, interval.ends, rule)


def plans(child: ChildView) -> list[Spell]:
    """All child protection plans, those that never ran included."""
    return child.spells(PLAN, "csc.cp_plan.ended")


def _first_conference(child: ChildView, field: str, start: Fact) -> Fact | None:
    return earliest([one for one in child.facts(HELD) if one.data.get(field) == start.subject])


def _no_conference_to_come(child: ChildView, start: Fact) -> bool:
    completed = child.fact("csc.section47.completed", start.subject)
    no_conference = completed is not None and completed.data["outcome"] == "no_conference"
    return no_conference or child.closed(start.data.get("referral_id"))


CLOCKS = (
    Clock(
        name="conference",
        starts="The strategy discussion that began the section 47 enquiry.",
        stops="The first initial conference held on that enquiry.",
        gone="There was no conference, and the enquiry was completed without the need of one or the case closed.",
        rules=always(WorkingDays(15), "Working Together; CIN census guide and query 8675Q"),
        needs=frozenset({"csc.section47.started"}),
        kind=Kind.CHILD,
        items=conference,
        silent_on="How safe the child is meanwhile, and whether the right people sat at the table.",
        balance="Conferences that end without a plan, and overdue beside completed.",
        breached="See what holds the date: a report, a chair, a room, a family not told. The child's safety plan is "
        "due now.",
        national="England 2025: 81.4 % of 72,100 conferences within 15 working days, median 14 (DfE, children in "
        "need, table C4).",
        buckets=(10, 15, 20),
    ),
    Clock(
        name="transfer_in_conference",
        starts="Another authority gives notice that a child on a plan has moved in.",
        stops="The first conference held on that notice.",
        gone="The notice was closed and there was no conference.",
        rules=always(WorkingDays(15), "Working Together; CIN census guide 4.8"),
        needs=frozenset({"csc.transfer_in.notified"}),
        kind=Kind.CHILD,
        items=transfer_in_conference,
        silent_on="Whether the first authority still visits in the meantime.",
        balance="The conference clock: both share chairs and rooms.",
        breached="Agree with the first authority who sees the child until the conference, and fix its date.",
    ),
    Clock(
        name="core_group",
        starts="A child protection plan starts.",
        stops="The first core group of the plan.",
        gone="The plan ended and there was no core group.",
        rules=always(
            WorkingDays(10), "Working Together, as local procedures repeat it: within 10 working days of the conference"
        ),
        needs=frozenset({PLAN}),
        kind=Kind.CHILD,
        items=core_group,
        silent_on="Later core groups: their interval is local, four to six weeks.",
        balance="Visits under the plan: a meeting is not a visit.",
        breached="Name the lead worker and hold it: until then the plan is an outline that no one carries out.",
    ),
    Clock(
        name="cp_review",
        starts="A child protection plan starts; then each review of it.",
        stops="The next review of the plan.",
        gone="The plan ended.",
        rules=f"First 3 months, then 6 months. {REVIEW_SOURCE}.",
        needs=frozenset({PLAN}),
        kind=Kind.CHILD,
        items=cp_review,
        silent_on="Whether anything has changed for the child between the reviews.",
        balance="Plans of two years and more, and repeat plans.",
        breached="Chairs' diaries are planned months ahead: look at all that fall due in the next five weeks.",
        national="England 2025: 90.6 % of children three months on a plan had all reviews in time, another measure "
        "(DfE, children in need, table D).",
    ),
    Clock(
        name="cp_visit",
        starts="A child protection plan starts; then each visit under it at which the child was seen.",
        stops="The next such visit.",
        gone="The plan ended.",
        rules=f"By policy; 10 working days where it says nothing. {VISIT_SOURCE}.",
        needs=frozenset({PLAN}),
        kind=Kind.CHILD,
        items=cp_visit,
        silent_on="Whether the child was seen alone, and what it said. A visit without the child stops nothing.",
        balance="Recording delay: a visit made and not yet written looks like none.",
        breached="See the child. Then ask whether the worker has too many children or too far to go.",
    ),
)
