"""How near the rehearsal comes to England: the published figures beside those of its events."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from deploy.rehearsal import rates
from deploy.rehearsal.recording import Event
from deploy.rehearsal.workforce import CASE_ROLES
from shared.domain.calendar import add_months, england_and_wales

YEAR = timedelta(days=365)
BUCKETS = (
    *(("same day", 0, 0), ("1-10", 1, 10), ("11-20", 11, 20), ("21-30", 21, 30), ("31-40", 31, 40)),
    *(("41-45", 41, 45), ("46-50", 46, 50), ("51-60", 51, 60), ("61 and more", 61, 9999)),
)
CONFERENCE_BUCKETS = (("0-10", 0, 10), ("11-15", 11, 15), ("16-20", 16, 20), ("21 and more", 21, 9999))


@dataclass(frozen=True, slots=True)
class Fact:
    """What holds of one record in the end."""

    subject: str
    child: str
    day: date
    data: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table."""

    name: str
    england: float | None
    """None where nothing is published."""
    rehearsal: float


Facts = Mapping[str, list[Fact]]


def facts_of(events: Iterable[Event]) -> Facts:
    """The facts by type, after corrections and withdrawals; state reports by their latest."""
    winners: dict[tuple[str, ...], Event] = {}
    for event in events:
        moment = event["time"] if event["type"] == "csc.establishment.reported" else ""
        key = (event["type"], event["subject"], event.get("data", {}).get("child_id", ""), moment)
        known = winners.get(key)
        if known is None or _rank(event) > _rank(known):
            winners[key] = event
    facts: dict[str, list[Fact]] = defaultdict(list)
    for (kind, subject, child, *_), event in winners.items():
        if event.get("op") != "withdraw":
            facts[kind].append(Fact(subject, child, date.fromisoformat(event["time"][:10]), event["data"]))
    return facts


def _rank(event: Event) -> tuple[int, str, str]:
    return event.get("recordversion", 0), event["recordedtime"], event["id"]


def figures(facts: Facts, as_of: date, children: int) -> list[Figure]:
    """All lines, for the year that ends on a day, of an authority with so many children."""
    return [
        *_front_door(facts, as_of, children),
        *_assessments(facts, as_of),
        *_protection(facts, as_of, children),
        *_care(facts, as_of, children),
        *_workforce(facts, as_of, children),
        *_caseload(facts, as_of),
    ]


def table(lines: Iterable[Figure]) -> str:
    """The lines as Markdown."""
    rows = [f"| {line.name} | {_written(line.england)} | {_written(line.rehearsal)} |" for line in lines]
    return "\n".join(["| | England | Rehearsal |", "|---|---:|---:|", *rows])


def _written(value: float | None) -> str:
    return "" if value is None else f"{value:,.1f}"


def _front_door(facts: Facts, as_of: date, children: int) -> Iterator[Figure]:
    contacts = _last_year(facts["csc.contact.received"], as_of)
    decided = _by_record(facts["csc.contact.decided"])
    outcomes = Counter(decided[_key(one)].data["outcome"] for one in contacts if _key(one) in decided)
    yield Figure("Contacts per 10,000", rates.CONTACTS, _per_10000(contacts, children))
    for outcome, share in rates.CONTACT_OUTCOMES:
        yield Figure(f"… {outcome}, %", share, _percent(outcomes[outcome], outcomes.total()))
    referrals = _last_year(facts["csc.referral.received"], as_of)
    yield Figure("Referrals per 10,000", rates.REFERRALS, _per_10000(referrals, children))
    again = _again(facts["csc.referral.received"], referrals)
    yield Figure("… within 12 months of another, %", 22.6, _percent(again, len(referrals)))
    decisions = {_key(one): one.data["outcome"] for one in facts["csc.referral.decided"]}
    none = sum(decisions.get(_key(one)) == "no_further_action" for one in referrals)
    yield Figure("… no further action, %", 6.5, _percent(none, len(referrals)))
    closed = _last_year(facts["csc.case.closed"], as_of)
    calm = sum(one.data["reason"] in ("RC8", "RC9") for one in closed)
    yield Figure("… not in need after assessment, %", 30.8, _percent(calm, len(referrals)))


