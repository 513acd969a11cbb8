"""A child of the return with their episodes: what the file says, and no more than becomes events."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from deploy.census.markup import Record
from deploy.census.values import (
    CATEGORIES,
    CLOSURES,
    PRIMARY_NEEDS,
    SOURCE_CODES,
    LeftOut,
    optional_code,
    optional_day,
    parse_day,
    required_code,
    required_day,
    required_flag,
)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Assessment:
    """An assessment, open where it has no date of authorisation."""

    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class Enquiry:
    """A section 47 enquiry: with a conference, without need of one, or neither yet."""

    start: date
    end: date | None
    """The date of the initial conference."""
    not_required: bool


@dataclass(frozen=True, slots=True)
class CinPlan:
    """A child in need plan."""

    start: date
    end: date | None


@dataclass(frozen=True, slots=True)
class CpPlan:
    """A child protection plan, with its initial category where that can be used."""

    start: date
    end: date | None
    category: str | None
    reviews: tuple[date, ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """One `CINdetails`: a referral and what followed from it; `start` is the referral date, if usable."""

    start: date | None
    end: date | None
    source: str | None
    need: str | None
    reason: str | None
    no_further_action: bool | None
    assessments: tuple[Assessment, ...]
    enquiries: tuple[Enquiry, ...]
    cin_plans: tuple[CinPlan, ...]
    cp_plans: tuple[CpPlan, ...]


def read_episode(record: Record, left_out: LeftOut) -> Episode:
    """One `CINdetails` element; what cannot be used is absent from it and counted."""
    start = required_day(record, "CINreferralDate", left_out)
    end = optional_day(record, "CINclosureDate", left_out)
    return Episode(
        start=start,
        end=end,
        source=required_code(record, "ReferralSource", SOURCE_CODES, left_out),
        need=optional_code(record, "PrimaryNeedCode", PRIMARY_NEEDS, left_out),
        reason=_reason(record, end, left_out),
        no_further_action=required_flag(record, "ReferralNFA", left_out),
        assessments=_assessments(record, start, left_out),
        enquiries=_sorted(_enquiry(part, left_out) for part in record.all("Section47")),
        cin_plans=_sorted(_cin_plan(part, left_out) for part in record.all("CINPlanDates")),
        cp_plans=_sorted(_cp_plan(part, left_out) for part in record.all("ChildProtectionPlans")),
    )


def _sorted(found: Iterable[T | None]) -> tuple[T, ...]:
    """Those that could be read, in an order that is not the file's: equal episodes are to look equal."""
    return tuple(sorted((one for one in found if one is not None), key=repr))


def _reason(record: Record, closed: date | None, left_out: LeftOut) -> str | None:
    if closed:
        return required_code(record, "ReasonForClosure", CLOSURES, left_out)
    if record.value("ReasonForClosure") and not record.value("CINclosureDate"):
        left_out.note("ReasonForClosure", "no closure date beside it", record.line)
    return None


def _assessments(record: Record, referred: date | None, left_out: LeftOut) -> tuple[Assessment, ...]:
    found = _sorted(_assessment(part, left_out) for part in record.all("Assessments"))
    if referred:
        return found
    for _ in found:
        left_out.note("Assessments", "no usable referral date to go with", record.line)
    return ()


def _assessment(part: Record, left_out: LeftOut) -> Assessment | None:
    start = required_day(part, "AssessmentActualStartDate", left_out)
    end = optional_day(part, "AssessmentAuthorisationDate", left_out)
    return Assessment(start, end) if start else None


def _enquiry(part: Record, left_out: LeftOut) -> Enquiry | None:
    start = required_day(part, "S47ActualStartDate", left_out)
    held = optional_day(part, "DateOfInitialCPC", left_out)
    not_required = required_flag(part, "ICPCnotRequired", left_out)
    return Enquiry(start, held, bool(not_required) and not held) if start else None


def _cin_plan(part: Record, left_out: LeftOut) -> CinPlan | None:
    start = required_day(part, "CINPlanStartDate", left_out)
    end = optional_day(part, "CINPlanEndDate", left_out)
    return CinPlan(start, end) if start else None


def _cp_plan(part: Record, left_out: LeftOut) -> CpPlan | None:
    start = required_day(part, "CPPstartDate", left_out)
    end = optional_day(part, "CPPendDate", left_out)
    category = required_code(part, "InitialCategoryOfAbuse", CATEGORIES, left_out)
    reviews = _reviews(part, left_out)
    return CpPlan(start, end, category, reviews) if start else None


def _reviews(plan: Record, left_out: LeftOut) -> tuple[date, ...]:
    """The dates of the plan's reviews, each once: two on one day are one that was typed twice."""
    days: set[date] = set()
    for written in (day for part in plan.all("Reviews") for day in part.all("CPPreviewDate")):
        day = parse_day(written.text.strip())
        if day is None:
            left_out.note("CPPreviewDate", "not a date", written.line)
        elif day in days:
            left_out.note("CPPreviewDate", "the same date again", written.line)
        else:
            days.add(day)
    return tuple(sorted(days))
