"""A strand: series that are counted together from one kind of mark, and the families that they belong to."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import product
from typing import Any

from services.metrics.casebook import Kind
from services.metrics.tally import Tally

Mark = tuple[str, Any]
"""A team, and what the strand's tally takes."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric family with labels ``authority``, ``team`` and closed sets."""

    name: str
    meaning: str
    """What it counts, in a sentence: its help text."""
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """The closed labels, and the values that each takes."""

    def series(self, fixed: Mapping[str, str]) -> list[dict[str, str]]:
        """The closed labels of each series, some of them fixed, in the order of the values."""
        values = [(fixed[name],) if name in fixed else known for name, known in self.labels.items()]
        return [dict(zip(self.labels, chosen, strict=True)) for chosen in product(*values)]


@dataclass(frozen=True, slots=True)
class Strand:
    """One way of counting: which units it looks at, what it marks, and what the marks add up to."""

    families: tuple[Family, ...]
    """In the order in which the tally gives their values."""
    needs: frozenset[str]
    """The event types without which there is no number; a unit without a standing fact of any of them marks nothing."""
    kind: Kind
    marks: Callable[[Any], Iterable[Mark]]
    tally: Callable[[date], Tally]
    """Makes an empty tally, as of a day."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Closed labels that have one value in all series of the strand."""

    @property
    def width(self) -> int:
        """The number of its series."""
        return sum(len(family.series(self.fixed)) for family in self.families)
