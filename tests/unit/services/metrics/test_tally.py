from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.tally import (
    DAYS,
    WINDOWS,
    AsOf,
    Counts,
    Cumulated,
    Largest,
    Sums,
    Tally,
    Windowed,
    counts,
    cumulated,
    largest,
    sums,
    windowed,
)
from tests.unit.services.metrics.product import TODAY

AMOUNTS = st.integers(0, 5) | st.integers(1, 1_000).map(lambda n: Decimal(n) / 1_000)
NOON = 43_200.0


def on(day: date) -> AsOf:
    return AsOf(day, NOON, day + timedelta(days=7))


ROLLS = st.lists(st.integers(0, 200), max_size=4)
KINDS: list[tuple[Callable[[AsOf], Tally], st.SearchStrategy[Any]]] = [
    (counts(3), st.tuples(st.integers(0, 2), AMOUNTS)),
    (sums(3), st.tuples(st.integers(0, 5), st.integers(0, 5), st.integers(0, 5))),
    (cumulated(3), st.tuples(st.integers(0, 2), st.integers(1, 3))),
    (largest, st.tuples(st.integers(0, 9))),
    (
        windowed(2),
        st.tuples(st.integers(0, 1), st.integers(0, 800).map(lambda n: TODAY - timedelta(days=n)), AMOUNTS),
    ),
]


@pytest.mark.parametrize(("make", "mark"), KINDS)
@given(data=st.data())
def test_adding_and_taking_back_in_any_order_is_counting_anew(
    make: Callable[[AsOf], Tally], mark: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    kept = data.draw(st.lists(mark, max_size=12))
    passing = data.draw(st.lists(mark, max_size=12))
    steps = data.draw(st.permutations([(one, 1) for one in (*kept, *passing)] + [(one, -1) for one in passing]))
    rolls = data.draw(ROLLS)
    tally, today = make(on(TODAY)), TODAY
    for number, (one, sign) in enumerate(steps):
        tally.add(one, sign)
        if number < len(rolls):
            today += timedelta(days=rolls[number])
            tally.roll(on(today))
    fresh = make(on(today))
    for one in kept:
        fresh.add(one, 1)
    assert list(tally.values()) == list(fresh.values())


@pytest.mark.parametrize(("make", "mark"), KINDS)
@given(data=st.data())
def test_a_tally_that_says_it_did_not_move_has_the_values_it_had(
    make: Callable[[AsOf], Tally], mark: st.SearchStrategy[Any], data: st.DataObject
) -> None:
    tally, today = make(on(TODAY)), TODAY
    for one in data.draw(st.lists(mark, max_size=5)):
        tally.add(one, 1)
    for days in data.draw(ROLLS):
        before = list(tally.values())
        today += timedelta(days=days)
        if not tally.roll(on(today)):
            assert list(tally.values()) == before


def test_a_window_that_a_day_leaves_says_that_it_moved() -> None:
    tally = Windowed(1, on(TODAY))
    tally.add((0, TODAY, 1), 1)
    moved = [tally.roll(on(TODAY + timedelta(days=days))) for days in (0, 27, 28, 29, 91, 365, 366)]
    assert moved == [False, False, True, False, True, True, False]


def test_a_mark_falls_under_its_bound_and_all_that_follow() -> None:
    tally = Cumulated(4)
    for position, times in ((1, 1), (2, 3), (2, -1)):
        tally.add((position, 1), times)
    assert list(tally.values()) == [0, 1, 3, 3]


def test_a_window_is_of_so_many_days_with_today_the_last() -> None:
    assert WINDOWS == ("28d", "91d", "365d")
    for position, days in enumerate(DAYS):
        inside, outside = Windowed(1, on(TODAY)), Windowed(1, on(TODAY))
        inside.add((0, TODAY - days + timedelta(days=1), 1), 1)
        outside.add((0, TODAY - days, 1), 1)
        assert (inside.values()[position], outside.values()[position]) == (1, 0)


def test_days_move_through_the_windows_and_out() -> None:
    tally = Windowed(1, on(TODAY))
    tally.add((0, TODAY, 2), 1)
    seen = []
    for days in (0, 27, 28, 90, 91, 364, 365):
        tally.roll(on(TODAY + timedelta(days=days)))
        seen.append(tuple(tally.values()))
    assert seen == [(2, 2, 2), (2, 2, 2), (0, 2, 2), (0, 2, 2), (0, 0, 2), (0, 0, 2), (0, 0, 0)]


def test_rows_of_windows_do_not_disturb_each_other() -> None:
    tally = Windowed(2, on(TODAY))
    tally.add((1, TODAY, 3), 1)
    tally.add((0, TODAY - timedelta(days=40), 1), 1)
    assert list(tally.values()) == [0, 1, 1, 3, 3, 3]


def test_decimals_add_up_as_written() -> None:
    tally = Counts(1)
    for amount in ("0.1", "0.2"):
        tally.add((0, Decimal(amount)), 1)
    assert tally.values() == [Decimal("0.3")]
    tally.add((0, Decimal("0.1")), -1)
    assert tally.values() == [Decimal("0.2")]


def test_the_largest_of_none_is_0_and_of_equals_lasts_until_the_last_goes() -> None:
    tally = Largest()
    assert tally.values() == (0,)
    for sign in (1, 1, -1):
        tally.add((7,), sign)
    tally.add((3,), 1)
    assert tally.values() == (7,)
    tally.add((7,), -1)
    assert tally.values() == (3,)


def test_a_sum_takes_an_amount_for_each_of_its_series() -> None:
    tally = Sums(3)
    for amounts, sign in (((1, 2, 0), 1), ((0, 1, 1), 1), ((1, 0, 0), -1)):
        tally.add(amounts, sign)
    assert list(tally.values()) == [0, 3, 1]


def test_a_window_may_be_of_a_year_alone() -> None:
    tally = windowed(1, (timedelta(days=365),))(on(TODAY))
    for days in (0, 364, 365):
        tally.add((0, TODAY - timedelta(days=days), Decimal("0.5")), 1)
    assert list(tally.values()) == [1]
