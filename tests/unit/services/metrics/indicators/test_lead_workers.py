from datetime import timedelta

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.lead_workers import INDICATOR, by_lead_workers
from tests.oracle.examples import AUTHORITY, Example, decided, example, lead, referral, said
from tests.oracle.series import Series, series
from tests.unit.services.metrics.product import NOW, Product, about, view_of, wrong_either_way

CASE = (referral("r1", "2026-02-02"), decided("r1", "2026-02-02"))
OWN = [
    example(
        "a case that closes takes the count of its lead workers along",
        *CASE,
        lead("q1", "2026-02-02"),
        said("case.closed", "r1", "2026-03-02"),
        expected='csc_children_by_lead_workers{team="north",workers="1"} 0',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_children_by_lead_workers_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


@pytest.mark.parametrize(
    ("ended", "workers"),
    [("2025-03-03", 0), ("2025-03-04", 1), ("2026-03-02", 1), (None, 1), ("2024-01-08", 0)],
)
def test_a_worker_counts_who_ran_on_any_of_the_last_365_days(ended: str | None, workers: int) -> None:
    end = [said("case.deallocated", "q1", ended)] if ended else []
    (mark,) = by_lead_workers(view_of(Kind.CHILD, "c1", *CASE, lead("q1", "2024-01-08"), *end))
    assert mark == ("north", (workers, 1), "")


def test_coming_back_to_an_earlier_worker_adds_none() -> None:
    again = [lead(f"q{n}", "2026-02-02", worker_id="w1") for n in range(3)]
    (mark,) = by_lead_workers(view_of(Kind.CHILD, "c1", *CASE, *again))
    assert mark.what == (1, 1)


def north_by(workers: str) -> Series:
    return series("csc_children_by_lead_workers", authority=AUTHORITY, team="north", workers=workers)


def test_a_worker_falls_out_of_the_year_with_no_news() -> None:
    product = Product()
    product.fold(*CASE, lead("q1", "2025-01-06"), said("case.deallocated", "q1", "2025-03-04"))
    seen = []
    for days in (0, 1):
        figures = product.figures(NOW + timedelta(days=days))
        seen.append([int(figures[north_by(workers)]) for workers in "01"])
    assert seen == [[0, 1], [1, 0]]