def _again(every: list[Fact], referrals: list[Fact]) -> int:
    days = defaultdict(list)
    for one in every:
        days[one.child].append(one.day)
    return sum(any(add_months(one.day, -12) <= earlier < one.day for earlier in days[one.child]) for one in referrals)


def _assessments(facts: Facts, as_of: date) -> Iterator[Figure]:
    received = {(one.child, one.subject): one.day for one in facts["csc.referral.received"]}
    started = _by_record(facts["csc.assessment.started"])
    first: dict[tuple[str, str], tuple[date, date]] = {}
    for one in sorted(facts["csc.assessment.authorised"], key=lambda one: (one.day, one.subject)):
        begun = started.get(_key(one))
        case = (one.child, begun.data["referral_id"]) if begun else ("", "")
        if case in received:
            first.setdefault(case, (received[case], one.day))
    days = [_working_days(*span) for span in first.values() if as_of - YEAR < span[1] <= as_of]
    yield Figure("Assessments in 45 working days, %", 85.7, _share(days, 0, 45))
    published = (1.8, 11.7, 17.3, 15.8, 20.2, 18.9, 5.8, 4.3, 4.2)
    for (name, low, high), england in zip(BUCKETS, published, strict=True):
        yield Figure(f"… {name}, %", england, _share(days, low, high))


def _protection(facts: Facts, as_of: date, children: int) -> Iterator[Figure]:
    enquiries = _last_year(facts["csc.section47.started"], as_of)
    yield Figure("Section 47 enquiries per 10,000", rates.SECTION47, _per_10000(enquiries, children))
    started = {one.subject: one.day for one in facts["csc.section47.started"]}
    held = [one for one in _last_year(facts["csc.conference.held"], as_of) if one.data.get("section47_id") in started]
    yield Figure("Initial conferences per 100 enquiries", 31.3, _percent(len(held), len(enquiries)))
    days = [_working_days(started[one.data["section47_id"]], one.day) for one in held]
    yield Figure("Conferences in 15 working days, %", 81.4, _share(days, 0, 15))
    for (name, low, high), england in zip(CONFERENCE_BUCKETS, (8.7, 72.7, 8.9, 9.7), strict=True):
        yield Figure(f"… {name}, %", england, _share(days, low, high))
    plans = _running(facts, "cp_plan", as_of)
    yield Figure("Protection plans per 10,000", rates.CP_PLANS, _per_10000(plans, children))


def _care(facts: Facts, as_of: date, children: int) -> Iterator[Figure]:
    periods = _running(facts, "care", as_of)
    yield Figure("Looked after per 10,000", rates.LOOKED_AFTER, _per_10000(periods, children))
    starts = _last_year(facts["csc.care.started"], as_of)
    yield Figure("… came into care, per 10,000", rates.CARE_STARTS, _per_10000(starts, children))


def _workforce(facts: Facts, as_of: date, children: int) -> Iterator[Figure]:
    running = _running(facts, "employment", as_of)
    permanent, agency = _fte(running, _permanent), _fte(running, lambda data: not _permanent(data))
    started = _by_record(facts["csc.employment.started"])
    left = [
        started[_key(one)]
        for one in _last_year(facts["csc.employment.ended"], as_of)
        if one.data["reason"] == "left" and _key(one) in started
    ]
    leavers = _fte(left, _permanent)
    vacant = _vacant(facts, as_of)
    cover = _fte(running, lambda data: bool(data.get("covers_vacancy")))
    yield Figure("In post per 10,000, FTE", rates.IN_POST_FTE, permanent * 10_000 / children)
    yield Figure("Turnover, %", 11.8, _percent(leavers, permanent))
    yield Figure("Agency, %", 13.0, _percent(agency, agency + permanent))
    yield Figure("Vacancies, %", 14.2, _percent(vacant, vacant + permanent))
    yield Figure("Agency workers who cover a vacancy, %", 81.1, _percent(cover, agency))
    yield Figure("Absence, %", 3.5, _percent(_days_lost(facts, as_of), permanent * 253))


