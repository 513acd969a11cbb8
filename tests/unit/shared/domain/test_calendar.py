from datetime import date, timedelta

import holidays
import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.calendar import (
    BeyondHorizonError,
    CalendarError,
    WorkingCalendar,
    add_months,
    england_and_wales,
    parse_calendar,
)

CALENDAR = england_and_wales()
DAY = timedelta(days=1)
DAYS = st.dates(date(1980, 1, 1), date(2039, 1, 1))
NUMBERS = st.integers(0, 120)

VECTORS = [
    ("2026-01-05", 45, "2026-03-09"),
    ("2026-01-03", 45, "2026-03-06"),
    ("2026-03-26", 45, "2026-06-03"),
    ("2026-03-30", 20, "2026-04-29"),
    ("2022-06-02", 15, "2022-06-24"),
    ("2022-09-12", 15, "2022-10-04"),
    ("2026-12-21", 15, "2027-01-14"),
    ("2025-12-22", 10, "2026-01-08"),
    ("2026-04-02", 1, "2026-04-07"),
    ("2026-05-22", 1, "2026-05-26"),
    ("2026-03-02", 45, "2026-05-07"),
    ("2022-09-05", 15, "2022-09-27"),
]


@pytest.mark.parametrize(("start", "days", "due"), VECTORS)
def test_due_dates_are_those_worked_out_by_hand(start: str, days: int, due: str) -> None:
    begins, ends = date.fromisoformat(start), date.fromisoformat(due)
    assert CALENDAR.add_working_days(begins, days) == ends
    assert CALENDAR.working_days_between(begins, ends) == days
    assert CALENDAR.working_days_between(begins, ends + DAY) == days + CALENDAR.is_working_day(ends + DAY)


@pytest.mark.parametrize(
    ("year", "days"),
    [(2024, 254), (2025, 253), (2026, 253)],
)
def test_a_year_has_the_working_days_that_dfe_counts(year: int, days: int) -> None:
    assert CALENDAR.working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == days


@pytest.mark.parametrize(
    "holiday",
    [date(2020, 5, 8), date(2022, 6, 2), date(2022, 6, 3), date(2022, 9, 19), date(2023, 5, 8), date(2026, 12, 28)],
)
def test_one_off_and_substitute_days_are_holidays(holiday: date) -> None:
    assert holiday.weekday() < 5
    assert not CALENDAR.is_working_day(holiday)


@pytest.mark.parametrize("day", [date(2020, 5, 4), date(2022, 5, 30), date(2023, 5, 15), date(2026, 8, 3)])
def test_moved_and_scottish_holidays_are_working_days(day: date) -> None:
    assert CALENDAR.is_working_day(day)


@pytest.mark.parametrize("country", ["ENG", "WLS"])
def test_the_shipped_list_is_that_of_an_independent_package(country: str) -> None:
    known = holidays.country_holidays("GB", subdiv=country, years=range(1970, 2041))
    days = [date(1970, 1, 1) + n * DAY for n in range((CALENDAR.horizon - date(1970, 1, 1)).days + 1)]
    assert CALENDAR.horizon == date(2040, 12, 31)
    assert [day for day in days if CALENDAR.is_working_day(day) != (day.weekday() < 5 and day not in known)] == []


@given(DAYS, NUMBERS)
def test_adding_and_counting_undo_each_other(start: date, days: int) -> None:
    assert CALENDAR.working_days_between(start, CALENDAR.add_working_days(start, days)) == days


