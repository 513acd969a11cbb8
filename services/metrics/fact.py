"""One event as it comes off the bus, and the fact that the events about one thing add up to."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec

from shared.contracts.catalogue import CATALOGUE
from shared.domain.london import local_date

UNASSIGNED = "unassigned"

LINKS = {
    "csc.referral.decided": None,  # its subject is the referral's own id
    "csc.assessment.started": "referral_id",
    "csc.section47.started": "referral_id",
    "csc.placement.started": "care_id",
    "csc.case.allocated": "worker_id",
    "csc.employment.started": "worker_id",
    "csc.absence.started": "worker_id",
    "csc.supervision.held": "worker_id",
}
"""The field of the payload that names the record which a fact hangs on."""

PER_CHILD = frozenset(name for name, row in CATALOGUE.items() if row.per_child)
OWN = frozenset(LINKS.values()) - {"worker_id"} | {"plan_id", "section47_id", "placement_id", "record_id", "audit_id"}
"""Fields of the payload whose values are as many as the records."""

Place = tuple[str | None, str | None]
"""Where one version of a fact fell: the team it named, and the record it hung on."""

Order = tuple[int, float, str, str]


class Event(msgspec.Struct, gc=False):
    """The part of a CloudEvent that figures are made of."""

    id: str
    source: str
    type: str
    subject: str
    time: str
    authority: str
    recordedtime: str | None = None
    recordversion: int | None = None
    op: str | None = None
    data: Any = None

    @property
    def payload(self) -> dict[str, Any]:
        """The data; a withdrawal may carry anything or nothing there."""
        return self.data if isinstance(self.data, dict) else {}


class Fact(msgspec.Struct, gc=False):
    """What holds of one thing: the winner of all events about it (events.md, *A fact*).

    There are millions, so that what follows from other fields is a property and takes no memory.
    """

    type: str
    subject: str
    id: str
    """Of the winner."""
    source: str
    """The recording system that the winner came from."""
    version: int
    recorded: float | None
    """When it was recorded, in Unix seconds, where the source says so."""
    day: date
    """The local date of its time."""
    time: float
    """Seconds since the Unix epoch."""
    stands: bool
    """Whether the winner is an upsert: a fact that was withdrawn does not exist."""
    data: dict[str, Any]
    """Shared by facts that say the same, and not to be changed; without ``child_id``, which the unit has."""
    fell: tuple[Place, ...] | None = None
    """Where its versions fell; None: where this one event did."""
    versions: int = 1
    """How many events there have been about it."""

    @property
    def order(self) -> Order:
        """The highest wins."""
        return self.version, self.time if self.recorded is None else self.recorded, self.id, self.source

    @property
    def places(self) -> tuple[Place, ...]:
        """Where its versions fell, each once; withdrawals fall nowhere."""
        return ((self.data.get("team_id"), _link(self)),) if self.fell is None else self.fell

    @places.setter
    def places(self, places: tuple[Place, ...]) -> None:
        self.fell = places

    @property
    def delay(self) -> float | None:
        """Seconds from its time to when it was recorded, where the source says when that was."""
        return None if self.recorded is None else self.recorded - self.time

    @property
    def team(self) -> str | None:
        team: str | None = self.data.get("team_id")
        return team

    @property
    def named(self) -> tuple[str, str]:
        """What tells it from the other facts of its unit."""
        return self.type, self.subject


CANNOT_BE_FOLDED = (msgspec.MsgspecError, ValueError, LookupError)
"""What decoding or folding raises where an event is not what the contract says: it is set apart, and counted."""

_ENCODER = msgspec.json.Encoder()
_DECODER = msgspec.json.Decoder(Event)


def decode(document: str | bytes) -> Event:
    """Read an event off the bus; ``msgspec.DecodeError`` where it is not one."""
    return _DECODER.decode(document)


def moment(text: str) -> tuple[date, float]:
    """The local date and the Unix seconds of an RFC 3339 time.

    Which date an hour falls on is looked up once: an hour with an offset in whole hours lies within one local date.
    """
    offset = "Z" if text[-1] in "Zz" else text[-6:]
    if offset != "Z" and offset[-2:] != "00":
        happened = datetime.fromisoformat(text.upper())
        return local_date(happened), happened.timestamp()
    known = _hour(text[:13], offset)
    past = _past(text[14 : -len(offset)])
    return (
        (known[0], known[1] + past) if past else known
    )  # one number for all that knows a day and no hour: 10 B a fact


@lru_cache(maxsize=10_000)
def _past(text: str) -> float:
    """Seconds past the hour."""
    return int(text[:2]) * 60 + float(text[3:])


@lru_cache(maxsize=100_000)
def _hour(text: str, offset: str) -> tuple[date, float]:
    begins = datetime.fromisoformat(f"{text[:10]}T{text[11:]}:00:00{offset}")
    return local_date(begins), begins.timestamp()


def fact_of(event: Event) -> Fact:
    """The fact as this one event tells it."""
    day, seconds = moment(event.time)
    return Fact(
        _one(event.type),
        event.subject,
        event.id,
        _one(event.source),
        event.recordversion or 0,
        moment(event.recordedtime)[1] if event.recordedtime else None,
        day,
        seconds,
        event.op != "withdraw",
        _data(event.payload, event.type in PER_CHILD),
        () if event.op == "withdraw" else None,
    )


def _link(fact: Fact) -> str | None:
    field = LINKS.get(fact.type)
    link: str | None = fact.data.get(field) if field else fact.subject
    return link


@lru_cache(maxsize=100_000)
def _one(text: str) -> str:
    """Of equal texts always the same one: the decoder makes a new one each time."""
    return text


def _data(payload: dict[str, Any], per_child: bool) -> dict[str, Any]:
    if per_child and "child_id" in payload:
        payload = payload.copy()
        del payload["child_id"]
    return _one_data(_ENCODER.encode(payload))


@lru_cache(maxsize=20_000)
def _one_data(document: bytes) -> dict[str, Any]:
    """Of equal payloads the same one, where the last was not long ago.

    Most visits to a child say the same, and so do most contacts of a team.
    """
    data: dict[str, Any] = msgspec.json.decode(document)
    return {name: _one(value) if type(value) is str and name not in OWN else value for name, value in data.items()}


def later_of(known: Fact, new: Fact) -> Fact:
    """The winner of two versions of one fact; it remembers where both fell."""
    winner = new if new.order > known.order else known
    winner.versions = known.versions + new.versions
    fell = {*known.places, *new.places}
    winner.places = tuple(sorted(fell, key=_by_text))
    return winner


def _by_text(place: Place) -> tuple[str, str]:
    return place[0] or "", place[1] or ""
