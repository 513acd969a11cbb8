"""A snapshot as Prometheus text, format 0.0.4. Computes nothing.

A block of text is kept for each family and team, and only those of teams whose values changed are written anew: with
3,000 teams there are over 100,000 lines, and nearly all of them are the same as a second ago.
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from decimal import Decimal

from services.metrics.measurement import Snapshot, Team, Values
from services.metrics.strand import Strand
from services.metrics.tally import Number

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

Part = tuple[int, slice, tuple[str, ...]]
"""A strand's number, the positions of a family's values in it, and the closed labels of each."""


class Exposition:
    """Writes snapshots as text; remembers what it wrote."""

    def __init__(self, strands: tuple[Strand, ...]) -> None:
        self._heads: dict[str, str] = {}
        self._parts: defaultdict[str, list[Part]] = defaultdict(list)
        for number, strand in enumerate(strands):
            self._plan(number, strand)
        self._blocks: dict[str, dict[Team, str]] = {name: {} for name in self._heads}
        self._order: list[Team] = []

    def write(self, snapshot: Snapshot) -> bytes:
        """The text of a snapshot; each snapshot of a measurement must be written, in order."""
        for team in snapshot.changed:
            self._write_team(team, snapshot.teams[team])
        for team in snapshot.gone:
            self._forget_team(team)
        if len(self._order) != len(snapshot.teams) or snapshot.gone:
            self._order = sorted(snapshot.teams)
        text = "".join(self._families())
        return (text + "".join(_of_authorities(snapshot))).encode()

    def _plan(self, number: int, strand: Strand) -> None:
        first = 0
        for family in strand.families:
            labels = tuple(_labels(series) for series in family.series(strand.fixed))
            self._parts[family.name].append((number, slice(first, first + len(labels)), labels))
            self._heads[family.name] = _head(family.name, family.meaning)
            first += len(labels)

    def _write_team(self, team: Team, values: Values) -> None:
        whose = f'authority="{team[0]}",team="{team[1]}"'
        for name, parts in self._parts.items():
            block = "".join(_lines(name, whose, part, values) for part in parts)
            if block:
                self._blocks[name][team] = block
            else:
                self._blocks[name].pop(team, None)

    def _forget_team(self, team: Team) -> None:
        for blocks in self._blocks.values():
            blocks.pop(team, None)

    def _families(self) -> Iterator[str]:
        for name, blocks in self._blocks.items():
            if blocks:
                yield self._heads[name]
                yield from (blocks[team] for team in self._order if team in blocks)


def _lines(name: str, whose: str, part: Part, values: Values) -> str:
    number, positions, labels = part
    own = values[number]
    if own is None:
        return ""
    return "".join(
        f"{name}{{{whose}{closed}}} {number_text(value)}\n"
        for closed, value in zip(labels, own[positions], strict=True)
    )


def _of_authorities(snapshot: Snapshot) -> Iterator[str]:
    yield _head("csc_caseload_threshold", "Cases per full-time worker above which a band begins, by policy.")
    for authority, bands in sorted(snapshot.thresholds.items()):
        for band, threshold in bands.items():
            yield f'csc_caseload_threshold{{authority="{authority}",band="{band}"}} {number_text(threshold)}\n'
    for position, (what, meaning) in enumerate(SOURCE_FAMILIES):
        name = f"csc_source_last_{what}_timestamp_seconds"
        yield _head(name, meaning)
        for (authority, source), times in sorted(snapshot.sources.items()):
            whose = _labels({"authority": authority, "source": source}).removeprefix(",")
            yield f"{name}{{{whose}}} {number_text(times[position])}\n"
    yield _head("csc_as_of_timestamp_seconds", "The clock that the figures were worked out for.")
    yield f"csc_as_of_timestamp_seconds {number_text(snapshot.as_of.timestamp())}\n"


SOURCE_FAMILIES = (
    ("event", "The newest time of the accepted events of a source."),
    ("received", "The newest arrival of an accepted event of a source."),
)


def _head(name: str, meaning: str) -> str:
    return f"# HELP {name} {meaning}\n# TYPE {name} gauge\n"


def _labels(labels: dict[str, str]) -> str:
    return "".join(f',{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def number_text(value: Number) -> str:
    """A number as Prometheus reads it: whole numbers without a point, others exact to a float."""
    if isinstance(value, Decimal):
        value = float(value)
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    return repr(value)


def whole(snapshot: Snapshot, strands: Sequence[Strand]) -> bytes:
    """The text of one snapshot, by an exposition that remembers nothing."""
    return Exposition(tuple(strands)).write(snapshot)
