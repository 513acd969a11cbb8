from datetime import date

import pytest

from services.metrics.casebook import Kind
from services.metrics.clocks.missing import CLOCKS
from services.metrics.timeliness import ByTheSecond, Done, Item, mark_of
from tests.oracle.examples import Example, clock_lines, example, said
from tests.unit.services.metrics.product import TODAY, about, view_of, wrong_either_way

(INTERVIEW,) = CLOCKS
RETURNED = "2026-02-20T10:15:00Z"
BACK = said("missing.returned", "h1", RETURNED, team_id="north")
HOURS = 3600
OWN = [
    example(
        "how long an interview is overdue is told to the second, also on the day it fell due",
        said("missing.returned", "h1", "2026-02-27T08:30:15Z", team_id="north"),
        expected=clock_lines("return_interview", "north", open=1, overdue=1, longest_overdue_seconds=1785),
    ),
]


@pytest.mark.parametrize("example", [*about(*CLOCKS), *OWN], ids=lambda example: example.claim)
def test_the_clock_says_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def interview(when: str, subject: str = "h1", **details: object) -> dict[str, object]:
    return said("return_interview.held", subject, when, **details)


def items(*events: dict[str, object]) -> list[Item]:
    return INTERVIEW.items_of(view_of(Kind.CHILD, "c1", *events))


def comes_to(*events: dict[str, object], today: date = TODAY) -> object:
    """What the one item comes to."""
    child = view_of(Kind.CHILD, "c1", *events, today=today)
    (item,) = INTERVIEW.items_of(child)
    return mark_of(INTERVIEW, child, item)


def in_time(returned: str, held: str) -> bool:
    done = comes_to(said("missing.returned", "h1", returned), interview(held), today=date(2026, 4, 1))
    assert isinstance(done, Done)
    return done.on_time


def test_an_open_interview_is_due_72_hours_after_the_return() -> None:
    (item,) = items(BACK)
    assert comes_to(BACK) == ByTheSecond(item.start.time + 72 * HOURS)


def test_an_interview_is_on_time_to_the_second() -> None:
    assert in_time(RETURNED, "2026-02-23T10:15:00Z")
    assert not in_time(RETURNED, "2026-02-23T10:15:01Z")


@pytest.mark.parametrize(
    ("returned", "last", "too_late"),
    [
        ("2025-10-24T12:00:00+01:00", "2025-10-27T11:00:00+00:00", "2025-10-27T11:00:01+00:00"),
        ("2026-03-27T12:00:00+00:00", "2026-03-30T13:00:00+01:00", "2026-03-30T13:00:01+01:00"),
    ],
    ids=["the night with an hour more", "the night with an hour less"],
)
def test_72_hours_are_as_long_over_the_nights_on_which_the_clocks_change(
    returned: str, last: str, too_late: str
) -> None:
    assert in_time(returned, last)
    assert not in_time(returned, too_late)


@pytest.mark.parametrize(("outcome", "there"), [("held", 1), (None, 1), ("declined", 0), ("not_needed", 0)])
def test_an_interview_declined_or_not_needed_is_no_item(outcome: str | None, there: int) -> None:
    told = {} if outcome is None else {"outcome": outcome}
    assert len(items(BACK, interview("2026-02-21T10:00:00Z", **told))) == there


def test_an_interview_withdrawn_or_of_another_return_leaves_the_clock_open() -> None:
    declined = interview("2026-02-21T10:00:00Z", outcome="declined")
    withdrawn = interview("2026-02-21T10:00:00Z", op="withdraw", recordversion=1)
    for events in ([interview("2026-02-21T10:00:00Z", "h2")], [declined, withdrawn]):
        (item,) = items(BACK, *events)
        assert item.stop is None


def test_an_interview_earlier_on_the_day_of_the_return_stopped_before_its_start() -> None:
    for minute, before in ((14, True), (15, False)):
        (item,) = items(BACK, interview(f"2026-02-20T10:{minute}:00Z"))
        assert item.stopped_before_start is before


def test_the_team_is_that_of_the_return() -> None:
    assert [item.team for item in items(BACK)] == ["north"]
    assert [item.team for item in items(said("missing.returned", "h1", "2026-02-20"))] == ["unassigned"]
