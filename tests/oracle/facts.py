"""From events to facts, by sorting: for each fact the highest version counts."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import floor
from typing import Any
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNASSIGNED = "unassigned"
STATE_REPORT = "csc.establishment.reported"

# Types whose facts are told apart by subject alone; all others by subject and child.
CHILDLESS = frozenset(
    {
        "csc.audit.completed",
        "csc.audit_action.raised",
        "csc.audit_action.completed",
        "csc.audit_action.verified",
        "csc.employment.started",
        "csc.employment.ended",
        "csc.absence.started",
        "csc.absence.ended",
        "csc.establishment.reported",
        "csc.team.described",
        "csc.supervision.held",
    }
)

_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|[+-]\d\d:\d\d)")

Event = Mapping[str, Any]


@dataclass(frozen=True)
class Version:
    """One accepted event, read."""

    authority: str
    source: str
    id: str
    type: str
    subject: str
    child: str | None
    instant: Decimal
    day: date
    withdrawn: bool
    recorded: Decimal | None
    order: tuple[int, Decimal, str, str]
    data: Mapping[str, Any]

    @property
    def fact(self) -> tuple[str, str, str | None]:
        """What tells this fact from the others of its authority."""
        return self.type, self.subject, self.child

    @property
    def by_date(self) -> tuple[date, str]:
        """Earliest and latest go by local date, on one date by the record id."""
        return self.day, self.subject

    def get(self, field: str) -> Any:
        """A field of the payload; None where it is absent or null."""
        return self.data.get(field)


def seconds(text: str) -> Decimal:
    """Seconds since 1970 of an RFC 3339 instant, with all the digits it has."""
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError(f"not RFC 3339: {text}")
    day, clock, fraction, offset = match.groups()
    whole = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset in 'Zz' else offset}")
    return Decimal((whole - EPOCH) // timedelta(seconds=1)) + Decimal(f"0{fraction or ''}")


def since_1970(instant: datetime) -> Decimal:
    """Seconds since 1970 of a datetime that knows its offset, to the microsecond."""
    return Decimal((instant - EPOCH) // timedelta(microseconds=1)) / 1_000_000


def local_date(instant: Decimal) -> date:
    """The date in Europe/London."""
    return (EPOCH + timedelta(seconds=floor(instant))).astimezone(LONDON).date()


def read(event: Event) -> Version:
    """Read one valid event."""
    data = event.get("data") or {}
    instant = seconds(event["time"])
    written = event.get("recordedtime")
    recorded = None if written is None else seconds(written)
    return Version(
        authority=event["authority"],
        source=event["source"],
        id=event["id"],
        type=event["type"],
        subject=event["subject"],
        child=None if event["type"] in CHILDLESS else data["child_id"],
        instant=instant,
        day=local_date(instant),
        withdrawn=event.get("op") == "withdraw",
        recorded=recorded,
        order=(
            event.get("recordversion") or 0,
            instant if recorded is None else recorded,
            event["id"],
            event["source"],
        ),
        data=data,
    )


def counted(events: Iterable[Event], today: date) -> list[Version]:
    """Every event once, without those dated after today."""
    first: dict[tuple[str, str], Version] = {}
    for event in events:
        version = read(event)
        first.setdefault((version.source, version.id), version)
    return [version for version in first.values() if version.day <= today]


def winner(versions: Iterable[Version]) -> Version:
    """The version that counts."""
    return max(versions, key=lambda version: version.order)


def latest_report(reports: Iterable[Version]) -> Version | None:
    """Of one team's establishment reports the one that counts, if any does."""
    at_one_time = defaultdict(list)
    for report in reports:
        at_one_time[report.instant].append(report)
    standing = [winner(same) for same in at_one_time.values()]
    return max(
        (report for report in standing if not report.withdrawn),
        key=lambda report: report.instant,
        default=None,
    )


class Record:
    """All that is known of one authority on one day."""

    def __init__(self, authority: str, versions: list[Version]) -> None:
        self.authority = authority
        self.versions = versions
        self.of_fact: dict[tuple[str, str, str | None], list[Version]] = defaultdict(list)
        for version in versions:
            self.of_fact[version.fact].append(version)
        best = {fact: standing(same) for fact, same in self.of_fact.items()}
        self.facts = {fact: version for fact, version in best.items() if version is not None}
        self.by_type: dict[str, list[Version]] = defaultdict(list)
        for version in self.facts.values():
            self.by_type[version.type].append(version)
        self.hired: dict[str, list[Version]] = defaultdict(list)
        for version in self.upserts("csc.employment.started"):
            self.hired[version.get("worker_id")].append(version)

    def all(self, kind: str) -> list[Version]:
        """The facts of a type, such as `referral.received`."""
        return self.by_type.get(f"csc.{kind}", [])

    def one(self, kind: str, subject: str | None, child: str | None = None) -> Version | None:
        """One fact, if it is there."""
        return None if subject is None else self.facts.get((f"csc.{kind}", subject, child))

    def upserts(self, type_: str) -> Iterator[Version]:
        """Every event of a type that ever said something, whether it still counts or not."""
        return (version for version in self.versions if version.type == type_ and not version.withdrawn)


def standing(versions: list[Version]) -> Version | None:
    """The version that a fact stands on, or None where it is withdrawn."""
    if versions[0].type == STATE_REPORT:
        return latest_report(versions)
    best = winner(versions)
    return None if best.withdrawn else best


def records(events: Iterable[Event], today: date) -> list[Record]:
    """What is known on `today`, authority by authority: nothing is joined across them."""
    by_authority = defaultdict(list)
    for version in counted(events, today):
        by_authority[version.authority].append(version)
    return [Record(authority, versions) for authority, versions in sorted(by_authority.items())]


def own_team(version: Version) -> str | None:
    """The team that an event itself names."""
    return version.subject if version.type == STATE_REPORT else version.get("team_id")


def hangs_on(version: Version) -> tuple[str, str] | None:
    """The type and id of the record from which an event without a team takes its team."""
    match version.type:
        case "csc.referral.decided":
            return "csc.referral.received", version.subject
        case "csc.assessment.started" | "csc.section47.started":
            return "csc.referral.received", version.get("referral_id")
        case "csc.placement.started":
            return "csc.care.started", version.get("care_id")
    return None


def teams_hung_on(record: Record, version: Version) -> set[str]:
    """Every team that the record which an event hangs on ever named; one that is not there has none now."""
    if version.type == "csc.absence.started":
        return {own_team(job) or UNASSIGNED for job in record.hired.get(version.get("worker_id"), [])}
    if (parent := hangs_on(version)) is None:
        return set()
    fact = (*parent, version.child)
    named = {own_team(other) or UNASSIGNED for other in record.of_fact.get(fact, []) if not other.withdrawn}
    return named if fact in record.facts else named | {UNASSIGNED}


def falls_under(record: Record, version: Version) -> set[str]:
    """The teams under which an event falls."""
    own = own_team(version)
    return {own} if own is not None else teams_hung_on(record, version) or {UNASSIGNED}


def exposed_teams(record: Record, *needed: str) -> set[str]:
    """The teams of a family that needs these types; none if a type has never come in."""
    fallen = [
        set().union(*(falls_under(record, version) for version in record.upserts(f"csc.{kind}"))) for kind in needed
    ]
    return set().union(*fallen) if all(fallen) else set()
