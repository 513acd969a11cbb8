"""Random histories made to hurt: valid events on few records, so that everything collides.

The same seed gives the same history. Dates cluster on the days where rules change their mind
(window edges, holidays, the nights on which the clocks go forward, 29 February), records are
corrected, withdrawn and brought back, links point at the wrong record or at none.
"""

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.facts import CHILDLESS, local_date, seconds
from tests.oracle.working_days import add_working_days, months_after

Event = dict[str, Any]
Draw = Callable[["History", date], Any]

LONDON = ZoneInfo("Europe/London")
DAY = timedelta(days=1)
AUTHORITIES = ("E09000003", "E06000052")
SYSTEMS = ("mosaic", "hr")

# Ids that sort differently as numbers, without regard to case, or as words.
CHILDREN = ("c1", "c10", "c2", "C1", "c.3", "c_3")
WORKERS = ("w1", "w10", "w2")
TEAMS = ("t1", "t10", "T1")
IDS = ("1", "10", "2", "A", "a", "3", "4", "5", "-6", ":7")
EVENT_IDS = ("e-{}", "E-{}", "z.{}", "é{}", "\U0001f5d2{}", "\uff5e{}", "{}")

# Days back from today, and days from a start to its stop: the windows' edges, and about as many
# calendar days as 1, 10, 15, 20 and 45 working days take.
EDGES = (
    *(0, 0, 1, 2, 3, 4, 6, 7, 8, 13, 14, 15, 16, 20, 21, 22, 23, 27, 28, 29, 30, 35, 36, 42, 43, 44),
    *(57, 59, 61, 63, 64, 66, 90, 91, 92, 93, 181, 182, 183, 184, 363, 364, 365, 366),
)
STEPS = (-1, 0, 0, 1, 1, 2, 3, 4, 5, 14, 20, 21, 22, 23, 62, 63, 64, 65, 66, 67, 364, 365, 366)
# From one event to the next, to the day: what the clocks allow, and a day more or less.
DAYS_ALLOWED = (7, 14, 28, 42)
WORKING_DAYS_ALLOWED = (1, 10, 15, 20, 45)
MONTHS_ALLOWED = (3, 6, 12)
# Seconds about the 72 hours, and about the labels of the recording delay.
ABOUT_72_HOURS = (-1, 0, 0, 0.25, 1, -1800, 3600, -3600)
DELAYS = (timedelta(hours=1), *(timedelta(days=days) for days in (1, 2, 5, 10, 20, 45)))
SPECIAL_DAYS = (
    date(2023, 5, 8),  # coronation
    date(2024, 2, 28),
    date(2024, 2, 29),
    date(2024, 3, 1),
    date(2024, 3, 30),  # in the Easter week-end, the night before the clocks go forward
    date(2024, 3, 31),
    date(2024, 10, 27),
    date(2024, 12, 24),
    date(2024, 12, 27),
    date(2025, 2, 28),
    date(2025, 3, 1),
    date(2025, 3, 30),
    date(2025, 4, 17),
    date(2025, 6, 30),
    date(2025, 7, 1),
    date(2025, 10, 26),
    date(2025, 12, 31),
)

SOURCE_CODES = ("1A", "1B", "1C", "1D", "2A", "2B", "3A", "3F", "4", "5A", "5D", "6", "7", "8", "9", "10")
CASE_OUTCOMES = ("assessment", "strategy_discussion")
REFERRAL_OUTCOMES = (*CASE_OUTCOMES, *CASE_OUTCOMES, "early_help", "advice", "no_further_action")
CONTACT_OUTCOMES = ("referral", "early_help", "advice", "no_further_action", "existing_case")
ROLES = (
    "senior_manager",
    "middle_manager",
    "first_line_manager",
    "senior_practitioner",
    "case_holder",
    "case_holder",
    "qualified_without_cases",
)
FTE = (1, 1.0, 0.5, 0.6, 0.1, 0.05, 0.2, 0.3, 0.07, 0.7)
REGIMES = ("standard", "long_term", "long_term_foster", "weekly_then_six_weeks", "weekly_then_four_weeks")


@dataclass(frozen=True)
class Perhaps:
    """A field that is sometimes left out and sometimes null."""

    draw: Draw


def one_of(*values: Any) -> Draw:
    return lambda history, _day: history.rng.choice(values)


