"""Reading and comparing expositions."""

from decimal import Decimal

import pytest

from tests.oracle.figures import series
from tests.oracle.text import difference, parse

TEXT = """\
# HELP csc_referrals Referrals received in the window.
# TYPE csc_referrals gauge
csc_referrals{authority="E09000003",team="a \\"b\\"",window="28d"} 3
csc_caseload_workers{at_most="+Inf",authority="E09000003",team="t"} 0.1
# TYPE csc_events counter
csc_events_total{service="referrals"} 9
"""
REFERRALS = series("csc_referrals", authority="E09000003", team='a "b"', window="28d")
WORKERS = series("csc_caseload_workers", authority="E09000003", team="t", at_most="+Inf")
EVENTS = series("csc_events_total", service="referrals")


def test_an_exposition_is_read_by_family_and_labels() -> None:
    assert parse(TEXT) == {REFERRALS: Decimal(3), WORKERS: Decimal("0.1")}


def test_other_families_are_read_when_asked_for() -> None:
    assert parse(TEXT, families=None)[EVENTS] == 9


def test_a_series_that_is_there_twice_is_an_error() -> None:
    with pytest.raises(ValueError, match=r"twice: csc_events_total\{service="):
        parse(TEXT + 'csc_events_total{service="referrals"} 9\n')


def test_equal_figures_do_not_differ() -> None:
    assert difference({REFERRALS: Decimal("3.0")}, {REFERRALS: Decimal(3)}) == []


def test_a_microsecond_of_today_survives_the_text() -> None:
    exact = Decimal("1772366400.123457")
    text = f'csc_source_last_event_timestamp_seconds{{authority="E1",source="/s"}} {exact}\n'
    key = series("csc_source_last_event_timestamp_seconds", authority="E1", source="/s")
    assert difference({key: exact}, parse(text)) == []
    assert difference({key: exact + Decimal("0.000001")}, parse(text)) != []


def test_differences_come_before_missing_before_extra_before_zeros() -> None:
    one, two, three, four, five = (series("f", n=str(n)) for n in range(5))
    expected = {one: Decimal(0), two: Decimal(1), three: Decimal(2)}
    got = {three: Decimal(3), four: Decimal(0), five: Decimal(1)}
    assert difference(expected, got) == [
        'different: f{n="2"} expected 2 got 3',
        'missing: f{n="1"} expected 1',
        'extra: f{n="4"} got 1',
        'missing zero: f{n="0"} expected 0',
        'extra zero: f{n="3"} got 0',
    ]
