from decimal import Decimal

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.caseload import INDICATOR, cases
from tests.oracle.examples import Example, job, lead, leads, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way


@pytest.mark.parametrize("example", about(INDICATOR), ids=lambda example: example.claim)
def test_the_caseload_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_a_holder_is_marked_for_each_child_once_and_with_its_time() -> None:
    two = [lead("q1", "2026-02-02"), lead("q2", "2026-02-03")]
    worker = view_of(Kind.WORKER, "w1", job("m1", "2025-01-06", fte=0.6), *two)
    assert marked(cases(worker)) == [("north", (0, 1), "c1"), ("north", (1, 1), ""), ("north", (2, Decimal("0.6")), "")]


def test_who_has_left_holds_nothing_here_nor_does_who_has_no_case() -> None:
    left = said("employment.ended", "m1", "2026-03-02")
    assert marked(cases(view_of(Kind.WORKER, "w1", job("m1", "2025-01-06"), left, *leads("w1", 2)))) == []
    assert marked(cases(view_of(Kind.WORKER, "w1", job("m1", "2025-01-06")))) == []
