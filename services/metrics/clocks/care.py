"""Children looked after: reviews of the period of care, and visits to each placement by its regime."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.metrics.casebook import Kind
from services.metrics.fact import UNASSIGNED, Fact
from services.metrics.repeating import by_record, held_within, intervals, visits_of
from services.metrics.timeliness import Clock, Item
from services.metrics.views import ChildView, Spell
from shared.domain.calendar import add_months
from shared.domain.timescale import Days, Months, Rule, WorkingDays

CARE = "csc.care.started"
PLACEMENT = "csc.placement.started"
REVIEW_SOURCE = "Care Planning Regulations 2010 (SI 2010/959), regulation 33"
REVIEWS = (Rule(WorkingDays(20), REVIEW_SOURCE), Rule(Months(3), REVIEW_SOURCE), Rule(Months(6), REVIEW_SOURCE))
"""The first, the second, and all others."""
VISIT_SOURCE = "Care Planning Regulations 2010 (SI 2010/959 as amended by SI 2015/495), regulation 28"
A_WEEK = Rule(Days(7), VISIT_SOURCE)
SIX_WEEKS = Rule(Days(42), VISIT_SOURCE)
FOUR_WEEKS = Rule(Days(28), VISIT_SOURCE)
AFTER_A_YEAR: dict[str, Rule] = {
    "long_term": Rule(Months(3), VISIT_SOURCE),
    "long_term_foster": Rule(Months(6), VISIT_SOURCE),
}
"""By regime, from the placement's first anniversary on; six weeks before it."""
AFTER_A_REVIEW: dict[str, Rule] = {
    "weekly_then_six_weeks": SIX_WEEKS,
    "weekly_then_four_weeks": FOUR_WEEKS,
}
"""By regime, from the period's first review on; weekly before it."""
A_YEAR = 12
"""Months."""


def care_review(child: ChildView) -> Iterator[Item]:
    """From the start of a period of care to its first review, and from review to review."""
    held = reviews(child)
    for period in periods(child):
        for interval in intervals(period, held.get(period.start.subject, ())):
            rule = REVIEWS[min(interval.before, len(REVIEWS) - 1)]
            yield Item(period.start.team or UNASSIGNED, period.start.subject, interval.begins, interval.ends, rule)


def care_visit(child: ChildView) -> Iterator[Item]:
    """From the start of a placement to the first visit at which the child was seen, and from visit to visit."""
    visits = visits_of(child, "care", child.placements)
    changes = by_record(child.facts("csc.placement.regime_changed"), "placement_id")
    first_reviews = _first_reviews(child)
    for placement in child.placements:
        care_id = placement.start.data["care_id"]
        period = child.fact(CARE, care_id)
        team = (period.team if period else None) or UNASSIGNED
        for interval in intervals(placement, visits.get(placement.start.subject, ())):
            regime = regime_on(interval.begins.day, placement.start, changes.get(placement.start.subject, ()))
            rule = rule_after(interval.begins.day, regime, placement.start.day, first_reviews.get(care_id))
            rule = rule if interval.before else A_WEEK
            yield Item(team, placement.start.subject, interval.begins, interval.ends, rule)


def periods(child: ChildView) -> list[Spell]:
    """All periods of care, those that never ran included."""
    return child.spells(CARE, "csc.care.ended")


def reviews(child: ChildView) -> dict[str, list[Fact]]:
    """Reviews by period of care."""
    return dict(by_record(child.facts("csc.care_review.held"), "care_id"))


def regime_on(day: date, placement: Fact, changes: Sequence[Fact]) -> str:
    """The regime of the latest change on or before a day, else the placement's own."""
    known = [change for change in changes if change.day <= day]
    latest = max(known, key=lambda change: (change.day, change.subject), default=placement)
    regime: str = latest.data["regime"]
    return regime


def rule_after(day: date, regime: str, placed: date, first_review: date | None) -> Rule:
    """What the interval that a visit on ``day`` begins goes by."""
    if regime in AFTER_A_YEAR and day >= add_months(placed, A_YEAR):
        return AFTER_A_YEAR[regime]
    if regime in AFTER_A_REVIEW:
        return AFTER_A_REVIEW[regime] if first_review and first_review <= day else A_WEEK
    return SIX_WEEKS


def _first_reviews(child: ChildView) -> dict[str, date]:
    """By period of care, the date of its first review; only reviews within the period count."""
    held = reviews(child)
    within = {
        period.start.subject: held_within(period, held.get(period.start.subject, ())) for period in periods(child)
    }
    return {care_id: first.day for care_id, (first, *_) in ((id, facts) for id, facts in within.items() if facts)}


CLOCKS = (
    Clock(
        name="care_review",
        starts="A period of care starts; then each review of it.",
        stops="The next review of the period.",
        gone="The period ended.",
        rules=f"First 20 working days, then 3 months, then 6 months. {REVIEW_SOURCE}.",
        needs=frozenset({CARE}),
        kind=Kind.CHILD,
        items=care_review,
        silent_on="Whether the child took part, and whether what was decided was done.",
        balance="Changes of placement and of worker.",
        breached="The reviewing officer sets the date; tell them why it slipped and what the child was told.",
    ),
    Clock(
        name="care_visit",
        starts="A placement starts; then each visit to it at which the child was seen.",
        stops="The next such visit.",
        gone="The placement or its period of care ended.",
        rules="First within a week; then by the placement's regime: six weeks, from its first anniversary 3 or 6 "
        "months where it is long term; or weekly until the first review and then six or four weeks. "
        f"{VISIT_SOURCE}.",
        needs=frozenset({PLACEMENT}),
        kind=Kind.CHILD,
        items=care_visit,
        silent_on="Whether the child was seen alone, and how the placement is.",
        balance="Recording delay: a visit made and not yet written looks like none.",
        breached="See the child, above all in the first week of a placement.",
    ),
)
