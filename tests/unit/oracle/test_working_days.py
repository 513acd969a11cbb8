"""Working days, on the vectors of the field."""

from datetime import date, timedelta

import pytest

from tests.oracle.working_days import (
    PROCLAIMED,
    add_working_days,
    is_working_day,
    months_before,
    working_days_between,
)

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
]


@pytest.mark.parametrize(("start", "n", "due"), VECTORS)
def test_due_dates_are_those_of_the_field(start: str, n: int, due: str) -> None:
    first, last = date.fromisoformat(start), date.fromisoformat(due)
    assert add_working_days(first, n) == last
    assert working_days_between(first, last) == n
    assert working_days_between(first, last - timedelta(days=1)) == n - 1


@pytest.mark.parametrize(("year", "count"), [(2024, 254), (2025, 253), (2026, 253)])
def test_a_year_has_as_many_working_days_as_dfe_counts(year: int, count: int) -> None:
    assert working_days_between(date(year - 1, 12, 31), date(year, 12, 31)) == count


def test_no_working_days_lie_between_a_day_and_an_earlier_one() -> None:
    assert working_days_between(date(2026, 3, 2), date(2026, 2, 2)) == 0


def test_proclaimed_holidays_are_no_working_days() -> None:
    assert not any(is_working_day(day) for day in PROCLAIMED)


def test_the_zeroth_working_day_after_a_day_is_refused() -> None:
    with pytest.raises(ValueError, match="zeroth"):
        add_working_days(date(2026, 3, 2), 0)


def test_months_are_clipped_to_the_end_of_the_month() -> None:
    assert months_before(date(2024, 2, 29), 12) == date(2023, 2, 28)
    assert months_before(date(2025, 2, 28), 12) == date(2024, 2, 28)
    assert months_before(date(2026, 1, 31), 2) == date(2025, 11, 30)
