import pytest

from tests.oracle.examples import CHILDREN as EXAMPLES
from tests.oracle.examples import Example, decided, example, lead, referral, said
from tests.unit.services.metrics.product import wrong

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
    example(
        "a lead allocation outlives its worker and still holds the child",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        lead("q1", "2026-02-02", worker_id="nobody"),
        expected='csc_cases_unallocated{pathway="cin",team="north"} 0',
    ),
    example(
        "a case that closes takes the count of its lead workers along",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        lead("q1", "2026-02-02"),
        said("case.closed", "r1", "2026-03-02"),
        expected='csc_children_by_lead_workers{team="north",workers="1"} 0',
    ),
]


@pytest.mark.parametrize("example", [*EXAMPLES, *OWN], ids=lambda example: example.claim)
def test_children_and_cases_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong(example) == []
    assert wrong(example, reversed(example.events)) == []
