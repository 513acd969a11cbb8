import pytest

from services.metrics.casebook import Kind
from services.metrics.clocks.audit import CLOCKS
from tests.oracle.examples import Example, said
from tests.unit.services.metrics.product import about, runs, view_of, wrong_either_way

(ACTION,) = CLOCKS
D1 = "csc.audit_action/d1"

RAISED = said("audit_action.raised", "d1", "2026-02-02", due="2026-02-14")
OPEN = ("d1", "2026-02-02", None, "2026-02-14")


@pytest.mark.parametrize("example", about(*CLOCKS), ids=lambda example: example.claim)
def test_the_clock_says_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def completed(when: str, **details: object) -> dict[str, object]:
    return said("audit_action.completed", "d1", when, **details)


def test_an_action_is_due_on_the_day_that_was_set_be_it_a_saturday() -> None:
    assert runs(ACTION, D1, RAISED) == [OPEN]
    assert runs(ACTION, D1, RAISED, completed("2026-02-14")) == [("d1", "2026-02-02", "2026-02-14", "2026-02-14")]
    assert runs(ACTION, D1, RAISED, completed("2026-02-15")) == [("d1", "2026-02-02", "2026-02-15", "2026-02-14")]


def test_an_action_that_was_due_before_it_was_raised_is_late_from_the_first_day() -> None:
    late = said("audit_action.raised", "d1", "2026-02-16", due="2026-02-14")
    assert runs(ACTION, D1, late, completed("2026-02-17")) == [("d1", "2026-02-16", "2026-02-17", "2026-02-14")]


def test_a_date_that_was_put_off_is_the_one_that_counts() -> None:
    later = said("audit_action.raised", "d1", "2026-02-02", due="2026-03-31", recordversion=1)
    assert runs(ACTION, D1, RAISED, later) == [("d1", "2026-02-02", None, "2026-03-31")]


def test_verifying_does_not_complete_and_a_withdrawn_completion_does_neither() -> None:
    assert runs(ACTION, D1, RAISED, said("audit_action.verified", "d1", "2026-02-10")) == [OPEN]
    withdrawn = completed("2026-02-10", op="withdraw", recordversion=1)
    assert runs(ACTION, D1, RAISED, completed("2026-02-10"), withdrawn) == [OPEN]


def test_what_was_never_raised_is_nothing() -> None:
    assert runs(ACTION, D1, completed("2026-02-10")) == []


def test_the_team_is_the_action_s_and_the_rule_is_what_was_agreed() -> None:
    (item,) = ACTION.items_of(view_of(Kind.RECORD, D1, RAISED))
    assert item.team == "north"
    assert item.rule is not None
    assert item.rule.source == "The date that was agreed when the action was raised"
