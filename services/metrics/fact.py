"""One event as it comes off the bus, and the fact that the events about one thing add up to."""

from datetime import date, datetime
from functools import lru_cache
from typing import Any

import msgspec

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
    """What holds of one thing: the winner of all events about it (events.md, *A fact*)."""

    type: str
    subject: str
    order: Order
    day: date
    """The local date of its time."""
    time: float
    """Seconds since the Unix epoch."""
    stands: bool
    """Whether the winner is an upsert: a fact that was withdrawn does not exist."""
    data: dict[str, Any]
    places: tuple[Place, ...]
    """Where its versions fell, each once; withdrawals fall nowhere."""
    delay: float | None
    """Seconds from its time to when it was recorded, where the source says when that was."""
    versions: int = 1
    """How many events there have been about it."""

    @property
    def team(self) -> str | None:
        team: str | None = self.data.get("team_id")
        return team

    @property
    def source(self) -> str:
        """The recording system that the winner came from."""
        return self.order[3]

    @property
    def named(self) -> tuple[str, str]:
        """What tells it from the other facts of its unit."""
        return self.type, self.subject


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
    day, seconds = _hour(text[:13], offset)
    return day, seconds + int(text[14:16]) * 60 + float(text[17 : -len(offset)])


@lru_cache(maxsize=100_000)
def _hour(text: str, offset: str) -> tuple[date, float]:
    begins = datetime.fromisoformat(f"{text[:10]}T{text[11:]}:00:00{offset}")
    return local_date(begins), begins.timestamp()


def fact_of(event: Event) -> Fact:
    """The fact as this one event tells it."""
    day, seconds = moment(event.time)
    recorded = moment(event.recordedtime)[1] if event.recordedtime else seconds
    payload = event.payload
    return Fact(
        event.type,
        event.subject,
        (event.recordversion or 0, recorded, event.id, event.source),
        day,
        seconds,
        event.op != "withdraw",
        payload,
        () if event.op == "withdraw" else ((payload.get("team_id"), _link(event, payload)),),
        recorded - seconds if event.recordedtime else None,
    )


def _link(event: Event, payload: dict[str, Any]) -> str | None:
    field = LINKS.get(event.type)
    link: str | None = payload.get(field) if field else event.subject
    return link


def later_of(known: Fact, new: Fact) -> Fact:
    """The winner of two versions of one fact; it remembers where both fell."""
    winner = new if new.order > known.order else known
    winner.versions = known.versions + new.versions
    places = known.places
    if new.places and new.places[0] not in places:
        places = (*places, *new.places)
    if winner.places is not places:
        winner.places = tuple(sorted(places, key=_by_text)) if len(places) > 1 else places
    return winner


def _by_text(place: Place) -> tuple[str, str]:
    return place[0] or "", place[1] or ""
