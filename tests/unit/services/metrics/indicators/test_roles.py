from decimal import Decimal

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.roles import INDICATOR, ROLES, role_fte
from tests.oracle.examples import Example, example, job, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

OWN = [
    example(
        "every running employment counts under its own role",
        job("m1", "2025-01-06", fte=0.5),
        job("m2", "2025-01-06", fte=0.5, role="first_line_manager"),
        job("m3", "2025-01-06", role="case_holder", contract="agency", worker_id="w2"),
        job("m4", "2025-01-06", worker_id="w3"),
        said("employment.ended", "m4", "2026-03-02"),
        expected='csc_workforce_role_fte{role="case_holder",team="north"} 1.5\n'
        'csc_workforce_role_fte{role="first_line_manager",team="north"} 0.5',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_roles_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


@pytest.mark.parametrize("role", ROLES)
def test_an_employment_is_marked_under_its_role(role: str) -> None:
    worker = view_of(Kind.WORKER, "w1", job("m1", "2025-01-06", role=role, fte=0.8))
    assert marked(role_fte(worker)) == [("north", (ROLES.index(role), Decimal("0.8")), "m1")]
