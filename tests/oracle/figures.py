"""The figures of the indicator contract, by brute force: one function a rule, nothing kept between days.

It shares no code with the product, so that the two can be held against each other. Not written for
speed: it reads all events anew for every answer.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tests.oracle.clocks import CLOCKS as CLOCKS
from tests.oracle.clocks import clocks
from tests.oracle.facts import Event, Record, Version, exposed_teams, records
from tests.oracle.quality import quality
from tests.oracle.series import (
    WINDOWS,
    YEAR,
    Figures,
    Policy,
    at_most,
    expose,
    in_window,
    rules_of,
    series,
    windows_of,
)
from tests.oracle.spells import (
    HOLDING_ROLES,
    Spell,
    absences,
    allocations,
    cp_plans,
    employments,
    grouped,
    in_need,
    latest,
    periods,
    running,
    team_of,
    team_of_child,
)
from tests.oracle.working_days import DAY, months_before

CONTACT_OUTCOMES = ("referral", "early_help", "advice", "no_further_action", "existing_case", "undecided")
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
        "csc_audits",
        "csc_audit_actions_unverified",
        "csc_recording_delay_facts",
        "csc_facts",
        "csc_data_quality_facts",
        "csc_team_info",
        "csc_population_children",
    }
)


def figures(events: Iterable[Event], *, today: date, now: datetime, policy: Policy | None = None) -> Figures:
    """What `/metrics` says at `now`, on `today`, when exactly these events have been accepted.

    `policy` is shaped as the policy file. Left out is what depends on more than events and the day:
    arrivals, queues, the service itself.
    """
    rules = policy or {}
    found: Figures = {}
    for record in records(events, today):
        found.update(clocks(record, today, now, rules))
        found.update(caseload(record, today, rules))
        found.update(population(record, rules))
        for rule in (front_door, children_and_cases, workforce, quality, sources):
            found.update(rule(record, today))
    return found


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


def child_protection(record: Record, today: date) -> dict[str, str]:
    return team_of_child(running(cp_plans(record), today))


def looked_after(record: Record, today: date) -> dict[str, str]:
    return team_of_child(running(periods(record), today))


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


def caseload(record: Record, today: date, policy: Policy) -> Figures:
    rules = rules_of(policy, record.authority, "caseload", CASELOAD_POLICY)
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


def population(record: Record, policy: Policy) -> Figures:
    children = rules_of(policy, record.authority, "population", {"children": 0})["children"]
    return {series("csc_population_children", authority=record.authority): children} if children > 0 else {}