def record_id(prefix: str) -> Draw:
    """The id of a record of a kind; now and then of one that never comes."""
    return lambda history, _day: history.record_id(prefix)


def near(history: "History", day: date) -> str:
    """A date near today, on either side."""
    return (history.today + history.rng.choice((-400, -30, -1, 0, 0, 1, 30)) * DAY).isoformat()


def not_before(history: "History", day: date) -> str:
    return (day + history.rng.choice((0, 0, 1, 14, 60)) * DAY).isoformat()


def worker(history: "History", day: date) -> str:
    return history.rng.choice(history.workers) if history.rng.random() < 0.95 else "w-unknown"


# The records that visits are made under, by purpose.
VISITED = {"cp": "p", "cin": "i", "care": "l", "assessment": "a"}


def purpose(history: "History", day: date) -> str:
    """Mostly the one that the history is about."""
    about = PURPOSES.get(history.theme)
    return about if about and history.rng.random() < 0.85 else history.rng.choice(list(VISITED))


def visited(history: "History", day: date) -> str:
    """A record of the visit's kind, now and then of another."""
    right = history.rng.random() < 0.85
    return history.record_id(VISITED[history.drawn["purpose"]] if right else history.rng.choice("pilao"))


def role(history: "History", day: date) -> str:
    """Mostly one that is supervised, where supervision is what the history is about."""
    supervised = history.theme == "supervision" and history.rng.random() < 0.8
    return history.rng.choice(("case_holder", "senior_practitioner") if supervised else ROLES)


TEAM = one_of(*TEAMS)
TEAM_IF_ANY = Perhaps(TEAM)
YES_OR_NO = one_of(True, False)

# Each type: the kind of record that its subject names, and its payload beside the child.
TYPES: Mapping[str, tuple[str, Mapping[str, Draw | Perhaps]]] = {
    "csc.contact.received": ("k", {"team_id": TEAM_IF_ANY, "source_code": one_of(*SOURCE_CODES)}),
    "csc.contact.decided": ("k", {"outcome": one_of(*CONTACT_OUTCOMES)}),
    "csc.referral.received": (
        "r",
        {
            "team_id": TEAM_IF_ANY,
            "source_code": one_of(*SOURCE_CODES),
            "primary_need": Perhaps(one_of("N0", "N1", "N9")),
        },
    ),
    "csc.referral.decided": ("r", {"outcome": one_of(*REFERRAL_OUTCOMES)}),
    "csc.case.closed": ("r", {"reason": one_of("RC1", "RC7", "RC9")}),
    "csc.assessment.started": ("a", {"referral_id": record_id("r"), "team_id": TEAM_IF_ANY}),
    "csc.assessment.authorised": (
        "a",
        {"outcome": Perhaps(one_of("plan", "no_further_action")), "child_seen": Perhaps(YES_OR_NO)},
    ),
    "csc.section47.started": ("s", {"referral_id": Perhaps(record_id("r")), "team_id": TEAM_IF_ANY}),
    "csc.section47.completed": ("s", {"outcome": one_of("conference", "no_conference")}),
    "csc.conference.held": (
        "f",
        {
            "section47_id": Perhaps(record_id("s")),
            "notification_id": Perhaps(record_id("n")),
            "outcome": one_of("plan", "no_plan"),
        },
    ),
    "csc.transfer_in.notified": ("n", {"team_id": TEAM_IF_ANY}),
    "csc.transfer_in.closed": ("n", {}),
    "csc.cp_plan.started": (
        "p",
        {"team_id": TEAM_IF_ANY, "category": one_of("NEG", "PHY", "SAB", "EMO", "MUL")},
    ),
    "csc.cp_plan.ended": ("p", {}),
    "csc.core_group.held": ("g", {"plan_id": record_id("p")}),
    "csc.cp_review.held": ("v", {"plan_id": record_id("p")}),
    "csc.cin_plan.started": ("i", {"team_id": TEAM_IF_ANY}),
    "csc.cin_plan.ended": ("i", {}),
    "csc.care.started": ("o", {"team_id": TEAM_IF_ANY}),
    "csc.care.ended": ("o", {}),
    "csc.placement.started": ("l", {"care_id": record_id("o"), "regime": one_of(*REGIMES)}),
    "csc.placement.regime_changed": ("x", {"placement_id": record_id("l"), "regime": one_of(*REGIMES)}),
    "csc.placement.ended": ("l", {}),
    "csc.care_review.held": ("v", {"care_id": record_id("o")}),
    "csc.visit.recorded": (
        "y",
        {
            "purpose": purpose,
            "record_id": Perhaps(visited),
            "seen": one_of(True, True, True, True, False),
            "seen_alone": Perhaps(YES_OR_NO),
        },
    ),
    "csc.missing.returned": ("h", {"team_id": TEAM_IF_ANY}),
    "csc.return_interview.held": ("h", {"outcome": Perhaps(one_of("held", "declined", "not_needed"))}),
    "csc.audit.completed": (
        "u",
        {
            "team_id": TEAM,
            "grade": one_of("outstanding", "good", "requires_improvement", "inadequate"),
            "child_id": Perhaps(one_of(*CHILDREN)),
        },
    ),
    "csc.audit_action.raised": (
        "d",
        {"team_id": TEAM, "due": not_before, "audit_id": Perhaps(record_id("u"))},
    ),
    "csc.audit_action.completed": ("d", {}),
    "csc.audit_action.verified": ("d", {}),
    "csc.case.allocated": (
        "q",
        {"worker_id": worker, "team_id": TEAM_IF_ANY, "role": one_of("lead", "lead", "lead", "co_worker")},
    ),
    "csc.case.deallocated": ("q", {"reason": Perhaps(one_of("transfer", "Worker_left"))}),
    "csc.employment.started": (
        "m",
        {
            "worker_id": worker,
            "team_id": TEAM,
            "fte": one_of(*FTE),
            "contract": one_of("permanent", "permanent", "agency"),
            "role": role,
            "asye_until": Perhaps(near),
            "manager_id": Perhaps(worker),
            "covers_vacancy": Perhaps(YES_OR_NO),
        },
    ),
    "csc.employment.ended": ("m", {"reason": one_of("left", "moved", "moved")}),
    "csc.absence.started": (
        "b",
        {"worker_id": worker, "reason": one_of("sickness", "maternity", "other")},
    ),
    "csc.absence.ended": ("b", {}),
    "csc.establishment.reported": (
        "",
        {"vacant_fte": one_of(0, 0.5, 2, 1.1, 13.37), "posts_fte": Perhaps(one_of(5, 7.5))},
    ),
    "csc.team.described": (
        "",
        {"name": Perhaps(one_of("Duty & Advice", "North-East 2")), "area": Perhaps(one_of("Zoë's"))},
    ),
    "csc.supervision.held": (
        "j",
        {"worker_id": worker, "supervisor_id": worker, "kind": one_of("one_to_one", "peer", "group")},
    ),
}

