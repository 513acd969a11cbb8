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
from services.metrics.views import VIEWS
from shared.domain.calendar import england_and_wales
from shared.domain.london import local_date
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.examples import AUTHORITY, Example, problems
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


def wrong(example: Example, events: Iterable[Mapping[str, Any]] | None = None) -> list[str]:
    """What the product says otherwise than was worked out by hand."""
    product = Product(example.instant, parse_policy(as_toml(example.policy)))
    product.fold(*(example.events if events is None else events))
    return problems(example, product.figures(example.instant))


def as_toml(tables: Mapping[str, Any], path: str = "") -> str:
    """A policy as its file says it."""
    own = [f"{key} = {value}" for key, value in tables.items() if not isinstance(value, Mapping)]
    inner = [as_toml(value, f"{path}{key}.") for key, value in tables.items() if isinstance(value, Mapping)]
    head = [f"[{path.rstrip('.')}]"] if path else []
    return "\n".join([*(head if own else []), *own, *inner])
