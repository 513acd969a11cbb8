from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.domain.london import last_instant, local_date, local_midnight


@pytest.mark.parametrize(
    ("instant", "expected"),
    [
        ("2026-06-30T22:59:59.999999Z", date(2026, 6, 30)),
        ("2026-06-30T23:00:00Z", date(2026, 7, 1)),
        ("2026-06-30T23:30:00Z", date(2026, 7, 1)),
        ("2026-01-30T23:30:00Z", date(2026, 1, 30)),
        ("2026-03-28T23:59:59Z", date(2026, 3, 28)),  # the night on which the clocks go forward
        ("2026-03-29T00:30:00Z", date(2026, 3, 29)),
        ("2026-03-29T23:00:00Z", date(2026, 3, 30)),
        ("2026-10-24T23:00:00Z", date(2026, 10, 25)),  # the night on which they go back
        ("2026-10-25T23:59:59Z", date(2026, 10, 25)),
        ("2026-10-26T00:00:00Z", date(2026, 10, 26)),
        ("2026-07-01T00:30:00+01:00", date(2026, 7, 1)),
        ("2026-07-01T04:00:00+05:30", date(2026, 6, 30)),
    ],
)
def test_the_date_is_that_in_england(instant: str, expected: date) -> None:
    assert local_date(datetime.fromisoformat(instant)) == expected


def test_the_hour_that_is_there_twice_lies_on_one_date() -> None:
    begins = datetime(2026, 10, 24, 23, tzinfo=UTC)
    hours = [local_date(begins + timedelta(hours=n)) for n in range(26)]
    assert hours == [date(2026, 10, 25)] * 25 + [date(2026, 10, 26)]


def test_the_date_does_not_depend_on_how_the_instant_is_written() -> None:
    instant = datetime(2026, 7, 1, 22, 45, tzinfo=UTC)
    written = [instant.astimezone(timezone(timedelta(minutes=minutes))) for minutes in range(-720, 841, 15)]
    assert {local_date(one) for one in written} == {date(2026, 7, 1)}


@pytest.mark.parametrize(
    ("day", "begins", "hours"),
    [
        (date(2026, 3, 2), "2026-03-02T00:00:00Z", 24),
        (date(2026, 7, 1), "2026-06-30T23:00:00Z", 24),
        (date(2026, 3, 29), "2026-03-29T00:00:00Z", 23),
        (date(2026, 3, 30), "2026-03-29T23:00:00Z", 24),
        (date(2026, 10, 25), "2026-10-24T23:00:00Z", 25),
        (date(2026, 10, 26), "2026-10-26T00:00:00Z", 24),
    ],
)
def test_a_date_lasts_from_its_midnight_to_the_last_instant_before_the_next(day: date, begins: str, hours: int) -> None:
    first, last = (instant(day).astimezone(UTC) for instant in (local_midnight, last_instant))
    assert first == datetime.fromisoformat(begins)
    assert last - first == timedelta(hours=hours) - timedelta(microseconds=1)


@given(st.dates(date(1972, 1, 1), date(2040, 12, 31)))
def test_the_instants_of_a_date_follow_those_of_the_day_before(day: date) -> None:
    moment = timedelta(microseconds=1)
    first, last = (instant(day).astimezone(UTC) for instant in (local_midnight, last_instant))
    assert [local_date(instant) for instant in (first - moment, first, last, last + moment)] == [
        day - timedelta(days=1),
        day,
        day,
        day + timedelta(days=1),
    ]
