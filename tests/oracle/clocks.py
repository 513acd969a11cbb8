"""Every clock of the contract's table: its intervals one by one, and what is said of them."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from tests.oracle.facts import Record, Version, exposed_teams, since_1970
from tests.oracle.series import WINDOWS, YEAR, Figures, Policy, at_most, expose, rules_of, windows_of
from tests.oracle.spells import (
    CASE_OUTCOMES,
    HOLDING_ROLES,
    Spell,
    absences,
    allocations,
    case_closed,
    cin_plans,
    cp_plans,
    day_of,
    earliest,
    employments,
    grouped,
    latest,
    period_of,
    periods,
    placements,
    referral_of,
    team_of,
)
from tests.oracle.working_days import DAY, add_working_days, days_after, months_after, working_days_between

DEFAULTS = {"cp_visit": 10, "cin_visit": 20, "supervision": 14}
DAY_IN_SECONDS = 86_400
HOURS_72 = 72 * 3600
SOON = 5

Rules = Mapping[str, Decimal]


@dataclass(frozen=True)
class Moment:
    """When the figures are asked for: the local date, and the instant in seconds since 1970."""

    today: date
    now: Decimal


# ---- one interval of a clock


@dataclass(frozen=True)
class Item:
    """One interval of a clock that is due on a day; `stop` is None while it is open.

    A `due` of None is a day that does not come.
    """

    team: str
    start: date
    stop: date | None
    due: date | None

    def on_time(self) -> bool:
        return self.stop is None or self.due is None or self.stop <= max(self.due, self.start)

    def overdue(self, moment: Moment) -> bool:
        return self.due is not None and moment.today > self.due

    def overdue_seconds(self, moment: Moment) -> Decimal:
        return Decimal(0) if self.due is None else Decimal(DAY_IN_SECONDS * (moment.today - self.due).days)

    def due_soon(self, moment: Moment) -> bool:
        """Of one that is open and not overdue."""
        if self.soon_from_the_start():
            return True
        return self.due is not None and self.due <= add_working_days(moment.today, SOON)

    def soon_from_the_start(self) -> bool:
        return False


@dataclass(frozen=True)
class InWorkingDays(Item):
    """Due in so many working days: whether it is late is a matter of their count."""

    limit: int = 0

    def on_time(self) -> bool:
        return self.stop is None or working_days_between(self.start, self.stop) <= self.limit

    def overdue(self, moment: Moment) -> bool:
        return working_days_between(self.start, moment.today) > self.limit

    def soon_from_the_start(self) -> bool:
        return self.limit == 1


@dataclass(frozen=True)
class InHours(Item):
    """Due at an instant."""

    due_at: Decimal = Decimal(0)
    stopped_at: Decimal | None = None

    def on_time(self) -> bool:
        return self.stopped_at is None or self.stopped_at <= self.due_at

    def overdue(self, moment: Moment) -> bool:
        return moment.now > self.due_at

    def overdue_seconds(self, moment: Moment) -> Decimal:
        return moment.now - self.due_at

    def soon_from_the_start(self) -> bool:
        return True


def in_working_days(team: str, start: date, stop: date | None, limit: int) -> Item:
    return InWorkingDays(team, start, stop, add_working_days(start, limit), limit)


# ---- clocks that run once


def contact_decision(record: Record, rules: Rules) -> Iterator[Item]:
    for contact in record.all("contact.received"):
        decided = record.one("contact.decided", contact.subject, contact.child)
        yield in_working_days(team_of(contact), contact.day, day_of(decided), 1)


def referral_decision(record: Record, rules: Rules) -> Iterator[Item]:
    for received in record.all("referral.received"):
        decided = record.one("referral.decided", received.subject, received.child)
        yield in_working_days(team_of(received), received.day, day_of(decided), 1)


def allocation(record: Record, rules: Rules) -> Iterator[Item]:
    of_child = grouped((spell for spell in allocations(record) if spell.ran), lambda spell: spell.begun.child)
    for decided in record.all("referral.decided"):
        received = referral_of(record, decided, decided.subject)
        if received is None or decided.get("outcome") not in CASE_OUTCOMES:
            continue
        stop = allocated_on(of_child.get(decided.child, []), received.day, decided.day)
        if stop is None and case_closed(record, decided, decided.subject):
            continue
        yield in_working_days(team_of(received), decided.day, stop, 1)


def allocated_on(lead: list[Spell], received: date, decided: date) -> date | None:
    """When the first lead allocation that is of this referral's time stops its clock."""
    of_its_time = [spell for spell in lead if spell.running_on(received) or spell.start > received]
    first = earliest(spell.begun for spell in of_its_time)
    return None if first is None else max(first.day, decided)