WORKFORCE = (
    "csc.case.",
    "csc.employment.",
    "csc.absence.",
    "csc.establishment.",
    "csc.team.",
    "csc.supervision.",
)

KEY = ("type", "authority", "subject")
ENDS = (".ended", ".closed", ".deallocated", ".authorised", ".completed", "conference.held")

# What one history is mostly about: the parts of a rule must meet often.
THEMES: Mapping[str, tuple[str, ...]] = {
    "front door": ("contact.", "referral."),
    "allocation": ("referral.", "case."),
    "assessment": ("referral.", "case.closed", "assessment."),
    "conference": ("referral.received", "case.closed", "section47.", "conference."),
    "children": ("referral.", "case.", "cp_plan.", "care."),
    "caseload": ("case.allocated", "case.deallocated", "employment.", "absence."),
    "workforce": ("employment.", "absence.", "establishment."),
    "transfer": ("transfer_in.", "conference.", "section47.started"),
    "protection": ("cp_plan.", "core_group.", "cp_review.", "visit."),
    "need": ("cin_plan.", "visit."),
    "care": ("care.", "placement.", "care_review.", "visit."),
    "missing": ("missing.", "return_interview."),
    "supervision": ("employment.", "absence.", "supervision."),
    "quality": ("audit.", "audit_action."),
    "everything": ("",),
}

