"""Where a fact comes from: every event about it, in the contract's order, which one counts and why. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import NamedTuple

from services.metrics.fact import PER_CHILD, Event, Order, fact_of, moment

ORDERED_BY = ("record version", "recorded time", "event id", "source")
"""What decides between versions, in this order (events.md, *A fact*)."""


class Received(NamedTuple):
    """An event, and when it was received."""

    event: Event
    at: float
    """Seconds since the Unix epoch."""


@dataclass(frozen=True, slots=True)
class Version:
    """One event about a fact."""

    event_id: str
    source: str
    time: str
    """As it was sent."""
    local_date: date
    recordedtime: str | None
    recordversion: int
    withdraws: bool
    received_at: datetime
    counts: bool
    why: str
    """Why it counts, or does not."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """A fact, with all its versions: the one that counts first, then the others as they would have counted."""

    type: str
    subject: str
    versions: tuple[Version, ...]

    @property
    def winner(self) -> Version:
        """The version that counts."""
        return self.versions[0]

    @property
    def stands(self) -> bool:
        """Whether there is such a fact: one whose winner is a withdrawal is none."""
        return not self.winner.withdraws


Key = tuple[str, str, str]
"""Type, subject, and the child where the child is part of what tells facts from each other."""


class Provenances:
    """All events of a file, by the fact that they are about."""

    def __init__(self, file: Iterable[Received], today: date) -> None:
        self._today = today
        self._received: defaultdict[Key, list[Received]] = defaultdict(list)
        for one in file:
            self._received[_key_of(one.event)].append(one)

    def of(self, type: str, subject: str, child: str = "") -> Provenance | None:
        """The fact of a type about a record; None where no event of today or before tells of it."""
        received = self._received.get((type, subject, child if type in PER_CHILD else ""), [])
        came = sorted((one for one in received if not self._waits(one)), key=_order, reverse=True)
        waiting = sorted((one for one in received if self._waits(one)), key=_order, reverse=True)
        return Provenance(type, subject, _versions(came, waiting)) if came else None

    def _waits(self, one: Received) -> bool:
        return moment(one.event.time)[0] > self._today


def _key_of(event: Event) -> Key:
    return event.type, event.subject, event.payload["child_id"] if event.type in PER_CHILD else ""


def _order(one: Received) -> Order:
    return fact_of(one.event).order


def _versions(came: Sequence[Received], waiting: Sequence[Received]) -> tuple[Version, ...]:
    winner, *others = came
    first = _version(winner, True, _why_it_counts(came))
    return (
        first,
        *(_version(one, False, f"superseded: lower {_decider(winner, one)}") for one in others),
        *(_version(one, False, "waits for its day") for one in waiting),
    )


def _why_it_counts(came: Sequence[Received]) -> str:
    return "the only version" if len(came) == 1 else f"highest {_decider(came[0], came[1])}"


def _decider(one: Received, other: Received) -> str:
    """What decides between two versions."""
    pairs = zip(ORDERED_BY, _order(one), _order(other), strict=True)
    return next((name for name, own, its in pairs if own != its), ORDERED_BY[-1])


def _version(one: Received, counts: bool, why: str) -> Version:
    event = one.event
    return Version(
        event_id=event.id,
        source=event.source,
        time=event.time,
        local_date=moment(event.time)[0],
        recordedtime=event.recordedtime,
        recordversion=event.recordversion or 0,
        withdraws=event.op == "withdraw",
        received_at=datetime.fromtimestamp(one.at, UTC),
        counts=counts,
        why=why,
    )
