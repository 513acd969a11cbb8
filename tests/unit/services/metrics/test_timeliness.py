from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.casebook import Kind
from services.metrics.timeliness import Clock, ClockTally, Item, families, strand_of
from shared.domain.calendar import england_and_wales
from tests.oracle.working_days import add_working_days, working_days_between
from tests.unit.services.metrics.product import TODAY

DAY = timedelta(days=1)
DATES = st.integers(0, 500).map(lambda n: TODAY - n * DAY)


class OneItem:
    """All of a view that a clock looks at."""

    calendar = england_and_wales()


def clock(days: int, *items: Item, buckets: tuple[int, ...] = ()) -> Clock:
    return Clock("a", "From a to b.", "Nobody.", frozenset({"csc.x"}), Kind.CHILD, lambda _view: items, days, buckets)


def tallied(one: Clock, *items: Item, today: date = TODAY) -> ClockTally:
    strand = strand_of(clock(one.working_days, *items, buckets=one.buckets), ("a", "b"))
    tally = strand.tally(today)
    for _, mark in strand.marks(OneItem()):
        tally.add(mark, 1)
    assert isinstance(tally, ClockTally)
    return tally


def opened(days: int, start: str, today: str) -> tuple[Any, ...]:
    item = Item("t", date.fromisoformat(start), None)
    return tuple(tallied(clock(days), item, today=date.fromisoformat(today)).values()[:4])


@pytest.mark.parametrize(
    ("days", "start", "today", "figures"),
    [
        (1, "2026-02-26", "2026-02-26", (1, 0, 1, 0)),
        (1, "2026-02-26", "2026-02-27", (1, 0, 1, 0)),
        (1, "2026-02-26", "2026-03-01", (1, 0, 1, 0)),  # the Sunday after is still on time
        (1, "2026-02-26", "2026-03-02", (1, 1, 0, 3 * 86_400)),
        (1, "2026-02-28", "2026-03-02", (1, 0, 1, 0)),  # a Saturday is day 0
        (1, "2026-02-28", "2026-03-03", (1, 1, 0, 86_400)),
        (15, "2026-02-02", "2026-02-13", (1, 0, 0, 0)),
        (15, "2026-02-02", "2026-02-16", (1, 0, 1, 0)),  # due on the 23rd, the fifth working day from here
        (15, "2026-02-02", "2026-02-15", (1, 0, 0, 0)),  # from the Sunday the fifth is the 20th
        (15, "2026-02-02", "2026-02-23", (1, 0, 1, 0)),
        (15, "2026-02-02", "2026-02-24", (1, 1, 0, 86_400)),
        (45, "2026-03-26", "2026-06-03", (1, 0, 1, 0)),
        (45, "2026-03-26", "2026-06-04", (1, 1, 0, 86_400)),
        (1, "2026-04-02", "2026-04-06", (1, 0, 1, 0)),  # Easter Monday
        (1, "2026-04-02", "2026-04-08", (1, 1, 0, 86_400)),
    ],
)
def test_an_open_item_is_on_time_until_the_next_working_day(
    days: int, start: str, today: str, figures: tuple[int, ...]
) -> None:
    assert opened(days, start, today) == figures


@given(st.sampled_from([1, 10, 15, 45]), DATES, st.integers(0, 90))
def test_an_open_item_is_overdue_when_more_working_days_have_passed(days: int, start: date, ahead: int) -> None:
    tally = tallied(clock(days), Item("t", start, None))
    today = TODAY + ahead * DAY
    tally.roll(today)
    due, late = add_working_days(start, days), working_days_between(start, today) > days
    soon = not late and (days == 1 or due <= add_working_days(today, 5))
    assert list(tally.values()[:4]) == [1, int(late), int(soon), (today - due).days * 86_400 if late else 0]


@given(DATES, st.integers(-5, 120))
def test_a_completed_item_is_in_the_windows_of_its_stop_and_the_buckets_of_its_length(start: date, length: int) -> None:
    stop = min(start + length * DAY, TODAY)
    values = tallied(clock(45, buckets=(0, 10, 45)), Item("t", start, stop)).values()
    took, ago = working_days_between(start, stop), (TODAY - stop).days
    windows = [int(ago < days) for days in (28, 91, 365)]
    assert list(values[:4]) == [0, 0, 0, 0]
    assert list(values[4:7]) == windows
    assert list(values[7:10]) == [within * (took <= 45) for within in windows]
    assert list(values[10:]) == [windows[2] * (took <= bound) for bound in (0, 10, 45, 10_000)]


def test_a_stop_before_its_start_took_no_time_and_counts_on_its_own_date() -> None:
    values = tallied(clock(1, buckets=(0, 10)), Item("t", date(2026, 3, 1), date(2026, 1, 20))).values()
    assert list(values) == [0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1]


@given(
    st.lists(st.tuples(DATES, st.none() | st.integers(-3, 120)), max_size=15), st.integers(0, 15), st.integers(0, 99)
)
def test_rolling_and_taking_back_is_counting_anew(drawn: list[tuple[date, int | None]], kept: int, days: int) -> None:
    items = [Item("t", start, None if took is None else min(start + took * DAY, TODAY)) for start, took in drawn]
    row, today = clock(15, *items, buckets=(10, 15)), TODAY + days * DAY
    strand = strand_of(row, ("a",))
    tally, fresh = strand.tally(TODAY), strand.tally(today)
    marks = [mark for _, mark in strand.marks(OneItem())]
    for mark in marks:
        tally.add(mark, 1)
    tally.roll(today)
    for mark in marks[kept:]:
        tally.add(mark, -1)
    for mark in marks[:kept]:
        fresh.add(mark, 1)
    assert list(tally.values()) == list(fresh.values())


def test_the_longest_overdue_is_the_one_with_the_earliest_due_date() -> None:
    starts = ("2026-02-23", "2026-02-02", "2026-02-27")
    tally = tallied(clock(1), *(Item("t", date.fromisoformat(start), None) for start in starts))
    assert list(tally.values()[:4]) == [3, 2, 1, 27 * 86_400]


def test_families_and_values_are_in_one_order() -> None:
    strand = strand_of(clock(45, buckets=(10, 20)), ("a", "b"))
    assert len(strand.tally(TODAY).values()) == strand.width == 4 + 3 + 3 + 3
    within = strand.families[-1]
    assert [one["working_days"] for one in within.series(strand.fixed)] == ["10", "20", "+Inf"]
    assert {one["clock"] for one in within.series(strand.fixed)} == {"a"}


def test_only_a_clock_with_published_buckets_has_a_distribution() -> None:
    assert [family.name for family in families(("a",), ())] == [
        "csc_clock_open",
        "csc_clock_overdue",
        "csc_clock_due_soon",
        "csc_clock_longest_overdue_seconds",
        "csc_clock_completed",
        "csc_clock_completed_on_time",
    ]
