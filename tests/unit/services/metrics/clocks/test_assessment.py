import pytest

from services.metrics.clocks.assessment import CLOCKS
from tests.oracle.examples import Example, clock_lines, example, referral, said
from tests.unit.services.metrics.product import about, runs, wrong_either_way

FROM_REFERRAL, FROM_START = CLOCKS
OWN = [
    example(
        "an assessment moved to another referral leaves the first",
        referral("r1", "2026-02-02", team_id="one"),
        referral("r2", "2026-02-16", team_id="two"),
        said("assessment.started", "a1", "2026-02-17", referral_id="r1", recordversion=1),
        said("assessment.started", "a1", "2026-02-17", referral_id="r2", recordversion=2),
        expected=clock_lines("assessment", "two", open=1) + "\n" + clock_lines("assessment_from_start", "two", open=1),
    ),
]


@pytest.mark.parametrize("example", [*about(*CLOCKS), *OWN], ids=lambda example: example.claim)
def test_the_clocks_say_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


R1 = referral("r1", "2026-01-05")
FIRST = said("assessment.started", "a1", "2026-01-08", referral_id="r1")
SECOND = said("assessment.started", "a2", "2026-01-20", referral_id="r1")


def test_both_readings_run_side_by_side_from_their_own_starts() -> None:
    assert runs(FROM_REFERRAL, "c1", R1, FIRST) == [("a1", "2026-01-05", None, "2026-03-09")]
    assert runs(FROM_START, "c1", R1, FIRST) == [("a1", "2026-01-08", None, "2026-03-12")]


def test_a_referral_has_one_clock_for_the_assessment_that_was_authorised_first() -> None:
    authorised = said("assessment.authorised", "a2", "2026-02-10")
    later = said("assessment.authorised", "a1", "2026-02-20")
    assert [run[0] for run in runs(FROM_REFERRAL, "c1", R1, FIRST, SECOND)] == ["a1"]
    assert runs(FROM_REFERRAL, "c1", R1, FIRST, SECOND, authorised, later) == [
        ("a2", "2026-01-05", "2026-02-10", "2026-03-09")
    ]
    assert [run[:3] for run in runs(FROM_START, "c1", R1, FIRST, SECOND, authorised, later)] == [
        ("a1", "2026-01-08", "2026-02-20"),
        ("a2", "2026-01-20", "2026-02-10"),
    ]


def test_an_authorisation_after_the_closure_still_completes() -> None:
    closed = said("case.closed", "r1", "2026-02-02")
    authorised = said("assessment.authorised", "a1", "2026-02-10")
    for clock in CLOCKS:
        assert runs(clock, "c1", R1, FIRST, closed) == []
        assert [run[2] for run in runs(clock, "c1", R1, FIRST, closed, authorised)] == ["2026-02-10"]


def test_a_closure_without_the_referral_closes_nothing() -> None:
    closed = said("case.closed", "r1", "2026-02-02")
    assert runs(FROM_REFERRAL, "c1", FIRST, closed) == []
    assert [run[0] for run in runs(FROM_START, "c1", FIRST, closed)] == ["a1"]
