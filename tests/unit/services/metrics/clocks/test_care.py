from datetime import date
from typing import Any

import pytest

from services.metrics.clocks.care import CLOCKS
from tests.oracle.examples import Example, care, clock_lines, done_lines, example, placed, said, visits
from tests.unit.services.metrics.product import Run, about, runs, wrong_either_way

REVIEW, VISIT = CLOCKS
OWN = [
    example(
        "a period that is withdrawn leaves the placement to nobody's team, and a new one takes it",
        care("o1", "2026-02-02", team_id="old", recordversion=1),
        placed("l1", "2026-02-02"),
        said("care.started", "o1", "2026-02-02", op="withdraw", recordversion=2),
        care("o1", "2026-02-02", team_id="new", recordversion=3),
        expected=clock_lines("care_visit", "new", open=1, overdue=1, longest_overdue_seconds=21 * 86_400),
    ),
    example(
        "an end of care without its start ends no placement",
        placed("l1", "2026-02-23"),
        said("care.ended", "o1", "2026-02-25"),
        expected=clock_lines("care_visit", "unassigned", open=1, overdue=0),
    ),
    example(
        "a visit in the hour before midnight in London is of that day, the next of the next",
        care("o1", "2026-06-01"),
        placed("l1", "2026-06-01"),
        *visits("care", "2026-06-08T22:59:59Z"),
        care("o2", "2026-06-01", child_id="c2", team_id="south"),
        placed("l2", "2026-06-01", care_id="o2", child_id="c2"),
        *visits("care", "2026-06-08T23:00:00Z", child_id="c2"),
        expected=done_lines("care_visit", "north", (1, 1, 1), (1, 1, 1))
        + done_lines("care_visit", "south", (1, 1, 1), (0, 0, 0)),
        now="2026-06-10T09:00:00Z",
    ),
]


@pytest.mark.parametrize("example", [*about(*CLOCKS), *OWN], ids=lambda example: example.claim)
def test_the_clocks_say_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


# ---- reviews


def held(*days: str, care_id: str = "o1") -> list[dict[str, Any]]:
    return [said("care_review.held", f"v-{care_id}-{day}", day, care_id=care_id) for day in days]


def test_care_is_reviewed_after_twenty_working_days_three_months_and_six() -> None:
    days = ("2025-01-31", "2025-04-30", "2025-10-30")
    assert runs(REVIEW, "c1", care("o1", "2025-01-06"), *held(*days)) == [
        ("o1", "2025-01-06", "2025-01-31", "2025-02-03"),
        ("o1", "2025-01-31", "2025-04-30", "2025-04-30"),  # clipped: there is no 31 April
        ("o1", "2025-04-30", "2025-10-30", "2025-10-30"),
        ("o1", "2025-10-30", None, "2026-04-30"),
    ]


def test_reviews_count_from_the_first_day_of_the_period_to_its_last() -> None:
    days = ("2025-01-05", "2025-01-06", "2025-03-03", "2025-03-04")
    ended = said("care.ended", "o1", "2025-03-03")
    found = runs(REVIEW, "c1", care("o1", "2025-01-06"), *held(*days), ended)
    assert [run[1:3] for run in found] == [("2025-01-06", "2025-01-06"), ("2025-01-06", "2025-03-03")]


# ---- visits


def visited(regime: str, *days: str, placed_on: str, events: Any = (), today: date = date(2026, 12, 31)) -> list[Run]:
    begun = [care("o1", placed_on), placed("l1", placed_on, regime)]
    return runs(VISIT, "c1", *begun, *visits("care", *days), *events, today=today)


@pytest.mark.parametrize("regime", ["standard", "long_term", "long_term_foster", "weekly_then_six_weeks"])
def test_the_first_visit_is_within_a_week_under_every_regime(regime: str) -> None:
    reviews = held("2026-01-05")
    assert visited(regime, placed_on="2026-01-05", events=reviews) == [("l1", "2026-01-05", None, "2026-01-12")]


@pytest.mark.parametrize(
    ("regime", "day", "due"),
    [
        ("standard", "2026-01-05", "2026-02-16"),
        ("long_term", "2026-01-04", "2026-02-15"),
        ("long_term", "2026-01-05", "2026-04-05"),
        ("long_term_foster", "2026-01-04", "2026-02-15"),
        ("long_term_foster", "2026-01-05", "2026-07-05"),
        ("long_term_foster", "2026-08-31", "2027-02-28"),
    ],
)
def test_from_a_visit_on_the_first_anniversary_on_a_long_term_placement_has_months(
    regime: str, day: str, due: str
) -> None:
    assert visited(regime, day, placed_on="2025-01-05")[-1] == ("l1", day, None, due)


