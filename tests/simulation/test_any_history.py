"""Any history, delivered in any order and more than once, gives the figures that brute force gives."""

import random
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import orjson
import pytest

from services.metrics.casebook import Casebook
from services.metrics.exposition import Exposition, Text
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from services.metrics.reckoning import Rules, differences, reckon
from services.metrics.reckoning import parse as series_of
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.figures import figures
from tests.oracle.histories import delivered, history, policy, smallest
from tests.oracle.text import difference, parse
from tests.unit.services.metrics.product import as_toml

SEEDS = range(500)
THEMES = (None, "care", None, "supervision", None)
"""Whatever comes; and the rules that have most branches, which chance alone would seldom reach."""
FIRST_DAY = date(2026, 2, 26)

Event = Mapping[str, Any]


class Product:
    """The pure part of the metrics service, from event to text."""

    def __init__(self, today: date, policies: PolicyBook | None = None) -> None:
        self._casebook = Casebook(today)
        self._measurement = Measurement(self._casebook, strands(), england_and_wales(), policies or PolicyBook())
        self._exposition = Exposition(strands())

    def fold(self, event: Event) -> None:
        self._casebook.fold(decode(orjson.dumps(event)), 0.0)

    def write(self, now: datetime) -> Text:
        return self._exposition.write(self._measurement.snapshot(now))

    def text(self, now: datetime) -> str:
        return b"".join(self.write(now)).decode()


class Service:
    """What a metrics service goes through: events in any order, days that pass, restarts, a look in between."""

    def __init__(self, now: datetime, rng: random.Random, policies: PolicyBook) -> None:
        self._rng, self._policies, self._now = rng, policies, now
        self._day = now.date() - timedelta(days=rng.choice([0, 0, 1, 40, 400]))
        self._product = Product(self._day, policies)
        self._folded: dict[tuple[str, str], Event] = {}

    def live_through(self, events: Iterable[Event]) -> Text:
        for event in events:
            self._take(event)
            chance = self._rng.random()
            if chance < 0.05:
                self._product.write(at_nine(self._day))
            elif chance < 0.07 and self._day < self._now.date():
                self._day += timedelta(days=1)
                self._product.write(at_nine(self._day))
            elif chance < 0.08:
                self._restart()
        return self._product.write(self._now)

    def _take(self, event: Event) -> None:
        """The journal knows what it has had."""
        if (event["source"], event["id"]) not in self._folded:
            self._folded[event["source"], event["id"]] = event
            self._product.fold(event)

    def _restart(self) -> None:
        """A start folds all that was stored, in whatever order it is read."""
        self._product = Product(self._day, self._policies)
        for event in self._rng.sample(list(self._folded.values()), len(self._folded)):
            self._product.fold(event)


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


def unlike_brute_force(events: list[dict[str, Any]], now: datetime, seed: int) -> Iterator[str]:
    """What the service says otherwise than the oracle, or than its own second computation."""
    rng, rules = random.Random(seed), policy(seed)
    policies = parse_policy(as_toml(rules))
    text = Service(now, rng, policies).live_through(delivered(events, rng))
    yield from difference(figures(events, today=now.date(), now=now, policy=rules), parse(b"".join(text).decode()))
    again = reckon(
        [decode(orjson.dumps(event)) for event in events], now, Rules(strands(), england_and_wales(), policies)
    )
    shown = series_of(text.body)
    for series in differences(shown, again):
        yield f"reckoned: {series} shown {shown.get(series)}, reckoned {again.get(series)}"


@pytest.mark.parametrize("seed", SEEDS)
def test_any_order_and_any_day_give_the_figures_of_brute_force(seed: int) -> None:
    now = at_nine(FIRST_DAY + timedelta(days=seed % 60))
    events = history(seed, now.date(), 40 + seed % 120, theme=THEMES[seed % len(THEMES)])
    if any(unlike_brute_force(events, now, seed)):
        fewest = smallest(events, lambda some: any(unlike_brute_force(some, now, seed)))
        shown = "\n".join(orjson.dumps(event).decode() for event in fewest)
        pytest.fail(f"as of {now}:\n{shown}\n" + "\n".join(unlike_brute_force(fewest, now, seed)))
