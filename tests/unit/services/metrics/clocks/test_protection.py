import pytest

from services.metrics.casebook import Kind
from services.metrics.clocks.protection import CLOCKS, plans
from services.metrics.timeliness import Clock, Item
from shared.domain.policy import parse_policy
from tests.oracle.examples import Example, cin, clock_lines, done_lines, example, plan, referral, said, visits
from tests.unit.services.metrics.product import about, runs, view_of, wrong_either_way

CONFERENCE, TRANSFER, CORE_GROUP, REVIEW, VISIT = CLOCKS

OWN = [
    example(
        "the state funeral is no working day: the sixteenth day is the day after",
        said("section47.started", "s1", "2022-09-05", team_id="north", child_id="c1"),
        said("conference.held", "f1", "2022-09-27", section47_id="s1", child_id="c1"),
        said("section47.started", "s2", "2022-09-05", team_id="north", child_id="c2"),
        said("conference.held", "f2", "2022-09-28", section47_id="s2", child_id="c2"),
        expected=done_lines("conference", "north", (2, 2, 2), (1, 1, 1)),
        now="2022-09-30T09:00:00Z",
    ),
    example(
        "a withdrawn conference opens the clock again",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("conference.held", "f1", "2026-02-10", section47_id="s1"),
        said("conference.held", "f1", "2026-02-10", op="withdraw", recordversion=1),
        expected=clock_lines("conference", "north", open=1, overdue=1, longest_overdue_seconds=7 * 86_400),
    ),
]
ENQUIRY = said("section47.started", "s1", "2026-02-02", team_id="north")
NOTICE = said("transfer_in.notified", "t1", "2026-02-02", team_id="north")
PLAN = plan("p1", "2026-02-02")
OPEN = ("p1", "2026-02-02", None, "2026-02-16")


@pytest.mark.parametrize("example", [*about(*CLOCKS), *OWN], ids=lambda example: example.claim)
def test_the_clocks_say_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def items(clock: Clock, *events: dict[str, object]) -> list[Item]:
    return clock.items_of(view_of(Kind.CHILD, "c1", *events))


def teams(clock: Clock, *events: dict[str, object]) -> list[str]:
    return [item.team for item in items(clock, *events)]


def conference(subject: str, when: str, **details: object) -> dict[str, object]:
    return said("conference.held", subject, when, **{"section47_id": "s1", **details})


def ended(subject: str, when: str) -> dict[str, object]:
    return said("cp_plan.ended", subject, when)


def group(subject: str, when: str, plan_id: str = "p1") -> dict[str, object]:
    return said("core_group.held", subject, when, plan_id=plan_id)


def review(subject: str, when: str, plan_id: str = "p1") -> dict[str, object]:
    return said("cp_review.held", subject, when, plan_id=plan_id)


# ---- conferences


def test_an_enquiry_runs_to_its_first_conference() -> None:
    assert runs(CONFERENCE, "c1", ENQUIRY) == [("s1", "2026-02-02", None, "2026-02-23")]
    held = [conference("f1", "2026-02-26"), conference("f2", "2026-02-24"), conference("f3", "2026-02-25")]
    assert runs(CONFERENCE, "c1", ENQUIRY, *held) == [("s1", "2026-02-02", "2026-02-24", "2026-02-23")]


def test_an_enquiry_that_ended_in_another_outcome_still_waits_for_its_conference() -> None:
    for outcome, there in (("conference", 1), ("no_conference", 0)):
        completed = said("section47.completed", "s1", "2026-02-10", outcome=outcome)
        assert len(runs(CONFERENCE, "c1", ENQUIRY, completed)) == there


def test_an_enquiry_of_a_closed_case_is_gone_and_one_of_no_case_never() -> None:
    closed = [referral("r1", "2026-02-01"), said("case.closed", "r1", "2026-02-20")]
    of_the_case = said("section47.started", "s1", "2026-02-02", referral_id="r1")
    assert runs(CONFERENCE, "c1", of_the_case, *closed) == []
    assert runs(CONFERENCE, "c1", of_the_case, closed[1]) == [("s1", "2026-02-02", None, "2026-02-23")]
    assert runs(CONFERENCE, "c1", ENQUIRY, *closed) == [("s1", "2026-02-02", None, "2026-02-23")]


def test_an_enquiry_has_its_own_team_else_its_referral_s() -> None:
    of_the_case = said("section47.started", "s1", "2026-02-02", referral_id="r1")
    assert teams(CONFERENCE, of_the_case, referral("r1", "2026-02-01", team_id="duty")) == ["duty"]
    assert teams(CONFERENCE, ENQUIRY, referral("r1", "2026-02-01", team_id="duty")) == ["north"]


