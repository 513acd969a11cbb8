from datetime import date, datetime

import pytest

from services.metrics.fact import Fact
from services.metrics.questions.day_count import DayCount, day_count
from services.metrics.timeliness import Item
from shared.domain.calendar import england_and_wales
from shared.domain.london import LONDON
from shared.domain.timescale import Days, DaysThatCount, Hours, Months, Rule, Timescale, Until, WorkingDays


def counted(timescale: Timescale | Hours, start: str, end: str) -> DayCount:
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=LONDON) for text in (start, end))
    fact = Fact("csc.any", "x", "", "", 0, None, begins.date(), begins.timestamp(), True, {})
    item = Item("north", "x", fact, None, Rule(timescale, "someone"))
    return day_count(item, ends.date(), ends.timestamp(), england_and_wales())


def reasons(count: DayCount) -> dict[str, str]:
    return {str(one.day): one.why for one in count.skipped if one.why not in ("Saturday", "Sunday")}


@pytest.mark.parametrize(
    ("start", "number", "due", "holidays"),
    [
        (
            "2026-03-02",
            45,
            "2026-05-07",
            {"2026-04-03": "Good Friday", "2026-04-06": "Easter Monday", "2026-05-04": "Early May bank holiday"},
        ),
        ("2022-09-05", 15, "2022-09-27", {"2022-09-19": "State Funeral of Queen Elizabeth II"}),
        (
            "2025-12-24",
            1,
            "2025-12-29",
            {"2025-12-25": "Christmas Day", "2025-12-26": "Boxing Day"},
        ),
    ],
)
def test_each_holiday_between_start_and_due_date_is_named(
    start: str, number: int, due: str, holidays: dict[str, str]
) -> None:
    count = counted(WorkingDays(number), start, start)
    assert str(count.due) == due
    assert reasons(count) == holidays
    assert len(count.skipped) == (date.fromisoformat(due) - date.fromisoformat(start)).days - number


def test_after_a_friday_nothing_is_late_before_tuesday() -> None:
    count = counted(WorkingDays(1), "2026-02-26", "2026-03-01")
    assert (count.due, count.late_from, count.used) == (date(2026, 2, 27), date(2026, 3, 2), 1)
    assert [(one.day.day, one.why) for one in count.skipped] == [(28, "Saturday"), (1, "Sunday")]


def test_of_what_ran_on_the_days_after_the_due_date_are_there_too() -> None:
    count = counted(WorkingDays(1), "2026-02-26", "2026-03-09")
    assert count.used == 7
    assert [one.day.isoformat() for one in count.skipped][-1] == "2026-03-08"


def test_a_stop_before_its_start_used_nothing() -> None:
    assert counted(WorkingDays(1), "2026-02-26", "2026-02-20").used == 0
    assert counted(Days(7), "2026-02-26", "2026-02-20").used == 0
    assert counted(Hours(72), "2026-02-26", "2026-02-20").used == 0


def test_calendar_days_are_all_counted() -> None:
    assert counted(Days(7), "2026-04-01", "2026-04-20") == DayCount(
        due=date(2026, 4, 8), due_at=None, late_from=date(2026, 4, 9), allowed=7, used=19, unit="days"
    )


def test_a_month_that_is_too_short_is_said() -> None:
    count = counted(Months(3), "2025-11-30", "2026-01-01")
    assert (count.due, count.note) == (date(2026, 2, 28), "clipped to the month's end: February 2026 has no day 30")
    assert counted(Months(3), "2025-11-28", "2026-01-01").note == ""


def test_days_of_absence_do_not_count_and_say_which() -> None:
    absence = (date(2026, 3, 5), date(2026, 3, 8))
    count = counted(DaysThatCount(14, (absence,)), "2026-03-02", "2026-03-09")
    assert (count.due, count.used, count.allowed) == (date(2026, 3, 19), 4, 14)
    assert reasons(count) == dict.fromkeys(
        ("2026-03-05", "2026-03-06", "2026-03-07"), "absence from 2026-03-05 to 2026-03-07"
    )


def test_in_an_absence_without_an_end_nothing_falls_due() -> None:
    count = counted(DaysThatCount(14, ((date(2026, 3, 5), None),)), "2026-03-02", "2026-03-09")
    assert (count.due, count.late_from, count.used) == (None, None, 2)
    assert count.note == "an absence has no end yet: nothing falls due in it"
    assert [one.day.day for one in count.skipped] == [5, 6, 7, 8, 9]


def test_hours_run_through_the_night_on_which_the_clocks_go_forward() -> None:
    count = counted(Hours(72), "2026-03-28T10:00:30", "2026-03-30T10:00:30")
    assert count.due_at == datetime(2026, 3, 31, 11, 0, 30, tzinfo=LONDON)
    assert count.due_at.isoformat() == "2026-03-31T11:00:30+01:00" if count.due_at else False
    assert (count.used, count.allowed, count.late_from) == (47 * 3600, 72 * 3600, None)


def test_a_date_that_was_set_is_the_due_date() -> None:
    count = counted(Until(date(2026, 4, 4)), "2026-03-02", "2026-03-04")
    assert (count.due, count.late_from, count.allowed) == (date(2026, 4, 4), date(2026, 4, 5), None)
