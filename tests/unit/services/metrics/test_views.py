from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from services.metrics.casebook import Casebook, Kind
from services.metrics.views import STATUSES, ChildView, RecordView, WorkerView, earliest, fte_of, latest_started
from tests.oracle.examples import AUTHORITY, decided, job, lead, referral, said
from tests.unit.services.metrics.product import TODAY, fold, view_of


def child(*events: dict[str, Any]) -> ChildView:
    view: ChildView = view_of(Kind.CHILD, "c1", *events)
    return view


def worker(*events: dict[str, Any], today: date = TODAY) -> WorkerView:
    view: WorkerView = view_of(Kind.WORKER, "w1", *events, today=today)
    return view


def plan(subject: str, start: str, end: str | None = None, **details: Any) -> list[dict[str, Any]]:
    started = said("cp_plan.started", subject, start, **details)
    return [started, said("cp_plan.ended", subject, end)] if end else [started]


# ---- spells


@pytest.mark.parametrize(
    ("end", "ran", "running", "on_the_start", "on_the_day_before_the_end"),
    [
        (None, True, True, True, True),
        ("2026-02-20", True, False, True, True),
        ("2026-02-10", True, False, False, False),
    ],
)
def test_a_spell_runs_from_its_start_to_the_day_before_its_end(
    end: str | None, ran: bool, running: bool, on_the_start: bool, on_the_day_before_the_end: bool
) -> None:
    (spell,) = child(*plan("p1", "2026-02-10", end)).spells("csc.cp_plan.started", "csc.cp_plan.ended")
    assert (spell.ran, spell.running) == (ran, running)
    assert spell.running_on(date(2026, 2, 10)) is on_the_start
    assert spell.running_on(date(2026, 2, 19)) is on_the_day_before_the_end
    assert not spell.running_on(date(2026, 2, 9))
    assert spell.running_on(date(2026, 2, 20)) is (end is None)


def test_a_spell_that_ended_before_it_started_never_ran() -> None:
    (spell,) = child(*plan("p1", "2026-02-10", "2026-02-09")).spells("csc.cp_plan.started", "csc.cp_plan.ended")
    assert not spell.ran
    assert not spell.running
    assert not any(spell.running_on(date(2026, 2, day)) for day in (8, 9, 10, 11))


def test_an_end_without_its_start_is_no_spell() -> None:
    assert child(said("cp_plan.ended", "p1", "2026-02-10")).spells("csc.cp_plan.started", "csc.cp_plan.ended") == []


def test_on_one_date_the_earliest_has_the_smaller_id_and_the_latest_the_larger() -> None:
    view = child(*plan("p9", "2026-02-10"), *plan("p10", "2026-02-10"), *plan("p1", "2026-02-11"))
    first = earliest(view.facts("csc.cp_plan.started"))
    assert first is not None
    assert first.subject == "p10"
    of_one_date = [spell for spell in view.spells("csc.cp_plan.started", "x") if spell.start.subject != "p1"]
    last = latest_started(of_one_date)
    assert last is not None
    assert last.start.subject == "p9"
    assert earliest([]) is None
    assert latest_started([]) is None


# ---- children


def test_withdrawn_facts_are_not_shown() -> None:
    view = child(
        referral("r1", "2026-02-02"), said("referral.received", "r1", "2026-02-02", op="withdraw", recordversion=1)
    )
    assert view.referrals == {}
    assert set(view.types) == set()
    assert view.fact("csc.referral.received", "r1") is None


@pytest.mark.parametrize(
    ("outcome", "is_case"),
    [("assessment", True), ("strategy_discussion", True), ("early_help", False), ("advice", False)],
)
def test_a_case_is_a_referral_decided_as_one(outcome: str, is_case: bool) -> None:
    view = child(referral("r1", "2026-02-02"), decided("r1", "2026-02-03", outcome))
    assert (view.case is not None) is is_case
    assert not view.closed("r1")


def test_a_closed_referral_is_no_case_and_needs_its_referral() -> None:
    closed = said("case.closed", "r1", "2026-02-20")
    view = child(referral("r1", "2026-02-02"), decided("r1", "2026-02-03"), closed)
    assert view.case is None
    assert view.closed("r1")
    assert not child(decided("r1", "2026-02-03"), closed).closed("r1")
    assert not view.closed(None)
    assert not view.closed("r2")


def test_of_several_cases_the_latest_received_counts() -> None:
    both = [(f"r{n}", f"2026-02-0{n}") for n in (3, 2)]
    view = child(*(event for id, day in both for event in (referral(id, day), decided(id, day))))
    assert view.case is not None
    assert view.case.received.subject == "r3"


