"""How the recording systems put down what happened: late, with slips put right, now and then twice."""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from random import Random
from typing import Any, NamedTuple

from deploy.rehearsal.rates import CORRECTED, DUPLICATED
from deploy.rehearsal.rhythm import Almanac
from shared.domain.london import LONDON

Event = dict[str, Any]

SECONDS = 86_400

# Working days until it is recorded: share up to here, from, to. The first bracket is the same day.
AT_ONCE = ((0.93, 0, 0), (0.99, 1, 1), (1.0, 2, 4))
AT_THE_OFFICE = ((0.62, 0, 0), (0.86, 1, 1), (0.97, 2, 5), (1.0, 6, 15))
AFTER_THE_MEETING = ((0.40, 0, 0), (0.65, 1, 1), (0.85, 2, 4), (0.97, 5, 10), (1.0, 11, 20))
AFTER_THE_VISIT = ((0.36, 0, 0), (0.61, 1, 1), (0.81, 2, 3), (0.95, 4, 10), (1.0, 11, 28))
BY_PAYROLL = ((0.50, 0, 0), (0.80, 1, 5), (0.95, 6, 15), (1.0, 16, 30))

Lateness = tuple[tuple[float, int, int], ...]

LATENESS: Mapping[str, Lateness] = {
    "csc.contact.received": AT_ONCE,
    "csc.contact.decided": AT_ONCE,
    "csc.referral.received": AT_ONCE,
    "csc.referral.decided": AT_ONCE,
    "csc.missing.returned": AT_ONCE,
    "csc.establishment.reported": AT_ONCE,
    "csc.team.described": AT_ONCE,
    "csc.case.allocated": AT_ONCE,
    "csc.visit.recorded": AFTER_THE_VISIT,
    "csc.return_interview.held": AFTER_THE_VISIT,
    "csc.conference.held": AFTER_THE_MEETING,
    "csc.core_group.held": AFTER_THE_MEETING,
    "csc.cp_review.held": AFTER_THE_MEETING,
    "csc.care_review.held": AFTER_THE_MEETING,
    "csc.supervision.held": AFTER_THE_MEETING,
    "csc.employment.started": BY_PAYROLL,
    "csc.employment.ended": BY_PAYROLL,
    "csc.absence.started": BY_PAYROLL,
    "csc.absence.ended": BY_PAYROLL,
}
ROUND_THE_CLOCK = frozenset(("csc.contact.received", "csc.referral.received", "csc.missing.returned"))
"""What the emergency duty team records on days that are no working days."""

PAYROLL = frozenset(
    f"csc.{name}"
    for name in (
        *("employment.started", "employment.ended", "absence.started", "absence.ended"),
        *("establishment.reported", "team.described"),
    )
)
"""What comes from the personnel system; all else comes from the case system."""

RECORDED_TWICE = frozenset(("csc.contact.received", "csc.visit.recorded", "csc.supervision.held"))
SOURCE_CODES = ("1A", "1B", "2A", "3A", "5A", "5B", "6", "7", "8")


CLOCK = tuple(f"T{minute // 60:02}:{minute % 60:02}:" for minute in range(1440))


class Fact(NamedTuple):
    """What happened: on a day, or at a minute of it."""

    kind: str
    subject: str
    day: int
    minute: int | None
    data: Event


class Stamps:
    """Writes instants as RFC 3339 with the offset in England, quickly."""

    def __init__(self) -> None:
        self._days: dict[int, tuple[str, str, str]] = {}

    def midnight(self, day: int) -> str:
        """The beginning of a day."""
        return (self._days.get(day) or self._learn(day))[2]

    def write(self, day: int, second: int) -> str:
        """A local time from two in the morning on, when the clocks have changed if they do."""
        text, offset, _ = self._days.get(day) or self._learn(day)
        return f"{text}{CLOCK[second // 60]}{second % 60:02}{offset}"

    def _learn(self, day: int) -> tuple[str, str, str]:
        midnight = datetime.combine(date.fromordinal(day), time(), LONDON)
        offset = midnight.replace(hour=12).isoformat()[-6:]
        self._days[day] = midnight.date().isoformat(), offset, midnight.isoformat()
        return self._days[day]


