from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.calendar import BeyondHorizonError, WorkingCalendar, england_and_wales
from shared.domain.timescale import (
    NEVER,
    Days,
    DaysThatCount,
    Hours,
    Months,
    Rule,
    Rules,
    Timescale,
    Until,
    WorkingDays,
    always,
)

CALENDAR = england_and_wales()
DAY = timedelta(days=1)
STARTS = st.dates(date(2015, 1, 1), date(2035, 1, 1))


def due(timescale: Timescale, start: str) -> str:
    return str(timescale.due(date.fromisoformat(start), CALENDAR))


def late_from(timescale: Timescale, start: str) -> str:
    return str(timescale.late_from(date.fromisoformat(start), CALENDAR))


# ---- working days


@pytest.mark.parametrize(
    ("start", "number", "last_on_time", "first_late"),
    [
        ("2026-02-26", 1, "2026-02-27", "2026-03-02"),  # a weekend lies between
        ("2026-04-01", 1, "2026-04-02", "2026-04-07"),  # Easter
        ("2026-04-02", 1, "2026-04-07", "2026-04-08"),
        ("2026-02-28", 1, "2026-03-02", "2026-03-03"),  # a Saturday is day 0
        ("2026-03-02", 45, "2026-05-07", "2026-05-08"),
        ("2022-09-02", 10, "2022-09-16", "2022-09-20"),  # the Monday was the state funeral
        ("2022-09-05", 15, "2022-09-27", "2022-09-28"),
        ("2025-12-23", 1, "2025-12-24", "2025-12-29"),  # Christmas and a weekend
    ],
)
def test_in_working_days_nothing_is_late_before_the_working_day_after(
    start: str, number: int, last_on_time: str, first_late: str
) -> None:
    assert due(WorkingDays(number), start) == last_on_time
    assert late_from(WorkingDays(number), start) == first_late


@given(STARTS, st.integers(1, 60), st.integers(0, 120))
def test_late_is_when_more_working_days_have_passed(start: date, number: int, length: int) -> None:
    day, timescale = start + length * DAY, WorkingDays(number)
    late = day >= timescale.late_from(start, CALENDAR)
    assert late is (CALENDAR.working_days_between(start, day) > number)
    if day <= timescale.due(start, CALENDAR):
        assert not late


def test_beyond_the_calendar_a_due_date_is_an_error_and_not_a_guess() -> None:
    short = WorkingCalendar([date(2026, 4, 3)], date(2026, 4, 30))
    assert WorkingDays(1).due(date(2026, 4, 29), short) == date(2026, 4, 30)
    with pytest.raises(BeyondHorizonError):
        WorkingDays(1).late_from(date(2026, 4, 29), short)
    assert Days(7).late_from(date(2026, 4, 29), short) == date(2026, 5, 7)


# ---- days and months


@pytest.mark.parametrize(
    ("timescale", "start", "last_on_time", "first_late"),
    [
        (Days(7), "2026-04-02", "2026-04-09", "2026-04-10"),
        (Days(42), "2026-01-31", "2026-03-14", "2026-03-15"),  # a Saturday is no excuse
        (Months(6), "2026-08-31", "2027-02-28", "2027-03-01"),
        (Months(6), "2027-08-31", "2028-02-29", "2028-03-01"),
        (Months(12), "2024-02-29", "2025-02-28", "2025-03-01"),
        (Months(3), "2025-11-30", "2026-02-28", "2026-03-01"),
        (Until(date(2026, 3, 7)), "2026-02-02", "2026-03-07", "2026-03-08"),
        (Until(date(2026, 1, 7)), "2026-02-02", "2026-01-07", "2026-01-08"),
    ],
)
def test_all_other_timescales_are_late_from_the_day_after(
    timescale: Timescale, start: str, last_on_time: str, first_late: str
) -> None:
    assert due(timescale, start) == last_on_time
    assert late_from(timescale, start) == first_late


# ---- days that count

BREAKS = st.lists(
    st.tuples(st.integers(-30, 60), st.none() | st.integers(0, 40)).map(
        lambda one: (
            date(2026, 3, 2) + one[0] * DAY,
            None if one[1] is None else date(2026, 3, 2) + (one[0] + one[1]) * DAY,
        )
    ),
    max_size=5,
)


def counted_day_by_day(start: date, number: int, breaks: list[tuple[date, date | None]]) -> date:
    """The so-manieth day after the start that lies in no break; never, once a break has no end."""
    day = start
    while number:
        day += DAY
        if any(after is None and first <= day for first, after in breaks):
            return NEVER
        number -= not any(first <= day < (after or NEVER) for first, after in breaks)
    return day


