import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.children import INDICATOR, with_status
from tests.oracle.examples import Example, care, decided, example, plan, referral, said
from tests.unit.services.metrics.product import about, view_of, wrong_either_way

OWN = [
    example(
        "a plan that starts today runs, one that starts tomorrow is not known",
        said("cp_plan.started", "p1", "2026-03-02T23:30:00Z", team_id="north"),
        said("cp_plan.started", "p2", "2026-03-03", team_id="north", child_id="c2"),
        expected='csc_children{status="child_protection",team="north"} 1',
    ),
    example(
        "an end that is known for tomorrow ends nothing today",
        said("care.started", "o1", "2026-02-02", team_id="north"),
        said("care.ended", "o1", "2026-03-03"),
        expected='csc_children{status="looked_after",team="north"} 1',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_children_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_a_child_counts_once_in_each_status_that_it_has() -> None:
    child = view_of(
        Kind.CHILD,
        "c1",
        referral("r1", "2026-02-02", team_id="duty"),
        decided("r1", "2026-02-03"),
        *(plan(f"p{n}", f"2026-02-0{n}", team_id=f"t{n}") for n in range(1, 4)),
        care("o1", "2026-02-10", team_id=None),
    )
    statuses = INDICATOR.strands[0].families[0].labels["status"]
    teams = {status: [mark.owner for mark in with_status(status, child)] for status in statuses}
    assert teams == {"in_need": ["duty"], "child_protection": ["t3"], "looked_after": ["unassigned"]}
