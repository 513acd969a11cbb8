from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.casebook import Kind
from services.metrics.fact import Fact, decode, fact_of
from services.metrics.tally import AsOf
from services.metrics.timeliness import (
    A_DAY_IN_SECONDS,
    ByDay,
    ByTheSecond,
    Clock,
    ClockTally,
    Item,
    families,
    strand_of,
)
from shared.domain.calendar import england_and_wales
from shared.domain.london import local_date
from shared.domain.timescale import (
    NEVER,
    Days,
    DaysThatCount,
    Hours,
    Months,
    Rule,
    Rules,
    Timescale,
    Until,
    WorkingDays,
    always,
)
from tests.oracle.working_days import add_working_days, working_days_between
from tests.unit.services.metrics.product import NOW, TODAY

DAY = timedelta(days=1)
DATES = st.integers(0, 500).map(lambda n: TODAY - n * DAY)
CALENDAR = england_and_wales()


class OneUnit:
    """All of a view that a clock looks at."""

    calendar = CALENDAR

    def __init__(self) -> None:
        self.remembered: dict[str, list[Any]] = {}


def at(when: date | str) -> Fact:
    """A fact of a day, or of an instant."""
    text = when if isinstance(when, str) and "T" in when else f"{when}T12:00:00Z"
    document = f'{{"id":"1","source":"/s","type":"csc.x","subject":"x1","authority":"E09000003","time":"{text}"}}'
    return fact_of(decode(document))


def item(start: date | str, stop: date | str | None = None, rule: Rule | None = None) -> Item:
    return Item("north", "x1", at(start), None if stop is None else at(stop), rule)


def clock(rules: Rules | str, *items: Item, buckets: tuple[int, ...] = ()) -> Clock:
    return Clock(
        name="a",
        starts="",
        stops="",
        gone="",
        rules=rules,
        needs=frozenset({"csc.x"}),
        kind=Kind.CHILD,
        items=lambda _view: items,
        silent_on="",
        balance="",
        breached="",
        buckets=buckets,
    )


def in_working_days(days: int, *items: Item, buckets: tuple[int, ...] = ()) -> Clock:
    return clock(always(WorkingDays(days), "us"), *items, buckets=buckets)


def on(day: date) -> AsOf:
    return AsOf(day, 0.0, add_working_days(day, 5))


def instant(when: datetime) -> AsOf:
    day = local_date(when)
    return AsOf(day, when.timestamp(), add_working_days(day, 5))


def tallied(one: Clock, as_of: AsOf) -> ClockTally:
    strand = strand_of(one, ("a", "b"))
    tally = strand.tally(as_of)
    for mark in strand.marks[Kind.CHILD](OneUnit()):
        tally.add(mark.what, 1)
    assert isinstance(tally, ClockTally)
    return tally


def opened(timescale: Timescale | Hours, start: str, as_of: AsOf) -> tuple[Any, ...]:
    """Open, overdue, due soon and the days overdue."""
    number, late, soon, longest = tallied(clock(always(timescale, "us"), item(start)), as_of).values()[:4]
    return number, late, soon, longest / A_DAY_IN_SECONDS  # type: ignore[operator]


# ---- open items


@pytest.mark.parametrize(
    ("days", "start", "today", "figures"),
    [
        (1, "2026-02-26", "2026-02-26", (1, 0, 1, 0)),
        (1, "2026-02-26", "2026-02-27", (1, 0, 1, 0)),
        (1, "2026-02-26", "2026-03-01", (1, 0, 1, 0)),  # the Sunday after is still on time
        (1, "2026-02-26", "2026-03-02", (1, 1, 0, 3)),
        (1, "2026-02-28", "2026-03-02", (1, 0, 1, 0)),  # a Saturday is day 0
        (1, "2026-02-28", "2026-03-03", (1, 1, 0, 1)),
        (15, "2026-02-02", "2026-02-13", (1, 0, 0, 0)),
        (15, "2026-02-02", "2026-02-16", (1, 0, 1, 0)),  # due on the 23rd, the fifth working day from here
        (15, "2026-02-02", "2026-02-15", (1, 0, 0, 0)),  # from the Sunday the fifth is the 20th
        (15, "2026-02-02", "2026-02-23", (1, 0, 1, 0)),
        (15, "2026-02-02", "2026-02-24", (1, 1, 0, 1)),
        (45, "2026-03-26", "2026-06-03", (1, 0, 1, 0)),
        (45, "2026-03-26", "2026-06-04", (1, 1, 0, 1)),
        (1, "2026-04-02", "2026-04-06", (1, 0, 1, 0)),  # Easter Monday
        (1, "2026-04-02", "2026-04-08", (1, 1, 0, 1)),
    ],
)
def test_in_working_days_an_open_item_is_on_time_until_the_next_working_day(
    days: int, start: str, today: str, figures: tuple[int, ...]
) -> None:
    assert opened(WorkingDays(days), start, on(date.fromisoformat(today))) == figures


