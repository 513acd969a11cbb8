from datetime import date

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.audits import GRADES, INDICATOR, audits, unverified
from tests.oracle.examples import Example, example, on_windows, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

OWN = [
    example(
        "a grade that was corrected counts as corrected, one that was withdrawn not at all",
        said("audit.completed", "u1", "2026-02-10", grade="good", recordversion=1),
        said("audit.completed", "u1", "2026-02-10", grade="inadequate", recordversion=2),
        said("audit.completed", "u2", "2026-02-10", grade="good"),
        said("audit.completed", "u2", "2026-02-10", op="withdraw", recordversion=1),
        expected=on_windows("csc_audits", 'grade="inadequate",team="north"', 1, 1, 1),
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_audits_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


@pytest.mark.parametrize("grade", GRADES)
def test_an_audit_is_marked_under_its_grade_on_its_day(grade: str) -> None:
    record = view_of(Kind.RECORD, "csc.audit/u1", said("audit.completed", "u1", "2026-02-10", grade=grade))
    assert marked(audits(record)) == [("north", (GRADES.index(grade), date(2026, 2, 10), 1), "u1")]


@pytest.mark.parametrize(
    ("steps", "waiting"),
    [((), []), (("completed",), ["d1"]), (("verified",), []), (("completed", "verified"), [])],
)
def test_an_action_waits_for_a_check_from_its_completion_on(steps: tuple[str, ...], waiting: list[str]) -> None:
    raised = said("audit_action.raised", "d1", "2026-02-02", due="2026-02-20")
    then = [said(f"audit_action.{step}", "d1", "2026-02-10") for step in steps]
    record = view_of(Kind.RECORD, "csc.audit_action/d1", raised, *then)
    assert [mark.record for mark in unverified(record)] == waiting