def authorised(record: Record, assessment: Version) -> Version | None:
    return record.one("assessment.authorised", assessment.subject, assessment.child)


def assessment(record: Record, rules: Rules) -> Iterator[Item]:
    of_referral = grouped(record.all("assessment.started"), lambda started: (started.get("referral_id"), started.child))
    for received in record.all("referral.received"):
        started = of_referral.get((received.subject, received.child), [])
        if not started:
            continue
        item = assessment_of(record, received, started)
        if item.stop is None and case_closed(record, received, received.subject):
            continue
        yield item


def assessment_of(record: Record, received: Version, started: list[Version]) -> Item:
    """The one clock of a referral: its assessment authorised first, else its earliest-started."""
    done = earliest(fact for one in started if (fact := authorised(record, one)))
    if done is None:
        return in_working_days(team_of(earliest(started), received), received.day, None, 45)
    (its_start,) = [one for one in started if one.subject == done.subject]
    return in_working_days(team_of(its_start, received), received.day, done.day, 45)


def assessment_from_start(record: Record, rules: Rules) -> Iterator[Item]:
    for started in record.all("assessment.started"):
        referral_id, done = started.get("referral_id"), authorised(record, started)
        if done is None and case_closed(record, started, referral_id):
            continue
        team = team_of(started, referral_of(record, started, referral_id))
        yield in_working_days(team, started.day, day_of(done), 45)


def first_naming(record: Record, kind: str, field: str) -> Callable[[Version], Version | None]:
    """Finds the earliest fact of a kind that names a record in this field."""
    naming = grouped(record.all(kind), lambda fact: (fact.get(field), fact.child))
    return lambda named: earliest(naming.get((named.subject, named.child), []))


def conference(record: Record, rules: Rules) -> Iterator[Item]:
    first_of = first_naming(record, "conference.held", "section47_id")
    for enquiry in record.all("section47.started"):
        first = first_of(enquiry)
        if first is None and no_conference_to_come(record, enquiry):
            continue
        team = team_of(enquiry, referral_of(record, enquiry, enquiry.get("referral_id")))
        yield in_working_days(team, enquiry.day, day_of(first), 15)


def no_conference_to_come(record: Record, enquiry: Version) -> bool:
    completed = record.one("section47.completed", enquiry.subject, enquiry.child)
    if completed is not None and completed.get("outcome") == "no_conference":
        return True
    return case_closed(record, enquiry, enquiry.get("referral_id"))


def transfer_in_conference(record: Record, rules: Rules) -> Iterator[Item]:
    first_of = first_naming(record, "conference.held", "notification_id")
    for notified in record.all("transfer_in.notified"):
        first = first_of(notified)
        if first is not None or record.one("transfer_in.closed", notified.subject, notified.child) is None:
            yield in_working_days(team_of(notified), notified.day, day_of(first), 15)


def core_group(record: Record, rules: Rules) -> Iterator[Item]:
    first_of = first_naming(record, "core_group.held", "plan_id")
    for plan in cp_plans(record):
        first = first_of(plan.begun)
        if plan.ran and (first is not None or plan.end is None):
            yield in_working_days(team_of(plan.begun), plan.start, day_of(first), 10)