# What happens again and again while something runs, and the field that names what runs.
AGAIN: Mapping[str, Mapping[str, str]] = {
    "csc.cp_plan.started": {
        "csc.core_group.held": "plan_id",
        "csc.cp_review.held": "plan_id",
        "csc.visit.recorded": "record_id",
    },
    "csc.cin_plan.started": {"csc.visit.recorded": "record_id"},
    "csc.care.started": {"csc.care_review.held": "care_id", "csc.placement.started": "care_id"},
    "csc.placement.started": {"csc.visit.recorded": "record_id", "csc.placement.regime_changed": "placement_id"},
    "csc.employment.started": {"csc.supervision.held": "worker_id", "csc.absence.started": "worker_id"},
}
# What decides how long the interval is that another one, the visit, begins.
BESIDE_A_VISIT = ("csc.care_review.held", "csc.placement.regime_changed")
PURPOSE_UNDER = {"csc.cp_plan.started": "cp", "csc.cin_plan.started": "cin", "csc.placement.started": "care"}
DRAWN = (*THEMES, "care", "care", "supervision")  # the rules with the most branches more often
PLACED = "csc.placement.started"
PURPOSES = {"protection": "cp", "need": "cin", "care": "care"}
REPEATING = (*PURPOSES, "supervision")
ASKED_AT = time(9, tzinfo=UTC)  # the hour for which the tests mostly ask


def of_theme(theme: str) -> list[str]:
    return [name for name in TYPES if name.startswith(tuple(f"csc.{part}" for part in THEMES[theme]))]


def service_of(type_: str) -> str:
    """The service that owns a type: `referrals` or `workforce`."""
    return "workforce" if type_.startswith(WORKFORCE) and type_ != "csc.case.closed" else "referrals"


