"""A snapshot as rows, one a series, in the order of ``/metrics``. Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import NamedTuple

from prometheus_client.parser import text_string_to_metric_families

from services.metrics.exposition import OF_THE_WHOLE, Exposition, number_text
from services.metrics.indicators import strands
from services.metrics.measurement import Owner, Snapshot, Values
from services.metrics.strand import TEAM, Family
from services.metrics.tally import Number

Labels = tuple[tuple[str, str], ...]


class Series(NamedTuple):
    """One series of a strand, whoever owns it."""

    strand: int
    position: int
    """Among the strand's values."""
    family: str
    closed: Labels


class Reading(NamedTuple):
    """One line of ``/metrics``."""

    family: str
    labels: Labels
    """In the order of the text."""
    value: str
    """As it stands there."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Which series are wanted; what is empty or None leaves nothing out."""

    families: tuple[str, ...] = ()
    team: str | None = None

    def has(self, family: str, labels: Iterable[tuple[str, str]]) -> bool:
        """Whether a series is one of them."""
        return self.has_family(family) and (self.team is None or (TEAM, self.team) in labels)

    def has_family(self, family: str) -> bool:
        """Whether a family is one of them."""
        return not self.families or family in self.families


@cache
def all_series() -> tuple[Series, ...]:
    """Every series of every strand: family by family, in the order of the text."""
    found = [
        series
        for number, strand in enumerate(strands())
        for series in _of_strand(number, strand.families, strand.fixed)
    ]
    order = {name: rank for rank, name in enumerate(counted_families())}
    return tuple(sorted(found, key=lambda series: order[series.family]))


@cache
def counted_families() -> Mapping[str, Family]:
    """The families that are counted record by record, by name, in the order of the text."""
    return {family.name: family for strand in strands() for family in strand.families}


@cache
def other_families() -> frozenset[str]:
    """The families that say something of the whole: thresholds, sources, teams, the day."""
    return frozenset(OF_THE_WHOLE)


def readings(snapshot: Snapshot, choice: Choice) -> list[Reading]:
    """The wanted series of a snapshot."""
    return [*_counted(snapshot, choice), *_of_the_whole(snapshot, choice)]


def labels_of(owner: Owner) -> Labels:
    """Whose a series is."""
    authority, label, name = owner
    return (("authority", authority), *(((label, name),) if label else ()))


def value_of(values: Values | None, series: Series) -> Number | None:
    """The number of a series; None where there is none."""
    own: Sequence[Number] | None = values[series.strand] if values else None
    return None if own is None else own[series.position]


def _of_strand(number: int, families: Collection[Family], fixed: Mapping[str, str]) -> Iterator[Series]:
    names = [(family.name, tuple(closed.items())) for family in families for closed in family.series(fixed)]
    for position, (name, closed) in enumerate(names):
        yield Series(number, position, name, closed)


def _counted(snapshot: Snapshot, choice: Choice) -> Iterator[Reading]:
    owners = [(owner, labels_of(owner)) for owner in sorted(snapshot.owners)]
    by_family: dict[str, list[Series]] = {}
    for series in all_series():
        if choice.has_family(series.family):
            by_family.setdefault(series.family, []).append(series)
    for family, its_series in by_family.items():
        for owner, whose in owners:
            if choice.has(family, whose):
                for series in its_series:
                    value = value_of(snapshot.owners[owner], series)
                    if value is not None:
                        yield Reading(family, (*whose, *series.closed), number_text(value))


def _of_the_whole(snapshot: Snapshot, choice: Choice) -> Iterator[Reading]:
    """What the text ends with, read back from it."""
    bare = replace(snapshot, owners={}, changed=frozenset(), gone=frozenset())
    for family in text_string_to_metric_families(Exposition(()).write(bare).tail.decode()):
        for sample in family.samples:
            labels = tuple(sample.labels.items())
            if choice.has(sample.name, labels):
                yield Reading(sample.name, labels, number_text(sample.value))