@pytest.mark.parametrize(
    ("timescale", "start", "today", "figures"),
    [
        (Days(42), "2026-01-17", "2026-02-28", (1, 0, 1, 0)),
        (Days(42), "2026-01-17", "2026-03-01", (1, 1, 0, 1)),  # a Sunday
        (Months(3), "2025-11-30", "2026-02-28", (1, 0, 1, 0)),
        (Months(3), "2025-11-30", "2026-03-01", (1, 1, 0, 1)),
        (Months(6), "2025-11-30", "2026-03-02", (1, 0, 0, 0)),
        (DaysThatCount(14, ()), "2026-02-16", "2026-03-03", (1, 1, 0, 1)),
        (DaysThatCount(14, [(date(2026, 2, 20), None)]), "2026-02-16", "2039-03-03", (1, 0, 0, 0)),
    ],
)
def test_any_other_open_item_is_overdue_the_day_after(
    timescale: Timescale, start: str, today: str, figures: tuple[int, ...]
) -> None:
    assert opened(timescale, start, on(date.fromisoformat(today))) == figures


@given(st.sampled_from([1, 10, 15, 45]), DATES, st.integers(0, 90))
def test_an_open_item_is_overdue_when_more_working_days_have_passed(days: int, start: date, ahead: int) -> None:
    tally = tallied(in_working_days(days, item(start)), on(TODAY))
    today = TODAY + ahead * DAY
    tally.roll(on(today))
    due, late = add_working_days(start, days), working_days_between(start, today) > days
    soon = not late and (days == 1 or due <= add_working_days(today, 5))
    assert list(tally.values()[:4]) == [1, int(late), int(soon), (today - due).days * 86_400 if late else 0]


def test_the_longest_overdue_is_the_one_with_the_earliest_due_date() -> None:
    items = [item(start) for start in ("2026-02-23", "2026-02-02", "2026-02-27")]
    assert list(tallied(in_working_days(1, *items), on(TODAY)).values()[:4]) == [3, 2, 1, 27 * 86_400]


def test_what_is_due_first_need_not_be_late_first() -> None:
    first, second = ByDay(date(2026, 2, 27), date(2026, 3, 2)), ByDay(date(2026, 2, 28), date(2026, 3, 1))
    assert [due.is_late(on(date(2026, 3, 1))) for due in (first, second)] == [False, True]
    assert not ByDay(NEVER, NEVER).is_late(on(date(2039, 12, 1)))


# ---- to the second


@pytest.mark.parametrize(
    ("now", "figures"),
    [
        ("2026-02-23T10:15:30Z", [1, 0, 1, 0]),
        ("2026-02-23T10:15:30.000001Z", [1, 1, 0, 0.000001]),
        ("2026-02-23T10:15:31Z", [1, 1, 0, 1]),
        ("2026-02-24T10:15:30Z", [1, 1, 0, 86_400]),
    ],
)
def test_hours_are_due_at_an_instant_and_overdue_after_it(now: str, figures: list[float]) -> None:
    tally = tallied(clock(always(Hours(72), "us"), item("2026-02-20T10:15:30Z")), instant(NOW - 10 * DAY))
    tally.roll(instant(datetime.fromisoformat(now)))
    assert list(tally.values()[:4]) == figures


@pytest.mark.parametrize(
    ("start", "due"),
    [
        ("2026-03-27T12:00:00+00:00", "2026-03-30T13:00:00+01:00"),  # the clocks go forward
        ("2025-10-24T12:00:00+01:00", "2025-10-27T11:00:00+00:00"),  # and back
        ("2026-02-20T12:00:00+00:00", "2026-02-23T12:00:00+00:00"),
    ],
)
def test_hours_pass_in_the_night_when_the_clocks_change_as_in_any_other(start: str, due: str) -> None:
    one = clock(always(Hours(72), "us"), item(start))
    (mark,) = strand_of(one, ("a",)).marks[Kind.CHILD](OneUnit())
    assert mark.what == ByTheSecond(datetime.fromisoformat(due).timestamp())


