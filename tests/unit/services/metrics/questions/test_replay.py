"""A past day, worked out again as the service would have shown it."""

from datetime import date

import orjson
import pytest

from services.metrics.exposition import Exposition
from services.metrics.indicators import strands
from services.metrics.questions.replay import Day, replay
from shared.domain.london import last_instant
from tests.oracle.examples import AUTHORITY, decided, referral
from tests.oracle.histories import history
from tests.unit.services.metrics.product import Product

ON = date(2026, 3, 2)
RECEIVED = 1_772_000_000_000_000


def as_entry(event, number=0):
    return RECEIVED, orjson.dumps({"id": f"e{number}", **event})


@pytest.mark.parametrize("seed", range(6))
def test_it_is_what_the_service_shows_at_the_end_of_that_day(seed):
    events = history(seed, ON, 120)
    product = Product(last_instant(ON))
    product.fold(*events, received=RECEIVED / 1_000_000)
    replayed = replay(Day(ON), [as_entry(event) for event in events])
    text = b"".join(Exposition(strands()).write(replayed.snapshot())).decode()
    assert text == product.text(last_instant(ON))
    assert replayed.taken == len(events)


def test_the_end_of_the_day_is_that_of_the_day_in_england():
    replayed = replay(Day(date(2026, 3, 31)), [])
    assert replayed.snapshot().as_of.isoformat() == "2026-03-31T23:59:59.999999+01:00"


def test_what_cannot_be_read_is_counted_and_left_out():
    childless = referral("r2", "2026-02-27") | {"data": {}}
    entries = [as_entry(referral("r1", "2026-02-27")), (1, b"nonsense"), as_entry(childless, 2), (2, b'{"id": 1}')]
    replayed = replay(Day(ON), entries)
    assert (replayed.taken, replayed.unreadable) == (1, 3)


def test_of_one_authority_nothing_of_another_is_taken_in_though_it_names_it():
    other = referral("r2", "2026-02-27", note=AUTHORITY) | {"authority": "E06000052"}
    replayed = replay(Day(ON, AUTHORITY), [as_entry(referral("r1", "2026-02-27")), as_entry(other, 2)])
    assert replayed.taken == 1
    assert {authority for authority, _ in replayed.snapshot().sources} == {AUTHORITY}


def test_it_knows_when_the_newest_was_received():
    entries = [(5, as_entry(referral("r1", "2026-02-27"))[1]), (3, as_entry(decided("r1", "2026-02-27"), 2)[1])]
    assert replay(Day(ON), entries).newest == 5
    assert replay(Day(ON), []).newest is None
