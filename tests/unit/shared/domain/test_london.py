from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from shared.domain.london import local_date


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
