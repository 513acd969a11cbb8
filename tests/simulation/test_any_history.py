"""Any history, delivered in any order and more than once, gives the figures that brute force gives."""

import random
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
import pytest

from services.metrics.casebook import Casebook
from services.metrics.exposition import Exposition
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from tests.oracle.figures import figures
from tests.oracle.histories import delivered, history, smallest
from tests.oracle.text import difference, parse

SEEDS = range(200)
FIRST_DAY = date(2026, 2, 26)


class Product:
    """The pure part of the metrics service, from event to text."""

    def __init__(self, today: date) -> None:
        self._casebook = Casebook(today)
        self._measurement = Measurement(self._casebook, strands(), england_and_wales(), PolicyBook())
        self._exposition = Exposition(strands())

    def fold(self, event: dict[str, Any]) -> None:
        self._casebook.fold(decode(orjson.dumps(event)), 0.0)

    def text(self, now: datetime) -> str:
        return self._exposition.write(self._measurement.snapshot(now)).decode()


def figures_of_product(events: Iterable[dict[str, Any]], now: datetime, rng: random.Random) -> str:
    """Fed from an earlier day on, measured in between, days passing by one or by many."""
    day = now.date() - timedelta(days=rng.choice([0, 0, 1, 40, 400]))
    product, known = Product(day), set()
    for event in events:
        if (event["source"], event["id"]) not in known:
            product.fold(event)
            known.add((event["source"], event["id"]))
        if rng.random() < 0.05:
            product.text(at_nine(day))
        if day < now.date() and rng.random() < 0.02:
            day += timedelta(days=1)
            product.text(at_nine(day))
    return product.text(now)


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_and_any_day_give_the_figures_of_brute_force(seed: int) -> None:
    now = at_nine(FIRST_DAY + timedelta(days=seed % 60))
    events = history(seed, now.date(), 40 + seed % 120)

    def wrong(some: list[dict[str, Any]]) -> list[str]:
        rng = random.Random(seed)
        got = figures_of_product(delivered(some, rng), now, rng)
        return difference(figures(some, today=now.date(), now=now), parse(got))

    if wrong(events):
        fewest = smallest(events, lambda some: bool(wrong(some)))
        shown = "\n".join(orjson.dumps(event).decode() for event in fewest)
        pytest.fail(f"as of {now}:\n{shown}\n" + "\n".join(wrong(fewest)))


def test_a_restart_at_any_event_changes_nothing() -> None:
    now = at_nine(FIRST_DAY)
    events = [event for seed in range(5) for event in history(seed, now.date(), 60)]
    going, again = Product(now.date()), Product(now.date())
    for number, event in enumerate(events):
        going.fold(event)
        if number % 50 == 0:
            going.text(now)
    for event in reversed(events):
        again.fold(event)
    assert going.text(now) == again.text(now)
