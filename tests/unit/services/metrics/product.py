"""The pure part of the metrics service, from event to text, without a process or a server."""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import orjson

from services.metrics.casebook import Casebook, Kind, Unit
from services.metrics.exposition import Exposition
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement, Snapshot
from services.metrics.strand import Indicator, Mark
from services.metrics.timeliness import Clock
from services.metrics.views import VIEWS
from shared.domain.calendar import england_and_wales
from shared.domain.london import local_date
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.examples import AUTHORITY, EXAMPLES, Example, group, problems
from tests.oracle.figures import Figures
from tests.oracle.text import parse

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
TODAY = date(2026, 3, 2)

_ids = count()


class Product:
    """Casebook, measurement and exposition, put together as the service does."""

    def __init__(self, now: datetime = NOW, policies: PolicyBook | None = None) -> None:
        self.casebook = Casebook(local_date(now))
        self.measurement = Measurement(self.casebook, strands(), england_and_wales(), policies or PolicyBook())
        self.exposition = Exposition(strands())

    def fold(self, *events: Mapping[str, Any], received: float = 0.0) -> None:
        for event in events:
            fold(self.casebook, event, received=received)

    def snapshot(self, now: datetime = NOW) -> Snapshot:
        return self.measurement.snapshot(now)

    def text(self, now: datetime = NOW) -> str:
        return b"".join(self.exposition.write(self.snapshot(now))).decode()

    def figures(self, now: datetime = NOW) -> Figures:
        return parse(self.text(now))


def fold(casebook: Casebook, *events: Mapping[str, Any], received: float = 0.0) -> None:
    """Fold events as they come off the bus; those without an id get one."""
    for event in events:
        casebook.fold(decode(orjson.dumps({"id": f"event-{next(_ids)}", **event})), received)


def view_of(kind: Kind, id: str, *events: Mapping[str, Any], today: date = TODAY, policies: Any = None) -> Any:
    """A unit of the examples' authority, as the indicators are shown it."""
    casebook = Casebook(today)
    fold(casebook, *events)
    unit: Unit = casebook.units[AUTHORITY, kind, id]
    return VIEWS[kind](unit, casebook, england_and_wales(), (policies or PolicyBook()).of(AUTHORITY))


Run = tuple[str, str, str | None, str]
"""Of one run of a clock: the record, when it started, when it stopped if it did, and when it was due."""


def runs(clock: Clock, id: str, *events: Mapping[str, Any], today: date = TODAY, policies: Any = None) -> list[Run]:
    """The runs of a clock that counts in days, for one unit, by when they started."""
    view = view_of(clock.kind, id, *events, today=today, policies=policies)
    found = []
    for item in clock.items_of(view):
        assert item.rule is not None
        timescale: Any = item.rule.timescale
        due = timescale.due(item.start.day, view.calendar)
        found.append((item.about, str(item.start.day), str(item.end) if item.end else None, str(due)))
    return sorted(found, key=lambda run: (run[1], run[0]))


def marked(marks: Iterable[Mark]) -> list[tuple[str, Any, str]]:
    """Marks in an order that does not depend on that of the events."""
    return sorted((tuple(mark) for mark in marks), key=repr)


def topics(example: Example) -> set[str]:
    """The families that an example is about; of the clocks' families the clocks."""
    named = [*parse(example.expected, families=None)]
    for name in example.absent:
        named += parse(f"{name} 0\n", families=None)
    return {clock or family for family, clock in map(group, named)}


def about(*what: Indicator | Clock | str) -> list[Example]:
    """The examples, worked out by hand, of these indicators, clocks and families."""
    wanted = {name for one in what for name in _names(one)}
    return [example for example in EXAMPLES if wanted & topics(example)]


def _names(one: Indicator | Clock | str) -> set[str]:
    if isinstance(one, Indicator):
        return {family.name for strand in one.strands for family in strand.families}
    return {one if isinstance(one, str) else one.name}


def wrong_either_way(example: Example) -> list[str]:
    """What the product says otherwise, and whether it says another thing where the events come the other way round."""
    one, other = (_text_of(example, events) for events in (example.events, example.events[::-1]))
    return problems(example, parse(one)) + ([] if one == other else ["the order of the events makes a difference"])


def _text_of(example: Example, events: Iterable[Mapping[str, Any]]) -> str:
    product = Product(example.instant, parse_policy(as_toml(example.policy)))
    product.fold(*events)
    return product.text(example.instant)


def as_toml(tables: Mapping[str, Any], path: str = "") -> str:
    """A policy as its file says it."""
    own = [f"{key} = {value}" for key, value in tables.items() if not isinstance(value, Mapping)]
    inner = [as_toml(value, f"{path}{key}.") for key, value in tables.items() if isinstance(value, Mapping)]
    head = [f"[{path.rstrip('.')}]"] if path else []
    return "\n".join([*(head if own else []), *own, *inner])