@pytest.mark.parametrize(
    ("stop", "on_time"),
    [("2026-02-23T10:15:30Z", 1), ("2026-02-23T10:15:31Z", 0), ("2026-02-20T09:00:00Z", 1)],
)
def test_hours_are_on_time_to_the_second(stop: str, on_time: int) -> None:
    done = clock(always(Hours(72), "us"), item("2026-02-20T10:15:30Z", stop))
    assert list(tallied(done, instant(NOW)).values()[4:]) == [1, 1, 1, *[on_time] * 3]


def test_only_what_is_counted_in_hours_moves_by_the_second() -> None:
    assert strand_of(clock(always(Hours(72), "us")), ("a",)).by_the_second
    assert not strand_of(in_working_days(1), ("a",)).by_the_second
    assert not strand_of(clock("by policy"), ("a",)).by_the_second


# ---- completed items


@given(DATES, st.integers(-5, 120))
def test_a_completed_item_is_in_the_windows_of_its_stop_and_the_buckets_of_its_length(start: date, length: int) -> None:
    stop = min(start + length * DAY, TODAY)
    values = tallied(in_working_days(45, item(start, stop), buckets=(0, 10, 45)), on(TODAY)).values()
    took, ago = working_days_between(start, stop), (TODAY - stop).days
    windows = [int(ago < days) for days in (28, 91, 365)]
    assert list(values[:4]) == [0, 0, 0, 0]
    assert list(values[4:7]) == windows
    assert list(values[7:10]) == [within * (took <= 45) for within in windows]
    assert list(values[10:]) == [windows[2] * (took <= bound) for bound in (0, 10, 45, 10_000)]


def test_a_stop_before_its_start_took_no_time_and_counts_on_its_own_date() -> None:
    values = tallied(in_working_days(1, item("2026-03-01", "2026-01-20"), buckets=(0, 10)), on(TODAY)).values()
    assert list(values) == [0, 0, 0, 0, 0, 1, 1, 0, 1, 1, 1, 1, 1]


def test_a_stop_before_its_start_is_on_time_though_a_date_was_set_before_both() -> None:
    early = Rule(Until(date(2026, 1, 10)), "us")
    stops = {"2026-01-20": 1, "2026-03-02": 0}
    for stop, on_time in stops.items():
        assert tallied(clock("the item's own", item("2026-02-10", stop, early)), on(TODAY)).values()[-1] == on_time


@pytest.mark.parametrize(
    ("timescale", "stop", "on_time"),
    [
        (WorkingDays(5), "2026-02-09", 1),
        (WorkingDays(4), "2026-02-08", 1),  # the Sunday after the due date
        (WorkingDays(4), "2026-02-09", 0),
        (Days(7), "2026-02-09", 1),
        (Days(6), "2026-02-09", 0),
        (DaysThatCount(14, [(date(2026, 2, 3), None)]), "2026-03-02", 1),
        (DaysThatCount(14, [(date(2026, 2, 9), date(2026, 2, 16))]), "2026-02-23", 1),
        (DaysThatCount(14, [(date(2026, 2, 9), date(2026, 2, 16))]), "2026-02-24", 0),
    ],
)
def test_an_item_was_on_time_if_it_was_never_late(timescale: Timescale, stop: str, on_time: int) -> None:
    done = clock("by policy", item("2026-02-02", stop, Rule(timescale, "us")))
    assert tallied(done, on(TODAY)).values()[-1] == on_time


# ---- items and rules


def test_an_item_may_have_stopped_on_another_day_than_what_stopped_it() -> None:
    held_before = item("2026-02-10", "2026-01-05")
    assert held_before.stopped_before_start
    at_once = held_before._replace(stopped=date(2026, 2, 10))
    assert (at_once.end, at_once.stopped_before_start) == (date(2026, 2, 10), False)
    assert item("2026-02-10").end is None


