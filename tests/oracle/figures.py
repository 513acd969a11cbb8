"""The figures of the indicator contract, by brute force: one function a rule, nothing kept between days.

It shares no code with the product, so that the two can be held against each other. Not written for
speed: it reads all events anew for every answer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from tests.oracle.facts import UNASSIGNED, Event, Record, Version, exposed_teams, records
from tests.oracle.working_days import DAY, add_working_days, months_before, working_days_between

Series = tuple[str, tuple[tuple[str, str], ...]]
Figures = dict[Series, Decimal]
Counts = Mapping[Any, int | Decimal]
Policy = Mapping[str, Any]

WINDOWS = {"28d": 28, "91d": 91, "365d": 365}
YEAR = {"365d": 365}
CONTACT_OUTCOMES = ("referral", "early_help", "advice", "no_further_action", "existing_case", "undecided")
CASE_OUTCOMES = ("assessment", "strategy_discussion")
CONTRACTS = ("permanent", "agency")
ABSENCE_REASONS = ("sickness", "maternity", "other")
ROLES = (
    "senior_manager",
    "middle_manager",
    "first_line_manager",
    "senior_practitioner",
    "case_holder",
    "qualified_without_cases",
)
HOLDING_ROLES = ("case_holder", "senior_practitioner")
AT_MOST = ("0", "5", "10", "12", "15", "18", "20", "22", "25", "30", "35", "+Inf")
BANDS = ("amber", "red", "critical")
CASELOAD_POLICY = {"amber": 18, "red": 22, "critical": 30, "asye_fte_factor": "0.9"}

FAMILIES = frozenset(
    {
        "csc_clock_open",
        "csc_clock_overdue",
        "csc_clock_due_soon",
        "csc_clock_longest_overdue_seconds",
        "csc_clock_completed",
        "csc_clock_completed_on_time",
        "csc_clock_completed_within",
        "csc_contacts",
        "csc_referrals",
        "csc_rereferrals",
        "csc_referrals_no_further_action",
        "csc_children",
        "csc_cases_unallocated",
        "csc_children_by_lead_workers",
        "csc_caseload_cases",
        "csc_caseload_holders",
        "csc_caseload_holders_fte",
        "csc_caseload_workers",
        "csc_caseload_max",
        "csc_caseload_workers_over",
        "csc_caseload_threshold",
        "csc_caseload_cover_needed",
        "csc_workforce_fte",
        "csc_workforce_headcount",
        "csc_workforce_vacant_fte",
        "csc_workforce_starters_fte",
        "csc_workforce_leavers_fte",
        "csc_workforce_absent",
        "csc_workforce_role_fte",
        "csc_source_last_event_timestamp_seconds",
    }
)


def figures(events: Iterable[Event], *, today: date, now: datetime, policy: Policy | None = None) -> Figures:
    """What `/metrics` says on `today` when exactly these events have been accepted.

    `policy` is shaped as the policy file. `now` is there for the clocks that run by the hour; none
    of those worked out here does.
    """
    found: Figures = {}
    for record in records(events, today):
        for rule in (clocks, front_door, children_and_cases, workforce, sources):
            found.update(rule(record, today))
        found.update(caseload(record, today, policy or {}))
    return found


# ---- exposing


def series(family: str, **labels: str) -> Series:
    """The key of one series."""
    return family, tuple(sorted(labels.items()))


def expose(
    record: Record, family: str, teams: set[str], closed: Mapping[str, Iterable[str]], counts: Counts
) -> Figures:
    """Every combination of teams and closed labels, 0 included. `counts` is keyed team first."""
    combinations = list(product(sorted(teams), *closed.values()))
    if stray := set(counts) - set(combinations):
        raise AssertionError(f"{family} counts {stray} where no event has fallen")
    return {
        series(family, authority=record.authority, **dict(zip(("team", *closed), labels, strict=True))): (
            Decimal(counts.get(labels, 0))
        )
        for labels in combinations
    }


def in_window(day: date, today: date, days: int) -> bool:
    """Whether the day lies in (today - days, today]."""
    return today - timedelta(days=days) < day <= today


def windows_of(day: date, today: date) -> list[str]:
    """The windows that a day lies in."""
    return [window for window, days in WINDOWS.items() if in_window(day, today, days)]


# ---- teams and spells


def team_of(*chain: Version | None) -> str:
    """The team of the fact that starts an item, else of the one it hangs on, else none."""
    named = [fact.get("team_id") for fact in chain if fact is not None]
    return next((team for team in named if team is not None), UNASSIGNED)


def day_of(fact: Version | None) -> date | None:
    """The local date of a fact that may not be there."""
    return None if fact is None else fact.day


@dataclass(frozen=True)
class Spell:
    """Something that starts and may end: a plan, a period of care, an allocation, an employment."""

    begun: Version
    end: Version | None

    @property
    def start(self) -> date:
        return self.begun.day

    @property
    def ran(self) -> bool:
        """False for a spell that ended before it started."""
        return self.end is None or self.end.day >= self.start

    def running_on(self, day: date) -> bool:
        """Started on or before the day, and not ended or ended after it."""
        return self.start <= day and (self.end is None or self.end.day > day)


def spells(record: Record, started: str, ended: str) -> list[Spell]:
    """All spells of a kind, with those that never ran."""
    return [Spell(fact, record.one(ended, fact.subject, fact.child)) for fact in record.all(started)]


def allocations(record: Record) -> list[Spell]:
    """The lead allocations."""
    both = spells(record, "case.allocated", "case.deallocated")
    return [spell for spell in both if spell.begun.get("role") == "lead"]


def employments(record: Record) -> list[Spell]:
    return spells(record, "employment.started", "employment.ended")


def absences(record: Record) -> list[Spell]:
    return spells(record, "absence.started", "absence.ended")


def latest(facts: Iterable[Version]) -> Version:
    """By local date; on one date the larger record id."""
    return max(facts, key=lambda fact: fact.by_date)


def earliest(facts: Iterable[Version]) -> Version | None:
    """By local date; on one date the smaller record id."""
    return min(facts, key=lambda fact: fact.by_date, default=None)


def grouped(items: Iterable[Any], key: Callable[[Any], Hashable]) -> dict[Any, list[Any]]:
    groups = defaultdict(list)
    for item in items:
        groups[key(item)].append(item)
    return groups


# ---- clocks


@dataclass(frozen=True)
class Item:
    """One interval of a clock; `stop` is None while it is open."""

    team: str
    start: date
    stop: date | None


@dataclass(frozen=True)
class Clock:
    """A row of the contract's table; `limit` in working days."""

    items: Callable[[Record], list[Item]]
    limit: int
    needs: tuple[str, ...]
    within: tuple[str, ...] = ()

    def overdue(self, item: Item, today: date) -> bool:
        return item.stop is None and working_days_between(item.start, today) > self.limit

    def due(self, item: Item) -> date:
        return add_working_days(item.start, self.limit)

    def due_soon(self, item: Item, today: date) -> bool:
        if item.stop is not None or self.overdue(item, today):
            return False
        return self.limit == 1 or self.due(item) <= add_working_days(today, 5)


