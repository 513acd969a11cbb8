"""An indicator: what is counted and what it means; and its strands, series counted together from one kind of mark."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import product
from typing import Any, NamedTuple

from services.metrics.casebook import Kind
from services.metrics.tally import AsOf, Tally

TEAM = "team"
AUTHORITY = ""
SOURCE = "source"


class Mark(NamedTuple):
    """What one unit adds to the series of a strand."""

    owner: str
    """The team; of a strand that is counted by source, the source; by authority, nothing."""
    what: Any
    """What the strand's tally takes."""
    record: str = ""
    """The id of the record that it is about, where that is not the unit itself."""


@dataclass(frozen=True, slots=True)
class Family:
    """A metric family with labels ``authority``, perhaps one for the owner, and closed sets."""

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
    """The event types without which there is no number; a unit without a standing fact of any of them marks nothing.
    Where it needs none there is always a number."""
    marks: Mapping[Kind, Callable[[Any], Iterable[Mark]]]
    """For each kind of unit that it looks at: from its view to its marks."""
    tally: Callable[[AsOf], Tally]
    """Makes an empty tally."""
    fixed: Mapping[str, str] = field(default_factory=dict)
    """Closed labels that have one value in all series of the strand."""
    per: str = TEAM
    """Whom it counts for: the label that names the owner; ``""`` for the authority as a whole."""
    by_the_second: bool = False
    """Whether its values change with the instant, and not only with the day."""

    @property
    def width(self) -> int:
        """The number of its series."""
        return sum(len(family.series(self.fixed)) for family in self.families)


@dataclass(frozen=True, slots=True)
class Indicator:
    """One file's worth: series that belong together, and what must be known to read them."""

    title: str
    meaning: str
    """What it tells, in a paragraph."""
    source: str
    """Where the definition comes from: guidance, census, published method or local practice."""
    numerator: str
    """What is counted."""
    exclusions: str
    """What is not counted."""
    silent_on: str
    """What it does not say."""
    balance: str
    """What to read beside it, so that one figure is not bettered at the cost of another."""
    breached: str
    """What helps when it goes wrong."""
    strands: tuple[Strand, ...]
    denominator: str = ""
    """What the numerator is divided by, where there is a ratio."""
    national: str = ""
    """England's figure and its source, where one is published."""
