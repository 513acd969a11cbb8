"""Children in need: visits under a plan."""

from collections.abc import Iterator

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED
from services.metrics.repeating import intervals, visits_of
from services.metrics.timeliness import Clock, Item
from services.metrics.views import ChildView
from shared.domain.timescale import Rule, WorkingDays

PLAN = "csc.cin_plan.started"
SOURCE = "The authority's policy (clocks.cin_visit); no national interval exists"


def cin_visit(child: ChildView) -> Iterator[Item]:
    """From the start of a plan to the first visit at which the child was seen, and from visit to visit."""
    rule = Rule(WorkingDays(child.policy.clocks.cin_visit), SOURCE)
    plans = child.spells(PLAN, "csc.cin_plan.ended")
    visits = visits_of(child, "cin", plans)
    for plan in plans:
        for interval in intervals(plan, visits.get(plan.start.subject, [])):
            yield Item(plan.start.team or UNASSIGNED, plan.start.subject, interval.begins, interval.ends, rule)


CLOCKS = (
    Clock(
        name="cin_visit",
        starts="A child in need plan starts; then each visit under it at which the child was seen.",
        stops="The next such visit.",
        gone="The plan ended.",
        rules=f"By policy; 20 working days where it says nothing. {SOURCE}.",
        needs=frozenset({PLAN}),
        kind=Kind.CHILD,
        items=cin_visit,
        silent_on="Children with a case and no plan: no clock runs for them.",
        balance="Recording delay, and caseload over threshold.",
        breached="See the child; where visits are late for many, ask which plans could end well.",
    ),
)
