from datetime import datetime, timedelta
from itertools import pairwise

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.recording_delay import AT_MOST, BOUNDS, INDICATOR, delays
from tests.oracle.examples import SOURCE, Example, contact, example, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way


def lines(source: str, *counts: int) -> str:
    return "\n".join(
        f'csc_recording_delay_facts{{at_most="{label}",source="{source}"}} {count}'
        for label, count in zip(AT_MOST, counts, strict=True)
    )


OWN = [
    example(
        "of the reports on one team the latest counts, and a withdrawn fact has no delay",
        said("establishment.reported", "north", "2026-02-01", vacant_fte=1, recordedtime="2026-02-20T00:00:00Z"),
        said("establishment.reported", "north", "2026-02-15", vacant_fte=2, recordedtime="2026-02-15T00:30:00Z"),
        contact("k1", "2026-02-01", recordedtime="2026-02-01T00:00:00Z"),
        said("contact.received", "k1", "2026-02-01", op="withdraw", recordedtime="2026-02-01T00:00:01Z"),
        expected=lines(SOURCE, *(1,) * 8),
    ),
    example(
        "a night in which the clocks go forward is an hour shorter",
        contact("k1", "2026-03-28T12:00:00Z", recordedtime="2026-03-29T13:00:00+01:00"),
        contact("k2", "2026-03-28T12:00:00Z", recordedtime="2026-03-29T13:00:01+01:00"),
        expected=lines(SOURCE, 0, 1, 2, 2, 2, 2, 2, 2),
        now="2026-04-01T09:00:00Z",
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_the_delay_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


HAPPENED = "2026-01-05T10:00:00+00:00"


def first_bound(delay: timedelta) -> str | None:
    recorded = (datetime.fromisoformat(HAPPENED) + delay).isoformat()
    child = view_of(Kind.CHILD, "c1", contact("k1", HAPPENED, recordedtime=recorded))
    (mark,) = delays(child)
    return AT_MOST[mark.what[0]]


@pytest.mark.parametrize(("bound", "above"), list(pairwise(AT_MOST)))
def test_a_delay_of_a_bound_is_under_it_and_a_second_more_under_the_next(bound: str, above: str) -> None:
    assert first_bound(timedelta(seconds=BOUNDS[bound])) == bound
    assert first_bound(timedelta(seconds=BOUNDS[bound] + 1)) == above


def test_what_was_recorded_before_it_happened_has_the_shortest_delay() -> None:
    assert first_bound(-timedelta(days=3)) == "1h"


def test_what_does_not_say_when_it_was_recorded_has_no_delay() -> None:
    assert marked(delays(view_of(Kind.CHILD, "c1", contact("k1", HAPPENED)))) == []


def test_the_delay_is_that_of_the_source_which_said_it_last() -> None:
    recorded = {"recordedtime": HAPPENED}
    child = view_of(
        Kind.CHILD,
        "c1",
        contact("k1", HAPPENED, recordversion=1, source="/a", **recorded),
        contact("k1", HAPPENED, recordversion=2, source="/b", **recorded),
    )
    assert {(mark.owner, mark.record) for mark in delays(child)} == {("/b", "k1")}