def return_interview(record: Record, rules: Rules) -> Iterator[Item]:
    for back in record.all("missing.returned"):
        interview = record.one("return_interview.held", back.subject, back.child)
        due_at = back.instant + HOURS_72
        if interview is None:
            yield InHours(team_of(back), back.day, None, None, due_at)
        elif was_held(interview):
            yield InHours(team_of(back), back.day, interview.day, None, due_at, interview.instant)


def was_held(interview: Version) -> bool:
    return (interview.get("outcome") or "held") == "held"


def audit_action(record: Record, rules: Rules) -> Iterator[Item]:
    for raised in record.all("audit_action.raised"):
        completed = record.one("audit_action.completed", raised.subject)
        due = date.fromisoformat(raised.get("due"))
        yield Item(team_of(raised), raised.day, day_of(completed), due)


# ---- clocks that run again and again


def intervals(spell: Spell, days: Iterable[date]) -> Iterator[tuple[int, date, date | None]]:
    """The number, start and stop of each interval that these days make of a spell.

    Days outside it stop nothing; an end takes the running interval with it, and one before the start all.
    """
    stops = sorted({day for day in days if spell.covers(day)})
    starts = [spell.start, *stops]
    for number, start in enumerate(starts):
        if number < len(stops):
            yield number, start, stops[number]
        elif spell.end is None:
            yield number, start, None


def days_naming(record: Record, kind: str, field: str) -> Mapping[tuple[str, str | None], list[date]]:
    """The days of the facts of a kind that name a record in this field, by that record and the child."""
    days = defaultdict(list)
    for fact in record.all(kind):
        days[fact.get(field), fact.child].append(fact.day)
    return days


def visit_days(record: Record, purpose: str, visited: list[Spell]) -> Mapping[tuple[str, str | None], list[date]]:
    """The days of the visits of a purpose on which the child was seen, by the record they go to and the child."""
    days = defaultdict(list)
    for visit in record.all("visit.recorded"):
        if visit.get("purpose") == purpose and visit.get("seen") is True:
            days[goes_to(visit, visited), visit.child].append(visit.day)
    return days


def goes_to(visit: Version, visited: list[Spell]) -> str:
    """The id of the record that a visit goes to; one that is not there goes nowhere, under any id."""
    named: str | None = visit.get("record_id")
    if named is not None:
        return named
    own = [spell.begun for spell in visited if spell.begun.child == visit.child and spell.covers(visit.day)]
    return latest(own).subject if own else ""


def days_of(days: Mapping[tuple[str, str | None], list[date]], spell: Spell) -> list[date]:
    return days.get((spell.begun.subject, spell.begun.child), [])


def cp_review(record: Record, rules: Rules) -> Iterator[Item]:
    held = days_naming(record, "cp_review.held", "plan_id")
    for plan in cp_plans(record):
        for number, start, stop in intervals(plan, days_of(held, plan)):
            yield Item(team_of(plan.begun), start, stop, months_after(start, 3 if number == 0 else 6))


def cp_visit(record: Record, rules: Rules) -> Iterator[Item]:
    return plan_visits(record, "cp", cp_plans(record), int(rules["cp_visit"]))


def cin_visit(record: Record, rules: Rules) -> Iterator[Item]:
    return plan_visits(record, "cin", cin_plans(record), int(rules["cin_visit"]))


def plan_visits(record: Record, purpose: str, plans: list[Spell], limit: int) -> Iterator[Item]:
    seen = visit_days(record, purpose, plans)
    for plan in plans:
        for _, start, stop in intervals(plan, days_of(seen, plan)):
            yield in_working_days(team_of(plan.begun), start, stop, limit)


def care_review(record: Record, rules: Rules) -> Iterator[Item]:
    held = days_naming(record, "care_review.held", "care_id")
    for period in periods(record):
        for number, start, stop in intervals(period, days_of(held, period)):
            if number == 0:
                yield in_working_days(team_of(period.begun), start, stop, 20)
            else:
                yield Item(team_of(period.begun), start, stop, months_after(start, 3 if number == 1 else 6))


