"""The DfE's published rows, and what the product's figures of an invented authority add up to."""

import csv
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.metrics.exposition import Exposition
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from tests.oracle.figures import Figures
from tests.unit.services.metrics.product import Product

HERE = Path(__file__).parent
NATIONAL = "England"
ROUNDING = Decimal("0.05") + Decimal("1e-9")
"""How far a figure may be from a percentage or an average that is published with one decimal."""
NOT_A_NUMBER = frozenset("cuxz")


@dataclass(frozen=True)
class Row:
    """One area in one year."""

    name: str
    year: int
    area: str
    published: Mapping[str, Decimal | None]
    """By column; None where the DfE shows no figure."""

    @property
    def is_national(self) -> bool:
        return self.area == NATIONAL

    def __getitem__(self, column: str) -> Decimal:
        """What is published in a column; ``ValueError`` where no figure is."""
        if (figure := self.published[column]) is None:
            raise ValueError(f"{self.name}: no {column} is published")
        return figure


def table(name: str) -> dict[str, Row]:
    """The rows of a file of this folder, by names such as ``Barnet 2017``."""
    with (HERE / f"{name}.csv").open(newline="") as file:
        return {(row := _row(**line)).name: row for line in csv.DictReader(file)}


def _row(year: str, area: str, **cells: str) -> Row:
    figures = {column: None if cell in NOT_A_NUMBER else Decimal(cell) for column, cell in cells.items()}
    return Row(f"{area} {year}", int(year), area, figures)


def whole(number: Decimal, scale: int) -> int:
    """One in so many people, children or referrals: a whole number of them."""
    return int((number / scale).to_integral_value())


def measured(events: Iterable[Mapping[str, Any]], now: datetime, families: Collection[str]) -> Figures:
    """What the product says of these families, once it has folded the events; the other indicators are left out."""
    some = tuple(strand for strand in strands() if {family.name for family in strand.families} & set(families))
    product = Product(now)
    product.measurement = Measurement(product.casebook, some, england_and_wales(), PolicyBook())
    product.exposition = Exposition(some)
    product.fold(*events)
    return product.figures(now)


def total(figures: Figures, family: str, **labels: str) -> Decimal:
    """A family over all teams, for some values of its labels."""
    wanted = labels.items()
    found = [value for (name, of), value in figures.items() if name == family and wanted <= dict(of).items()]
    assert found, f"the product shows no {family} of {labels}"
    return sum(found, Decimal())


def event(kind: str, subject: str, day: object, op: str = "upsert", **data: Any) -> dict[str, Any]:
    """An event of an invented authority, of whose time only the date matters."""
    return {
        "specversion": "1.0",
        "source": "/E99000001/published",
        "type": f"csc.{kind}",
        "subject": subject,
        "time": f"{day}T09:00:00Z",
        "authority": "E99000001",
        "op": op,
        "data": data,
    }