def test_a_transfer_runs_from_its_notice_to_the_conference_on_it() -> None:
    held = said("conference.held", "f1", "2026-02-23", notification_id="t1")
    assert runs(TRANSFER, "c1", NOTICE) == [("t1", "2026-02-02", None, "2026-02-23")]
    assert runs(TRANSFER, "c1", NOTICE, held) == [("t1", "2026-02-02", "2026-02-23", "2026-02-23")]


def test_a_transfer_that_was_closed_is_gone_until_a_conference_is_held_after_all() -> None:
    closed = said("transfer_in.closed", "t1", "2026-02-10")
    held = said("conference.held", "f1", "2026-02-24", notification_id="t1")
    assert runs(TRANSFER, "c1", NOTICE, closed) == []
    assert runs(TRANSFER, "c1", NOTICE, closed, held) == [("t1", "2026-02-02", "2026-02-24", "2026-02-23")]


def test_another_notice_s_closure_closes_nothing() -> None:
    closed = said("transfer_in.closed", "t2", "2026-02-10")
    assert runs(TRANSFER, "c1", NOTICE, closed) == [("t1", "2026-02-02", None, "2026-02-23")]


# ---- plans


def test_plans_are_all_that_started_also_what_never_ran() -> None:
    child = view_of(
        Kind.CHILD, "c1", PLAN, ended("p1", "2026-01-30"), plan("p2", "2026-02-20"), cin("i1", "2026-02-02")
    )
    assert sorted((spell.start.subject, spell.ran) for spell in plans(child)) == [("p1", False), ("p2", True)]


def test_a_core_group_of_the_plan_stops_its_clock() -> None:
    assert runs(CORE_GROUP, "c1", PLAN) == [OPEN]
    assert runs(CORE_GROUP, "c1", PLAN, group("g1", "2026-02-16")) == [("p1", "2026-02-02", "2026-02-16", "2026-02-16")]
    assert runs(CORE_GROUP, "c1", PLAN, group("g1", "2026-02-16", "p2")) == [OPEN]


def test_a_plan_that_ended_is_gone_without_its_core_group_and_stays_with_it() -> None:
    assert runs(CORE_GROUP, "c1", PLAN, ended("p1", "2026-02-10")) == []
    assert runs(CORE_GROUP, "c1", PLAN, ended("p1", "2026-02-10"), group("g1", "2026-02-09")) == [
        ("p1", "2026-02-02", "2026-02-09", "2026-02-16")
    ]


def test_the_first_review_has_three_months_and_the_others_six() -> None:
    began = plan("p1", "2025-01-31")
    assert runs(REVIEW, "c1", began) == [("p1", "2025-01-31", None, "2025-04-30")]
    assert runs(REVIEW, "c1", began, review("v1", "2025-04-30"), review("v2", "2025-10-31")) == [
        ("p1", "2025-01-31", "2025-04-30", "2025-04-30"),
        ("p1", "2025-04-30", "2025-10-31", "2025-10-30"),
        ("p1", "2025-10-31", None, "2026-04-30"),
    ]


def test_a_review_that_is_withdrawn_joins_its_two_intervals() -> None:
    withdrawn = said("cp_review.held", "v1", "2026-02-09", op="withdraw", recordversion=1, plan_id="p1")
    assert runs(REVIEW, "c1", PLAN, review("v1", "2026-02-09"), withdrawn) == [("p1", "2026-02-02", None, "2026-05-02")]


def test_a_review_of_another_plan_is_none_of_this_one() -> None:
    assert runs(REVIEW, "c1", PLAN, review("v1", "2026-02-09", "p2")) == [("p1", "2026-02-02", None, "2026-05-02")]


# ---- visits


def test_each_visit_ends_one_interval_and_begins_the_next() -> None:
    assert runs(VISIT, "c1", PLAN, *visits("cp", "2026-02-16", "2026-03-02")) == [
        ("p1", "2026-02-02", "2026-02-16", "2026-02-16"),
        ("p1", "2026-02-16", "2026-03-02", "2026-03-02"),
        ("p1", "2026-03-02", None, "2026-03-16"),
    ]
    assert runs(VISIT, "c1", PLAN, *visits("cp", "2026-02-17"))[0] == ("p1", "2026-02-02", "2026-02-17", "2026-02-16")


def test_a_visit_on_the_first_day_makes_an_interval_of_no_days() -> None:
    assert runs(VISIT, "c1", PLAN, *visits("cp", "2026-02-02")) == [
        ("p1", "2026-02-02", "2026-02-02", "2026-02-16"),
        OPEN,
    ]