def care_visit(record: Record, rules: Rules) -> Iterator[Item]:
    every = placements(record)
    seen = visit_days(record, "care", every)
    for placement in every:
        period = period_of(record, placement.begun)
        team = team_of(placement.begun, period and period.begun)
        for number, start, stop in intervals(placement, days_of(seen, placement)):
            due = start + 7 * DAY if number == 0 else next_care_visit(record, placement, period, start)
            yield Item(team, start, stop, due)


def next_care_visit(record: Record, placement: Spell, period: Spell | None, visit: date) -> date:
    """When the visit after this one is due."""
    regime = regime_on(record, placement.begun, visit)
    settled = visit >= months_after(placement.start, 12)
    if regime in ("long_term", "long_term_foster"):
        if settled:
            return months_after(visit, 3 if regime == "long_term" else 6)
        return visit + 42 * DAY
    if regime == "standard":
        return visit + 42 * DAY
    if not reviewed_by(record, period, visit):
        return visit + 7 * DAY
    return visit + {"weekly_then_six_weeks": 42, "weekly_then_four_weeks": 28}[regime] * DAY


def regime_on(record: Record, placement: Version, day: date) -> str:
    """The regime of a placement: by its latest change up to the day, else its own."""
    changes = [
        change
        for change in record.all("placement.regime_changed")
        if change.get("placement_id") == placement.subject and change.child == placement.child and change.day <= day
    ]
    regime: str = (latest(changes) if changes else placement).get("regime")
    return regime


def reviewed_by(record: Record, period: Spell | None, day: date) -> bool:
    """Whether the first review within the period was on or before the day."""
    return period is not None and any(
        review.get("care_id") == period.begun.subject
        and review.child == period.begun.child
        and period.covers(review.day)
        and review.day <= day
        for review in record.all("care_review.held")
    )


# ---- supervision


@dataclass(frozen=True)
class Service(Spell):
    """A worker's employments in the two roles that touch or overlap."""

    jobs: tuple[Spell, ...]


def service_of(jobs: list[Spell]) -> Service:
    ends = [job.end for job in jobs]
    last = None if None in ends else max((end for end in ends if end is not None), key=lambda end: end.day)
    return Service(jobs[0].begun, last, tuple(jobs))


def services(record: Record) -> Iterator[Service]:
    """Each worker's spells of work in the two roles."""
    held = [job for job in employments(record) if job.ran and job.begun.get("role") in HOLDING_ROLES]
    for same in grouped(held, lambda job: job.begun.get("worker_id")).values():
        together: list[Spell] = []
        for job in sorted(same, key=lambda job: job.begun.by_date):
            if together and not service_of(together).covers(job.start):
                yield service_of(together)
                together = []
            together.append(job)
        yield service_of(together)


def supervision(record: Record, rules: Rules) -> Iterator[Item]:
    held = grouped(record.all("supervision.held"), lambda fact: fact.get("worker_id"))
    away = grouped(absences(record), lambda absence: absence.begun.get("worker_id"))
    for service in services(record):
        worker = service.begun.get("worker_id")
        days = [fact.day for fact in held.get(worker, [])]
        for _, start, stop in intervals(service, days):
            due = nth_day_that_counts(start, int(rules["supervision"]), away.get(worker, []))
            yield Item(team_by(service, start), start, stop, due)


def team_by(service: Service, day: date) -> str:
    """The team of the latest-started of the employments that had started by the day."""
    return team_of(latest(job.begun for job in service.jobs if job.start <= day))


def nth_day_that_counts(start: date, n: int, away: list[Spell]) -> date | None:
    """The n-th day after the start on which no absence is running; none if one that has no end comes first."""
    for day in days_after(start):
        if any(absence.end is None and absence.start <= day for absence in away):
            return None
        n -= not any(absence.running_on(day) for absence in away)
        if n == 0:
            return day
    raise AssertionError("days do not run out")


# ---- the table


@dataclass(frozen=True)
class Clock:
    """A row of the contract's table."""

    items: Callable[[Record, Rules], Iterable[Item]]
    needs: tuple[str, ...]
    within: tuple[str, ...] = ()


