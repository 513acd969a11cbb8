import pytest

from services.metrics.clocks.front_door import CLOCKS
from tests.oracle.examples import Example, clock_lines, contact, decided, done_lines, example, lead, referral, said
from tests.unit.services.metrics.product import about, runs, wrong_either_way

CONTACT, REFERRAL, ALLOCATION = CLOCKS
OWN = [
    example(
        "a referral before Easter is due on the Tuesday after",
        referral("r1", "2026-04-02"),
        expected=clock_lines("referral_decision", "north", open=1, overdue=0, due_soon=1, longest_overdue_seconds=0),
        now="2026-04-07T22:59:59Z",
    ),
    example(
        "an hour before midnight UTC the day after Easter Tuesday has begun in London",
        referral("r1", "2026-04-02"),
        expected=clock_lines(
            "referral_decision", "north", open=1, overdue=1, due_soon=0, longest_overdue_seconds=86_400
        ),
        now="2026-04-07T23:00:00Z",
    ),
    example(
        "an allocation on the referral's own date is of its time, and stops the clock at the decision",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-18"),
        lead("q1", "2026-02-16"),
        expected=done_lines("allocation", "north", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "a contact that was decided today is completed, whatever the hour",
        contact("k1", "2026-03-02T08:00:00Z"),
        said("contact.decided", "k1", "2026-03-02T23:00:00Z", outcome="advice"),
        expected=done_lines("contact_decision", "north", (1, 1, 1), (1, 1, 1))
        + clock_lines("contact_decision", "north", open=0),
    ),
    example(
        "a child may have several undecided contacts",
        contact("k1", "2026-02-27"),
        contact("k2", "2026-02-27"),
        said("contact.decided", "k3", "2026-02-27", outcome="advice"),
        expected=clock_lines("contact_decision", "north", open=2, overdue=0, due_soon=2),
    ),
]


@pytest.mark.parametrize("example", [*about(*CLOCKS), *OWN], ids=lambda example: example.claim)
def test_the_clocks_say_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_a_decision_is_due_on_the_next_working_day() -> None:
    assert runs(CONTACT, "c1", contact("k1", "2026-02-27")) == [("k1", "2026-02-27", None, "2026-03-02")]
    assert runs(REFERRAL, "c1", referral("r1", "2026-02-26"), decided("r1", "2026-03-02")) == [
        ("r1", "2026-02-26", "2026-03-02", "2026-02-27")
    ]


ASKED = (referral("r1", "2026-02-02"), decided("r1", "2026-02-04"))


@pytest.mark.parametrize(
    ("begins", "ends", "stopped"),
    [
        ("2026-01-05", None, "2026-02-04"),  # held since before: at the decision
        ("2026-02-03", None, "2026-02-04"),  # between referral and decision: at the decision too
        ("2026-02-06", None, "2026-02-06"),
        ("2026-02-06", "2026-02-06", "2026-02-06"),  # for a day, after the referral
        ("2026-01-05", "2026-02-03", "2026-02-04"),  # was running on the referral's date
        ("2026-01-05", "2026-02-02", None),  # ended on it
    ],
)
def test_an_allocation_of_the_referrals_time_stops_the_clock_no_earlier_than_the_decision(
    begins: str, ends: str | None, stopped: str | None
) -> None:
    end = [said("case.deallocated", "q1", ends)] if ends else []
    assert runs(ALLOCATION, "c1", *ASKED, lead("q1", begins), *end) == [("r1", "2026-02-04", stopped, "2026-02-05")]


def test_of_several_allocations_the_first_stops_the_clock() -> None:
    leads = [lead("q1", "2026-02-09"), lead("q2", "2026-02-05"), lead("q3", "2026-02-17")]
    assert runs(ALLOCATION, "c1", *ASKED, *leads)[0][2] == "2026-02-05"


def test_a_closed_case_without_an_allocation_has_no_allocation_clock() -> None:
    closed = said("case.closed", "r1", "2026-02-10")
    assert runs(ALLOCATION, "c1", *ASKED, closed) == []
    assert len(runs(ALLOCATION, "c1", *ASKED, closed, lead("q1", "2026-02-20"))) == 1