def test_a_visit_on_the_last_day_counts_and_one_after_it_does_not() -> None:
    lasted = [PLAN, ended("p1", "2026-02-11")]
    assert runs(VISIT, "c1", *lasted, *visits("cp", "2026-02-11", "2026-02-12", record_id="p1")) == [
        ("p1", "2026-02-02", "2026-02-11", "2026-02-16")
    ]


def test_visits_at_different_hours_of_one_date_count_once() -> None:
    hours = [
        said("visit.recorded", f"y{hour}", f"2026-02-09T{hour}:00:00Z", purpose="cp") for hour in ("08", "12", "23")
    ]
    assert len(runs(VISIT, "c1", PLAN, *hours)) == 2


def test_a_visit_that_names_its_plan_goes_to_it_though_a_later_one_runs() -> None:
    two = [PLAN, plan("p2", "2026-02-05")]
    assert runs(VISIT, "c1", *two, *visits("cp", "2026-02-09", record_id="p1")) == [
        ("p1", "2026-02-02", "2026-02-09", "2026-02-16"),
        ("p2", "2026-02-05", None, "2026-02-19"),
        ("p1", "2026-02-09", None, "2026-02-23"),
    ]
    assert runs(VISIT, "c1", *two, *visits("cp", "2026-02-09")) == [
        OPEN,
        ("p2", "2026-02-05", "2026-02-09", "2026-02-19"),
        ("p2", "2026-02-09", None, "2026-02-23"),
    ]


def test_a_visit_that_names_a_plan_to_come_waits_for_it() -> None:
    visit = visits("cp", "2026-02-09", record_id="p2")
    assert runs(VISIT, "c1", PLAN, *visit) == [OPEN]
    assert ("p2", "2026-02-05", "2026-02-09", "2026-02-19") in runs(VISIT, "c1", PLAN, *visit, plan("p2", "2026-02-05"))


def test_a_visit_without_a_plan_s_name_before_the_first_or_between_two_goes_nowhere() -> None:
    two = [PLAN, ended("p1", "2026-02-04"), plan("p2", "2026-02-09")]
    assert runs(VISIT, "c1", *two, *visits("cp", "2026-01-30", "2026-02-05")) == [
        ("p2", "2026-02-09", None, "2026-02-23")
    ]


@pytest.mark.parametrize("changed", [{"purpose": "cin"}, {"purpose": "care"}, {"purpose": "other"}, {"seen": False}])
def test_a_visit_of_another_kind_or_without_the_child_stops_nothing(changed: dict[str, object]) -> None:
    visit = said("visit.recorded", "y1", "2026-02-09", **{"purpose": "cp", "seen": True, "record_id": "p1", **changed})
    assert runs(VISIT, "c1", PLAN, visit) == [OPEN]


def test_a_plan_that_never_ran_has_no_clock_at_all() -> None:
    never = [PLAN, ended("p1", "2026-02-01"), review("v1", "2026-02-02"), *visits("cp", "2026-02-02", record_id="p1")]
    for clock in (CORE_GROUP, REVIEW, VISIT):
        assert runs(clock, "c1", *never) == []
        assert runs(clock, "c1", *never, group("g1", "2026-02-02")) == []


def test_a_plan_that_ended_on_the_day_it_started_ran() -> None:
    a_day = [PLAN, ended("p1", "2026-02-02")]
    assert runs(VISIT, "c1", *a_day) == []
    assert runs(VISIT, "c1", *a_day, *visits("cp", "2026-02-02")) == [("p1", "2026-02-02", "2026-02-02", "2026-02-16")]


def test_an_end_that_is_withdrawn_lets_the_interval_run_on() -> None:
    withdrawn = said("cp_plan.ended", "p1", "2026-02-10", op="withdraw", recordversion=1)
    assert runs(VISIT, "c1", PLAN, ended("p1", "2026-02-10"), withdrawn) == [OPEN]


def test_all_that_belongs_to_a_plan_is_the_plan_s_team_s() -> None:
    events = [plan("p1", "2026-02-02", team_id=None), *visits("cp", "2026-02-09", team_id="south")]
    assert teams(VISIT, *events) == ["unassigned", "unassigned"]
    assert teams(REVIEW, PLAN) == teams(CORE_GROUP, PLAN) == ["north"]


def test_the_authority_s_policy_says_how_often_and_who_said_so() -> None:
    policies = parse_policy("[clocks]\ncp_visit = 5")
    assert runs(VISIT, "c1", PLAN, policies=policies) == [("p1", "2026-02-02", None, "2026-02-09")]
    (item,) = items(VISIT, PLAN)
    assert item.rule is not None
    assert "policy" in item.rule.source
