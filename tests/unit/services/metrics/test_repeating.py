from datetime import date
from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.repeating import Interval, by_record, held_within, intervals, visits_of
from services.metrics.views import ChildView, Spell
from tests.oracle.examples import cin, plan, said, visits
from tests.unit.services.metrics.product import view_of

PLAN = plan("p1", "2026-02-02")
ENDED = said("cp_plan.ended", "p1", "2026-02-16")


def child(*events: dict[str, Any]) -> ChildView:
    view: ChildView = view_of(Kind.CHILD, "c1", *events)
    return view


def plans(view: ChildView) -> list[Spell]:
    return view.spells("csc.cp_plan.started", "csc.cp_plan.ended")


def spell_and_visits(*events: dict[str, Any]) -> tuple[Spell, list[Any]]:
    view = child(*events)
    (spell,) = plans(view)
    return spell, view.facts("csc.visit.recorded")


def days(found: list[Interval]) -> list[tuple[str, str | None, int]]:
    return [(str(one.begins.day), str(one.ends.day) if one.ends else None, one.before) for one in found]


def test_each_visit_ends_an_interval_and_the_last_interval_runs() -> None:
    spell, held = spell_and_visits(PLAN, *visits("cp", "2026-02-20", "2026-02-09"))
    assert days(list(intervals(spell, held))) == [
        ("2026-02-02", "2026-02-09", 0),
        ("2026-02-09", "2026-02-20", 1),
        ("2026-02-20", None, 2),
    ]


def test_an_end_takes_the_running_interval_alone() -> None:
    spell, held = spell_and_visits(PLAN, ENDED, *visits("cp", "2026-02-09"))
    assert days(list(intervals(spell, held))) == [("2026-02-02", "2026-02-09", 0)]
    assert list(intervals(spell, [])) == []


def test_a_spell_that_never_ran_has_no_intervals() -> None:
    ended = said("cp_plan.ended", "p1", "2026-02-01")
    spell, held = spell_and_visits(PLAN, ended, *visits("cp", "2026-02-01", "2026-02-02"))
    assert list(intervals(spell, held)) == []


@pytest.mark.parametrize(
    ("day", "counts"),
    [("2026-02-01", 0), ("2026-02-02", 1), ("2026-02-09", 1), ("2026-02-16", 1), ("2026-02-17", 0)],
)
def test_what_was_held_counts_from_the_first_day_to_the_last(day: str, counts: int) -> None:
    assert len(held_within(*spell_and_visits(PLAN, ENDED, *visits("cp", day)))) == counts


def test_of_one_date_the_smallest_id_counts_and_dates_are_those_of_london() -> None:
    hours = [
        said("visit.recorded", f"y{number}", when, purpose="cp")
        for number, when in ((3, "2026-02-09T00:00:00Z"), (2, "2026-02-09T23:59:59Z"), (1, "2026-02-10T00:00:00Z"))
    ]
    held = held_within(*spell_and_visits(PLAN, *hours))
    assert [fact.subject for fact in held] == ["y2", "y1"]


def test_facts_are_found_by_the_record_that_they_name() -> None:
    reviews = [said("cp_review.held", f"v{n}", "2026-02-09", plan_id=f"p{n % 2}") for n in range(3)]
    found = by_record(child(*reviews).facts("csc.cp_review.held"), "plan_id")
    assert {record: sorted(fact.subject for fact in facts) for record, facts in found.items()} == {
        "p0": ["v0", "v2"],
        "p1": ["v1"],
    }


def goes_to(visit: dict[str, Any], *events: dict[str, Any]) -> list[str]:
    """The plans that a visit is counted under."""
    view = child(*events, visit)
    return [record for record, facts in visits_of(view, "cp", plans(view)).items() if facts]


@pytest.mark.parametrize(
    ("named", "plan_id"),
    [("p1", ["p1"]), ("p2", ["p2"]), (None, ["p2"]), ("", ["p2"]), ("p3", []), ("i1", [])],
)
def test_a_visit_goes_to_what_it_names_else_to_the_latest_started(named: str | None, plan_id: list[str]) -> None:
    visit = said("visit.recorded", "y1", "2026-02-09", purpose="cp", record_id=named)
    assert goes_to(visit, PLAN, plan("p2", "2026-02-05"), cin("i1", "2026-02-06")) == plan_id


@pytest.mark.parametrize(("day", "plan_id"), [(1, []), (2, ["p1"]), (4, ["p1"]), (5, ["p2"]), (6, ["p2"]), (7, ["p1"])])
def test_a_visit_that_names_nothing_goes_to_no_plan_that_had_ended_or_not_begun(day: int, plan_id: list[str]) -> None:
    visit = said("visit.recorded", "y1", str(date(2026, 2, day)), purpose="cp")
    within = [plan("p2", "2026-02-05"), said("cp_plan.ended", "p2", "2026-02-06")]
    assert goes_to(visit, PLAN, *within) == plan_id


@pytest.mark.parametrize("changed", [{"seen": False}, {"purpose": "cin"}, {"purpose": "care"}])
def test_a_visit_without_the_child_or_of_another_kind_goes_nowhere(changed: dict[str, Any]) -> None:
    visit = said("visit.recorded", "y1", "2026-02-09", **{"purpose": "cp", "record_id": "p1", **changed})
    assert goes_to(visit, PLAN) == []
