"""What a child's episodes say, as facts of the event contract: pure, without envelope or file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar

from deploy.census.children import CpPlan, Enquiry, Episode
from deploy.census.twins import Dated, identified

T = TypeVar("T")

OPEN = date.max
PLAN_WITHIN = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Fact:
    """One event without its envelope; `data` lacks only the child_id."""

    type: str
    subject: str
    day: date
    data: dict[str, Any]


@dataclass(frozen=True, slots=True)
class _Placed:
    """An episode with the id of its referral, where it has a usable date."""

    referral_id: str
    episode: Episode

    def dated(self, start: date, until: date | None, record: T) -> Dated[T]:
        return Dated(start, until or OPEN, self.episode.end or OPEN, self.referral_id, record)


def facts_of(child_id: str, episodes: Sequence[Episode]) -> Iterator[Fact]:
    """All facts of one child, in an order that does not depend on that of the episodes."""
    placed = _placed(child_id, episodes)
    for place in placed:
        yield from _referral(place)
    yield from _assessments(child_id, placed)
    yield from _enquiries(child_id, placed)
    yield from _cin_plans(child_id, placed)
    yield from _cp_plans(child_id, placed)


def _placed(child_id: str, episodes: Sequence[Episode]) -> list[_Placed]:
    with_date = [Dated(episode.start, episode.end or OPEN, OPEN, "", episode) for episode in episodes if episode.start]
    placed = [_Placed(subject, item.record) for subject, item in identified(child_id, "referral", with_date)]
    return placed + [_Placed("", episode) for episode in episodes if not episode.start]


def _referral(place: _Placed) -> Iterator[Fact]:
    episode = place.episode
    if not episode.start:
        return
    if episode.source:
        need = {"primary_need": episode.need} if episode.need else {}
        data = {"source_code": episode.source, **need}
        yield Fact("csc.referral.received", place.referral_id, episode.start, data)
    if episode.no_further_action is not None:
        outcome = {"outcome": _outcome(episode)}
        yield Fact("csc.referral.decided", place.referral_id, episode.start, outcome)
    if episode.end and episode.reason:
        yield Fact("csc.case.closed", place.referral_id, episode.end, {"reason": episode.reason})


def _outcome(episode: Episode) -> str:
    if episode.no_further_action:
        return "no_further_action"
    return "strategy_discussion" if episode.enquiries and not episode.assessments else "assessment"


def _assessments(child_id: str, placed: Sequence[_Placed]) -> Iterator[Fact]:
    dated = [p.dated(a.start, a.end, a) for p in placed for a in p.episode.assessments]
    for subject, item in identified(child_id, "assessment", dated):
        yield Fact("csc.assessment.started", subject, item.start, {"referral_id": item.parent})
        if item.record.end:
            yield Fact("csc.assessment.authorised", subject, item.record.end, {})


def _enquiries(child_id: str, placed: Sequence[_Placed]) -> Iterator[Fact]:
    """A conference shares the enquiry's id, so that one that turns out to be of another day is corrected."""
    dated = [enquiry for place in placed for enquiry in _dated_enquiries(place)]
    for subject, item in identified(child_id, "enquiry", dated):
        enquiry, plans = item.record
        referral = {"referral_id": item.parent} if item.parent else {}
        yield Fact("csc.section47.started", subject, item.start, referral)
        if enquiry.not_required:
            yield Fact("csc.section47.completed", subject, item.start, {"outcome": "no_conference"})
        if enquiry.end:
            yield from _conference(subject, enquiry.end, plans)


def _dated_enquiries(place: _Placed) -> Iterator[Dated[tuple[Enquiry, tuple[date, ...]]]]:
    plans = tuple(plan.start for plan in place.episode.cp_plans)
    for enquiry in place.episode.enquiries:
        yield place.dated(enquiry.start, enquiry.end, (enquiry, plans))


def _conference(enquiry_id: str, held: date, plans: Sequence[date]) -> Iterator[Fact]:
    planned = any(held <= start <= held + PLAN_WITHIN for start in plans)
    data = {"section47_id": enquiry_id, "outcome": "plan" if planned else "no_plan"}
    yield Fact("csc.section47.completed", enquiry_id, held, {"outcome": "conference"})
    yield Fact("csc.conference.held", enquiry_id, held, data)


def _cin_plans(child_id: str, placed: Sequence[_Placed]) -> Iterator[Fact]:
    dated = [p.dated(c.start, c.end, c) for p in placed for c in p.episode.cin_plans]
    for subject, item in identified(child_id, "cin_plan", dated):
        yield Fact("csc.cin_plan.started", subject, item.start, {})
        if item.record.end:
            yield Fact("csc.cin_plan.ended", subject, item.record.end, {})


def _cp_plans(child_id: str, placed: Sequence[_Placed]) -> Iterator[Fact]:
    dated = [p.dated(c.start, c.end, c) for p in placed for c in p.episode.cp_plans]
    plans = list(identified(child_id, "cp_plan", dated))
    for subject, item in plans:
        if item.record.category:
            yield Fact("csc.cp_plan.started", subject, item.start, {"category": item.record.category})
        if item.record.end:
            yield Fact("csc.cp_plan.ended", subject, item.record.end, {})
    yield from _reviews(child_id, plans)


def _reviews(child_id: str, plans: Sequence[tuple[str, Dated[CpPlan]]]) -> Iterator[Fact]:
    """A review's id does not rest on its plan's, so that plans with one start date cannot double it."""
    dated = [
        Dated(day, item.until, item.closed, plan_id, None) for plan_id, item in plans for day in item.record.reviews
    ]
    for subject, review in identified(child_id, "cp_review", dated):
        yield Fact("csc.cp_review.held", subject, review.start, {"plan_id": review.parent})
