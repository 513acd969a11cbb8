from decimal import Decimal
from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.caseload_over import INDICATOR, over, thresholds
from shared.domain.policy import parse_policy
from tests.oracle.examples import Example, example, job, leads
from tests.unit.services.metrics.product import about, view_of, wrong_either_way

OWN = [
    example(
        "two part-time posts in the supported year make one threshold",
        job("m1", "2025-01-06", fte=0.2, asye_until="2027-01-01"),
        job("m2", "2024-01-08", fte=0.3),
        *leads("w1", 9),
        expected='csc_caseload_workers_over{band="amber",stage="asye",team="north"} 1\n'
        'csc_caseload_workers_over{band="red",stage="asye",team="north"} 0',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_workers_over_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def worker(cases: int, policy: str = "", **details: Any) -> Any:
    events = [job("m1", "2025-01-06", **details), *leads("w1", cases)]
    return view_of(Kind.WORKER, "w1", *events, policies=parse_policy(policy))


@pytest.mark.parametrize(
    ("cases", "bands"), [(18, []), (19, [0]), (22, [0]), (23, [0, 1]), (30, [0, 1]), (31, [0, 1, 2])]
)
def test_each_band_begins_above_its_threshold_and_holds_the_higher_ones(cases: int, bands: list[int]) -> None:
    assert [mark.what for mark in over(worker(cases))] == [(2 * band + 1, 1) for band in bands]


def test_thresholds_are_for_the_time_that_counts_in_decimals_as_written() -> None:
    assert list(thresholds(worker(1, fte=0.7))) == [Decimal("12.6"), Decimal("15.4"), 21]
    newly = worker(1, fte=0.7, asye_until="2026-03-02")
    assert list(thresholds(newly)) == [Decimal("11.34"), Decimal("13.86"), Decimal("18.9")]
    own = worker(1, "[caseload]\namber = 10\nasye_fte_factor = 0.5", asye_until="2026-03-02")
    assert list(thresholds(own)) == [5, 11, 15]


def test_who_is_newly_qualified_counts_apart() -> None:
    assert [mark.what for mark in over(worker(17, asye_until="2026-03-02"))] == [(0, 1)]
    assert list(over(worker(17, asye_until="2026-03-01"))) == []