def referral_of(record: Record, fact: Version, referral_id: str | None) -> Version | None:
    """The referral that a fact hangs on, once it has been received."""
    return record.one("referral.received", referral_id, fact.child)


def case_closed(record: Record, fact: Version, referral_id: str | None) -> bool:
    """A case is closed when both its referral and its closure are there."""
    received = referral_of(record, fact, referral_id)
    return received is not None and record.one("case.closed", referral_id, fact.child) is not None


def contact_decision(record: Record) -> list[Item]:
    return [
        Item(
            team_of(contact),
            contact.day,
            day_of(record.one("contact.decided", contact.subject, contact.child)),
        )
        for contact in record.all("contact.received")
    ]


def referral_decision(record: Record) -> list[Item]:
    return [
        Item(team_of(it), it.day, day_of(record.one("referral.decided", it.subject, it.child)))
        for it in record.all("referral.received")
    ]


def allocation(record: Record) -> list[Item]:
    of_child = grouped((spell for spell in allocations(record) if spell.ran), lambda spell: spell.begun.child)
    items = []
    for decided in record.all("referral.decided"):
        received = referral_of(record, decided, decided.subject)
        if received is None or decided.get("outcome") not in CASE_OUTCOMES:
            continue
        stop = allocated_on(of_child.get(decided.child, []), received.day, decided.day)
        if stop is None and case_closed(record, decided, decided.subject):
            continue
        items.append(Item(team_of(received), decided.day, stop))
    return items


