import pytest

from services.metrics.indicators.clocks import CLOCKS
from tests.oracle.examples import CLOCKS as EXAMPLES
from tests.oracle.examples import Example, clock_lines, contact, decided, done_lines, example, lead, referral, said
from tests.oracle.figures import CLOCKS as ORACLES
from tests.unit.services.metrics.product import wrong

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
        "the state funeral is no working day: the sixteenth day is the day after",
        said("section47.started", "s1", "2022-09-05", team_id="north", child_id="c1"),
        said("conference.held", "f1", "2022-09-27", section47_id="s1", child_id="c1"),
        said("section47.started", "s2", "2022-09-05", team_id="north", child_id="c2"),
        said("conference.held", "f2", "2022-09-28", section47_id="s2", child_id="c2"),
        expected=done_lines("conference", "north", (2, 2, 2), (1, 1, 1)),
        now="2022-09-30T09:00:00Z",
    ),
    example(
        "an allocation on the referral's own date is of its time, and stops the clock at the decision",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-18"),
        lead("q1", "2026-02-16"),
        expected=done_lines("allocation", "north", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "a withdrawn conference opens the clock again",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("conference.held", "f1", "2026-02-10", section47_id="s1"),
        said("conference.held", "f1", "2026-02-10", op="withdraw", recordversion=1),
        expected=clock_lines("conference", "north", open=1, overdue=1, longest_overdue_seconds=7 * 86_400),
    ),
    example(
        "a contact that was decided today is completed, whatever the hour",
        contact("k1", "2026-03-02T08:00:00Z"),
        said("contact.decided", "k1", "2026-03-02T23:00:00Z", outcome="advice"),
        expected=done_lines("contact_decision", "north", (1, 1, 1), (1, 1, 1))
        + clock_lines("contact_decision", "north", open=0),
    ),
    example(
        "an assessment moved to another referral leaves the first",
        referral("r1", "2026-02-02", team_id="one"),
        referral("r2", "2026-02-16", team_id="two"),
        said("assessment.started", "a1", "2026-02-17", referral_id="r1", recordversion=1),
        said("assessment.started", "a1", "2026-02-17", referral_id="r2", recordversion=2),
        expected=clock_lines("assessment", "two", open=1) + "\n" + clock_lines("assessment_from_start", "two", open=1),
    ),
]  # fmt: skip


@pytest.mark.parametrize("example", [*EXAMPLES, *OWN], ids=lambda example: example.claim)
def test_the_clocks_say_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong(example) == []
    assert wrong(example, reversed(example.events)) == []


def test_the_table_is_that_of_the_contract() -> None:
    assert [(clock.name, clock.working_days, clock.needs) for clock in CLOCKS] == [
        (name, row.limit, {f"csc.{kind}" for kind in row.needs}) for name, row in ORACLES.items()
    ]
    assert [tuple(map(str, clock.buckets)) for clock in CLOCKS] == [row.within[:-1] for row in ORACLES.values()]


def test_every_clock_tells_what_it_measures_and_who_set_it() -> None:
    for clock in CLOCKS:
        assert clock.meaning.startswith("From ")
        assert clock.source