@pytest.mark.parametrize(
    ("details", "team"),
    [
        ({"referral_id": "r1", "team_id": "own"}, "own"),
        ({"referral_id": "r1"}, "north"),
        ({"referral_id": "r2"}, "unassigned"),
        ({}, "unassigned"),
        ({"referral_id": None, "team_id": None}, "unassigned"),
    ],
)
def test_an_item_has_its_own_team_else_its_referrals(details: dict[str, Any], team: str) -> None:
    view = child(referral("r1", "2026-02-02"), said("section47.started", "s1", "2026-02-03", **details))
    (start,) = view.facts("csc.section47.started")
    assert view.team_by(start) == team


def test_a_child_is_allocated_while_a_lead_runs() -> None:
    assert child(lead("q1", "2026-02-02")).allocated
    assert not child(lead("q1", "2026-02-02", role="co_worker")).allocated
    assert not child(lead("q1", "2026-02-02"), said("case.deallocated", "q1", "2026-03-02")).allocated
    assert child(lead("q1", "2026-02-02"), said("case.deallocated", "q1", "2026-03-03")).allocated


def test_an_allocation_that_never_ran_is_none() -> None:
    assert child(lead("q1", "2026-02-02"), said("case.deallocated", "q1", "2026-02-01")).lead_allocations == []


def test_the_latest_started_running_plan_and_period_of_care_count() -> None:
    view = child(
        *plan("p1", "2026-02-01"),
        *plan("p2", "2026-02-05"),
        *plan("p3", "2026-02-20", "2026-03-01"),
        said("care.started", "o1", "2026-02-02"),
    )
    assert view.protection_plan is not None
    assert view.protection_plan.start.subject == "p2"
    assert view.care is not None
    assert view.care.start.subject == "o1"
    assert child(*plan("p3", "2026-02-20", "2026-03-01")).protection_plan is None


@pytest.mark.parametrize("status", STATUSES)
def test_a_child_without_a_status_has_no_team_in_it(status: str) -> None:
    assert child(referral("r1", "2026-02-02")).team_in(status) is None


def placements(*ends: dict[str, Any]) -> list[tuple[bool, str | None]]:
    begun = (said("care.started", "o1", "2026-02-02"), said("placement.started", "l1", "2026-02-03", care_id="o1"))
    view = child(*begun, *ends)
    return [(spell.ran, str(spell.end.day) if spell.end else None) for spell in view.placements]


def test_a_placement_ends_with_its_period_if_not_before() -> None:
    own, periods = said("placement.ended", "l1", "2026-02-10"), said("care.ended", "o1", "2026-02-20")
    assert placements() == [(True, None)]
    assert placements(own) == placements(own, periods) == [(True, "2026-02-10")]
    assert placements(periods) == [(True, "2026-02-20")]
    assert placements(own, said("care.ended", "o1", "2026-02-02")) == [(False, "2026-02-02")]
    assert placements(said("care.ended", "o2", "2026-02-05")) == [(True, None)]


def test_the_end_of_a_period_that_has_not_come_ends_no_placement() -> None:
    view = child(said("placement.started", "l1", "2026-02-03", care_id="o1"), said("care.ended", "o1", "2026-02-20"))
    assert [spell.end for spell in view.placements] == [None]


def test_what_happens_on_the_first_and_the_last_day_of_a_spell_can_belong_to_it() -> None:
    (spell,) = child(*plan("p1", "2026-02-10", "2026-02-12")).spells("csc.cp_plan.started", "csc.cp_plan.ended")
    assert [day for day in range(8, 15) if spell.holds(date(2026, 2, day))] == [10, 11, 12]


# ---- workers


def test_the_post_is_the_latest_started_running_employment() -> None:
    view = worker(
        job("m1", "2025-01-06", team_id="south"),
        job("m3", "2025-02-03", team_id="north"),
        job("m10", "2025-02-03", team_id="east"),
        job("m9", "2025-06-02", team_id="west"),
        said("employment.ended", "m9", "2026-03-02"),
    )
    assert view.post is not None
    assert (view.post.start.subject, view.team) == ("m3", "north")
    assert len(view.running) == 3
    assert len(view.employments) == 4


def test_full_time_equivalents_add_up_to_at_most_one() -> None:
    assert worker(job("m1", "2025-01-06", fte=0.1), job("m2", "2025-01-06", fte=0.2)).fte == Decimal("0.3")
    assert worker(job("m1", "2025-01-06", fte=0.6), job("m2", "2025-01-06", fte=0.7)).fte == 1
    assert fte_of(worker(job("m1", "2025-01-06", fte=0.07)).running[0]) == Decimal("0.07")