def allocated_on(lead: list[Spell], received: date, decided: date) -> date | None:
    """When the first lead allocation that is of this referral's time stops its clock."""
    of_its_time = [spell for spell in lead if spell.running_on(received) or spell.start > received]
    first = earliest(spell.begun for spell in of_its_time)
    return None if first is None else max(first.day, decided)


def authorised(record: Record, assessment: Version) -> Version | None:
    return record.one("assessment.authorised", assessment.subject, assessment.child)


def assessment(record: Record) -> list[Item]:
    of_referral = grouped(record.all("assessment.started"), lambda started: (started.get("referral_id"), started.child))
    items = []
    for received in record.all("referral.received"):
        started = of_referral.get((received.subject, received.child), [])
        if not started:
            continue
        item = assessment_of(record, received, started)
        if item.stop is None and case_closed(record, received, received.subject):
            continue
        items.append(item)
    return items


def assessment_of(record: Record, received: Version, started: list[Version]) -> Item:
    """The one clock of a referral: its assessment authorised first, else its earliest-started."""
    done = earliest(fact for one in started if (fact := authorised(record, one)))
    if done is None:
        return Item(team_of(earliest(started), received), received.day, None)
    (its_start,) = [one for one in started if one.subject == done.subject]
    return Item(team_of(its_start, received), received.day, done.day)


def assessment_from_start(record: Record) -> list[Item]:
    items = []
    for started in record.all("assessment.started"):
        referral_id, done = started.get("referral_id"), authorised(record, started)
        if done is None and case_closed(record, started, referral_id):
            continue
        team = team_of(started, referral_of(record, started, referral_id))
        items.append(Item(team, started.day, day_of(done)))
    return items


def conference(record: Record) -> list[Item]:
    held = grouped(record.all("conference.held"), lambda fact: (fact.get("section47_id"), fact.child))
    items = []
    for enquiry in record.all("section47.started"):
        first = earliest(held.get((enquiry.subject, enquiry.child), []))
        if first is None and no_conference_to_come(record, enquiry):
            continue
        team = team_of(enquiry, referral_of(record, enquiry, enquiry.get("referral_id")))
        items.append(Item(team, enquiry.day, day_of(first)))
    return items


def no_conference_to_come(record: Record, enquiry: Version) -> bool:
    completed = record.one("section47.completed", enquiry.subject, enquiry.child)
    if completed is not None and completed.get("outcome") == "no_conference":
        return True
    return case_closed(record, enquiry, enquiry.get("referral_id"))


ASSESSMENT_DAYS = ("0", "10", "20", "30", "40", "45", "50", "60", "+Inf")
CLOCKS = {
    "contact_decision": Clock(contact_decision, 1, ("contact.received",)),
    "referral_decision": Clock(referral_decision, 1, ("referral.received",)),
    "allocation": Clock(allocation, 1, ("referral.decided", "case.allocated")),
    "assessment": Clock(assessment, 45, ("assessment.started",), ASSESSMENT_DAYS),
    "assessment_from_start": Clock(assessment_from_start, 45, ("assessment.started",), ASSESSMENT_DAYS),
    "conference": Clock(conference, 15, ("section47.started",), ("10", "15", "20", "+Inf")),
}


def clocks(record: Record, today: date) -> Figures:
    found: Figures = {}
    for name, clock in CLOCKS.items():
        if teams := exposed_teams(record, *clock.needs):
            items = clock.items(record)
            found.update(open_items(record, teams, name, clock, items, today))
            found.update(completed_items(record, teams, name, clock, items, today))
    return found