class Recorder:
    """The recording systems of one authority: takes what happened, gives out the events day by day."""

    def __init__(self, rng: Random, code: str, almanac: Almanac) -> None:
        self._rng = rng
        self._code = code
        self._almanac = almanac
        self._stamps = Stamps()
        self._number = 0
        self._records = 0
        self._outbox: dict[int, list[tuple[int, int, Event]]] = {}
        self._sources = {True: f"/{code}/hr", False: f"/{code}/mosaic"}

    def record_id(self, prefix: str) -> str:
        """A new id of a record."""
        self._records += 1
        return f"{prefix}{self._records:07}"

    def put(self, kind: str, subject: str, day: int, data: Event, minute: int | None = None) -> None:
        """Record a fact of a day, or of a minute of it."""
        fact = Fact(kind, subject, day, minute, data)
        recorded, second = self._when(fact)
        chance = self._rng.random()
        if chance < CORRECTED:
            self._send(self._slip(fact, recorded), recorded, second)
            self._send(fact, self._days_later(recorded), self._office_second(), version=1)
        else:
            self._send(fact, recorded, second)
            if chance > 1 - DUPLICATED and kind in RECORDED_TWICE:
                self._put_twice(fact, recorded, second)

    def give_out(self, day: int) -> list[Event]:
        """The events recorded on a day, in order."""
        return [event for _, _, event in sorted(self._outbox.pop(day, ()), key=lambda row: row[:2])]

    def give_out_before(self, day: int) -> Iterator[Event]:
        """The events recorded before a day, in order."""
        for earlier in sorted(known for known in self._outbox if known < day):
            yield from self.give_out(earlier)

    def _when(self, fact: Fact) -> tuple[int, int]:
        recorded = self._late_day(fact.kind, fact.day)
        if recorded > fact.day or fact.kind not in ROUND_THE_CLOCK:
            recorded = self._almanac.on_or_after(recorded)
        if fact.minute is not None and recorded == fact.day:
            return recorded, min(fact.minute * 60 + 60 + int(self._rng.random() * 9000), SECONDS - 1)
        return recorded, self._office_second()

    def _late_day(self, kind: str, day: int) -> int:
        chance = self._rng.random()
        lateness = LATENESS.get(kind, AT_THE_OFFICE)
        if chance < lateness[0][0]:
            return day
        low, high = next((low, high) for up_to, low, high in lateness if chance < up_to)
        return self._almanac.add(day, low + int(self._rng.random() * (high - low + 1)))

    def _office_second(self) -> int:
        return 30_600 + int((self._rng.random() + self._rng.random()) * 16_800)

    def _days_later(self, day: int) -> int:
        return self._almanac.add(day, 1 + int(self._rng.random() * 12))

    def _slip(self, fact: Fact, recorded: int) -> Fact:
        if "source_code" in fact.data:
            return fact._replace(data=fact.data | {"source_code": self._rng.choice(SOURCE_CODES)})
        if "due" in fact.data or fact.kind == "csc.establishment.reported":
            return fact
        day = self._rng.randint(fact.day, recorded)
        return fact._replace(day=day, minute=None if day == recorded > fact.day else fact.minute)

    def _put_twice(self, fact: Fact, recorded: int, second: int) -> None:
        again = fact._replace(subject=self.record_id("D"))
        self._send(again, recorded, min(second + 240, SECONDS - 1))
        self._send(again, self._days_later(recorded), self._office_second(), version=1, withdrawn=True)

    def _time(self, fact: Fact) -> str:
        stamps, minute = self._stamps, fact.minute
        return stamps.midnight(fact.day) if minute is None else stamps.write(fact.day, minute * 60)

    def _send(self, fact: Fact, recorded: int, second: int, version: int = 0, withdrawn: bool = False) -> None:
        self._number += 1
        event: Event = {
            "specversion": "1.0",
            "id": f"{self._code}-{self._number:08}",
            "source": self._sources[fact.kind in PAYROLL],
            "type": fact.kind,
            "subject": fact.subject,
            "time": self._time(fact),
            "authority": self._code,
            "recordedtime": self._stamps.write(recorded, second),
        }
        if version:
            event["recordversion"] = version
        if withdrawn:
            event |= {
                "op": "withdraw",
                "data": {key: fact.data[key] for key in fact.data if key == "child_id"},
            }
        else:
            event["data"] = fact.data
        self._outbox.setdefault(recorded, []).append((second, self._number, event))