@pytest.mark.parametrize(
    ("timescale", "stop", "before"),
    [
        (WorkingDays(1), "2026-02-10T08:00:00Z", False),  # earlier on the same day is the same day
        (Hours(72), "2026-02-10T08:00:00Z", True),
        (Hours(72), "2026-02-10T09:00:00Z", False),
        (WorkingDays(1), "2026-02-09T09:00:00Z", True),
    ],
)
def test_a_stop_is_before_its_start_by_the_day_or_in_hours_by_the_second(
    timescale: Timescale, stop: str, before: bool
) -> None:
    assert item("2026-02-10T09:00:00Z", stop, Rule(timescale, "us")).stopped_before_start is before


CHANGED = Rules((Rule(WorkingDays(35), "old"), Rule(WorkingDays(45), "new", date(2026, 1, 15))))


@pytest.mark.parametrize(("start", "source"), [("2026-01-14", "old"), ("2026-01-15", "new")])
def test_an_item_goes_by_the_rule_of_the_day_it_started_on(start: str, source: str) -> None:
    (found,) = clock(CHANGED, item(start)).items_of(OneUnit())  # type: ignore[arg-type]
    assert found.rule is not None
    assert found.rule.source == source


def test_an_item_with_a_rule_of_its_own_keeps_it() -> None:
    own = Rule(Days(7), "own")
    (found,) = clock(CHANGED, item("2026-01-14", rule=own)).items_of(OneUnit())  # type: ignore[arg-type]
    assert found.rule is own


def test_an_item_without_any_rule_is_an_error() -> None:
    with pytest.raises(LookupError, match="x1 has no rule"):
        tallied(clock("by policy", item("2026-01-14")), on(TODAY))


def test_the_items_of_a_unit_are_worked_out_once() -> None:
    asked = []

    def items(view: Any) -> list[Item]:
        asked.append(view)
        return [item("2026-01-14")]

    one, unit = clock(CHANGED), OneUnit()
    counting = Clock(**{name: getattr(one, name) for name in one.__slots__} | {"items": items})
    first, again = (counting.items_of(unit) for _ in range(2))  # type: ignore[arg-type]
    assert first == again
    assert len(asked) == 1


def test_a_mark_names_the_record_and_the_team_of_its_item() -> None:
    (mark,) = strand_of(in_working_days(1, item("2026-02-27")), ("a",)).marks[Kind.CHILD](OneUnit())
    assert (mark.owner, mark.record) == ("north", "x1")


# ---- the tally as a whole


@pytest.mark.parametrize("rules", [always(WorkingDays(15), "us"), always(Hours(72), "us"), always(Months(3), "us")])
@given(
    st.lists(st.tuples(DATES, st.none() | st.integers(-3, 120)), max_size=15), st.integers(0, 15), st.integers(0, 99)
)
def test_rolling_and_taking_back_is_counting_anew(
    rules: Rules, drawn: list[tuple[date, int | None]], kept: int, hours: int
) -> None:
    items = [item(start, None if took is None else min(start + took * DAY, TODAY)) for start, took in drawn]
    now = datetime(2026, 3, 2, 9, tzinfo=UTC)
    later = now + timedelta(hours=13 * hours)
    strand = strand_of(clock(rules, *items, buckets=(10, 15)), ("a",))
    tally, fresh = strand.tally(instant(now)), strand.tally(instant(later))
    marks = [mark.what for mark in strand.marks[Kind.CHILD](OneUnit())]
    for mark in marks:
        tally.add(mark, 1)
    before = list(tally.values())
    assert tally.roll(instant(later)) or list(tally.values()) == before
    for mark in marks[kept:]:
        tally.add(mark, -1)
    for mark in marks[:kept]:
        fresh.add(mark, 1)
    assert list(tally.values()) == list(fresh.values())


def test_families_and_values_are_in_one_order() -> None:
    strand = strand_of(in_working_days(45, buckets=(10, 20)), ("a", "b"))
    assert len(strand.tally(on(TODAY)).values()) == strand.width == 4 + 3 + 3 + 3
    within = strand.families[-1]
    assert [one["working_days"] for one in within.series(strand.fixed)] == ["10", "20", "+Inf"]
    assert {one["clock"] for one in within.series(strand.fixed)} == {"a"}


def test_only_a_clock_with_published_buckets_has_a_distribution() -> None:
    assert [family.name for family in families(("a",), ())] == [
        "csc_clock_open",
        "csc_clock_overdue",
        "csc_clock_due_soon",
        "csc_clock_longest_overdue_seconds",
        "csc_clock_completed",
        "csc_clock_completed_on_time",
    ]