def test_what_no_longer_names_the_worker_is_not_the_workers() -> None:
    view = worker(
        job("m1", "2025-01-06", recordversion=1),
        job("m1", "2025-01-06", worker_id="w2", recordversion=2),
        said("absence.started", "b1", "2026-02-02", recordversion=1),
        said("absence.started", "b1", "2026-02-02", worker_id="w2", recordversion=2),
        lead("q1", "2026-02-02", recordversion=1),
        lead("q1", "2026-02-02", worker_id="w2", recordversion=2),
    )
    assert (view.employments, view.absences, view.held) == ([], [], frozenset())


def test_a_worker_holds_children_and_not_allocations() -> None:
    view = worker(
        job("m1", "2025-01-06"),
        lead("q1", "2026-02-02", child_id="c1"),
        lead("q2", "2026-02-03", child_id="c1"),
        lead("q3", "2026-02-03", child_id="c2"),
        lead("q4", "2026-02-03", child_id="c3", role="co_worker"),
        lead("q5", "2026-02-03", child_id="c4"),
        said("case.deallocated", "q5", "2026-03-02", child_id="c4"),
        lead("q6", "2026-02-03", child_id="c5"),
        said("case.deallocated", "q6", "2026-02-20", child_id="c5", recordversion=1),
        said("case.deallocated", "q6", "2026-02-20", child_id="c5", recordversion=2, op="withdraw"),
    )
    assert view.held == {"c1", "c2", "c5"}
    assert sorted(view.lead_allocations) == ["q1", "q2", "q3", "q6"]


def test_the_supervisions_of_a_worker_are_those_that_still_name_it() -> None:
    view = worker(
        job("m1", "2025-01-06"),
        said("supervision.held", "j1", "2026-02-02"),
        said("supervision.held", "j2", "2026-02-03", recordversion=1),
        said("supervision.held", "j2", "2026-02-03", worker_id="w2", recordversion=2),
        said("supervision.held", "j3", "2026-02-04", worker_id="w2", supervisor_id="w1"),
    )
    assert [held.subject for held in view.supervisions] == ["j1"]


@pytest.mark.parametrize(
    ("until", "newly_qualified"),
    [("2026-03-02", True), ("2026-03-01", False), ("2027-01-01", True), (None, False), ("9999-12-31", True)],
)
def test_the_supported_year_lasts_to_its_last_day(until: str | None, newly_qualified: bool) -> None:
    assert worker(job("m1", "2025-01-06", asye_until=until)).newly_qualified is newly_qualified


def test_a_worker_is_looked_at_again_when_the_supported_year_is_over() -> None:
    casebook = Casebook(TODAY)
    fold(casebook, job("m1", "2025-01-06", asye_until="2026-03-04"))
    unit = casebook.units[AUTHORITY, Kind.WORKER, "w1"]
    casebook.take_changed(10)
    view = WorkerView(unit, casebook, None, None)  # type: ignore[arg-type]
    assert view.newly_qualified
    casebook.advance(date(2026, 3, 4))
    assert unit not in casebook.take_changed(10)
    casebook.advance(date(2026, 3, 5))
    assert unit in casebook.take_changed(10)
    assert not WorkerView(unit, casebook, None, None).newly_qualified  # type: ignore[arg-type]


def test_reasons_of_running_absences_count_once() -> None:
    view = worker(
        job("m1", "2025-01-06"),
        said("absence.started", "b1", "2026-02-02"),
        said("absence.started", "b2", "2026-02-03"),
        said("absence.started", "b3", "2026-02-03", reason="other"),
        said("absence.started", "b4", "2026-02-03", reason="maternity"),
        said("absence.ended", "b4", "2026-03-02"),
    )
    assert view.absence_reasons == {"sickness", "other"}


def test_the_latest_report_that_stands_is_that_of_the_latest_time() -> None:
    reports = [
        said("establishment.reported", "north", "2026-02-01", vacant_fte=1),
        said("establishment.reported", "north", "2026-02-15", vacant_fte=2),
        said("establishment.reported", "north", "2026-02-15", op="withdraw", recordversion=1),
    ]
    for known, latest in ((reports, 1), (reports[:2], 2), (reports[1:], None)):
        view: RecordView = view_of(Kind.RECORD, "csc.establishment/north", *known)
        report = view.latest_report("csc.establishment.reported")
        assert (report.data["vacant_fte"] if report else None) == latest