def open_items(record: Record, teams: set[str], name: str, clock: Clock, items: list[Item], today: date) -> Figures:
    is_open = [item for item in items if item.stop is None]
    overdue = [item for item in is_open if clock.overdue(item, today)]
    soon = [item for item in is_open if clock.due_soon(item, today)]
    longest = {
        (team, name): 86_400 * (today - min(clock.due(item) for item in same)).days
        for team, same in grouped(overdue, lambda item: item.team).items()
    }
    label = {"clock": (name,)}
    return {
        **expose(record, "csc_clock_open", teams, label, Counter((item.team, name) for item in is_open)),
        **expose(record, "csc_clock_overdue", teams, label, Counter((item.team, name) for item in overdue)),
        **expose(record, "csc_clock_due_soon", teams, label, Counter((item.team, name) for item in soon)),
        **expose(record, "csc_clock_longest_overdue_seconds", teams, label, longest),
    }


def completed_items(
    record: Record, teams: set[str], name: str, clock: Clock, items: list[Item], today: date
) -> Figures:
    # team, window and working days of each; a stop before the start took none
    done = [
        (item.team, window, working_days_between(item.start, item.stop))
        for item in items
        if item.stop is not None
        for window in windows_of(item.stop, today)
    ]
    label = {"clock": (name,), "window": WINDOWS}
    found = {
        **expose(
            record,
            "csc_clock_completed",
            teams,
            label,
            Counter((team, name, window) for team, window, _ in done),
        ),
        **expose(
            record,
            "csc_clock_completed_on_time",
            teams,
            label,
            Counter((team, name, window) for team, window, took in done if took <= clock.limit),
        ),
    }
    if clock.within:
        closed = {"clock": (name,), "window": YEAR, "working_days": clock.within}
        within = Counter(
            (team, name, window, label)
            for team, window, took in done
            if window in YEAR
            for label in clock.within
            if at_most(took, label)
        )
        found.update(expose(record, "csc_clock_completed_within", teams, closed, within))
    return found


def at_most(count: int, label: str) -> bool:
    return label == "+Inf" or count <= int(label)


# ---- front door


def front_door(record: Record, today: date) -> Figures:
    return {**contacts(record, today), **referrals(record, today)}


def contacts(record: Record, today: date) -> Figures:
    counts: Counter[tuple[str, ...]] = Counter()
    for contact in record.all("contact.received"):
        decided = record.one("contact.decided", contact.subject, contact.child)
        outcome = "undecided" if decided is None else decided.get("outcome")
        for window in windows_of(contact.day, today):
            counts[team_of(contact), outcome, window] += 1
    teams = exposed_teams(record, "contact.received")
    return expose(record, "csc_contacts", teams, {"outcome": CONTACT_OUTCOMES, "window": WINDOWS}, counts)


def referrals(record: Record, today: date) -> Figures:
    received = record.all("referral.received")
    of_child = grouped(received, lambda fact: fact.child)
    kinds: dict[str, list[Version]] = {
        "csc_referrals": received,
        "csc_rereferrals": [it for it in received if is_rereferral(it, of_child[it.child])],
        "csc_referrals_no_further_action": [it for it in received if no_further_action(record, it)],
    }
    teams = exposed_teams(record, "referral.received")
    found: Figures = {}
    for family, facts in kinds.items():
        counts = Counter((team_of(it), window) for it in facts for window in windows_of(it.day, today))
        found.update(expose(record, family, teams, {"window": WINDOWS}, counts))
    return found


def is_rereferral(referral: Version, of_child: list[Version]) -> bool:
    """Whether the child has an earlier-dated referral, from the same day a year earlier on."""
    since = months_before(referral.day, 12)
    return any(since <= other.day < referral.day for other in of_child)


def no_further_action(record: Record, referral: Version) -> bool:
    decided = record.one("referral.decided", referral.subject, referral.child)
    return decided is not None and decided.get("outcome") == "no_further_action"


# ---- children and cases


def cases(record: Record) -> list[Version]:
    """The referrals that are a case: received, decided as one, and not closed."""
    return [referral for referral in record.all("referral.received") if is_case(record, referral)]


def is_case(record: Record, referral: Version) -> bool:
    decided = record.one("referral.decided", referral.subject, referral.child)
    if decided is None or decided.get("outcome") not in CASE_OUTCOMES:
        return False
    return record.one("case.closed", referral.subject, referral.child) is None


