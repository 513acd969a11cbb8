import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.caseload_spread import BOUNDS, INDICATOR, heaviest, spread
from tests.oracle.examples import Example, caseload_bounds, example, job, leads
from tests.unit.services.metrics.product import about, view_of, wrong_either_way

OWN = [
    example(
        "the last bound that holds a caseload is the first that counts it",
        job("m1", "2025-01-06"),
        *leads("w1", 35),
        job("m2", "2025-01-06", worker_id="w2", team_id="south"),
        *leads("w2", 36, "south"),
        expected=caseload_bounds("north", 35) + caseload_bounds("south", 36),
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_the_spread_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


@pytest.mark.parametrize(
    ("role", "cases", "bounds"),
    [
        ("case_holder", 0, len(BOUNDS) + 1),
        ("senior_practitioner", 0, len(BOUNDS) + 1),
        ("first_line_manager", 0, 0),
        ("first_line_manager", 1, len(BOUNDS)),
        ("case_holder", 5, len(BOUNDS)),
        ("case_holder", 6, len(BOUNDS) - 1),
        ("case_holder", 36, 1),
    ],
)
def test_who_holds_cases_or_is_to_is_under_every_bound_that_holds_them(role: str, cases: int, bounds: int) -> None:
    worker = view_of(Kind.WORKER, "w1", job("m1", "2025-01-06", role=role), *leads("w1", cases))
    assert [mark.what for mark in spread(worker)] == [(position, 1) for position in range(12 - bounds, 12)]
    assert [mark.what for mark in heaviest(worker)] == [(cases,)]
