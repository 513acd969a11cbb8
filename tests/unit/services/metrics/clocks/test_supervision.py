from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.clocks.supervision import CLOCKS, spells_in_role
from shared.domain.timescale import NEVER
from tests.oracle.examples import Example, clock_lines, done_lines, example, job, said, supervised
from tests.unit.services.metrics.product import Run, about, runs, view_of, wrong_either_way

(SUPERVISION,) = CLOCKS
OWN = [
    example(
        "an absence of another worker takes no days away, nor does one that was taken back",
        job("m1", "2026-02-09"),
        said("absence.started", "b1", "2026-02-10", worker_id="w2"),
        said("absence.started", "b2", "2026-02-10"),
        said("absence.started", "b2", "2026-02-10", op="withdraw", recordversion=1),
        expected=clock_lines("supervision", "north", open=1, overdue=1, longest_overdue_seconds=7 * 86_400),
    ),
    example(
        "a supervision that names another worker in a correction is the other's",
        job("m1", "2026-02-09"),
        job("m2", "2026-02-09", worker_id="w2", team_id="south"),
        said("supervision.held", "j1", "2026-02-16", worker_id="w1", recordversion=1),
        said("supervision.held", "j1", "2026-02-16", worker_id="w2", recordversion=2),
        expected=done_lines("supervision", "north", (0, 0, 0), (0, 0, 0))
        + done_lines("supervision", "south", (1, 1, 1), (1, 1, 1)),
    ),
]


@pytest.mark.parametrize("example", [*about(*CLOCKS), *OWN], ids=lambda example: example.claim)
def test_the_clock_says_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def away(number: int, begins: str, ends: str | None = None) -> list[dict[str, Any]]:
    ended = [said("absence.ended", f"b{number}", ends)] if ends else []
    return [said("absence.started", f"b{number}", begins), *ended]


def due_after(*absences: dict[str, Any]) -> str:
    """When someone who began on 5 January is to be supervised."""
    ((*_, due),) = runs(SUPERVISION, "w1", job("m1", "2026-01-05"), *absences)
    return due


def test_it_is_due_on_the_fourteenth_day_that_counts() -> None:
    assert due_after() == "2026-01-19"
    assert due_after(*away(1, "2026-01-12", "2026-01-19")) == "2026-01-26"
    assert due_after(*away(1, "2026-01-19", "2026-01-20")) == "2026-01-20"
    assert due_after(*away(1, "2026-01-20", "2026-01-27")) == "2026-01-19"
    assert due_after(*away(1, "2025-12-29", "2026-01-08")) == "2026-01-21"


def test_days_of_two_absences_are_lost_once() -> None:
    assert due_after(*away(1, "2026-01-12", "2026-01-16"), *away(2, "2026-01-14", "2026-01-19")) == "2026-01-26"


def test_an_absence_that_ended_before_it_began_takes_no_days() -> None:
    assert due_after(*away(1, "2026-01-12", "2026-01-11")) == "2026-01-19"


def test_in_an_absence_without_end_nothing_falls_due() -> None:
    assert due_after(*away(1, "2026-01-19")) == str(NEVER)
    assert due_after(*away(1, "2026-01-20")) == "2026-01-19"


def test_a_supervision_begins_the_next_interval_and_one_a_day_counts() -> None:
    held = supervised("w1", "2026-01-05", "2026-01-19", "2026-01-19")
    assert runs(SUPERVISION, "w1", job("m1", "2026-01-05"), *held) == [
        ("w1", "2026-01-05", "2026-01-05", "2026-01-19"),
        ("w1", "2026-01-05", "2026-01-19", "2026-01-19"),
        ("w1", "2026-01-19", None, "2026-02-02"),
    ]


def spells(*jobs: tuple[str, str | None, str]) -> list[list[str]]:
    events = []
    for number, (begins, ends, role) in enumerate(jobs, 1):
        events.append(job(f"m{number}", begins, role=role))
        if ends:
            events.append(said("employment.ended", f"m{number}", ends, reason="moved"))
    return [[spell.start.subject for spell in spell] for spell in spells_in_role(view_of(Kind.WORKER, "w1", *events))]


HOLDER, SENIOR, MANAGER = "case_holder", "senior_practitioner", "first_line_manager"


@pytest.mark.parametrize(
    ("jobs", "together"),
    [
        ([("2026-01-05", "2026-01-19", HOLDER), ("2026-01-19", None, SENIOR)], [["m1", "m2"]]),
        ([("2026-01-05", "2026-01-19", HOLDER), ("2026-01-20", None, SENIOR)], [["m1"], ["m2"]]),
        ([("2026-01-05", None, HOLDER), ("2026-02-20", None, HOLDER)], [["m1", "m2"]]),
        (
            [("2026-01-05", "2026-02-16", HOLDER), ("2026-01-12", "2026-01-13", HOLDER), ("2026-02-16", None, HOLDER)],
            [["m1", "m2", "m3"]],
        ),
        ([("2026-01-05", "2026-01-19", HOLDER), ("2026-01-19", None, MANAGER)], [["m1"]]),
        ([("2026-01-05", "2026-01-04", HOLDER)], []),
        ([("2026-01-05", "2026-01-05", HOLDER), ("2026-01-05", "2026-01-06", HOLDER)], [["m1", "m2"]]),
    ],
)
def test_employments_that_touch_or_overlap_are_one_spell(
    jobs: list[tuple[str, str | None, str]], together: list[list[str]]
) -> None:
    assert spells(*jobs) == together


def of_two(*absences: dict[str, Any]) -> list[Run]:
    ended = said("employment.ended", "m1", "2026-01-19", reason="moved")
    return runs(SUPERVISION, "w1", job("m1", "2026-01-05"), ended, job("m2", "2026-01-19"), *absences)


def test_the_interval_runs_on_through_a_move_and_ends_with_the_spell() -> None:
    assert of_two() == [("w1", "2026-01-05", None, "2026-01-19")]
    assert of_two(said("employment.ended", "m2", "2026-02-02")) == []


def test_a_spell_lasts_to_the_last_end_though_what_began_last_ended_sooner() -> None:
    posts = [
        job("m1", "2026-01-05"),
        said("employment.ended", "m1", "2026-02-16"),
        job("m2", "2026-01-12"),
        said("employment.ended", "m2", "2026-01-13"),
    ]
    assert runs(SUPERVISION, "w1", *posts, *supervised("w1", "2026-01-19", "2026-02-16", "2026-02-17")) == [
        ("w1", "2026-01-05", "2026-01-19", "2026-01-19"),
        ("w1", "2026-01-19", "2026-02-16", "2026-02-02"),
    ]
