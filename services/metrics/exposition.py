"""A snapshot as Prometheus text, format 0.0.4. Computes nothing.

A block of text is kept for each family and owner, and only those whose values changed are written anew: with 3,000
teams there are several hundred thousand lines, and nearly all of them are the same as a second ago.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any, Generic, NamedTuple, TypeVar

from services.metrics.fact import Fact
from services.metrics.measurement import Heard, Owner, Snapshot, Values
from services.metrics.strand import Strand
from services.metrics.tally import Number
from shared.domain.policy import BANDS, Policy

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
K = TypeVar("K")
V = TypeVar("V")
Section = tuple[bytes, ...]
"""A family's head and its blocks, one an owner; nothing where it has none."""

OF_A_SOURCE = (
    "csc_source_last_event_timestamp_seconds",
    "csc_source_last_received_timestamp_seconds",
    "csc_source_stale",
)
"""In the order of what is known of a source."""
OF_THE_WHOLE = {
    "csc_caseload_threshold": "Cases per full-time worker above which a band begins, by policy.",
    "csc_population_children": "Children aged 0 to 17, by policy.",
    "csc_source_last_event_timestamp_seconds": "The newest time of the accepted events of a source.",
    "csc_source_last_received_timestamp_seconds": "The newest arrival of an accepted event of a source.",
    "csc_source_stale": "1 where the newest arrival is longer ago than the policy's patience.",
    "csc_team_info": "1; a team's name and area, as the authority calls them.",
    "csc_as_of_timestamp_seconds": "The clock that the figures were worked out for.",
    "csc_working_day": "1 on a working day of England and Wales.",
    "csc_calendar_horizon_timestamp_seconds": "The last day that the calendar of working days knows.",
}
"""By name, what each family says that is not made of marks."""


class Part(NamedTuple):
    """The place of a family's values in those of an owner."""

    strand: int
    positions: slice
    labels: tuple[str, ...]
    """The closed labels of each value."""


class Text:
    """The figures as text, in two pieces: what changes seldom, and what changes with every instant.

    The first is kept in the blocks that it is made of, and put together for whoever asks: there are many more
    measurements than scrapes, and joining 30 MB takes longer than writing what has changed.
    """

    __slots__ = ("_sections", "tail")

    def __init__(self, body: bytes | tuple[Section, ...], tail: bytes) -> None:
        self._sections = ((body,),) if isinstance(body, bytes) else body
        self.tail = tail

    @property
    def body(self) -> bytes:
        """What is counted record by record."""
        return b"".join(chain.from_iterable(self._sections))

    def __iter__(self) -> Iterator[bytes]:
        """All of it, to be joined."""
        return chain(chain.from_iterable(self._sections), (self.tail,))


class Exposition:
    """Writes snapshots as text; remembers what it wrote."""

    def __init__(self, strands: tuple[Strand, ...]) -> None:
        self._heads: dict[str, bytes] = {}
        self._parts: defaultdict[str, list[Part]] = defaultdict(list)
        self._families_of: list[list[str]] = []
        for number, strand in enumerate(strands):
            self._plan(number, strand)
        self._blocks: dict[str, dict[Owner, bytes]] = {name: {} for name in self._heads}
        """By family and owner; by owner in order, but where the family has new ones."""
        self._unordered: set[str] = set()
        """The families whose blocks have to be put in order."""
        self._written: dict[Owner, Values] = {}
        self._sections: dict[str, Section] = dict.fromkeys(self._heads, ())
        """Each family as a whole: its head and its blocks."""
        self._stale: set[str] = set()
        """The families whose section is not up to date."""
        self._of_policies = _Kept(_of_policies)
        self._of_teams = _Kept(_of_teams)
        self._of_source: dict[tuple[str, str], tuple[Heard, list[str]]] = {}
        """What was last written of each source, a line for each family."""

    def write(self, snapshot: Snapshot) -> Text:
        """The text of a snapshot; each snapshot of a measurement must be written, in order."""
        for owner in snapshot.changed:
            self._write_owner(owner, snapshot.owners[owner])
        for owner in snapshot.gone:
            self._forget(owner)
        for name in self._stale:
            self._sections[name] = self._section(name)
        self._stale.clear()
        return Text(tuple(self._sections.values()), "".join(self._of_the_whole(snapshot)).encode())

    def _plan(self, number: int, strand: Strand) -> None:
        first = 0
        for family in strand.families:
            labels = tuple(labels_text(series) for series in family.series(strand.fixed))
            self._parts[family.name].append(Part(number, slice(first, first + len(labels)), labels))
            self._heads[family.name] = _head(family.name, family.meaning).encode()
            first += len(labels)
        self._families_of.append([family.name for family in strand.families])

    def _write_owner(self, owner: Owner, values: Values) -> None:
        before = self._written.get(owner) or (None,) * len(values)
        differ = [number for number, own in enumerate(values) if own != before[number]]
        names = dict.fromkeys(name for number in differ for name in self._families_of[number])
        whose = labels_of(owner)
        for name in names:
            self._set_block(name, owner, "".join([_lines(name, whose, part, values) for part in self._parts[name]]))
        self._written[owner] = values

    def _set_block(self, name: str, owner: Owner, block: str) -> None:
        self._stale.add(name)
        if not block:
            self._blocks[name].pop(owner, None)
            return
        if owner not in self._blocks[name]:
            self._unordered.add(name)
        self._blocks[name][owner] = block.encode()

    def _forget(self, owner: Owner) -> None:
        del self._written[owner]
        for name, blocks in self._blocks.items():
            if blocks.pop(owner, None):
                self._stale.add(name)

    def _section(self, name: str) -> Section:
        blocks = self._blocks[name]
        if name in self._unordered:
            self._unordered.remove(name)
            blocks = self._blocks[name] = dict(sorted(blocks.items()))
        return (self._heads[name], *blocks.values()) if blocks else ()

    def _of_the_whole(self, snapshot: Snapshot) -> Iterator[str]:
        yield self._of_policies.text(snapshot.policies)
        yield from self._of_sources(snapshot.sources)
        yield self._of_teams.text(snapshot.described)
        for name, number in (
            ("csc_as_of_timestamp_seconds", snapshot.as_of.timestamp()),
            ("csc_working_day", int(snapshot.working_day)),
            ("csc_calendar_horizon_timestamp_seconds", snapshot.horizon.timestamp()),
        ):
            yield f"{_head(name, OF_THE_WHOLE[name])}{name} {number_text(number)}\n"

    def _of_sources(self, sources: Mapping[tuple[str, str], Heard]) -> Iterator[str]:
        written = [self._lines_of_source(key, heard) for key, heard in sorted(sources.items())]
        for position, name in enumerate(OF_A_SOURCE):
            yield _head(name, OF_THE_WHOLE[name])
            yield from [lines[position] for lines in written]

    def _lines_of_source(self, key: tuple[str, str], heard: Heard) -> list[str]:
        known = self._of_source.get(key)
        if known is None or known[0] != heard:
            known = self._of_source[key] = (heard, _lines_of_source(key, heard))
        return known[1]


