import pytest

from services.metrics.casebook import Kind
from services.metrics.clocks.need import CLOCKS
from shared.domain.policy import parse_policy
from tests.oracle.examples import Example, cin, plan, said, visits
from tests.unit.services.metrics.product import about, runs, view_of, wrong_either_way

(VISIT,) = CLOCKS

PLAN = cin("i1", "2026-02-02")
OPEN = ("i1", "2026-02-02", None, "2026-03-02")


@pytest.mark.parametrize("example", about(*CLOCKS), ids=lambda example: example.claim)
def test_the_clock_says_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_a_child_in_need_is_seen_within_twenty_working_days() -> None:
    assert runs(VISIT, "c1", PLAN) == [OPEN]
    assert runs(VISIT, "c1", cin("i1", "2026-01-30"), *visits("cin", "2026-03-02")) == [
        ("i1", "2026-01-30", "2026-03-02", "2026-02-27"),
        ("i1", "2026-03-02", None, "2026-03-30"),
    ]


def test_a_visit_under_a_protection_plan_is_none_under_the_other() -> None:
    both = [PLAN, plan("p1", "2026-02-02")]
    assert runs(VISIT, "c1", *both, *visits("cp", "2026-02-09")) == [OPEN]
    assert runs(VISIT, "c1", *both, *visits("cin", "2026-02-09", record_id="p1")) == [OPEN]


def test_a_visit_that_names_no_plan_finds_the_one_of_its_kind() -> None:
    both = [PLAN, plan("p1", "2026-02-05")]
    assert runs(VISIT, "c1", *both, *visits("cin", "2026-02-09"))[0] == ("i1", "2026-02-02", "2026-02-09", "2026-03-02")


def test_the_end_of_the_plan_takes_what_runs_and_leaves_what_was_done() -> None:
    ended = said("cin_plan.ended", "i1", "2026-02-20")
    assert runs(VISIT, "c1", PLAN, ended) == []
    assert runs(VISIT, "c1", PLAN, ended, *visits("cin", "2026-02-09")) == [
        ("i1", "2026-02-02", "2026-02-09", "2026-03-02")
    ]


def test_the_end_of_a_protection_plan_with_the_same_id_ends_nothing() -> None:
    assert runs(VISIT, "c1", PLAN, said("cp_plan.ended", "i1", "2026-02-20")) == [OPEN]


def test_a_plan_that_never_ran_has_no_clock() -> None:
    never = [PLAN, said("cin_plan.ended", "i1", "2026-02-01")]
    assert runs(VISIT, "c1", *never, *visits("cin", "2026-02-02", record_id="i1")) == []


def test_the_team_is_the_plan_s() -> None:
    child = view_of(Kind.CHILD, "c1", PLAN, *visits("cin", "2026-02-09", team_id="south"))
    assert [item.team for item in VISIT.items_of(child)] == ["north", "north"]


def test_how_often_is_policy() -> None:
    policies = parse_policy("[clocks]\ncin_visit = 10\ncp_visit = 5")
    assert runs(VISIT, "c1", PLAN, policies=policies) == [("i1", "2026-02-02", None, "2026-02-16")]
