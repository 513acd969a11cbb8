from datetime import UTC, date, datetime, timedelta

import pytest

from shared.runtime.clock import FixedClock, SystemClock, clock_from, today


def test_a_fixed_clock_stands_still_in_utc() -> None:
    clock = clock_from("2026-07-01T00:30:00+01:00")
    assert clock.now() == clock.now() == datetime(2026, 6, 30, 23, 30, tzinfo=UTC)
    assert clock.now().utcoffset() == timedelta(0)


def test_today_is_the_date_in_england_and_not_in_utc() -> None:
    assert today(clock_from("2026-06-30T23:30:00Z")) == date(2026, 7, 1)
    assert today(clock_from("2026-12-31T23:30:00Z")) == date(2026, 12, 31)


@pytest.mark.parametrize("setting", ["yesterday", "2026-13-01T00:00:00Z", "2026-03-02T09:00:00"])
def test_an_instant_without_offset_or_sense_is_refused(setting: str) -> None:
    with pytest.raises(ValueError):
        clock_from(setting)


@pytest.mark.parametrize("setting", [None, ""])
def test_without_a_setting_the_machines_clock_goes(setting: str | None) -> None:
    clock = clock_from(setting)
    assert isinstance(clock, SystemClock)
    first, second = clock.now(), clock.now()
    assert first <= second
    assert first.utcoffset() == timedelta(0)


def test_a_naive_instant_fixes_no_clock() -> None:
    with pytest.raises(ValueError, match="offset"):
        FixedClock(datetime(2026, 3, 2))  # noqa: DTZ001  # the point of it