ASSESSMENT_DAYS = ("0", "10", "20", "30", "40", "45", "50", "60", "+Inf")
CLOCKS = {
    "contact_decision": Clock(contact_decision, ("contact.received",)),
    "referral_decision": Clock(referral_decision, ("referral.received",)),
    "allocation": Clock(allocation, ("referral.decided", "case.allocated")),
    "assessment": Clock(assessment, ("assessment.started",), ASSESSMENT_DAYS),
    "assessment_from_start": Clock(assessment_from_start, ("assessment.started",), ASSESSMENT_DAYS),
    "conference": Clock(conference, ("section47.started",), ("10", "15", "20", "+Inf")),
    "transfer_in_conference": Clock(transfer_in_conference, ("transfer_in.notified",)),
    "core_group": Clock(core_group, ("cp_plan.started",)),
    "cp_review": Clock(cp_review, ("cp_plan.started",)),
    "cp_visit": Clock(cp_visit, ("cp_plan.started",)),
    "cin_visit": Clock(cin_visit, ("cin_plan.started",)),
    "care_review": Clock(care_review, ("care.started",)),
    "care_visit": Clock(care_visit, ("placement.started",)),
    "return_interview": Clock(return_interview, ("missing.returned",)),
    "supervision": Clock(supervision, ("employment.started",)),
    "audit_action": Clock(audit_action, ("audit_action.raised",)),
}


def clocks(record: Record, today: date, now: datetime, policy: Policy) -> Figures:
    moment = Moment(today, since_1970(now))
    rules = rules_of(policy, record.authority, "clocks", DEFAULTS)
    found: Figures = {}
    for name, clock in CLOCKS.items():
        if teams := exposed_teams(record, *clock.needs):
            items = list(clock.items(record, rules))
            found.update(open_items(record, teams, name, items, moment))
            found.update(completed_items(record, teams, name, items, today))
            if clock.within:
                found.update(completed_within(record, teams, name, clock.within, items, today))
    return found


def open_items(record: Record, teams: set[str], name: str, items: list[Item], moment: Moment) -> Figures:
    is_open = [item for item in items if item.stop is None]
    overdue = [item for item in is_open if item.overdue(moment)]
    soon = [item for item in is_open if not item.overdue(moment) and item.due_soon(moment)]
    longest = {
        (team, name): max(item.overdue_seconds(moment) for item in same)
        for team, same in grouped(overdue, lambda item: item.team).items()
    }
    label = {"clock": (name,)}
    return {
        **expose(record, "csc_clock_open", teams, label, Counter((item.team, name) for item in is_open)),
        **expose(record, "csc_clock_overdue", teams, label, Counter((item.team, name) for item in overdue)),
        **expose(record, "csc_clock_due_soon", teams, label, Counter((item.team, name) for item in soon)),
        **expose(record, "csc_clock_longest_overdue_seconds", teams, label, longest),
    }


def completed_items(record: Record, teams: set[str], name: str, items: list[Item], today: date) -> Figures:
    done = [
        (item, (item.team, name, window))
        for item in items
        if item.stop is not None
        for window in windows_of(item.stop, today)
    ]
    label = {"clock": (name,), "window": WINDOWS}
    on_time = Counter(key for item, key in done if item.on_time())
    return {
        **expose(record, "csc_clock_completed", teams, label, Counter(key for _, key in done)),
        **expose(record, "csc_clock_completed_on_time", teams, label, on_time),
    }


def completed_within(
    record: Record, teams: set[str], name: str, bounds: tuple[str, ...], items: list[Item], today: date
) -> Figures:
    # a stop before the start took no working days
    within = Counter(
        (item.team, name, window, bound)
        for item in items
        if item.stop is not None
        for window in windows_of(item.stop, today)
        if window in YEAR
        for bound in bounds
        if at_most(working_days_between(item.start, item.stop), bound)
    )
    closed = {"clock": (name,), "window": YEAR, "working_days": bounds}
    return expose(record, "csc_clock_completed_within", teams, closed, within)