def running(all_spells: Iterable[Spell], day: date) -> list[Version]:
    """What started the spells that are running on the day."""
    return [spell.begun for spell in all_spells if spell.running_on(day)]


def team_of_child(facts: Iterable[Version]) -> dict[str, str]:
    """The team of each child: that of the latest."""
    return {child: team_of(latest(same)) for child, same in grouped(facts, lambda fact: fact.child).items()}


def in_need(record: Record) -> dict[str, str]:
    """The children with a case, each with its team."""
    return team_of_child(cases(record))


def child_protection(record: Record, today: date) -> dict[str, str]:
    return team_of_child(running(spells(record, "cp_plan.started", "cp_plan.ended"), today))


def looked_after(record: Record, today: date) -> dict[str, str]:
    return team_of_child(running(spells(record, "care.started", "care.ended"), today))


def children_and_cases(record: Record, today: date) -> Figures:
    need, plan, care = in_need(record), child_protection(record, today), looked_after(record, today)
    return {
        **children(record, "in_need", "referral.decided", need),
        **children(record, "child_protection", "cp_plan.started", plan),
        **children(record, "looked_after", "care.started", care),
        **cases_unallocated(record, today, need, plan, care),
        **children_by_lead_workers(record, today, need),
    }


def children(record: Record, status: str, needs: str, team: dict[str, str]) -> Figures:
    counts = Counter((team, status) for team in team.values())
    return expose(record, "csc_children", exposed_teams(record, needs), {"status": (status,)}, counts)


def cases_unallocated(
    record: Record, today: date, need: dict[str, str], plan: dict[str, str], care: dict[str, str]
) -> Figures:
    allocated = {fact.child for fact in running(allocations(record), today)}
    found: Figures = {}
    seen = set(allocated)
    for pathway, needs, team in (
        ("cla", "care.started", care),
        ("cp", "cp_plan.started", plan),
        ("cin", "referral.decided", need),
    ):
        if teams := exposed_teams(record, "case.allocated", needs):
            counts = Counter((team[child], pathway) for child in team if child not in seen)
            found.update(expose(record, "csc_cases_unallocated", teams, {"pathway": (pathway,)}, counts))
        seen |= set(team)
    return found


def children_by_lead_workers(record: Record, today: date, need: dict[str, str]) -> Figures:
    teams = exposed_teams(record, "referral.decided", "case.allocated")
    if not teams:
        return {}
    workers: dict[str, set[str]] = defaultdict(set)
    for spell in allocations(record):
        if ran_in_the_year(spell, today):
            workers[str(spell.begun.child)].add(spell.begun.get("worker_id"))
    counts = Counter((team, str_up_to_three(len(workers[child]))) for child, team in need.items())
    closed = {"workers": ("0", "1", "2", "3+")}
    return expose(record, "csc_children_by_lead_workers", teams, closed, counts)


def ran_in_the_year(spell: Spell, today: date) -> bool:
    """Whether the spell was running on any of the last 365 days."""
    return any(spell.running_on(today - n * DAY) for n in range(365))


def str_up_to_three(count: int) -> str:
    return "3+" if count >= 3 else str(count)


# ---- caseload


@dataclass(frozen=True)
class Worker:
    """A worker with a running employment."""

    team: str
    role: str
    fte: Decimal
    asye: bool
    cases: int
    absent: bool

    def effective_fte(self, factor: Decimal) -> Decimal:
        return self.fte * factor if self.asye else self.fte


def fte_of(employment: Version) -> Decimal:
    """As written."""
    return Decimal(str(employment.get("fte")))


def held_children(record: Record, today: date) -> dict[str, set[str]]:
    """The children that each worker is lead for today."""
    held: dict[str, set[str]] = defaultdict(set)
    for fact in running(allocations(record), today):
        held[fact.get("worker_id")].add(str(fact.child))
    return held


def absence_reasons(record: Record, today: date) -> dict[str, set[str]]:
    """Why each absent worker is absent today."""
    reasons: dict[str, set[str]] = defaultdict(set)
    for fact in running(absences(record), today):
        reasons[fact.get("worker_id")].add(fact.get("reason"))
    return reasons