def _permanent(employment: Mapping[str, Any]) -> bool:
    return bool(employment["contract"] == "permanent")


def _vacant(facts: Facts, as_of: date) -> float:
    latest: dict[str, Fact] = {}
    for one in facts["csc.establishment.reported"]:
        if one.day <= as_of and (one.subject not in latest or one.day > latest[one.subject].day):
            latest[one.subject] = one
    return float(sum(one.data["vacant_fte"] for one in latest.values()))


def _days_lost(facts: Facts, as_of: date) -> float:
    ended = {one.subject: one.day for one in facts["csc.absence.ended"]}
    sick = [one for one in facts["csc.absence.started"] if one.data["reason"] == "sickness"]
    before = timedelta(days=1)
    return sum(
        _working_days(max(one.day, as_of - YEAR) - before, min(ended.get(one.subject, as_of), as_of) - before)
        for one in sick
    )


def _caseload(facts: Facts, as_of: date) -> Iterator[Figure]:
    employed: dict[str, float] = defaultdict(float)
    roles: dict[str, str] = {}
    for one in sorted(_running(facts, "employment", as_of), key=lambda one: one.day):
        employed[one.data["worker_id"]] = min(1.0, employed[one.data["worker_id"]] + one.data["fte"])
        roles[one.data["worker_id"]] = one.data["role"]
    cases: dict[str, set[str]] = defaultdict(set)
    for one in _running(facts, "case", as_of, began="allocated", ended="deallocated"):
        if one.data["role"] == "lead" and one.data["worker_id"] in employed:
            cases[one.data["worker_id"]].add(one.child)
    held = sum(len(own) for own in cases.values())
    loads = sorted(len(cases[worker]) for worker in cases if roles[worker] == CASE_ROLES[0])
    fte = sum(employed[worker] for worker in cases)
    yield Figure("Who hold cases, % of all in post and agency (FTE)", 50.7, _percent(fte, sum(employed.values())))
    yield Figure("Cases per full-time worker", rates.CASELOAD, held / fte)
    for name, place in (("10th centile", 0.1), ("90th centile", 0.9), ("most", 1.0)):
        yield Figure(f"… of one case holder, {name}", None, loads[int(place * (len(loads) - 1))])


def _running(facts: Facts, kind: str, as_of: date, began: str = "started", ended: str = "ended") -> list[Fact]:
    ends = {_key(one): one.day for one in facts[f"csc.{kind}.{ended}"]}
    return [
        one
        for one in facts[f"csc.{kind}.{began}"]
        if one.day <= as_of and (_key(one) not in ends or ends[_key(one)] > as_of)
    ]


def _fte(spells: list[Fact], counts: Callable[[Mapping[str, Any]], bool]) -> float:
    return float(sum(one.data["fte"] for one in spells if counts(one.data)))


def _last_year(facts: list[Fact], as_of: date) -> list[Fact]:
    return [one for one in facts if as_of - YEAR < one.day <= as_of]


def _by_record(facts: list[Fact]) -> dict[tuple[str, str], Fact]:
    return {_key(one): one for one in facts}


def _key(fact: Fact) -> tuple[str, str]:
    return fact.subject, fact.child


def _working_days(start: date, end: date) -> int:
    return england_and_wales().working_days_between(start, end)


def _share(days: list[int], low: int, high: int) -> float:
    return _percent(sum(low <= one <= high for one in days), len(days))


def _per_10000(facts: list[Fact], children: int) -> float:
    return len(facts) * 10_000 / children


def _percent(part: float, whole: float) -> float:
    return 100 * part / whole if whole else 0.0
