"""What came between two days of knowledge, and what each of it moved."""

import random
from collections import defaultdict
from datetime import date
from decimal import Decimal
from fractions import Fraction

import orjson
import pytest

from services.metrics.fact import decode
from services.metrics.questions.comparison import Comparison, place_of
from services.metrics.questions.readings import Choice, counted_families, readings
from services.metrics.questions.replay import Day, replay
from shared.contracts.catalogue import CATALOGUE
from tests.oracle.examples import AUTHORITY, decided, referral
from tests.oracle.histories import THEMES, history

ON = date(2026, 3, 2)
KNOWN, LATER, TOO_LATE = 1_000_000, 2_000_000, 3_000_000
SEEDS = range(36)
BY_THE_SECOND = "csc_clock_longest_overdue_seconds"


def received(seed, events):
    """Each event with a receipt on either side of the two days."""
    rng = random.Random(seed)
    times = (KNOWN, KNOWN, KNOWN + 1, LATER, TOO_LATE)
    return [(rng.choice(times), orjson.dumps(event)) for event in events]


def entries_of(seed):
    theme = sorted(THEMES)[seed % len(THEMES)]
    return received(seed, history(seed, ON, 80, theme=theme))


def compared(entries, choice=None):
    comparison = Comparison(Day(ON), KNOWN, LATER)
    for at, document in entries:
        comparison.take(at, document)
    return list(comparison.changes(choice or Choice()))


def known_at(entries, last):
    rows = readings(
        replay(Day(ON), [entry for entry in entries if entry[0] <= last]).snapshot(), Choice(tuple(counted_families()))
    )
    return {(row.family, row.labels): Fraction(row.value) for row in rows}


def moved(changes):
    """By series, by how much all changes together."""
    sums = defaultdict(Fraction)
    for change in changes:
        for move in change.moves:
            sums[move.family, move.labels] += Fraction(move.moved)
    return {series: amount for series, amount in sums.items() if amount}


def grew(entries):
    before, after = known_at(entries, KNOWN), known_at(entries, LATER)
    differences = {series: after.get(series, 0) - before.get(series, 0) for series in before.keys() | after.keys()}
    return {series: amount for series, amount in differences.items() if amount}


@pytest.mark.parametrize("seed", SEEDS)
def test_the_moves_of_all_facts_add_up_to_the_whole_difference(seed):
    entries = entries_of(seed)
    told, true = moved(compared(entries)), grew(entries)
    exact = {series for series in told.keys() | true.keys() if series[0] != BY_THE_SECOND}
    assert {series: told.get(series) for series in exact} == {series: true.get(series) for series in exact}
    for series in (told.keys() | true.keys()) - exact:
        assert float(told.get(series, 0)) == pytest.approx(float(true.get(series, 0)), abs=1e-3)


def test_without_one_fact_the_moves_do_not_add_up():
    entries = entries_of(0)
    changes = [change for change in compared(entries) if change.moves]
    assert moved(changes[1:]) != grew(entries)


def test_a_fact_is_found_where_the_casebook_keeps_it():
    events = [event for seed in range(40) for event in history(seed, ON, 100, after_today=False)]
    replayed = replay(Day(ON), [(KNOWN, orjson.dumps(event)) for event in events])
    for event in events:
        unit, named = place_of(decode(orjson.dumps(event)))
        fact = replayed.casebook.units[unit].facts[named]
        assert fact.named == (event["type"], event["subject"])
    assert {event["type"] for event in events} == set(CATALOGUE)


def first(**attributes):
    return referral("r1", "2026-02-23", id="first", **attributes)


@pytest.mark.parametrize(
    ("known", "came", "how"),
    [
        ([], [first()], "arrived"),
        ([first()], [referral("r1", "2026-02-24", id="b", recordversion=2)], "changed"),
        ([first()], [referral("r1", "2026-02-23", id="b", recordversion=2, op="withdraw")], "withdrawn"),
        (
            [first(recordversion=1, op="withdraw")],
            [referral("r1", "2026-02-23", id="b", recordversion=2)],
            "brought back",
        ),
        ([first(recordversion=2)], [referral("r1", "2026-02-24", id="b", recordversion=1)], "superseded"),
        ([], [first(), referral("r1", "2026-02-23", id="b", recordversion=2, op="withdraw")], "withdrawn"),
    ],
)
def test_what_became_of_a_fact_is_said(known, came, how):
    entries = [(at, orjson.dumps(event)) for at, events in ((KNOWN, known), (LATER, came)) for event in events]
    (change,) = compared(entries)
    assert (change.how, change.type, change.subject, change.child) == (how, "csc.referral.received", "r1", "c1")
    assert (change.received, change.events, change.authority) == (LATER, len(came), AUTHORITY)


def test_a_fact_moves_what_it_changed_when_it_came_and_a_series_that_was_not_there_had_nothing():
    entries = [
        (LATER, orjson.dumps(decided("r1", "2026-02-26", id="2"))),
        (LATER - 1, orjson.dumps(referral("r1", "2026-02-23", id="1"))),
    ]
    one, other = compared(entries, Choice(("csc_clock_open", "csc_clock_completed", "csc_children")))
    assert (one.type, one.moves[0].before, one.moves[0].after) == ("csc.referral.received", None, 1)
    assert {(move.family, dict(move.labels).get("clock"), move.moved) for move in other.moves} >= {
        ("csc_clock_open", "referral_decision", -1),
        ("csc_clock_completed", "referral_decision", 1),
        ("csc_children", None, 1),
    }


def test_a_fact_was_received_when_the_first_of_it_was_wherever_that_stands():
    versions = [(LATER, first()), (LATER - 2, referral("r1", "2026-02-24", id="b", recordversion=2))]
    between = (LATER - 1, referral("r2", "2026-02-24", id="c", child_id="c2"))
    changes = compared([(at, orjson.dumps(event)) for at, event in (*versions, between)])
    assert [(change.subject, change.received) for change in changes] == [("r1", LATER - 2), ("r2", LATER - 1)]


def test_what_is_of_later_days_or_came_later_or_cannot_be_read_is_no_change_of_the_day():
    childless = referral("r3", "2026-02-23", id="3") | {"data": {}}
    comparison = Comparison(Day(ON), KNOWN, LATER)
    for at, event in (
        (LATER, referral("r1", "2026-03-03", id="1")),
        (TOO_LATE, referral("r2", "2026-02-23", id="2")),
        (LATER, childless),
    ):
        comparison.take(at, orjson.dumps(event))
    comparison.take(LATER, b"nonsense")
    assert list(comparison.changes(Choice())) == []
    assert (comparison.of_later_days, comparison.unreadable) == (1, 2)


def test_part_of_a_full_time_post_moves_exactly():
    job = {"team_id": "north", "worker_id": "w1", "role": "case_holder", "contract": "permanent", "fte": 0.1}
    event = {
        **referral("r1", "2026-02-23"),
        "type": "csc.employment.started",
        "subject": "e1",
        "id": "1",
        "data": job,
    }
    (change,) = compared([(LATER, orjson.dumps(event))], Choice(("csc_workforce_fte",)))
    assert [move.moved for move in change.moves] == [Decimal("0.1")]