def jobs_of_workers(record: Record, today: date) -> dict[str, list[Version]]:
    """The running employments of each worker who has any."""
    return grouped(running(employments(record), today), lambda fact: fact.get("worker_id"))


def workers(record: Record, today: date) -> dict[str, Worker]:
    held, away = held_children(record, today), absence_reasons(record, today)
    return {
        worker: worker_in(jobs, len(held.get(worker, ())), worker in away, today)
        for worker, jobs in jobs_of_workers(record, today).items()
    }


def worker_in(jobs: list[Version], holding: int, absent: bool, today: date) -> Worker:
    main = latest(jobs)
    until = main.get("asye_until")
    return Worker(
        team=main.get("team_id"),
        role=main.get("role"),
        fte=min(Decimal(1), sum((fte_of(job) for job in jobs), Decimal(0))),
        asye=until is not None and date.fromisoformat(until) >= today,
        cases=holding,
        absent=absent,
    )


def caseload_policy(policy: Policy, authority: str) -> dict[str, Decimal]:
    """By authority over general over default."""
    own = policy.get("authority", {}).get(authority, {})
    merged = {**CASELOAD_POLICY, **policy.get("caseload", {}), **own.get("caseload", {})}
    return {key: Decimal(str(value)) for key, value in merged.items()}


def caseload(record: Record, today: date, policy: Policy) -> Figures:
    rules = caseload_policy(policy, record.authority)
    found: Figures = {
        series("csc_caseload_threshold", authority=record.authority, band=band): rules[band] for band in BANDS
    }
    teams = exposed_teams(record, "employment.started", "case.allocated")
    if teams:
        staff = workers(record, today)
        found.update(cases_held(record, teams, staff.values()))
        found.update(workers_at_most(record, teams, staff.values()))
        found.update(workers_over(record, teams, staff.values(), rules))
        found.update(cover_needed(record, teams, staff, today))
    return found


def cases_held(record: Record, teams: set[str], staff: Iterable[Worker]) -> Figures:
    held: Counter[tuple[str]] = Counter()
    holders: Counter[tuple[str]] = Counter()
    holders_fte: dict[tuple[str], Decimal] = defaultdict(Decimal)
    most: dict[tuple[str], int] = defaultdict(int)
    for worker in staff:
        team = (worker.team,)
        held[team] += worker.cases
        most[team] = max(most[team], worker.cases)
        if worker.cases:
            holders[team] += 1
            holders_fte[team] += worker.fte
    return {
        **expose(record, "csc_caseload_cases", teams, {}, held),
        **expose(record, "csc_caseload_holders", teams, {}, holders),
        **expose(record, "csc_caseload_holders_fte", teams, {}, holders_fte),
        **expose(record, "csc_caseload_max", teams, {}, most),
    }


def workers_at_most(record: Record, teams: set[str], staff: Iterable[Worker]) -> Figures:
    counts = Counter(
        (worker.team, label)
        for worker in staff
        if worker.role in HOLDING_ROLES or worker.cases
        for label in AT_MOST
        if at_most(worker.cases, label)
    )
    return expose(record, "csc_caseload_workers", teams, {"at_most": AT_MOST}, counts)


def workers_over(record: Record, teams: set[str], staff: Iterable[Worker], rules: dict[str, Decimal]) -> Figures:
    counts = Counter(
        (worker.team, band, "asye" if worker.asye else "experienced")
        for worker in staff
        for band in BANDS
        if worker.cases > rules[band] * worker.effective_fte(rules["asye_fte_factor"])
    )
    closed = {"band": BANDS, "stage": ("asye", "experienced")}
    return expose(record, "csc_caseload_workers_over", teams, closed, counts)


def cover_needed(record: Record, teams: set[str], staff: dict[str, Worker], today: date) -> Figures:
    ever = grouped(record.all("employment.started"), lambda fact: fact.get("worker_id"))
    counts: Counter[tuple[str, ...]] = Counter()
    for worker, held in held_children(record, today).items():
        if worker not in ever:
            continue
        if worker not in staff:
            counts[latest(ever[worker]).get("team_id"), "left"] += len(held)
        elif staff[worker].absent:
            counts[staff[worker].team, "absent"] += len(held)
    return expose(record, "csc_caseload_cover_needed", teams, {"reason": ("left", "absent")}, counts)