@given(DAYS, st.integers(1, 120))
def test_a_due_date_is_a_working_day_after_the_start(start: date, days: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    assert due > start
    assert CALENDAR.is_working_day(due)


@given(DAYS, st.integers(-400, 400))
def test_counting_is_counting_day_by_day(start: date, length: int) -> None:
    counted = sum(CALENDAR.is_working_day(start + n * DAY) for n in range(1, length + 1))
    assert CALENDAR.working_days_between(start, start + length * DAY) == counted


@given(DAYS, NUMBERS, NUMBERS)
def test_a_later_start_or_a_longer_time_is_never_due_earlier(start: date, days: int, more: int) -> None:
    due = CALENDAR.add_working_days(start, days)
    assert CALENDAR.add_working_days(start + more * DAY, days) >= due
    assert CALENDAR.add_working_days(start, days + more) >= due


@given(DAYS)
def test_nothing_added_is_the_start_itself(start: date) -> None:
    assert CALENDAR.add_working_days(start, 0) == start


def test_before_the_first_holiday_known_weekdays_count() -> None:
    calendar = WorkingCalendar([date(2026, 4, 3)], date(2026, 12, 31))
    assert calendar.working_days_between(date(2025, 12, 19), date(2026, 1, 2)) == 10
    assert calendar.working_days_between(date(2025, 12, 19), date(2026, 4, 3)) == 74
    assert WorkingCalendar([], date(2026, 12, 31)).add_working_days(date(2026, 4, 2), 1) == date(2026, 4, 3)


def test_a_holiday_at_the_weekend_takes_no_working_day() -> None:
    calendar = WorkingCalendar([date(2026, 4, 3), date(2026, 4, 4)], date(2026, 12, 31))
    assert calendar.working_days_between(date(2026, 3, 30), date(2026, 4, 6)) == 4


def test_beyond_the_horizon_is_an_error_and_not_a_guess() -> None:
    calendar = WorkingCalendar([date(2026, 4, 3)], date(2026, 4, 30))
    assert calendar.add_working_days(date(2026, 4, 29), 1) == date(2026, 4, 30)
    with pytest.raises(BeyondHorizonError, match="2026-04-30"):
        calendar.add_working_days(date(2026, 4, 29), 2)
    with pytest.raises(BeyondHorizonError):
        calendar.is_working_day(date(2026, 5, 1))
    with pytest.raises(BeyondHorizonError):
        calendar.working_days_between(date(2026, 4, 1), date(2026, 5, 1))


def test_a_calendar_is_read_from_lines_and_comments() -> None:
    calendar = parse_calendar("# Easter\n2026-04-03\n\nhorizon 2026-04-30\n")
    assert calendar.horizon == date(2026, 4, 30)
    assert not calendar.is_working_day(date(2026, 4, 3))
    assert calendar.is_working_day(date(2026, 4, 2))


@pytest.mark.parametrize(
    "text", ["", "2026-04-03\n", "# horizon 2026-04-30\n", "horizon 2026-04-30\nhorizon 2027-04-30\n"]
)
def test_a_calendar_without_one_horizon_is_refused(text: str) -> None:
    with pytest.raises(CalendarError, match="wants one line `horizon`"):
        parse_calendar(text)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("# Easter\n\n2026-04-31\nhorizon 2026-12-31\n", 3),
        ("2026-04-03 Good Friday\nhorizon 2026-12-31\n", 1),
        ("2026-04-03\nhorizon soon\n", 2),
        ("horizon 2026-12-31\nhorizons 2027-12-31\n", 2),
    ],
)
def test_the_line_of_a_calendar_that_is_no_date_is_named(text: str, line: int) -> None:
    with pytest.raises(CalendarError, match=f"^line {line} of the calendar: expected a date"):
        parse_calendar(text)


def test_a_holiday_may_be_the_last_day_of_a_calendar_and_none_after_it() -> None:
    assert not parse_calendar("2026-04-30\nhorizon 2026-04-30\n").is_working_day(date(2026, 4, 30))
    with pytest.raises(CalendarError, match="ends on 2026-04-30, and has a holiday after that: 2026-05-01"):
        parse_calendar("2026-05-01\n2026-04-03\nhorizon 2026-04-30\n")


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2024-02-29", -12, "2023-02-28"),
        ("2024-02-29", 12, "2025-02-28"),
        ("2026-01-31", 3, "2026-04-30"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-15", -1, "2025-12-15"),
        ("2026-03-31", -1, "2026-02-28"),
        ("2026-05-05", 0, "2026-05-05"),
    ],
)
def test_months_are_calendar_months_clipped_to_the_months_end(day: str, months: int, expected: str) -> None:
    assert add_months(date.fromisoformat(day), months) == date.fromisoformat(expected)


@given(DAYS, st.integers(-600, 120))
def test_months_move_the_month_and_never_raise_the_day(day: date, months: int) -> None:
    moved = add_months(day, months)
    assert (moved.year - day.year) * 12 + moved.month - day.month == months
    assert moved.day == day.day or (moved.day < day.day and (moved + DAY).day == 1)
