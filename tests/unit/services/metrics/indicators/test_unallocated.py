import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.unallocated import INDICATOR, PATHWAYS, unallocated
from tests.oracle.examples import Example, care, cin, decided, example, lead, plan, referral, said
from tests.unit.services.metrics.product import about, view_of, wrong_either_way

OWN = [
    example(
        "a lead allocation outlives its worker and still holds the child",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        lead("q1", "2026-02-02", worker_id="nobody"),
        expected='csc_cases_unallocated{pathway="cin",team="north"} 0',
    ),
    example(
        "a plan for a child in need alone makes no child wait for a worker",
        cin("i1", "2026-02-02"),
        referral("r1", "2026-02-02", child_id="c2"),
        decided("r1", "2026-02-02", child_id="c2"),
        lead("q1", "2026-02-02", child_id="c3"),
        expected='csc_cases_unallocated{pathway="cin",team="north"} 1',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_unallocated_children_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


CASE = [referral("r1", "2026-02-02", team_id="duty"), decided("r1", "2026-02-03")]
PLAN = [plan("p1", "2026-02-04", team_id="safe")]
CARE = [care("o1", "2026-02-05", team_id="home")]


@pytest.mark.parametrize(
    ("events", "pathway", "team"),
    [
        (CASE, "cin", "duty"),
        (CASE + PLAN, "cp", "safe"),
        (CASE + PLAN + CARE, "cla", "home"),
        (CASE + CARE, "cla", "home"),
    ],
)
def test_a_child_waits_under_the_first_pathway_alone(events: list[dict[str, object]], pathway: str, team: str) -> None:
    child = view_of(Kind.CHILD, "c1", *events)
    assert {path: [mark.owner for mark in unallocated(path, child)] for path in PATHWAYS} == {
        path: [team] if path == pathway else [] for path in PATHWAYS
    }
    held = view_of(Kind.CHILD, "c1", *events, lead("q1", "2026-02-20"))
    assert not any(list(unallocated(path, held)) for path in PATHWAYS)


def test_an_allocation_that_ends_leaves_the_child_waiting() -> None:
    child = view_of(Kind.CHILD, "c1", *CASE, lead("q1", "2026-02-20"), said("case.deallocated", "q1", "2026-03-02"))
    assert [mark.owner for mark in unallocated("cin", child)] == ["duty"]
