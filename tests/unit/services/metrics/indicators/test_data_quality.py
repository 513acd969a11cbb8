from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.data_quality import CHECKS, INDICATOR, of_child, of_record, of_worker
from tests.oracle.examples import Example, care, cin, decided, example, job, lead, placed, plan, referral, said
from tests.unit.services.metrics.product import about, view_of, wrong_either_way

CASE = (referral("r1", "2026-01-05"), decided("r1", "2026-01-06"))


def quality(**counts: int) -> str:
    return "\n".join(f'csc_data_quality_facts{{check="{check}"}} {counts.get(check, 0)}' for check in CHECKS)


OWN = [
    example(
        "one conference before two enquiries is one fact, and an enquiry and an action are two",
        said("section47.started", "s1", "2026-02-10"),
        said("transfer_in.notified", "t1", "2026-02-10"),
        said("conference.held", "f1", "2026-02-09", section47_id="s1", notification_id="t1"),
        said("audit_action.raised", "d1", "2026-02-10", due="2026-02-20"),
        said("audit_action.completed", "d1", "2026-02-09"),
        expected=quality(stop_before_start=2),
    ),
    example(
        "employments and absences count with their worker, who is named once",
        job("m1", "2026-02-10", recordversion=1),
        job("m1", "2026-02-10", worker_id="w2", recordversion=2),
        said("employment.ended", "m1", "2026-02-09"),
        said("absence.started", "b1", "2026-02-10"),
        said("absence.ended", "b1", "2026-02-09"),
        expected=quality(end_before_start=2),
    ),
    example(
        "all is well with what is mended",
        plan("p1", "2026-02-10", recordversion=1),
        said("cp_plan.ended", "p1", "2026-02-09"),
        plan("p1", "2026-02-01", recordversion=2),
        expected=quality(),
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_errors_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def found(check: str, *events: dict[str, Any]) -> list[str]:
    """The records about one child that fail a check."""
    child = view_of(Kind.CHILD, "c1", *events)
    return sorted(mark.record for mark in of_child(child) if CHECKS[mark.what[0]] == check)


STOPS = [
    (said("contact.received", "x1", "2026-02-10"), said("contact.decided", "x1", "2026-02-09", outcome="advice")),
    (referral("x1", "2026-02-10"), decided("x1", "2026-02-09")),
    (
        said("assessment.started", "x1", "2026-02-10", referral_id="r1"),
        said("assessment.authorised", "x1", "2026-02-09"),
    ),
    (said("section47.started", "s1", "2026-02-10"), said("conference.held", "x1", "2026-02-09", section47_id="s1")),
    (
        said("transfer_in.notified", "t1", "2026-02-10"),
        said("conference.held", "x1", "2026-02-09", notification_id="t1"),
    ),
    (plan("p1", "2026-02-10"), said("core_group.held", "x1", "2026-02-09", plan_id="p1")),
    (said("missing.returned", "x1", "2026-02-10"), said("return_interview.held", "x1", "2026-02-09T12:00:00Z")),
]


@pytest.mark.parametrize(("start", "stop"), STOPS, ids=lambda event: str(event["type"]))
def test_a_stop_before_its_start_is_found(start: dict[str, Any], stop: dict[str, Any]) -> None:
    assert found("stop_before_start", start, stop) == ["x1"]
    assert found("stop_before_start", start, {**stop, "time": start["time"]}) == []
    assert found("stop_before_start", stop) == []


def test_an_assessment_authorised_before_both_its_starts_is_one_fact() -> None:
    started = said("assessment.started", "a1", "2026-02-10", referral_id="r1")
    authorised = said("assessment.authorised", "a1", "2026-02-09")
    assert found("stop_before_start", referral("r1", "2026-02-10"), started, authorised) == ["a1"]


def test_an_assessment_authorised_before_the_referral_alone_is_found_too() -> None:
    started = said("assessment.started", "a1", "2026-02-02", referral_id="r1")
    authorised = said("assessment.authorised", "a1", "2026-02-09")
    assert found("stop_before_start", referral("r1", "2026-02-10"), started, authorised) == ["a1"]


def test_a_visit_or_review_before_its_plan_stops_nothing_and_is_no_error() -> None:
    visit = said("visit.recorded", "y1", "2026-02-09", purpose="cp", record_id="p1")
    review = said("cp_review.held", "v1", "2026-02-09", plan_id="p1")
    assert found("stop_before_start", plan("p1", "2026-02-10"), visit, review) == []


def test_an_allocation_before_the_decision_is_no_error() -> None:
    assert found("stop_before_start", *CASE, lead("q1", "2026-01-05")) == []


SPELLS = [
    (plan("x1", "2026-02-10"), "cp_plan.ended"),
    (cin("x1", "2026-02-10"), "cin_plan.ended"),
    (care("x1", "2026-02-10"), "care.ended"),
    (placed("x1", "2026-02-10"), "placement.ended"),
    (lead("x1", "2026-02-10"), "case.deallocated"),
    (lead("x1", "2026-02-10", role="co_worker"), "case.deallocated"),
]


@pytest.mark.parametrize(("start", "kind"), SPELLS)
def test_a_spell_that_ended_before_it_began_is_found(start: dict[str, Any], kind: str) -> None:
    assert found("end_before_start", start, said(kind, "x1", "2026-02-09")) == ["x1"]
    assert found("end_before_start", start, said(kind, "x1", "2026-02-10")) == []
    assert found("end_before_start", said(kind, "x1", "2026-02-09")) == []


def test_a_placement_that_began_after_its_period_ended_is_found() -> None:
    ended = said("care.ended", "o1", "2026-02-09")
    assert found("end_before_start", care("o1", "2026-02-02"), placed("l1", "2026-02-10"), ended) == ["l1"]


ASSESSMENT = said("assessment.started", "a1", "2026-01-08", referral_id="r1")
CLOSED = said("case.closed", "r1", "2026-02-09")


def test_an_assessment_left_open_when_its_case_closed_is_found() -> None:
    authorised = said("assessment.authorised", "a1", "2026-02-20")
    assert found("closed_with_open_assessment", *CASE, ASSESSMENT, CLOSED) == ["a1"]
    assert found("closed_with_open_assessment", *CASE, ASSESSMENT, CLOSED, authorised) == []
    assert found("closed_with_open_assessment", *CASE, ASSESSMENT) == []
    assert found("closed_with_open_assessment", ASSESSMENT, CLOSED) == []


def test_running_plans_beyond_the_first_are_found() -> None:
    plans = [plan(f"p{n}", f"2026-02-0{n}") for n in (3, 1, 2)]
    assert len(found("overlapping_plans", *plans)) == 2
    assert found("overlapping_plans", *plans[:2], said("cp_plan.ended", "p3", "2026-03-02")) == []
    assert found("overlapping_plans", plans[0], cin("i1", "2026-02-01")) == []


def test_running_plans_of_a_child_without_a_case_are_found() -> None:
    plans = (plan("p1", "2026-02-01"), cin("i1", "2026-02-01"), cin("i2", "2026-02-01"))
    ended = said("cin_plan.ended", "i2", "2026-03-02")
    assert found("plan_without_case", *plans, ended) == ["i1", "p1"]
    assert found("plan_without_case", *plans, ended, *CASE) == []
    assert found("plan_without_case", *plans, ended, *CASE, CLOSED) == ["i1", "p1"]


@pytest.mark.parametrize(
    ("others", "records"),
    [
        ((), ["q1"]),
        (CASE, []),
        ((*CASE, CLOSED), ["q1"]),
        ((plan("p1", "2026-02-01"),), []),
        ((cin("i1", "2026-02-01"),), []),
        ((care("o1", "2026-02-01"),), []),
        ((care("o1", "2026-02-01"), said("care.ended", "o1", "2026-03-02")), ["q1"]),
        ((said("case.deallocated", "q1", "2026-03-02"),), []),
        ((lead("q2", "2026-02-01", role="co_worker"),), ["q1"]),
    ],
)
def test_a_lead_allocation_of_a_child_that_has_nothing_else_is_found(
    others: tuple[dict[str, Any], ...], records: list[str]
) -> None:
    assert found("allocation_without_case", lead("q1", "2026-01-05"), *others) == records


def of_w1(*events: dict[str, Any]) -> list[tuple[str, str]]:
    worker = view_of(Kind.WORKER, "w1", *events)
    return [(CHECKS[mark.what[0]], mark.record) for mark in of_worker(worker)]


def test_a_lead_of_whom_no_employment_is_known_is_found_by_the_allocation() -> None:
    assert of_w1(lead("q1", "2026-01-05")) == [("unknown_worker", "q1")]
    assert of_w1(lead("q1", "2026-01-05", role="co_worker")) == []
    assert of_w1(lead("q1", "2026-01-05"), said("case.deallocated", "q1", "2026-03-02")) == []
    ended = (job("m1", "2025-01-06"), said("employment.ended", "m1", "2025-06-02"))
    assert of_w1(lead("q1", "2026-01-05"), *ended) == []


def test_an_absence_that_ended_before_it_began_is_found() -> None:
    absence = (said("absence.started", "b1", "2026-02-10"), said("absence.ended", "b1", "2026-02-09"))
    assert of_w1(*absence) == [("end_before_start", "b1")]


def test_an_action_done_before_it_was_raised_is_found() -> None:
    raised = said("audit_action.raised", "d1", "2026-02-10", due="2026-02-20")
    done = said("audit_action.completed", "d1", "2026-02-09")
    (mark,) = of_record(view_of(Kind.RECORD, "csc.audit_action/d1", raised, done))
    assert mark == ("", (CHECKS.index("stop_before_start"), 1), "d1")
