"""The pieces of the oracle's clocks; what they come to is in the examples."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from tests.oracle.clocks import (
    CLOCKS,
    InHours,
    Item,
    Moment,
    in_working_days,
    intervals,
    nth_day_that_counts,
    services,
)
from tests.oracle.examples import example, job, plan, said
from tests.oracle.facts import Event, Record, records, since_1970
from tests.oracle.spells import absences, cp_plans

TODAY = date(2026, 3, 2)
SATURDAY = Moment(date(2026, 2, 28), Decimal(0))
MONDAY = Moment(TODAY, Decimal(0))


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


def record(*events: Event) -> Record:
    (known,) = records(example("", *map(dict, events), expected="").events, TODAY)
    return known


def test_there_are_sixteen_clocks() -> None:
    assert len(CLOCKS) == 16


def test_what_is_due_in_working_days_is_not_overdue_on_the_week_end_after() -> None:
    counted, dated = in_working_days("t", day("02-26"), None, 1), Item("t", day("02-26"), None, day("02-27"))
    assert counted.due == dated.due
    assert [counted.overdue(SATURDAY), dated.overdue(SATURDAY)] == [False, True]
    assert [counted.overdue_seconds(MONDAY), dated.overdue_seconds(MONDAY)] == [3 * 86_400] * 2


def test_what_never_falls_due_is_never_late() -> None:
    item = Item("t", day("02-02"), day("03-01"), None)
    assert item.on_time()
    assert not item.overdue(MONDAY)
    assert not item.due_soon(MONDAY)


def test_hours_are_counted_to_the_instant() -> None:
    due = since_1970(datetime(2026, 3, 2, 9, tzinfo=UTC))
    item = InHours("t", day("02-27"), None, None, due)
    assert not item.overdue(Moment(TODAY, due))
    late = since_1970(datetime(2026, 3, 2, 9, tzinfo=UTC) + timedelta(microseconds=1))
    assert item.overdue(Moment(TODAY, late))
    assert item.overdue_seconds(Moment(TODAY, late)) == Decimal("0.000001")


@pytest.mark.parametrize(("end", "expected"), [
    (None, [(0, "02-02", "02-02"), (1, "02-02", "02-10"), (2, "02-10", None)]),
    ("02-10", [(0, "02-02", "02-02"), (1, "02-02", "02-10")]),
    ("02-09", [(0, "02-02", "02-02")]),
    ("02-01", []),
])  # fmt: skip
def test_days_cut_a_spell_into_intervals(end: str | None, expected: list[tuple[int, str, str | None]]) -> None:
    ended = [] if end is None else [said("cp_plan.ended", "p1", f"2026-{end}")]
    (spell,) = cp_plans(record(plan("p1", "2026-02-02"), *ended))
    days = [day(text) for text in ("02-10", "02-01", "02-02", "02-10")]
    assert list(intervals(spell, days)) == [(n, day(start), stop and day(stop)) for n, start, stop in expected]


@pytest.mark.parametrize(("away", "due"), [
    ([], "02-16"),
    ([("02-16", "02-17")], "02-17"),
    ([("02-16", "02-16")], "02-16"),
    ([("02-02", "02-03")], "02-16"),
    ([("02-01", "02-05"), ("02-04", "02-06")], "02-19"),
    ([("02-16", None)], None),
    ([("02-17", None)], "02-16"),
    ([("02-10", "02-12"), ("02-18", None)], None),
    ([("02-10", "02-12"), ("02-19", None)], "02-18"),
])  # fmt: skip
def test_days_of_absence_do_not_count(away: list[tuple[str, str | None]], due: str | None) -> None:
    events = [said("team.described", "north", "2026-02-01")]
    for number, (start, end) in enumerate(away):
        events.append(said("absence.started", f"b{number}", f"2026-{start}"))
        events += [] if end is None else [said("absence.ended", f"b{number}", f"2026-{end}")]
    assert nth_day_that_counts(day("02-02"), 14, absences(record(*events))) == (due and day(due))


@pytest.mark.parametrize(("start", "spells"), [("02-09", 1), ("02-10", 1), ("02-11", 2)])
def test_employments_that_touch_or_overlap_are_one(start: str, spells: int) -> None:
    first = job("m1", "2026-02-02"), said("employment.ended", "m1", "2026-02-10")
    assert len(list(services(record(*first, job("m2", f"2026-{start}"))))) == spells
    assert len(list(services(record(*first, job("m2", f"2026-{start}", worker_id="w2"))))) == 2
    assert len(list(services(record(*first, job("m2", f"2026-{start}", role="senior_manager"))))) == 1