@pytest.mark.parametrize(
    ("placed_on", "day", "due"),
    [
        ("2024-02-29", "2025-02-27", "2025-04-10"),
        ("2024-02-29", "2025-02-28", "2025-05-28"),
        ("2023-02-28", "2024-02-28", "2024-05-28"),
        ("2025-02-28", "2026-02-28", "2026-05-28"),
    ],
)
def test_the_anniversary_of_29_february_is_28_february(placed_on: str, day: str, due: str) -> None:
    assert visited("long_term", day, placed_on=placed_on)[-1] == ("l1", day, None, due)


@pytest.mark.parametrize(
    ("regime", "day", "due"),
    [
        ("weekly_then_six_weeks", "2026-01-29", "2026-02-05"),
        ("weekly_then_six_weeks", "2026-01-30", "2026-03-13"),
        ("weekly_then_four_weeks", "2026-01-29", "2026-02-05"),
        ("weekly_then_four_weeks", "2026-01-30", "2026-02-27"),
        ("weekly_then_four_weeks", "2026-01-31", "2026-02-28"),
    ],
)
def test_visits_are_weekly_until_one_on_or_after_the_first_review(regime: str, day: str, due: str) -> None:
    reviews = held("2026-01-30", "2026-02-20")
    assert visited(regime, day, placed_on="2026-01-05", events=reviews)[-1] == ("l1", day, None, due)


@pytest.mark.parametrize("reviews", [held("2026-01-04"), held("2026-01-20", care_id="o2"), []])
def test_a_review_outside_the_period_ends_no_weekly_visits(reviews: list[dict[str, Any]]) -> None:
    found = visited("weekly_then_six_weeks", "2026-02-10", placed_on="2026-01-05", events=reviews)
    assert found[-1] == ("l1", "2026-02-10", None, "2026-02-17")


@pytest.mark.parametrize(
    ("changed_on", "due"),
    [("2026-01-11", "2026-02-09"), ("2026-01-12", "2026-02-09"), ("2026-01-13", "2026-02-23")],
)
def test_the_regime_of_an_interval_is_that_of_the_visit_that_starts_it(changed_on: str, due: str) -> None:
    events = [
        said("placement.regime_changed", "g1", changed_on, placement_id="l1", regime="weekly_then_four_weeks"),
        *held("2026-01-05"),
    ]
    assert visited("standard", "2026-01-12", placed_on="2026-01-05", events=events)[-1][3] == due


def test_of_several_changes_the_latest_counts_whatever_its_id() -> None:
    events = [
        said("placement.regime_changed", "g2", "2026-01-06", placement_id="l1", regime="weekly_then_six_weeks"),
        said("placement.regime_changed", "g1", "2026-01-08", placement_id="l1", regime="standard"),
    ]
    assert visited("long_term", "2026-01-12", placed_on="2026-01-05", events=events)[-1][3] == "2026-02-23"


def test_a_change_of_another_placements_regime_changes_nothing_here() -> None:
    change = said("placement.regime_changed", "g1", "2026-01-05", placement_id="l2", regime="weekly_then_six_weeks")
    assert visited("standard", "2026-01-12", placed_on="2026-01-05", events=[change])[-1][3] == "2026-02-23"


@pytest.mark.parametrize(("own", "periods"), [("2026-02-10", "2026-02-20"), ("2026-02-20", "2026-02-10")])
def test_a_placement_ends_with_its_own_end_or_its_periods_whichever_is_first(own: str, periods: str) -> None:
    ends = [said("placement.ended", "l1", own), said("care.ended", "o1", periods)]
    found = visited("standard", "2026-02-10", "2026-02-11", placed_on="2026-02-02", events=ends)
    assert [run[1:3] for run in found] == [("2026-02-02", "2026-02-10")]


def test_a_placement_whose_period_ended_before_it_began_never_ran() -> None:
    assert (
        visited("standard", "2026-02-03", placed_on="2026-02-02", events=[said("care.ended", "o1", "2026-02-01")]) == []
    )