class _Kept(Generic[K, V]):
    """Text that follows from a mapping, written anew only where the mapping is another."""

    def __init__(self, write: Callable[[Mapping[K, V]], Iterator[str]]) -> None:
        self._write = write
        self._of: dict[K, V] | None = None
        self._text = ""

    def text(self, of: Mapping[K, V]) -> str:
        if self._of != of:
            self._of = dict(of)
            self._text = "".join(self._write(of))
        return self._text


def labels_of(owner: Owner) -> str:
    """Whose a series is, as labels."""
    authority, label, name = owner
    return f'authority="{authority}"' + (labels_text({label: name}) if label else "")


def _lines(name: str, whose: str, part: Part, values: Values) -> str:
    own = values[part.strand]
    if own is None:
        return ""
    return "".join(
        [
            f"{name}{{{whose}{closed}}} {number_text(value)}\n"
            for closed, value in zip(part.labels, own[part.positions], strict=True)
        ]
    )


def _of_policies(policies: Mapping[str, Policy]) -> Iterator[str]:
    ordered = sorted(policies.items(), key=_first)
    yield _head("csc_caseload_threshold", OF_THE_WHOLE["csc_caseload_threshold"])
    for authority, policy in ordered:
        for band in BANDS:
            threshold = number_text(getattr(policy.caseload, band))
            yield f'csc_caseload_threshold{{authority="{authority}",band="{band}"}} {threshold}\n'
    yield _head("csc_population_children", OF_THE_WHOLE["csc_population_children"])
    for authority, policy in ordered:
        if policy.population.children:
            yield f'csc_population_children{{authority="{authority}"}} {policy.population.children}\n'


def _of_teams(described: Mapping[tuple[str, str], Fact]) -> Iterator[str]:
    yield _head("csc_team_info", OF_THE_WHOLE["csc_team_info"])
    for key, fact in sorted(described.items(), key=_first):
        if fact.stands:
            yield _team_line(*key, fact)


def _first(pair: tuple[Any, Any]) -> Any:
    return pair[0]


def _lines_of_source(key: tuple[str, str], heard: Heard) -> list[str]:
    authority, source = key
    whose = labels_of((authority, "source", source))
    return [f"{name}{{{whose}}} {number_text(value)}\n" for name, value in zip(OF_A_SOURCE, heard, strict=True)]


def _team_line(authority: str, team: str, fact: Fact) -> str:
    words = {name: fact.data.get(name) or "" for name in ("area", "name")}
    return f"csc_team_info{{{labels_of((authority, 'team', team))}{labels_text(words)}}} 1\n"


def _head(name: str, meaning: str) -> str:
    return f"# HELP {name} {meaning}\n# TYPE {name} gauge\n"


def labels_text(labels: Mapping[str, str]) -> str:
    """Labels to follow others."""
    return "".join(f',{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def number_text(value: Number) -> str:
    """A number as Prometheus reads it: whole numbers without a point, others exact to a float."""
    if type(value) is int:
        return str(value)
    number = float(value)
    return str(int(number)) if number.is_integer() else repr(number)


def whole(snapshot: Snapshot, strands: Sequence[Strand]) -> bytes:
    """The text of one snapshot, by an exposition that remembers nothing."""
    everything = replace(snapshot, changed=frozenset(snapshot.owners), gone=frozenset())
    return b"".join(Exposition(tuple(strands)).write(everything))
