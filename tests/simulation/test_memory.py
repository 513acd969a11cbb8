"""The memory of a fact, as far as it can be held without a million of them: see also ``./daymark bench figures``."""

import gc
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson

from services.metrics.casebook import Casebook
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook

TODAY = date(2026, 5, 31)
CHILDREN, VISITS = 60, 12
FACTS = CHILDREN * (8 + VISITS)
FOLDED = 440
"""Bytes a fact: 370 are taken; 510 where no word is kept once, 550 where no payload is, 1,100 where nothing is."""
MEASURED = 60
"""Bytes a fact more, of the marks and tallies of four teams: 38 are taken."""


def events(first: int) -> Iterator[bytes]:
    """What is known of some children and of the visits to them, with ids of the usual length."""
    for number in range(first, first + CHILDREN):
        start = date(2026, 1, 1) + timedelta(days=number % 20)
        for position, (kind, record, data) in enumerate(life(number)):
            yield orjson.dumps(
                {
                    "id": f"E99000001-{number:06}-{position:02}",
                    "source": "/E99000001/mosaic",
                    "type": f"csc.{kind}",
                    "subject": f"{record}{number:06}",
                    "time": f"{start + timedelta(days=5 * position)}T00:00:00Z",
                    "authority": "E99000001",
                    "recordedtime": f"{start + timedelta(days=5 * position + 1)}T10:{number % 60:02}:{position:02}Z",
                    "data": {"child_id": f"c{number:012}", **data},
                }
            )


def life(number: int) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Type, the beginning of the record's id, and data."""
    team = {"team_id": f"safeguarding-{number % 4}"}
    yield "contact.received", "K", {"source_code": "1A", "primary_need": "N4", **team}
    yield "contact.decided", "K", {"outcome": "referral"}
    yield "referral.received", "F", {"source_code": "1A", "primary_need": "N4", **team}
    yield "referral.decided", "F", {"outcome": "assessment"}
    yield "assessment.started", "A", {"referral_id": f"F{number:06}", **team}
    yield "assessment.authorised", "A", {"outcome": "cin_plan", "child_seen": True}
    yield "case.allocated", "L", {"worker_id": f"w{number % 30:012}", "role": "lead", **team}
    yield "cin_plan.started", "N", {**team}
    for visit in range(VISITS):
        seen = {"seen": True, "seen_alone": False}
        yield "visit.recorded", f"V{visit:02}", {"purpose": "cin", "record_id": f"N{number:06}", **seen}


def test_a_fact_takes_few_hundred_bytes_and_its_figures_few_more() -> None:
    casebook = Casebook(TODAY)
    measurement = Measurement(casebook, strands(), england_and_wales(), PolicyBook())
    now = datetime(2026, 5, 31, 9, tzinfo=UTC)

    def take(documents: list[bytes]) -> Iterator[int]:
        for document in documents:
            casebook.fold(decode(document), now.timestamp())
        gc.collect()
        yield tracemalloc.get_traced_memory()[0]
        measurement.snapshot(now)
        gc.collect()
        yield tracemalloc.get_traced_memory()[0]

    some, more = list(events(0)), list(events(CHILDREN))
    tracemalloc.start()
    try:
        *_, before = take(some)
        folded, measured = take(more)
    finally:
        tracemalloc.stop()
    assert (folded - before) / FACTS < FOLDED
    assert (measured - folded) / FACTS < MEASURED