@dataclass
class History:
    """A history in the making."""

    rng: random.Random
    today: date
    theme: str
    after_today: bool
    events: list[Event] = field(default_factory=list)
    taken: set[tuple[str, str]] = field(default_factory=set)
    days: list[date] = field(default_factory=list)
    child: str | None = None
    drawn: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.authorities = AUTHORITIES[: self.rng.choice((1, 1, 2))]
        self.children = self.some_of(CHILDREN)
        self.workers = self.some_of(WORKERS)
        self.ids = self.some_of(IDS)
        self.days = [self.some_day() for _ in range(6)]
        if self.theme in REPEATING:  # long enough ago for many intervals, on few records
            self.children, self.ids = self.children[:2], self.ids[:4]
            self.days += [self.today - self.rng.randrange(360, 480) * DAY, date(2024, 2, 29)]
        self.keenness_to_end = self.rng.choice((0.1, 0.3, 1.0))

    def some_of(self, names: Sequence[str]) -> Sequence[str]:
        """A pool for this history: the smaller, the more collides."""
        return self.rng.sample(names, self.rng.randrange(min(2, len(names)), len(names) + 1))

    def some_day(self) -> date:
        kind = self.rng.random()
        if kind < 0.45:
            return self.today - self.rng.choice(EDGES) * DAY
        if kind < 0.5:
            return months_after(self.today, -self.rng.choice(MONTHS_ALLOWED)) + self.rng.choice((-1, 0, 1)) * DAY
        past = [day for day in SPECIAL_DAYS if day <= self.today]
        if kind < 0.7 and past:
            return self.rng.choice(past)
        return self.today - self.rng.randrange(430) * DAY

    def day(self) -> date:
        """Mostly one of a handful of days or beside it, so that many things happen on one day."""
        day = self.rng.choice(self.days)
        kind = self.rng.random()
        if kind < 0.35:
            day += self.rng.choice(STEPS) * DAY
        elif kind < 0.5:
            day = self.allowed_after(day)
        elif kind < 0.65 and self.events:
            day = self.allowed_after(local_date(seconds(self.rng.choice(self.events)["time"])))
        if self.after_today and self.rng.random() < 0.03:
            return self.today + self.rng.choice((1, 1, 2, 5)) * DAY
        return min(day, self.today)

    def allowed_after(self, day: date) -> date:
        """As long after the day as some clock allows, or a day more or less."""
        later = self.rng.choice(
            (
                day + self.rng.choice(DAYS_ALLOWED) * DAY,
                add_working_days(day, self.rng.choice(WORKING_DAYS_ALLOWED)),
                months_after(day, self.rng.choice(MONTHS_ALLOWED)),
            )
        )
        return later + self.rng.choice((-1, 0, 0, 1)) * DAY

    def record_id(self, prefix: str) -> str:
        """The id of a record of that kind, mostly one that the child at hand has."""
        if self.rng.random() < 0.07:
            return prefix + "-unknown"
        known: list[str] = [event["subject"] for event in self.events if self.is_own(event, prefix)]
        if known and self.rng.random() < 0.7:
            return self.rng.choice(known)
        return prefix + self.rng.choice(self.ids)

    def is_own(self, event: Event, prefix: str) -> bool:
        return TYPES[event["type"]][0] == prefix and child_of(event) == self.child

    def instant(self, day: date) -> str:
        """An instant on that date in London."""
        rng = self.rng
        clock = rng.choice(
            (
                time(0),
                time(0),
                time(0),
                time(0, 30),
                time(9),
                time(10, 0, self.rng.choice((0, 1))),
                time(12, 0, 0, 250000),
                time(23, 59, 59, 999999),
            )
        )
        return self.written(datetime.combine(day, clock, LONDON))

    def written(self, instant: datetime) -> str:
        """An instant, written in one of many ways."""
        rng = self.rng
        zone = rng.choice((LONDON, LONDON, UTC, ZoneInfo("Asia/Kolkata"), ZoneInfo("America/St_Johns")))
        text = instant.astimezone(UTC).astimezone(zone).isoformat()
        return text.replace("+00:00", "Z") if rng.random() < 0.8 else text

    def key(self, source: str) -> str:
        """An id new to its source, often one that another source has too."""
        while True:
            event_id = self.rng.choice(EVENT_IDS).format(self.rng.randrange(2 * len(self.events) + 8))
            if (source, event_id) not in self.taken:
                self.taken.add((source, event_id))
                return event_id

    def payload(self, type_: str, day: date, child: str | None) -> dict[str, Any]:
        data: dict[str, Any] = {} if child is None else {"child_id": child}
        self.drawn = data
        for name, draw in TYPES[type_][1].items():
            if isinstance(draw, Perhaps):
                kind = self.rng.random()
                if kind < 0.6:
                    data[name] = draw.draw(self, day)
                elif kind < 0.7:
                    data[name] = None
            else:
                data[name] = draw(self, day)
        return data

    def version(self, event: Event) -> Event:
        """Put a place in the order on the event, with many ties."""
        rng = self.rng
        if rng.random() < 0.4:
            event["recordversion"] = rng.choice((0, 1, 1, 2, 2**53 - 1))
        kind = rng.random()
        if kind < 0.3:
            event["recordedtime"] = self.instant(rng.choice(self.days))
        elif kind < 0.4:
            event["recordedtime"] = event["time"]
        elif kind < 0.45:
            edge = rng.choice(DELAYS) + timedelta(microseconds=rng.choice((-1, 0, 0, 1)))
            event["recordedtime"] = self.written(datetime.fromisoformat(event["time"]) + edge)
        elif kind < 0.5:
            event["recordedtime"] = None
        return event

    def envelope(self, type_: str, authority: str, subject: str, when: str) -> Event:
        source = f"/{authority}/{self.rng.choice(SYSTEMS)}"
        event = {
            "specversion": "1.0",
            "id": self.key(source),
            "source": source,
            "type": type_,
            "subject": subject,
            "time": when,
            "authority": authority,
        }
        return self.version(event)

    def fresh(self) -> Event:
        """A statement about some record."""
        types = of_theme(self.theme) if self.rng.random() < 0.9 else list(TYPES)
        type_ = self.some_type(types)
        prefix = TYPES[type_][0]
        subject = self.rng.choice(TEAMS) if prefix == "" else prefix + self.rng.choice(self.ids)
        child = None if type_ in CHILDLESS else self.rng.choice(self.children)
        return self.upsert(type_, self.rng.choice(self.authorities), subject, child)

    def upsert(self, type_: str, authority: str, subject: str, child: str | None) -> Event:
        day = self.day()
        when = None
        if type_ in AGAIN and self.theme in REPEATING and self.rng.random() < 0.5:
            day = min(self.today, self.rng.choice(self.days[-2:]) + self.rng.choice((0, 1, 7)) * DAY)
        if type_ == "csc.return_interview.held":
            when = self.about_72_hours(authority, subject, child)
        elif type_ == "csc.missing.returned" and self.rng.random() < 0.2:
            when = self.due_about_now()
        event = self.envelope(type_, authority, subject, when or self.instant(day))
        self.child = child
        data = self.payload(type_, day, child)
        if data or self.rng.random() < 0.5:
            event["data"] = data
        if self.rng.random() < 0.1:
            event["op"] = "upsert"
        return event

    def about_72_hours(self, authority: str, subject: str, child: str | None) -> str | None:
        """An instant that long after a return from this absence, if there was one in time."""
        key = ("csc.missing.returned", authority, subject, child)
        back = [event["time"] for event in self.events if (*(event[name] for name in KEY), child_of(event)) == key]
        if not back or self.rng.random() < 0.3:
            return None
        elapsed = timedelta(hours=72, seconds=self.rng.choice(ABOUT_72_HOURS))
        then = datetime.fromisoformat(self.rng.choice(back)) + elapsed
        return self.written(then) if then.astimezone(LONDON).date() <= self.today else None

    def due_about_now(self) -> str:
        """72 hours before the figures are asked for, or a second more or less."""
        elapsed = timedelta(hours=72, seconds=self.rng.choice((-1, 0, 0, 1)))
        return self.written(datetime.combine(self.today, ASKED_AT) - elapsed)

    def again(self) -> Event:
        """A visit, a review or the like of something that has started, as long after the last as is allowed."""
        started = [event for event in self.events if event["type"] in AGAIN and event.get("op") != "withdraw"]
        if not started:
            return self.fresh()
        old, placed = self.rng.choice(started), [event for event in started if event["type"] == PLACED]
        if self.theme == "care" and placed and self.rng.random() < 0.6:
            old = self.rng.choice(placed)
        type_, field_name = self.rng.choice(list(AGAIN[old["type"]].items()))
        event = self.upsert(type_, old["authority"], self.fresh_id(type_), child_of(old))
        event["time"] = self.instant(min(self.today, self.day_again(old, type_)))
        if field_name == "worker_id":
            event["data"]["worker_id"] = old["data"]["worker_id"]
        elif self.rng.random() < 0.8:
            event["data"][field_name] = old["subject"]
        if type_ == "csc.visit.recorded":
            event["data"]["purpose"] = PURPOSE_UNDER[old["type"]]
        return event

    def day_again(self, old: Event, type_: str) -> date:
        """As long as is allowed after the start or after another such event, or on an anniversary."""
        start = local_date(seconds(old["time"]))
        if type_ in BESIDE_A_VISIT and self.rng.random() < 0.6:
            return self.rng.choice(self.days_of(old, "csc.visit.recorded", start))
        if self.rng.random() < 0.2:
            return months_after(start, 12) + self.rng.choice((-1, 0, 0, 1)) * DAY
        return self.allowed_after(self.rng.choice(self.days_of(old, type_, start)))

    def days_of(self, old: Event, type_: str, start: date) -> list[date]:
        """The day of the start, and those on which anything of a type has happened to its child."""
        same = [event for event in self.events if event["type"] == type_ and child_of(event) == child_of(old)]
        return [start, *(local_date(seconds(event["time"])) for event in same)]

    def next_job(self) -> Event:
        """Another post for somebody whose last has ended, with or without a day between."""
        ends = [event for event in self.events if event["type"] == "csc.employment.ended"]
        pairs = [(job, end) for job in self.events for end in ends if is_end_of(end, job)]
        if not pairs:
            return self.fresh()
        job, last = self.rng.choice(pairs)
        event = self.upsert("csc.employment.started", job["authority"], self.fresh_id(job["type"]), None)
        day = local_date(seconds(last["time"])) + self.rng.choice((-1, 0, 0, 1, 1, 2)) * DAY
        event["time"] = self.instant(min(self.today, day))
        event["data"]["worker_id"] = job["data"]["worker_id"]
        return event

    def fresh_id(self, type_: str) -> str:
        return TYPES[type_][0] + self.rng.choice(IDS)

    def correction(self) -> Event:
        """Another version of a fact that is there already."""
        old = self.rng.choice(self.events)
        return self.upsert(old["type"], old["authority"], old["subject"], child_of(old))

    def withdrawal(self) -> Event:
        """Take back a fact, with the time that one of its versions had."""
        old = self.rng.choice(self.events)
        event = self.envelope(old["type"], old["authority"], old["subject"], old["time"])
        event["op"] = "withdraw"
        child = child_of(old)
        data: dict[str, Any] = {} if child is None else {"child_id": child}
        if self.rng.random() < 0.2:
            data |= {"team_id": "T9", "whatever": [1, {"more": None}]}
        if data:
            event["data"] = data
        return event

    def sibling(self) -> Event:
        """The same record id for another child."""
        old = self.rng.choice(self.events)
        child = None if child_of(old) is None else self.rng.choice(self.children)
        return self.upsert(old["type"], old["authority"], old["subject"], child)

    def counterpart(self) -> Event:
        """The start or stop that belongs to a fact that is there already."""
        old = self.rng.choice(self.events)
        prefix = TYPES[old["type"]][0]
        others = [name for name, (kind, _) in TYPES.items() if kind == prefix and name != old["type"]]
        others = [name for name in others if (name in CHILDLESS) == (old["type"] in CHILDLESS)]
        type_ = self.some_type(others or [old["type"]])
        return self.upsert(type_, old["authority"], old["subject"], child_of(old))

    def some_type(self, types: Sequence[str]) -> str:
        weights = [self.keenness_to_end if name.endswith(ENDS) else 1.0 for name in types]
        return self.rng.choices(types, weights)[0]

    def next(self) -> Event:
        if not self.events:
            return self.fresh()
        ways = {
            self.fresh: 30 if self.theme in REPEATING else 50,
            self.again: 100 if self.theme in REPEATING else 3,
            self.next_job: 20 if self.theme == "supervision" else 1,
            self.counterpart: 10 + 30 * self.keenness_to_end,
            self.correction: 10,
            self.withdrawal: 6,
            self.sibling: 4,
        }
        (way,) = self.rng.choices(list(ways), weights=list(ways.values()))
        return way()