# ---- workforce


def workforce(record: Record, today: date) -> Figures:
    found: Figures = {**vacant(record), **absent(record, today)}
    if teams := exposed_teams(record, "employment.started"):
        found.update(in_post(record, teams, today))
        found.update(starters(record, teams, today))
        found.update(leavers(record, teams, today))
    return found


def sum_of_fte(jobs: Iterable[Version], key: Callable[[Version], tuple[str, ...]]) -> dict[tuple[str, ...], Decimal]:
    return {labels: sum((fte_of(job) for job in same), Decimal(0)) for labels, same in grouped(jobs, key).items()}


def in_post(record: Record, teams: set[str], today: date) -> Figures:
    jobs = running(employments(record), today)
    people = {(job.get("team_id"), job.get("contract"), job.get("worker_id")) for job in jobs}
    by_contract = sum_of_fte(jobs, lambda job: (job.get("team_id"), job.get("contract")))
    by_role = sum_of_fte(jobs, lambda job: (job.get("team_id"), job.get("role")))
    headcount = Counter((team, contract) for team, contract, _ in people)
    return {
        **expose(record, "csc_workforce_fte", teams, {"contract": CONTRACTS}, by_contract),
        **expose(record, "csc_workforce_headcount", teams, {"contract": CONTRACTS}, headcount),
        **expose(record, "csc_workforce_role_fte", teams, {"role": ROLES}, by_role),
    }


def vacant(record: Record) -> Figures:
    reported = {
        (report.subject,): Decimal(str(report.get("vacant_fte"))) for report in record.all("establishment.reported")
    }
    teams = exposed_teams(record, "establishment.reported")
    return expose(record, "csc_workforce_vacant_fte", teams, {}, reported)


def permanent(record: Record) -> list[Spell]:
    """The permanent employments that ran."""
    return [spell for spell in employments(record) if spell.ran and spell.begun.get("contract") == "permanent"]


def starters(record: Record, teams: set[str], today: date) -> Figures:
    of_worker = grouped(permanent(record), lambda spell: spell.begun.get("worker_id"))
    new = [
        spell.begun
        for same in of_worker.values()
        for spell in same
        if in_window(spell.start, today, 365) and not any(moved_into(spell, other) for other in same)
    ]
    counts = sum_of_fte(new, lambda job: (job.get("team_id"), "365d"))
    return expose(record, "csc_workforce_starters_fte", teams, {"window": YEAR}, counts)


def moved_into(spell: Spell, other: Spell) -> bool:
    """Whether a worker's other employment ended `moved` on the day this one starts, or the day before."""
    if other is spell or other.end is None or other.end.get("reason") != "moved":
        return False
    return other.end.day in (spell.start, spell.start - DAY)


def leavers(record: Record, teams: set[str], today: date) -> Figures:
    gone = [spell.begun for spell in permanent(record) if spell.end is not None and left(spell.end, today)]
    counts = sum_of_fte(gone, lambda job: (job.get("team_id"), "365d"))
    return expose(record, "csc_workforce_leavers_fte", teams, {"window": YEAR}, counts)


def left(end: Version, today: date) -> bool:
    return end.get("reason") == "left" and in_window(end.day, today, 365)


def absent(record: Record, today: date) -> Figures:
    teams = exposed_teams(record, "employment.started", "absence.started")
    if not teams:
        return {}
    away = absence_reasons(record, today)
    counts = Counter(
        (latest(jobs).get("team_id"), reason)
        for worker, jobs in jobs_of_workers(record, today).items()
        for reason in away.get(worker, ())
    )
    return expose(record, "csc_workforce_absent", teams, {"reason": ABSENCE_REASONS}, counts)


# ---- the information itself


def sources(record: Record, today: date) -> Figures:
    newest = {
        source: max(version.instant for version in same)
        for source, same in grouped(record.versions, lambda version: version.source).items()
    }
    return {
        series("csc_source_last_event_timestamp_seconds", authority=record.authority, source=source): instant
        for source, instant in newest.items()
    }