@given(st.integers(1, 30), BREAKS)
def test_days_in_breaks_do_not_count_however_these_lie(number: int, breaks: list[tuple[date, date | None]]) -> None:
    start, timescale = date(2026, 3, 2), DaysThatCount(number, breaks)
    expected = counted_day_by_day(start, number, breaks)
    assert timescale.due(start, CALENDAR) == expected
    assert timescale.late_from(start, CALENDAR) == (NEVER if expected == NEVER else expected + DAY)


@pytest.mark.parametrize(
    ("breaks", "last_on_time"),
    [
        ([], "2026-03-16"),
        ([("2026-03-09", "2026-03-16")], "2026-03-23"),
        ([("2026-03-16", "2026-03-17")], "2026-03-17"),  # away on what would have been the last day
        ([("2026-03-17", "2026-03-30")], "2026-03-16"),  # away when it is over
        ([("2026-02-02", "2026-03-03")], "2026-03-16"),  # away on the start day alone, which is day 0
        ([("2026-02-02", "2026-03-04")], "2026-03-17"),
        ([("2026-03-09", "2026-03-16"), ("2026-03-11", "2026-03-18")], "2026-03-25"),  # days of both are lost once
        ([("2026-03-09", "2026-03-20"), ("2026-03-11", "2026-03-12")], "2026-03-27"),
        ([("2026-03-09", "2026-03-16"), ("2026-03-20", "2026-03-21")], "2026-03-24"),  # one moves it into the next
        ([("2026-03-09", "2026-03-09")], "2026-03-16"),  # over on the day it began
        ([("2026-03-16", None)], str(NEVER)),
        ([("2026-03-17", None)], "2026-03-16"),
        ([("2026-03-02", "2026-03-03"), ("2026-03-01", None)], str(NEVER)),
    ],
)
def test_each_break_pushes_the_due_date_on_by_the_days_it_takes(
    breaks: list[tuple[str, str | None]], last_on_time: str
) -> None:
    dated = [(date.fromisoformat(first), date.fromisoformat(after) if after else None) for first, after in breaks]
    assert due(DaysThatCount(14, dated), "2026-03-02") == last_on_time


def test_what_falls_due_never_is_late_never() -> None:
    assert late_from(DaysThatCount(14, [(date(2026, 3, 2), None)]), "2026-03-02") == str(NEVER)


# ---- rules


def test_hours_are_seconds_and_no_days() -> None:
    assert Hours(72).seconds == 259_200


@pytest.mark.parametrize(
    ("timescale", "words"),
    [
        (WorkingDays(1), "1 working day"),
        (WorkingDays(45), "45 working days"),
        (Days(7), "7 days"),
        (Months(1), "1 month"),
        (Months(6), "6 months"),
        (Until(date(2026, 3, 7)), "until 2026-03-07"),
        (DaysThatCount(14, ()), "14 days, days of absence not counted"),
        (Hours(72), "72 hours"),
    ],
)
def test_a_timescale_says_itself_in_words(timescale: object, words: str) -> None:
    assert str(timescale) == words


OLD, NEW = Rule(WorkingDays(35), "guidance"), Rule(WorkingDays(45), "guidance", date(2013, 4, 15))


@pytest.mark.parametrize(
    ("day", "rule"),
    [("1999-01-01", OLD), ("2013-04-14", OLD), ("2013-04-15", NEW), ("2026-03-02", NEW)],
)
def test_what_starts_on_a_day_goes_by_the_rule_of_that_day(day: str, rule: Rule) -> None:
    assert Rules((OLD, NEW)).on(date.fromisoformat(day)) is rule


def test_before_the_first_rule_there_is_none() -> None:
    with pytest.raises(LookupError, match="no rule was in force on 2013-04-14: the first is of 2013-04-15"):
        Rules((NEW,)).on(date(2013, 4, 14))


@pytest.mark.parametrize("dated", [(), (NEW, OLD), (NEW, NEW), (OLD, OLD)])
def test_rules_are_in_the_order_of_their_dates(dated: tuple[Rule, ...]) -> None:
    with pytest.raises(ValueError, match="in the order of their dates"):
        Rules(dated)


def test_a_rule_says_since_when_it_holds() -> None:
    assert OLD.version == "the only one so far"
    assert NEW.version == "in force since 2013-04-15"
    assert always(Days(7), "us").dated == (Rule(Days(7), "us"),)