def is_end_of(end: Event, job: Event) -> bool:
    """Whether this ends that employment."""
    if job["type"] != "csc.employment.started" or job.get("op") == "withdraw":
        return False
    return (end["authority"], end["subject"]) == (job["authority"], job["subject"])


def child_of(event: Event) -> str | None:
    """The child that tells an event's fact from others, where its type has one."""
    return None if event["type"] in CHILDLESS else event["data"]["child_id"]


def history(
    seed: int | random.Random,
    today: date,
    n: int,
    *,
    theme: str | None = None,
    after_today: bool = True,
) -> list[Event]:
    """`n` valid events, as CloudEvents, no `(source, id)` twice, in no order.

    `theme` is one of THEMES, else drawn. With `after_today` a few are dated up to five days after
    `today`: accepted, so to speak, by a clock that was put back since.
    """
    rng = seed if isinstance(seed, random.Random) else random.Random(seed)
    making = History(rng, today, theme or rng.choice(DRAWN), after_today)
    for _ in range(n):
        making.events.append(making.next())
    return making.events


def policy(seed: int | random.Random) -> dict[str, Any]:
    """A policy whose thresholds small histories can pass, for one authority or for all."""
    rng = seed if isinstance(seed, random.Random) else random.Random(seed)
    low = {"amber": 1, "red": 2, "critical": 3, "asye_fte_factor": rng.choice((0.9, 0.5, 0.7))}
    tight = {"cp_visit": rng.choice((1, 5, 9)), "cin_visit": rng.choice((1, 19, 21)), "supervision": rng.choice((1, 7))}
    return rng.choice(
        (
            {},
            {"caseload": low, "clocks": tight},
            {"clocks": {"supervision": 13}, "population": {"children": 61_000}},
            {
                "caseload": {"amber": 2.5},
                "clocks": {"cin_visit": 15, "supervision": 28},
                "authority": {AUTHORITIES[0]: {"caseload": low, "clocks": tight, "population": {"children": 104_431}}},
            },
        )
    )


def delivered(events: Sequence[Event], seed: int | random.Random) -> Iterator[Event]:
    """The same events in another order, some of them more than once."""
    rng = seed if isinstance(seed, random.Random) else random.Random(seed)
    again = [event for event in events if rng.random() < 0.2]
    yield from rng.sample([*events, *again], len(events) + len(again))


def smallest(events: Sequence[Event], fails: Callable[[list[Event]], bool]) -> list[Event]:
    """Drop events, in ever smaller runs, as long as what is left still fails."""
    left = list(events)
    size = max(1, len(left) // 2)
    while True:
        kept = without_runs(left, size, fails)
        if len(kept) == len(left) and size == 1:
            return left
        left, size = kept, max(1, size // 2)


def without_runs(events: list[Event], size: int, fails: Callable[[list[Event]], bool]) -> list[Event]:
    at = 0
    while at < len(events):
        fewer = events[:at] + events[at + size :]
        if fewer and fails(fewer):
            events = fewer
        else:
            at += size
    return events
