from datetime import date

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.turnover import INDICATOR, starters_and_leavers
from tests.oracle.examples import LEAVERS, STARTERS, Example, example, job, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

OWN = [
    example(
        "an employment that never ran names its team, with 0",
        job("m1", "2026-02-02"),
        said("employment.ended", "m1", "2026-02-01"),
        expected=f"{STARTERS} 0\n{LEAVERS} 0\n",
    ),
    example(
        "who moves away within the authority is no leaver, and who comes back within a day no starter",
        job("m1", "2020-06-01", fte=0.6),
        said("employment.ended", "m1", "2026-02-27", reason="moved"),
        job("m2", "2026-02-28", fte=0.6),
        expected=f"{STARTERS} 0\n{LEAVERS} 0\n",
    ),
    example(
        "a correction of the reason makes a leaver of a mover and a starter of the return",
        job("m1", "2020-06-01", fte=0.6),
        said("employment.ended", "m1", "2026-02-27", reason="moved", recordversion=1),
        said("employment.ended", "m1", "2026-02-27", reason="left", recordversion=2),
        job("m2", "2026-02-28", fte=0.6),
        expected=f"{STARTERS} 0.6\n{LEAVERS} 0.6\n",
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_turnover_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


@pytest.mark.parametrize(
    ("moved_on", "started_on", "starter"),
    [
        ("2026-02-20", "2026-02-20", False),
        ("2026-02-20", "2026-02-21", False),
        ("2026-02-20", "2026-02-22", True),
        ("2026-02-20", "2026-02-19", True),
    ],
)
def test_who_moved_on_that_day_or_the_day_before_does_not_start(moved_on: str, started_on: str, starter: bool) -> None:
    worker = view_of(
        Kind.WORKER,
        "w1",
        job("m1", "2020-06-01"),
        said("employment.ended", "m1", moved_on, reason="moved"),
        job("m2", started_on),
    )
    started = [mark.record for mark in starters_and_leavers(worker) if mark.what[0] == 0]
    assert started == ["m1", "m2"][: 1 + starter]


def test_who_moves_on_again_on_the_first_day_is_a_starter_and_not_its_own_successor() -> None:
    moved = said("employment.ended", "m1", "2026-02-20", reason="moved")
    assert marked(starters_and_leavers(view_of(Kind.WORKER, "w1", job("m1", "2026-02-20"), moved))) == [
        ("north", (0, date(2026, 2, 20), 1), "m1")
    ]


def test_a_leaver_counts_on_the_last_day_with_the_time_of_the_post() -> None:
    left = said("employment.ended", "m1", "2026-02-20")
    worker = view_of(Kind.WORKER, "w1", job("m1", "2020-06-01", team_id="south"), left)
    assert marked(starters_and_leavers(worker)) == [
        ("south", (0, date(2020, 6, 1), 1), "m1"),
        ("south", (1, date(2026, 2, 20), 1), "m1"),
    ]
    assert (
        marked(starters_and_leavers(view_of(Kind.WORKER, "w1", job("m1", "2020-06-01", contract="agency"), left))) == []
    )
