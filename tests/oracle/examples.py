"""The contract in small: for each rule a few events and, worked out by hand, what they come to.

Data, so that whatever claims to know the figures can be held against it: the oracle, the code that
folds events, or a running system (`for_authority` keeps examples apart in one store).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.facts import CHILDLESS, local_date, seconds
from tests.oracle.series import Figures, Series
from tests.oracle.text import parse, shown

LONDON = ZoneInfo("Europe/London")
AUTHORITY = "E09000003"
MONDAY = "2026-03-02T09:00:00Z"
SOURCE = f"/{AUTHORITY}/mosaic"

Event = dict[str, Any]

USUAL: Mapping[str, Mapping[str, Any]] = {
    "contact.received": {"source_code": "1A"},
    "referral.received": {"source_code": "1A"},
    "case.closed": {"reason": "RC1"},
    "conference.held": {"outcome": "plan"},
    "cp_plan.started": {"category": "NEG"},
    "case.allocated": {"worker_id": "w1", "role": "lead"},
    "employment.started": {
        "worker_id": "w1",
        "team_id": "north",
        "fte": 1,
        "contract": "permanent",
        "role": "case_holder",
    },
    "employment.ended": {"reason": "left"},
    "absence.started": {"worker_id": "w1", "reason": "sickness"},
    "supervision.held": {"worker_id": "w1", "supervisor_id": "w0", "kind": "one_to_one"},
    "visit.recorded": {"seen": True},
    "audit.completed": {"team_id": "north", "grade": "good"},
    "audit_action.raised": {"team_id": "north"},
}


@dataclass(frozen=True)
class Example:
    """Events, and what they come to at an instant.

    `expected` is Prometheus text without the authority. Of each family named there (of a clock's
    families: of that clock), what is not listed is 0 or absent. `absent` names families, or series
    without the authority, that are not to be there at all.
    """

    claim: str
    events: Sequence[Event]
    expected: str
    absent: Sequence[str] = ()
    now: str = MONDAY
    policy: Mapping[str, Any] = field(default_factory=dict)
    authority: str = AUTHORITY

    @property
    def instant(self) -> datetime:
        return datetime.fromisoformat(self.now)

    @property
    def today(self) -> date:
        return local_date(seconds(self.now))


def said(kind: str, subject: str, when: str, *, op: str | None = None, **details: Any) -> Event:
    """An event. `when` is a date (local midnight) or an instant; attributes of the envelope go by
    their name, all other details and what is usual for the kind into the payload."""
    type_ = f"csc.{kind}"
    event: Event = {
        "specversion": "1.0",
        "source": details.pop("source", SOURCE),
        "type": type_,
        "subject": subject,
        "time": when if "T" in when else datetime.fromisoformat(when).replace(tzinfo=LONDON).isoformat(),
        "authority": AUTHORITY,
    }
    event |= {name: details.pop(name) for name in ("id", "recordversion", "recordedtime") if name in details}
    child = {} if type_ in CHILDLESS else {"child_id": "c1"}
    usual = {} if op == "withdraw" else USUAL.get(kind, {})
    event["data"] = {**child, **usual, **details}
    return event if op is None else {**event, "op": op}


def example(claim: str, *events: Event, expected: str, **rest: Any) -> Example:
    """An example whose events without an id get one."""
    numbered = [{"id": f"event-{number}", **event} for number, event in enumerate(events)]
    return Example(claim, numbered, expected, **rest)


def for_authority(one: Example, authority: str) -> Example:
    """The same example as another authority's, from sources of its own."""
    events = [
        {**event, "authority": authority, "source": event["source"].replace(AUTHORITY, authority)}
        for event in one.events
    ]
    expected = one.expected.replace(AUTHORITY, authority)
    own = one.policy.get("authority", {})
    policy = {**one.policy, "authority": {authority: own[AUTHORITY]}} if AUTHORITY in own else one.policy
    return replace(one, events=events, expected=expected, policy=policy, authority=authority)


# ---- judging


def problems(one: Example, got: Mapping[Series, Decimal]) -> list[str]:
    """What is wrong with these figures; those of other authorities are left aside."""
    own = {key: value for key, value in got.items() if ("authority", one.authority) in key[1]}
    wanted = with_authority(parse(one.expected, families=None), one.authority)
    wrong = [
        f"{shown(key)} is {own.get(key, 'absent')}, not {value}"
        for key, value in wanted.items()
        if key not in own or float(own[key]) != float(value)
    ]
    named = {group(key) for key in wanted}
    wrong += [
        f"{shown(key)} is {value}, not expected"
        for key, value in own.items()
        if value and key not in wanted and group(key) in named
    ]
    gone = [key for key in own if any(matches(key, name, one.authority) for name in one.absent)]
    return wrong + [f"{shown(key)} should be absent" for key in gone]


def with_authority(figures: Figures, authority: str) -> Figures:
    return {
        (family, tuple(sorted({**dict(labels), "authority": authority}.items()))): value
        for (family, labels), value in figures.items()
    }


def group(key: Series) -> tuple[str, str | None]:
    """The family and the clock."""
    return key[0], dict(key[1]).get("clock")


def matches(key: Series, name: str, authority: str) -> bool:
    """Whether a series has this family and at least these labels."""
    ((family, labels),) = with_authority(parse(f"{name} 0\n", families=None), authority)
    return key[0] == family and set(labels) <= set(key[1])


# ---- shorthand


def on_windows(family: str, labels: str, *values: int) -> str:
    """The lines of the three windows, the shortest first; a window without a value is left out."""
    return "\n".join(
        f'{family}{{{labels},window="{window}"}} {value}'
        for window, value in zip(("28d", "91d", "365d"), values, strict=False)
    )


def clock_lines(clock: str, team: str, **figures: int) -> str:
    """Lines such as `csc_clock_open{clock=…,team=…}`."""
    return "\n".join(f'csc_clock_{name}{{clock="{clock}",team="{team}"}} {value}' for name, value in figures.items())


def done_lines(clock: str, team: str, completed: Sequence[int], on_time: Sequence[int]) -> str:
    labels = f'clock="{clock}",team="{team}"'
    return (
        on_windows("csc_clock_completed", labels, *completed)
        + "\n"
        + on_windows("csc_clock_completed_on_time", labels, *on_time)
        + "\n"
    )


def within_lines(clock: str, team: str, **counts: int) -> str:
    """Lines of `csc_clock_completed_within`; `d45=1` is at most 45 working days, `inf` all."""
    names = {name: "+Inf" if name == "inf" else name[1:] for name in counts}
    return "\n".join(
        f'csc_clock_completed_within{{clock="{clock}",team="{team}",window="365d",'
        f'working_days="{names[name]}"}} {value}'
        for name, value in counts.items()
    )


def contact(subject: str, when: str, **details: Any) -> Event:
    return said("contact.received", subject, when, **{"team_id": "north", **details})


def referral(subject: str, when: str, **details: Any) -> Event:
    return said("referral.received", subject, when, **{"team_id": "north", **details})


def decided(subject: str, when: str, outcome: str = "assessment", **details: Any) -> Event:
    return said("referral.decided", subject, when, outcome=outcome, **details)


def job(subject: str, when: str, **details: Any) -> Event:
    return said("employment.started", subject, when, **details)


def lead(subject: str, when: str, **details: Any) -> Event:
    return said("case.allocated", subject, when, **{"team_id": "north", **details})


def plan(subject: str, when: str, **details: Any) -> Event:
    return said("cp_plan.started", subject, when, **{"team_id": "north", **details})


def cin(subject: str, when: str, **details: Any) -> Event:
    return said("cin_plan.started", subject, when, **{"team_id": "north", **details})


def care(subject: str, when: str, **details: Any) -> Event:
    return said("care.started", subject, when, **{"team_id": "north", **details})


def placed(subject: str, when: str, regime: str = "standard", **details: Any) -> Event:
    return said("placement.started", subject, when, **{"care_id": "o1", **details}, regime=regime)


def visits(purpose: str, *days: str, **details: Any) -> list[Event]:
    """Visits on these days, on all of which the child was seen unless told otherwise."""
    return [said("visit.recorded", f"y-{purpose}-{day}", day, purpose=purpose, **details) for day in days]


def supervised(worker: str, *days: str) -> list[Event]:
    return [said("supervision.held", f"j-{worker}-{day}", day, worker_id=worker) for day in days]


def leads(worker: str, children: int, team: str = "north") -> list[Event]:
    """One worker as lead of so many children."""
    return [
        lead(f"{worker}-{n}", "2026-01-05", worker_id=worker, team_id=team, child_id=f"{worker}-c{n}")
        for n in range(children)
    ]


def caseload_bounds(team: str, cases: int) -> str:
    """csc_caseload_workers for a team of one worker with so many cases."""
    bounds = (0, 5, 10, 12, 15, 18, 20, 22, 25, 30, 35)
    return (
        "".join(f'csc_caseload_workers{{at_most="{bound}",team="{team}"}} {int(cases <= bound)}\n' for bound in bounds)
        + f'csc_caseload_workers{{at_most="+Inf",team="{team}"}} 1\n'
    )


# ---- the rules that all share

SHARED = [
    example(
        "the start day is day 0, also on a Saturday",
        contact("k1", "2026-02-21"),
        said("contact.decided", "k1", "2026-02-23", outcome="advice"),
        contact("k2", "2026-02-21"),
        said("contact.decided", "k2", "2026-02-24", outcome="advice"),
        expected=done_lines("contact_decision", "north", (2, 2, 2), (1, 1, 1)),
    ),
    example(
        "Christmas and Boxing Day are no working days",
        contact("k1", "2025-12-24"),
        said("contact.decided", "k1", "2025-12-29", outcome="advice"),
        contact("k2", "2025-12-24"),
        said("contact.decided", "k2", "2025-12-30", outcome="advice"),
        expected=done_lines("contact_decision", "north", (2, 2, 2), (1, 1, 1)),
        now="2026-01-02T09:00:00Z",
    ),
    example(
        "on the Sunday after its due date an item is still on time",
        contact("k1", "2026-02-26"),
        expected=clock_lines("contact_decision", "north", open=1, overdue=0, due_soon=1, longest_overdue_seconds=0),
        now="2026-03-01T12:00:00Z",
    ),
    example(
        "on the Monday it is overdue since the due date",
        contact("k1", "2026-02-26"),
        expected=clock_lines(
            "contact_decision", "north", open=1, overdue=1, due_soon=0, longest_overdue_seconds=3 * 86_400
        ),
    ),
    example(
        "half past midnight in summer is the next day in London",
        contact("k1", "2025-06-30T22:30:00Z"),
        contact("k2", "2025-06-30T23:30:00Z"),
        contact("k3", "2025-07-01T00:30:00+01:00"),
        expected='csc_contacts{outcome="undecided",team="north",window="365d"} 2',
        now="2026-06-30T09:00:00Z",
    ),
    example(
        "a day begins in London an hour before midnight UTC in summer",
        contact("k1", "2026-06-30"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 1, 1),
        now="2026-06-29T23:00:00Z",
    ),
    example(
        "a window of 28 days leaves out the day 28 days ago",
        contact("k1", "2026-02-02"),
        contact("k2", "2026-02-03"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 2, 2),
    ),
    example(
        "a year's window is 365 days",
        contact("k1", "2025-03-02"),
        contact("k2", "2025-03-03"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 0, 0, 1),
    ),
    example(
        "an event later today counts, one of tomorrow does not",
        contact("k1", "2026-03-02T23:59:59Z"),
        contact("k2", "2026-03-03"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 1, 1),
    ),
    example(
        "what is dated tomorrow corrects nothing, withdraws nothing and shows no team",
        contact("k1", "2026-03-01"),
        contact("k1", "2026-03-03", team_id="south", recordversion=9),
        contact("k2", "2026-03-01"),
        said("contact.received", "k2", "2026-03-03", op="withdraw", recordversion=9),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 2, 2, 2),
        absent=('csc_contacts{team="south"}',),
    ),
    example(
        "the higher recordversion counts, whenever it was recorded",
        contact("k1", "2026-03-01", team_id="old", recordversion=1, recordedtime="2026-03-02T08:00:00Z"),
        contact("k1", "2026-03-01", team_id="new", recordversion=2, recordedtime="2026-03-01T08:00:00Z"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="new"', 1, 1, 1)
        + "\n"
        + on_windows("csc_contacts", 'outcome="undecided",team="old"', 0, 0, 0),
    ),
    example(
        "of one recordversion the later recorded counts",
        contact("k1", "2026-03-01", team_id="old", id="z", recordedtime="2026-03-01T10:30:00+01:00"),
        contact("k1", "2026-03-01", team_id="new", id="a", recordedtime="2026-03-01T10:00:00Z"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="new"', 1, 1, 1),
    ),
    example(
        "without recordedtime an event counts as recorded at its own time",
        contact("k1", "2026-03-01T12:00:00Z", team_id="new", id="a"),
        contact("k1", "2026-02-27", team_id="old", id="z", recordedtime="2026-03-01T11:59:59.999Z"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="new"', 1, 1, 1),
    ),
    example(
        "of one recordedtime the larger id counts, by code point",
        contact("k1", "2026-03-01", team_id="old", id="Z9"),
        contact("k1", "2026-03-01", team_id="new", id="a1"),
        contact("k2", "2026-03-01", team_id="old", id="\uff5e"),
        contact("k2", "2026-03-01", team_id="new", id="\U0001f5d2"),
        contact("k3", "2026-03-01", team_id="old", id="k10"),
        contact("k3", "2026-03-01", team_id="new", id="k9"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="new"', 3, 3, 3),
    ),
    example(
        "of one id the larger source counts",
        contact("k1", "2026-03-01", team_id="new", id="1", source=f"/{AUTHORITY}/b"),
        contact("k1", "2026-03-01", team_id="old", id="1", source=f"/{AUTHORITY}/a"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="new"', 1, 1, 1),
    ),
    example(
        "a withdrawn fact is not there, but its team stays with 0",
        contact("k1", "2026-03-01"),
        said("contact.received", "k1", "2026-03-01", op="withdraw", recordversion=1, team_id="never"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 0, 0, 0)
        + "\n"
        + clock_lines("contact_decision", "north", open=0),
        absent=('csc_contacts{team="never"}',),
    ),
    example(
        "a later upsert brings a withdrawn fact back",
        contact("k1", "2026-03-01"),
        said("contact.received", "k1", "2026-03-01", op="withdraw", recordversion=1),
        contact("k1", "2026-03-01", recordversion=2),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 1, 1),
    ),
    example(
        "a withdrawal that comes alone takes out what is recorded before it",
        said("contact.received", "k1", "2026-03-01", op="withdraw", recordversion=5),
        contact("k1", "2026-03-01", recordversion=4),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 0, 0, 0),
    ),
    example(
        "siblings may share a record id: two children, two facts",
        contact("k1", "2026-03-01", child_id="c1"),
        contact("k1", "2026-03-01", child_id="c2"),
        said("contact.decided", "k1", "2026-03-01", outcome="advice", child_id="c2"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 1, 1)
        + "\n"
        + on_windows("csc_contacts", 'outcome="advice",team="north"', 1, 1, 1),
    ),
    example(
        "an item that names no team is unassigned",
        said("contact.received", "k1", "2026-03-01"),
        said("contact.received", "k2", "2026-03-01", team_id=None),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="unassigned"', 2, 2, 2),
    ),
    example(
        "no source, no number: what nothing feeds is absent",
        contact("k1", "2026-03-01"),
        expected="",
        absent=(
            "csc_referrals",
            'csc_clock_open{clock="referral_decision"}',
            "csc_children",
            "csc_caseload_cases",
            "csc_workforce_fte",
            "csc_workforce_vacant_fte",
            "csc_workforce_absent",
        ),
    ),
    example(
        "only the type that starts a clock feeds it",
        said("contact.decided", "k1", "2026-03-01", outcome="advice"),
        said("assessment.authorised", "a1", "2026-03-01"),
        said("employment.ended", "m1", "2026-03-01"),
        expected="\n".join(
            f'csc_caseload_threshold{{band="{band}"}} {value}'
            for band, value in (("amber", 18), ("red", 22), ("critical", 30))
        ),
        absent=(
            "csc_contacts",
            'csc_clock_open{clock="contact_decision"}',
            'csc_clock_open{clock="assessment"}',
            "csc_workforce_fte",
        ),
    ),
    example(
        "an assessment without a team falls under every team that its referral has had",
        referral("r1", "2026-03-01", team_id="first", recordversion=1),
        referral("r1", "2026-03-01", team_id="second", recordversion=2),
        said("assessment.started", "a1", "2026-03-01", referral_id="r1"),
        expected=clock_lines("assessment", "first", open=0)
        + "\n"
        + clock_lines("assessment", "second", open=1)
        + "\n"
        + clock_lines("assessment_from_start", "first", open=0)
        + "\n"
        + clock_lines("assessment_from_start", "second", open=1),
        absent=('csc_clock_open{clock="assessment",team="unassigned"}',),
    ),
    example(
        "the newest event of a source, withdrawals too",
        contact("k1", "2026-03-01T10:00:00Z"),
        said("contact.received", "k1", "2026-03-01T12:00:00.25Z", op="withdraw"),
        contact("k2", "2026-02-27T10:00:00Z", source=f"/{AUTHORITY}/other"),
        contact("k3", "2026-03-03", source=f"/{AUTHORITY}/other"),
        expected=f'csc_source_last_event_timestamp_seconds{{source="/{AUTHORITY}/mosaic"}} 1772366400.25\n'
        f'csc_source_last_event_timestamp_seconds{{source="/{AUTHORITY}/other"}} 1772186400',
    ),
]

# ---- clocks

CLOCKS = [
    example(
        "a decision before the referral counts as done in no time, on its own date",
        referral("r1", "2026-02-20"),
        decided("r1", "2026-02-02"),
        expected=done_lines("referral_decision", "north", (0, 1, 1), (0, 1, 1))
        + clock_lines("referral_decision", "north", open=0),
    ),
    example(
        "a decision without its contact or referral is nothing",
        referral("r1", "2026-02-20", child_id="c2"),
        decided("r1", "2026-02-20", child_id="c1"),
        expected=clock_lines("referral_decision", "north", open=1)
        + "\n"
        + done_lines("referral_decision", "north", (0, 0, 0), (0, 0, 0)),
    ),
    example(
        "closing a case decides no referral",
        referral("r1", "2026-02-20"),
        said("case.closed", "r1", "2026-02-23"),
        expected=clock_lines("referral_decision", "north", open=1, overdue=1),
    ),
    example(
        "of several overdue items the earliest due is the longest overdue",
        contact("k1", "2026-02-19"),
        contact("k2", "2026-02-20"),
        contact("k3", "2026-02-25", team_id="south"),
        expected='csc_clock_longest_overdue_seconds{clock="contact_decision",team="north"} 864000\n'
        'csc_clock_longest_overdue_seconds{clock="contact_decision",team="south"} 345600',
    ),
    # allocation
    example(
        "an allocation after the decision stops the clock that the decision started",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17"),
        lead("q1", "2026-02-18"),
        referral("r2", "2026-02-16", child_id="c2"),
        decided("r2", "2026-02-17", "strategy_discussion", child_id="c2"),
        lead("q2", "2026-02-19", child_id="c2"),
        expected=done_lines("allocation", "north", (2, 2, 2), (1, 1, 1)),
    ),
    example(
        "an allocation that was running on the referral's date stops it at the decision",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17"),
        lead("q1", "2025-06-02"),
        said("case.deallocated", "q1", "2026-02-17"),
        expected=done_lines("allocation", "north", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "an allocation that ended on the referral's date is of another time",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17"),
        lead("q1", "2026-02-10"),
        said("case.deallocated", "q1", "2026-02-16"),
        expected=clock_lines("allocation", "north", open=1, overdue=1, due_soon=0),
    ),
    example(
        "a co-worker, another child's worker and an allocation that never ran stop nothing",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-27"),
        lead("q1", "2026-02-27", role="co_worker"),
        lead("q2", "2026-02-27", child_id="c2"),
        lead("q3", "2026-02-27"),
        said("case.deallocated", "q3", "2026-02-26"),
        expected=clock_lines("allocation", "north", open=1, overdue=0, due_soon=1, longest_overdue_seconds=0),
    ),
    example(
        "an allocation of a single day, after the referral's, stops the clock",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17"),
        lead("q1", "2026-02-17"),
        said("case.deallocated", "q1", "2026-02-17"),
        expected=done_lines("allocation", "north", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "a case that closes without an allocation takes its clock along, one with completes it",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17"),
        said("case.closed", "r1", "2026-02-18"),
        referral("r2", "2026-02-16", child_id="c2"),
        decided("r2", "2026-02-17", child_id="c2"),
        said("case.closed", "r2", "2026-02-18", child_id="c2"),
        lead("q2", "2026-02-23", child_id="c2"),
        expected=clock_lines("allocation", "north", open=0)
        + "\n"
        + done_lines("allocation", "north", (1, 1, 1), (0, 0, 0)),
    ),
    example(
        "only a decision for an assessment or a strategy discussion asks for a worker",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17", "early_help"),
        lead("q1", "2026-02-18", child_id="c9"),
        expected=clock_lines("allocation", "north", open=0),
    ),
    example(
        "no allocation clock before the referral is there",
        decided("r1", "2026-02-17"),
        lead("q1", "2026-02-18"),
        expected=clock_lines("allocation", "unassigned", open=0)
        + "\n"
        + clock_lines("allocation", "north", open=0)
        + "\n"
        + done_lines("allocation", "north", (0, 0, 0), (0, 0, 0)),
    ),
    example(
        "no allocation clock for an authority that sends no allocations",
        referral("r1", "2026-02-16"),
        decided("r1", "2026-02-17"),
        expected=clock_lines("referral_decision", "north", open=0),
        absent=('csc_clock_open{clock="allocation"}', "csc_cases_unallocated"),
    ),
    # assessment
    example(
        "45 working days from the referral are on time, 46 are not",
        referral("r1", "2026-01-05", child_id="c1"),
        said("assessment.started", "a1", "2026-01-19", referral_id="r1", child_id="c1"),
        said("assessment.authorised", "a1", "2026-03-09", child_id="c1"),
        referral("r2", "2026-01-05", child_id="c2"),
        said("assessment.started", "a2", "2026-01-19", referral_id="r2", child_id="c2"),
        said("assessment.authorised", "a2", "2026-03-10", child_id="c2"),
        expected=done_lines("assessment", "north", (2, 2, 2), (1, 1, 1))
        + within_lines("assessment", "north", d40=0, d45=1, d50=2, d60=2, inf=2)
        + "\n"
        + done_lines("assessment_from_start", "north", (2, 2, 2), (2, 2, 2))
        + within_lines("assessment_from_start", "north", d30=0, d40=2, d45=2, d50=2, d60=2, inf=2),
        now="2026-03-16T09:00:00Z",
    ),
    example(
        "due within five working days is due soon",
        referral("r1", "2026-01-07", child_id="c1"),
        said("assessment.started", "a1", "2026-01-19", referral_id="r1", child_id="c1"),
        referral("r2", "2026-01-08", child_id="c2"),
        said("assessment.started", "a2", "2026-01-19", referral_id="r2", child_id="c2"),
        referral("r3", "2025-12-24", child_id="c3"),
        said("assessment.started", "a3", "2026-01-19", referral_id="r3", child_id="c3"),
        expected=clock_lines("assessment", "north", open=3, overdue=1, due_soon=1, longest_overdue_seconds=2 * 86_400)
        + "\n"
        + clock_lines("assessment_from_start", "north", open=3, overdue=0, due_soon=0),
        now="2026-03-04T09:00:00Z",
    ),
    example(
        "one clock for a referral: its assessment that was authorised first",
        referral("r1", "2026-02-02"),
        said("assessment.started", "a1", "2026-02-03", referral_id="r1", team_id="one"),
        said("assessment.started", "a2", "2026-02-04", referral_id="r1", team_id="two"),
        said("assessment.started", "a3", "2026-02-04", referral_id="r1", team_id="three"),
        said("assessment.authorised", "a3", "2026-02-20"),
        said("assessment.authorised", "a2", "2026-02-20"),
        expected=done_lines("assessment", "two", (1, 1, 1), (1, 1, 1))
        + clock_lines("assessment", "one", open=0)
        + "\n"
        + clock_lines("assessment_from_start", "one", open=1)
        + "\n"
        + done_lines("assessment_from_start", "two", (1, 1, 1), (1, 1, 1))
        + done_lines("assessment_from_start", "three", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "one clock for a referral: else its earliest-started, by id on one date",
        referral("r1", "2026-02-02"),
        said("assessment.started", "a9", "2026-02-03", referral_id="r1", team_id="nine"),
        said("assessment.started", "a10", "2026-02-03", referral_id="r1", team_id="ten"),
        said("assessment.started", "a0", "2026-02-04", referral_id="r1", team_id="zero"),
        expected=clock_lines("assessment", "ten", open=1)
        + "\n"
        + "\n".join(clock_lines("assessment_from_start", team, open=1) for team in ("nine", "ten", "zero")),
    ),
    example(
        "a referral without an assessment, or with another child's, has no assessment clock",
        referral("r1", "2026-02-02"),
        said("assessment.started", "a1", "2026-02-03", referral_id="r1", child_id="c2", team_id="south"),
        expected=clock_lines("assessment", "south", open=0)
        + "\n"
        + clock_lines("assessment_from_start", "south", open=1),
    ),
    example(
        "an assessment whose referral has not come runs from its own start",
        said("assessment.started", "a1", "2026-02-03", referral_id="r1"),
        said("case.closed", "r1", "2026-02-04"),
        expected=clock_lines("assessment", "unassigned", open=0)
        + "\n"
        + clock_lines("assessment_from_start", "unassigned", open=1),
    ),
    example(
        "a closed case takes along the assessments that are not authorised",
        referral("r1", "2026-02-02"),
        said("case.closed", "r1", "2026-02-20"),
        said("assessment.started", "a1", "2026-02-03", referral_id="r1"),
        said("assessment.started", "a2", "2026-02-03", referral_id="r1"),
        said("assessment.authorised", "a2", "2026-02-23"),
        referral("r2", "2026-02-02", child_id="c2"),
        said("case.closed", "r2", "2026-01-30", child_id="c2"),
        said("assessment.started", "a3", "2026-02-03", referral_id="r2", child_id="c2"),
        expected=clock_lines("assessment", "north", open=0)
        + "\n"
        + done_lines("assessment", "north", (1, 1, 1), (1, 1, 1))
        + clock_lines("assessment_from_start", "north", open=0)
        + "\n"
        + done_lines("assessment_from_start", "north", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "an assessment authorised before its start took 0 working days",
        referral("r1", "2026-02-16"),
        said("assessment.started", "a1", "2026-02-17", referral_id="r1"),
        said("assessment.authorised", "a1", "2026-02-16"),
        expected=done_lines("assessment_from_start", "north", (1, 1, 1), (1, 1, 1))
        + within_lines(
            "assessment_from_start",
            "north",
            **{f"d{days}": 1 for days in (0, 10, 20, 30, 40, 45, 50, 60)},
            inf=1,
        ),
    ),
    # conference
    example(
        "the first conference of an enquiry stops its clock",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("conference.held", "f9", "2026-02-24", section47_id="s1"),
        said("conference.held", "f1", "2026-02-25", section47_id="s1"),
        said("section47.started", "s2", "2026-02-02", team_id="north"),
        said("conference.held", "f3", "2026-02-23", section47_id="s2"),
        expected=done_lines("conference", "north", (2, 2, 2), (1, 1, 1))
        + within_lines("conference", "north", d10=0, d15=1, d20=2, inf=2),
    ),
    example(
        "a conference of another enquiry, of a sibling or of a transfer stops nothing",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("conference.held", "f1", "2026-02-10", section47_id="s2"),
        said("conference.held", "f2", "2026-02-10", section47_id="s1", child_id="c2"),
        said("conference.held", "f3", "2026-02-10", notification_id="s1"),
        expected=clock_lines("conference", "north", open=1, overdue=1, due_soon=0, longest_overdue_seconds=7 * 86_400),
    ),
    example(
        "an enquiry that ends with no conference, or whose case closes, is gone",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("section47.completed", "s1", "2026-02-10", outcome="no_conference"),
        said("section47.started", "s2", "2026-02-02", team_id="north", child_id="c2", referral_id="r2"),
        said("section47.completed", "s2", "2026-02-10", outcome="conference", child_id="c2"),
        referral("r2", "2026-02-02", child_id="c2"),
        said("case.closed", "r2", "2026-02-20", child_id="c2"),
        said("section47.started", "s3", "2026-02-02", team_id="north", child_id="c3"),
        said("section47.completed", "s3", "2026-02-10", outcome="conference", child_id="c3"),
        expected=clock_lines("conference", "north", open=1),
    ),
    example(
        "a conference that was held counts, whatever the enquiry's outcome says",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("section47.completed", "s1", "2026-02-10", outcome="no_conference"),
        said("conference.held", "f1", "2026-02-16", section47_id="s1"),
        expected=done_lines("conference", "north", (1, 1, 1), (1, 1, 1))
        + within_lines("conference", "north", d10=1, d15=1, d20=1, inf=1),
    ),
    example(
        "an enquiry takes its referral's team, else it has none",
        referral("r1", "2026-02-02"),
        said("section47.started", "s1", "2026-02-27", referral_id="r1"),
        said("section47.started", "s2", "2026-02-27", child_id="c2"),
        expected=clock_lines("conference", "north", open=1) + "\n" + clock_lines("conference", "unassigned", open=1),
    ),
]

# ---- front door

FRONT_DOOR = [
    example(
        "contacts by outcome and window",
        contact("k1", "2026-02-27"),
        contact("k2", "2026-02-02"),
        said("contact.decided", "k2", "2026-03-02", outcome="referral"),
        contact("k3", "2025-12-01"),
        said("contact.decided", "k3", "2025-12-02", outcome="existing_case"),
        expected=on_windows("csc_contacts", 'outcome="undecided",team="north"', 1, 1, 1)
        + "\n"
        + on_windows("csc_contacts", 'outcome="referral",team="north"', 0, 1, 1)
        + "\n"
        + on_windows("csc_contacts", 'outcome="existing_case",team="north"', 0, 0, 1)
        + "\n"
        + on_windows("csc_contacts", 'outcome="early_help",team="north"', 0, 0, 0),
    ),
    example(
        "a re-referral looks back to the same day a year earlier",
        referral("r1", "2025-02-20", child_id="c1"),
        referral("r2", "2026-02-20", child_id="c1"),
        referral("r3", "2025-02-19", child_id="c2"),
        referral("r4", "2026-02-20", child_id="c2"),
        expected=on_windows("csc_referrals", 'team="north"', 2, 2, 2)
        + "\n"
        + on_windows("csc_rereferrals", 'team="north"', 1, 1, 1),
    ),
    example(
        "a year before 29 February is 28 February",
        referral("r1", "2023-02-28", child_id="c1"),
        referral("r2", "2024-02-29", child_id="c1"),
        referral("r3", "2023-02-27", child_id="c2"),
        referral("r4", "2024-02-29", child_id="c2"),
        expected=on_windows("csc_rereferrals", 'team="north"', 1, 1, 1),
        now="2024-03-01T09:00:00Z",
    ),
    example(
        "two referrals of a child on one day are no re-referrals, nor is another child's",
        referral("r1", "2026-02-20", child_id="c1"),
        referral("r2", "2026-02-20", child_id="c1"),
        referral("r2", "2026-02-26", child_id="c2"),
        expected=on_windows("csc_referrals", 'team="north"', 3, 3, 3)
        + "\n"
        + on_windows("csc_rereferrals", 'team="north"', 0, 0, 0),
    ),
    example(
        "a referral ended with no further action is an earlier referral too",
        referral("r1", "2025-12-01"),
        decided("r1", "2025-12-01", "no_further_action"),
        referral("r2", "2026-02-20"),
        decided("r2", "2026-02-20", "advice"),
        expected=on_windows("csc_referrals_no_further_action", 'team="north"', 0, 0, 1)
        + "\n"
        + on_windows("csc_rereferrals", 'team="north"', 1, 1, 1),
    ),
]

# ---- children and cases


def children_lines(**figures: int) -> str:
    return "\n".join(f'csc_children{{status="{s}",team="north"}} {n}' for s, n in figures.items()) + "\n"


CHILDREN = [
    example(
        "a child may be in need, on a plan and in care at once",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        said("cp_plan.started", "p1", "2026-02-20", team_id="north"),
        said("care.started", "o1", "2026-02-20", team_id="north"),
        expected=children_lines(in_need=1, child_protection=1, looked_after=1),
    ),
    example(
        "a child with several cases is one, in the team of the latest received",
        referral("r1", "2026-02-02", team_id="south"),
        decided("r1", "2026-02-03"),
        referral("r9", "2026-02-03", team_id="north"),
        decided("r9", "2026-02-03", "strategy_discussion"),
        referral("r10", "2026-02-03", team_id="east"),
        decided("r10", "2026-02-03"),
        expected='csc_children{status="in_need",team="north"} 1',
    ),
    example(
        "a case is received, decided as one and not closed, whatever the closure's date",
        decided("r1", "2026-02-03", child_id="c1"),
        referral("r2", "2026-02-02", child_id="c2"),
        referral("r3", "2026-02-02", child_id="c3"),
        decided("r3", "2026-02-03", "no_further_action", child_id="c3"),
        referral("r4", "2026-02-02", child_id="c4"),
        decided("r4", "2026-02-03", child_id="c4"),
        said("case.closed", "r4", "2026-02-01", child_id="c4"),
        referral("r5", "2026-02-02", child_id="c5"),
        decided("r5", "2026-02-03", child_id="c5"),
        said("case.closed", "r5", "2026-03-02", child_id="c5"),
        referral("r6", "2026-02-02", child_id="c6"),
        decided("r6", "2026-02-03", child_id="c6"),
        said("case.closed", "r6", "2026-03-03", child_id="c6"),
        expected=children_lines(in_need=1),
    ),
    example(
        "a plan ends on its date; one that ended before it started never ran",
        said("cp_plan.started", "p1", "2026-02-20", team_id="north", child_id="c1"),
        said("cp_plan.ended", "p1", "2026-03-02", child_id="c1"),
        said("cp_plan.started", "p2", "2026-02-20", team_id="north", child_id="c2"),
        said("cp_plan.ended", "p2", "2026-02-01", child_id="c2"),
        said("cp_plan.started", "p3", "2026-03-02", team_id="north", child_id="c3"),
        expected=children_lines(child_protection=1),
        absent=('csc_children{status="in_need"}', 'csc_children{status="looked_after"}'),
    ),
    example(
        "of two running plans the later started names the team, on one date the larger id",
        said("cp_plan.started", "p1", "2026-02-20", team_id="south"),
        said("cp_plan.started", "p2", "2026-02-20", team_id="north"),
        said("cp_plan.started", "p3", "2026-02-10", team_id="east"),
        expected=children_lines(child_protection=1),
    ),
    example(
        "unallocated children count once: in care before on a plan before in need",
        referral("r1", "2026-02-02", child_id="c1"),
        decided("r1", "2026-02-02", child_id="c1"),
        said("cp_plan.started", "p1", "2026-02-20", team_id="cp", child_id="c1"),
        said("care.started", "o1", "2026-02-20", team_id="cla", child_id="c1"),
        referral("r2", "2026-02-02", child_id="c2"),
        decided("r2", "2026-02-02", child_id="c2"),
        said("cp_plan.started", "p2", "2026-02-20", team_id="cp", child_id="c2"),
        referral("r3", "2026-02-02", child_id="c3"),
        decided("r3", "2026-02-02", child_id="c3"),
        referral("r4", "2026-02-02", child_id="c4"),
        decided("r4", "2026-02-02", child_id="c4"),
        lead("q4", "2026-02-02", child_id="c4"),
        expected='csc_cases_unallocated{pathway="cla",team="cla"} 1\n'
        'csc_cases_unallocated{pathway="cp",team="cp"} 1\n'
        'csc_cases_unallocated{pathway="cin",team="north"} 1\n',
    ),
    example(
        "an allocation that ended today, or a co-worker, leaves the child unallocated",
        said("care.started", "o1", "2026-02-20", team_id="north", child_id="c1"),
        lead("q1", "2026-02-20", child_id="c1"),
        said("case.deallocated", "q1", "2026-03-02", child_id="c1"),
        said("care.started", "o2", "2026-02-20", team_id="north", child_id="c2"),
        lead("q2", "2026-02-20", child_id="c2", role="co_worker"),
        expected='csc_cases_unallocated{pathway="cla",team="north"} 2',
        absent=('csc_cases_unallocated{pathway="cp"}', 'csc_cases_unallocated{pathway="cin"}'),
    ),
    example(
        "a child without case, plan or care is not unallocated",
        referral("r1", "2026-02-02", child_id="c1"),
        decided("r1", "2026-02-02", "advice", child_id="c1"),
        lead("q1", "2026-02-20", child_id="c9"),
        expected='csc_cases_unallocated{pathway="cin",team="north"} 0',
    ),
    example(
        "lead workers of the last 365 days, each once",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        lead("q1", "2024-06-03", worker_id="w1"),
        said("case.deallocated", "q1", "2025-03-04"),  # its last day is the window's first
        lead("q2", "2025-03-04", worker_id="w2"),
        said("case.deallocated", "q2", "2025-09-01"),
        lead("q3", "2025-09-01", worker_id="w2"),
        expected='csc_children_by_lead_workers{team="north",workers="2"} 1',
    ),
    example(
        "who ended on the window's first day, or on the day of the start, was never lead in it",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        lead("q1", "2024-06-03", worker_id="w1"),
        said("case.deallocated", "q1", "2025-03-03"),
        lead("q2", "2026-02-03", worker_id="w2"),
        said("case.deallocated", "q2", "2026-02-03"),
        lead("q3", "2026-02-03", worker_id="w3", role="co_worker"),
        expected='csc_children_by_lead_workers{team="north",workers="0"} 1',
    ),
    example(
        "three lead workers and more are one class",
        referral("r1", "2026-02-02"),
        decided("r1", "2026-02-02"),
        *(lead(f"q{n}", "2026-02-03", worker_id=f"w{n}") for n in range(4)),
        expected='csc_children_by_lead_workers{team="north",workers="3+"} 1',
    ),
]

# ---- caseload

CASELOAD = [
    example(
        "a case is a child, however often it is allocated; a co-worker has none",
        job("m1", "2025-01-06"),
        lead("q1", "2026-02-02", child_id="c1"),
        lead("q2", "2026-02-03", child_id="c1"),
        lead("q3", "2026-02-03", child_id="c2"),
        lead("q4", "2026-02-03", child_id="c3", role="co_worker"),
        lead("q5", "2026-02-03", child_id="c4"),
        said("case.deallocated", "q5", "2026-02-20", child_id="c4"),
        expected='csc_caseload_cases{team="north"} 2\n'
        'csc_caseload_holders{team="north"} 1\n'
        'csc_caseload_holders_fte{team="north"} 1\n'
        'csc_caseload_max{team="north"} 2\n' + caseload_bounds("north", 2),
    ),
    example(
        "a worker counts in the team and role of the latest-started running employment",
        job("m1", "2025-01-06", team_id="south", fte=0.5, role="case_holder"),
        job("m3", "2025-02-03", team_id="east", fte=0.2, role="case_holder"),
        job("m4", "2025-02-03", team_id="north", fte=0.2, role="first_line_manager"),
        job("m5", "2025-03-03", team_id="west"),
        said("employment.ended", "m5", "2026-02-02", reason="moved"),
        lead("q1", "2026-02-02"),
        expected='csc_caseload_cases{team="north"} 1\n'
        'csc_caseload_holders_fte{team="north"} 0.9\n' + caseload_bounds("north", 1),
    ),
    example(
        "two employments make no more than one worker",
        job("m1", "2025-01-06", fte=0.6),
        job("m2", "2025-02-03", fte=0.7),
        lead("q1", "2026-02-02"),
        expected='csc_caseload_holders_fte{team="north"} 1',
    ),
    example(
        "case holders and senior practitioners count without cases, managers do not",
        job("m1", "2025-01-06", worker_id="w1", team_id="one"),
        job("m2", "2025-01-06", worker_id="w2", team_id="two", role="senior_practitioner"),
        job("m3", "2025-01-06", worker_id="w3", team_id="three", role="first_line_manager"),
        lead("q1", "2026-02-02", worker_id="w9", team_id="three"),
        expected=caseload_bounds("one", 0) + caseload_bounds("two", 0),
    ),
    example(
        "over a threshold is more than it, for a full post",
        job("m1", "2025-01-06", worker_id="w1", team_id="eighteen"),
        job("m2", "2025-01-06", worker_id="w2", team_id="nineteen"),
        job("m3", "2025-01-06", worker_id="w3", team_id="thirty-one"),
        *leads("w1", 18, "eighteen"),
        *leads("w2", 19, "nineteen"),
        *leads("w3", 31, "thirty-one"),
        expected='csc_caseload_workers_over{band="amber",stage="experienced",team="nineteen"} 1\n'
        'csc_caseload_workers_over{band="amber",stage="experienced",team="thirty-one"} 1\n'
        'csc_caseload_workers_over{band="red",stage="experienced",team="thirty-one"} 1\n'
        'csc_caseload_workers_over{band="critical",stage="experienced",team="thirty-one"} 1\n'
        'csc_caseload_workers_over{band="amber",stage="experienced",team="eighteen"} 0\n'
        + caseload_bounds("eighteen", 18)
        + caseload_bounds("nineteen", 19)
        + caseload_bounds("thirty-one", 31),
    ),
    example(
        "a threshold shrinks with the part-time post, in decimals as written",
        job("m1", "2025-01-06", fte=0.1),
        *leads("w1", 3),
        expected='csc_caseload_workers_over{band="amber",stage="experienced",team="north"} 1\n'
        'csc_caseload_workers_over{band="red",stage="experienced",team="north"} 1\n'
        'csc_caseload_workers_over{band="critical",stage="experienced",team="north"} 0\n',
    ),
    example(
        "the first supported year takes a tenth off, to its last day",
        job("m1", "2025-01-06", worker_id="w1", asye_until="2026-03-02"),
        *leads("w1", 17),
        job("m2", "2025-01-06", worker_id="w2", asye_until="2026-03-01"),
        *leads("w2", 17),
        expected='csc_caseload_workers_over{band="amber",stage="asye",team="north"} 1\n'
        'csc_caseload_workers_over{band="amber",stage="experienced",team="north"} 0\n',
    ),
    example(
        "the thresholds are the policy's, an authority's own before the general",
        job("m1", "2025-01-06", asye_until="2027-01-01"),
        *leads("w1", 3),
        expected='csc_caseload_threshold{band="amber"} 2.5\n'
        'csc_caseload_threshold{band="red"} 6\n'
        'csc_caseload_threshold{band="critical"} 30\n'
        'csc_caseload_workers_over{band="amber",stage="asye",team="north"} 1\n'
        'csc_caseload_workers_over{band="red",stage="asye",team="north"} 0\n',
        policy={
            "caseload": {"amber": 4, "red": 6, "asye_fte_factor": 0.5},
            "authority": {AUTHORITY: {"caseload": {"amber": 2.5}}},
        },
    ),
    example(
        "cover is needed for children of a worker who left, or is absent today",
        job("m1", "2025-01-06", worker_id="w1", team_id="south"),
        said("employment.ended", "m1", "2025-06-02", reason="moved"),
        job("m2", "2025-06-02", worker_id="w1", team_id="north"),
        said("employment.ended", "m2", "2026-03-02"),
        said("absence.started", "b1", "2026-02-02", worker_id="w1"),
        *leads("w1", 2),
        job("m3", "2025-01-06", worker_id="w2", team_id="north"),
        said("absence.started", "b2", "2026-02-02", worker_id="w2", reason="maternity"),
        *leads("w2", 3),
        job("m4", "2025-01-06", worker_id="w3", team_id="north"),
        said("absence.started", "b3", "2026-02-02", worker_id="w3"),
        said("absence.ended", "b3", "2026-03-02"),
        *leads("w3", 1),
        *leads("unknown", 5),
        expected='csc_caseload_cover_needed{reason="left",team="north"} 2\n'
        'csc_caseload_cover_needed{reason="absent",team="north"} 3\n'
        'csc_caseload_cover_needed{reason="absent",team="south"} 0\n'
        'csc_caseload_cases{team="north"} 4\n',
    ),
    example(
        "no caseload without employments",
        lead("q1", "2026-02-02"),
        expected='csc_caseload_threshold{band="amber"} 18\n'
        'csc_caseload_threshold{band="red"} 22\n'
        'csc_caseload_threshold{band="critical"} 30\n',
        absent=("csc_caseload_cases", "csc_caseload_workers", "csc_caseload_cover_needed"),
    ),
    example(
        "no caseload without allocations",
        job("m1", "2025-01-06"),
        expected='csc_workforce_headcount{contract="permanent",team="north"} 1',
        absent=("csc_caseload_cases", "csc_caseload_workers", "csc_caseload_cover_needed"),
    ),
]

# ---- workforce

STARTERS = 'csc_workforce_starters_fte{team="north",window="365d"}'
LEAVERS = 'csc_workforce_leavers_fte{team="north",window="365d"}'


def barnet_2017() -> Example:
    """DfE's published figures for Barnet, 2017: in post 139.5, leavers 26, agency 40.3, vacant 66."""
    posts = [(f"p{n}", 1, "permanent") for n in range(139)] + [("p-half", 0.5, "permanent")]
    posts += [(f"a{n}", 1, "agency") for n in range(40)] + [("a-part", 0.3, "agency")]
    return example(
        "Barnet 2017: turnover 18.6 %, agency 22.4 %, vacancy 32.1 %",
        *(job(name, "2015-09-01", worker_id=name, fte=fte, contract=kind) for name, fte, kind in posts),
        *(job(f"l{n}", "2015-09-01", worker_id=f"l{n}") for n in range(26)),
        *(said("employment.ended", f"l{n}", "2017-03-31") for n in range(26)),
        said("establishment.reported", "north", "2017-09-30", vacant_fte=66),
        expected='csc_workforce_fte{contract="permanent",team="north"} 139.5\n'
        'csc_workforce_fte{contract="agency",team="north"} 40.3\n'
        'csc_workforce_headcount{contract="permanent",team="north"} 140\n'
        'csc_workforce_headcount{contract="agency",team="north"} 41\n'
        'csc_workforce_vacant_fte{team="north"} 66\n'
        f"{LEAVERS} 26\n{STARTERS} 0\n",
        now="2017-09-30T12:00:00Z",
    )


BARNET_2017 = barnet_2017()

WORKFORCE = [
    BARNET_2017,
    example(
        "parts of posts add up, people count once for a contract",
        job("m1", "2025-01-06", worker_id="w1", fte=0.1),
        job("m2", "2025-01-06", worker_id="w1", fte=0.2, role="senior_practitioner"),
        job("m3", "2025-01-06", worker_id="w1", fte=1, contract="agency"),
        job("m4", "2025-01-06", worker_id="w2", fte=0.7, role="first_line_manager"),
        job("m5", "2026-03-03", worker_id="w3"),
        expected='csc_workforce_fte{contract="permanent",team="north"} 1.0\n'
        'csc_workforce_fte{contract="agency",team="north"} 1\n'
        'csc_workforce_headcount{contract="permanent",team="north"} 2\n'
        'csc_workforce_headcount{contract="agency",team="north"} 1\n'
        'csc_workforce_role_fte{role="case_holder",team="north"} 1.1\n'
        'csc_workforce_role_fte{role="senior_practitioner",team="north"} 0.2\n'
        'csc_workforce_role_fte{role="first_line_manager",team="north"} 0.7\n'
        'csc_workforce_role_fte{role="senior_manager",team="north"} 0\n',
    ),
    example(
        "three tenths are 0.3",
        job("m1", "2025-01-06", worker_id="w1", fte=0.1),
        job("m2", "2025-01-06", worker_id="w2", fte=0.2),
        expected='csc_workforce_fte{contract="permanent",team="north"} 0.3',
    ),
    example(
        "who starts and leaves within the year counts both ways; agency staff in neither",
        job("m1", "2025-03-03", worker_id="w1"),
        said("employment.ended", "m1", "2026-03-02"),
        job("m2", "2025-03-02", worker_id="w2"),
        job("m3", "2025-06-02", worker_id="w3", contract="agency"),
        said("employment.ended", "m3", "2026-02-02"),
        job("m4", "2020-06-01", worker_id="w4", fte=0.5),
        said("employment.ended", "m4", "2025-03-02"),
        expected=f"{STARTERS} 1\n{LEAVERS} 1\n",
    ),
    example(
        "who starts and leaves on one day is starter and leaver, and never in post",
        job("m1", "2026-02-02"),
        said("employment.ended", "m1", "2026-02-02"),
        expected=f'{STARTERS} 1\n{LEAVERS} 1\ncsc_workforce_fte{{contract="permanent",team="north"}} 0',
    ),
    example(
        "who moves on the day or the day before does not start",
        job("m1", "2020-06-01", worker_id="w1"),
        said("employment.ended", "m1", "2026-02-01", reason="moved"),
        job("m2", "2026-02-02", worker_id="w1"),
        job("m3", "2020-06-01", worker_id="w2"),
        said("employment.ended", "m3", "2026-02-02", reason="moved"),
        job("m4", "2026-02-02", worker_id="w2"),
        job("m5", "2020-06-01", worker_id="w3"),
        said("employment.ended", "m5", "2026-01-31", reason="moved"),
        job("m6", "2026-02-02", worker_id="w3", fte=0.5),
        job("m7", "2020-06-01", worker_id="w4", contract="agency"),
        said("employment.ended", "m7", "2026-02-02", reason="moved"),
        job("m8", "2026-02-02", worker_id="w4", fte=0.25),
        job("m9", "2020-06-01", worker_id="w5"),
        said("employment.ended", "m9", "2026-02-02", reason="moved"),
        job("m10", "2026-02-02", worker_id="w6", fte=0.125),
        expected=f"{STARTERS} 0.875\n{LEAVERS} 0\n",
    ),
    example(
        "an employment that ended before it started is no starter, no leaver and no predecessor",
        job("m1", "2026-02-02", worker_id="w1"),
        said("employment.ended", "m1", "2026-02-01"),
        job("m2", "2026-02-10", worker_id="w2"),
        said("employment.ended", "m2", "2026-02-01", reason="moved"),
        job("m3", "2026-02-02", worker_id="w2", fte=0.5),
        expected=f'{STARTERS} 0.5\n{LEAVERS} 0\ncsc_workforce_fte{{contract="permanent",team="north"}} 0.5\n',
    ),
    example(
        "the latest establishment report counts",
        said("establishment.reported", "north", "2026-02-01", vacant_fte=3, recordversion=9),
        said("establishment.reported", "north", "2026-02-15", vacant_fte=2),
        said("establishment.reported", "south", "2026-01-01", vacant_fte=0.5),
        expected='csc_workforce_vacant_fte{team="north"} 2\ncsc_workforce_vacant_fte{team="south"} 0.5',
        absent=("csc_workforce_fte", "csc_workforce_absent"),
    ),
    example(
        "of reports with one time the highest version counts; a withdrawn time drops out",
        said("establishment.reported", "north", "2026-02-01", vacant_fte=3, recordversion=1),
        said("establishment.reported", "north", "2026-02-01T00:00:00+00:00", vacant_fte=4),
        said("establishment.reported", "north", "2026-02-15", vacant_fte=5),
        said("establishment.reported", "north", "2026-02-15", op="withdraw", recordversion=1),
        expected='csc_workforce_vacant_fte{team="north"} 3',
    ),
    example(
        "a team whose every report is withdrawn stays with 0",
        said("establishment.reported", "north", "2026-02-15", vacant_fte=5),
        said("establishment.reported", "north", "2026-02-15", op="withdraw", recordversion=1),
        expected='csc_workforce_vacant_fte{team="north"} 0',
    ),
    example(
        "an absent worker counts once for a reason, in the latest-started running employment",
        job("m1", "2025-01-06", team_id="south"),
        job("m2", "2025-02-03", team_id="north"),
        said("absence.started", "b1", "2026-02-02"),
        said("absence.started", "b2", "2026-02-03"),
        said("absence.started", "b3", "2026-02-03", reason="other"),
        said("absence.started", "b4", "2026-02-03", reason="maternity"),
        said("absence.ended", "b4", "2026-03-02"),
        job("m5", "2025-01-06", worker_id="w5", team_id="east"),
        said("employment.ended", "m5", "2026-02-02"),
        said("absence.started", "b5", "2026-01-05", worker_id="w5"),
        expected='csc_workforce_absent{reason="sickness",team="north"} 1\n'
        'csc_workforce_absent{reason="other",team="north"} 1\n'
        'csc_workforce_absent{reason="maternity",team="north"} 0\n'
        'csc_workforce_absent{reason="sickness",team="south"} 0\n'
        'csc_workforce_absent{reason="sickness",team="east"} 0\n',
        absent=('csc_workforce_absent{team="unassigned"}',),
    ),
    example(
        "an absence of an unknown worker falls under no team",
        job("m1", "2025-01-06"),
        said("absence.started", "b1", "2026-02-02", worker_id="w9"),
        expected='csc_workforce_absent{reason="sickness",team="unassigned"} 0\n'
        'csc_workforce_absent{reason="sickness",team="north"} 0\n',
    ),
    example(
        "no absence figures without absences",
        job("m1", "2025-01-06"),
        expected='csc_workforce_headcount{contract="permanent",team="north"} 1',
        absent=("csc_workforce_absent", "csc_workforce_vacant_fte"),
    ),
]

# ---- clocks of child protection

PROTECTION = [
    # transfer_in_conference
    example(
        "a conference 15 working days after a transfer is on time, 16 days after it is not",
        said("transfer_in.notified", "n1", "2026-02-02", team_id="north"),
        said("conference.held", "f1", "2026-02-23", notification_id="n1"),
        said("transfer_in.notified", "n2", "2026-02-02", team_id="north", child_id="c2"),
        said("conference.held", "f2", "2026-02-24", notification_id="n2", child_id="c2"),
        expected=done_lines("transfer_in_conference", "north", (2, 2, 2), (1, 1, 1)),
        absent=('csc_clock_open{clock="conference"}', "csc_clock_completed_within"),
    ),
    example(
        "one conference may stop an enquiry's clock and a transfer's",
        said("section47.started", "s1", "2026-02-02", team_id="north"),
        said("transfer_in.notified", "n1", "2026-02-09", team_id="south"),
        said("conference.held", "f1", "2026-02-24", section47_id="s1", notification_id="n1"),
        expected=done_lines("conference", "north", (1, 1, 1), (0, 0, 0))
        + done_lines("transfer_in_conference", "south", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "a closed transfer is gone, unless there was a conference",
        said("transfer_in.notified", "n1", "2026-02-02", team_id="north"),
        said("transfer_in.closed", "n1", "2026-02-01"),
        said("transfer_in.notified", "n2", "2026-02-02", team_id="north", child_id="c2"),
        said("transfer_in.closed", "n2", "2026-02-03", child_id="c2"),
        said("conference.held", "f2", "2026-02-10", notification_id="n2", child_id="c2"),
        said("transfer_in.notified", "n3", "2026-02-26", team_id="north", child_id="c3"),
        said("transfer_in.closed", "n3", "2026-02-27", child_id="c2"),
        expected=clock_lines("transfer_in_conference", "north", open=1, overdue=0, due_soon=0)
        + "\n"
        + done_lines("transfer_in_conference", "north", (1, 1, 1), (1, 1, 1)),
    ),
    # the golden vectors of the field
    *(
        example(
            f"15 working days after {start} is {due}",
            said("section47.started", "s1", start, team_id="north"),
            said("conference.held", "f1", due, section47_id="s1"),
            said("transfer_in.notified", "n2", start, team_id="north", child_id="c2"),
            said("conference.held", "f2", after, notification_id="n2", child_id="c2"),
            expected=done_lines("conference", "north", (1, 1, 1), (1, 1, 1))
            + within_lines("conference", "north", d10=0, d15=1, d20=1, inf=1)
            + "\n"
            + done_lines("transfer_in_conference", "north", (1, 1, 1), (0, 0, 0)),
            now=f"{now}T09:00:00Z",
        )
        for start, due, after, now in (
            ("2022-06-02", "2022-06-24", "2022-06-27", "2022-07-01"),
            ("2022-09-05", "2022-09-27", "2022-09-28", "2022-10-03"),
            ("2022-09-12", "2022-10-04", "2022-10-05", "2022-10-10"),
            ("2026-12-21", "2027-01-14", "2027-01-15", "2027-01-18"),
        )
    ),
    *(
        example(
            f"45 working days after {start} is {due}",
            said("assessment.started", "a1", start, referral_id="r1", team_id="north"),
            said("assessment.authorised", "a1", due),
            said("assessment.started", "a2", start, referral_id="r1", team_id="north", child_id="c2"),
            said("assessment.authorised", "a2", after, child_id="c2"),
            expected=done_lines("assessment_from_start", "north", (2, 2, 2), (1, 1, 1))
            + within_lines("assessment_from_start", "north", d45=1, d50=2, d60=2, inf=2),
            now=f"{now}T09:00:00Z",
        )
        for start, due, after, now in (
            ("2026-01-03", "2026-03-06", "2026-03-09", "2026-03-10"),
            ("2026-03-02", "2026-05-07", "2026-05-08", "2026-05-11"),
            ("2026-03-26", "2026-06-03", "2026-06-04", "2026-06-05"),
        )
    ),
    # core_group
    example(
        "a core group 10 working days after the plan began is on time, 11 days after it is not",
        plan("p1", "2025-12-22"),
        said("core_group.held", "g1", "2026-01-08", plan_id="p1"),
        plan("p2", "2025-12-22", child_id="c2"),
        said("core_group.held", "g2", "2026-01-09", plan_id="p2", child_id="c2"),
        expected=done_lines("core_group", "north", (2, 2, 2), (1, 1, 1)),
        now="2026-01-12T09:00:00Z",
    ),
    example(
        "only the first core group stops the clock, also one after the plan's end",
        plan("p1", "2026-02-02"),
        said("core_group.held", "g9", "2026-02-10", plan_id="p1"),
        said("core_group.held", "g1", "2026-02-20", plan_id="p1"),
        plan("p2", "2026-02-02", child_id="c2"),
        said("cp_plan.ended", "p2", "2026-02-10", child_id="c2"),
        said("core_group.held", "g2", "2026-02-17", plan_id="p2", child_id="c2"),
        plan("p3", "2026-02-02", child_id="c3"),
        said("core_group.held", "g3", "2026-02-10", plan_id="p3", child_id="c1"),
        expected=done_lines("core_group", "north", (2, 2, 2), (1, 1, 1))
        + clock_lines("core_group", "north", open=1, overdue=1, longest_overdue_seconds=14 * 86_400),
    ),
    example(
        "a plan that ended without a core group, or never ran, has no clock",
        plan("p1", "2026-02-02"),
        said("cp_plan.ended", "p1", "2026-02-10"),
        plan("p2", "2026-02-10", child_id="c2"),
        said("cp_plan.ended", "p2", "2026-02-09", child_id="c2"),
        said("core_group.held", "g2", "2026-02-11", plan_id="p2", child_id="c2"),
        expected=clock_lines("core_group", "north", open=0)
        + "\n"
        + done_lines("core_group", "north", (0, 0, 0), (0, 0, 0)),
    ),
    example(
        "a core group before its plan counts as done in no time, and as an error",
        plan("p1", "2026-02-10"),
        said("core_group.held", "g1", "2026-01-30", plan_id="p1"),
        expected=done_lines("core_group", "north", (0, 1, 1), (0, 1, 1))
        + 'csc_data_quality_facts{check="stop_before_start"} 1\n'
        'csc_data_quality_facts{check="plan_without_case"} 1',
    ),
    # cp_review
    example(
        "a plan is reviewed after three months, then every six",
        plan("p1", "2025-04-30"),
        said("cp_review.held", "v1", "2025-07-30", plan_id="p1"),
        said("cp_review.held", "v2", "2026-01-31", plan_id="p1"),
        expected=done_lines("cp_review", "north", (0, 1, 2), (0, 0, 1))
        + clock_lines("cp_review", "north", open=1, overdue=0, due_soon=0),
    ),
    example(
        "months are clipped to the month's end, and a Saturday is no excuse",
        plan("p1", "2025-11-30"),
        plan("p2", "2025-12-01", child_id="c2"),
        plan("p3", "2025-12-06", child_id="c3"),
        plan("p4", "2025-12-07", child_id="c4"),
        expected=clock_lines("cp_review", "north", open=4, overdue=1, due_soon=2, longest_overdue_seconds=86_400),
        now="2026-03-01T12:00:00Z",
    ),
    example(
        "reviews on one date count once; on the start date they make an interval of no days",
        plan("p1", "2025-12-02"),
        said("cp_review.held", "v1", "2025-12-02", plan_id="p1"),
        said("cp_review.held", "v2", "2025-12-02", plan_id="p1"),
        expected=done_lines("cp_review", "north", (0, 1, 1), (0, 1, 1))
        + clock_lines("cp_review", "north", open=1, overdue=0, due_soon=0),
    ),
    example(
        "a review counts from the start date to the end date",
        plan("p1", "2025-10-01"),
        said("cp_plan.ended", "p1", "2026-01-15"),
        said("cp_review.held", "v1", "2025-09-30", plan_id="p1"),
        said("cp_review.held", "v2", "2026-01-15", plan_id="p1"),
        said("cp_review.held", "v3", "2026-01-16", plan_id="p1"),
        expected=done_lines("cp_review", "north", (0, 1, 1), (0, 0, 0)) + clock_lines("cp_review", "north", open=0),
    ),
    # cp_visit
    example(
        "each visit stops one interval of ten working days and starts the next",
        plan("p1", "2026-01-05"),
        *visits("cp", "2026-01-19", "2026-02-03", record_id="p1"),
        expected=done_lines("cp_visit", "north", (1, 2, 2), (0, 1, 1))
        + clock_lines("cp_visit", "north", open=1, overdue=1, due_soon=0, longest_overdue_seconds=13 * 86_400),
    ),
    example(
        "a visit that saw no child, was of another kind or before the plan stops nothing",
        plan("p1", "2026-02-16"),
        *visits("cp", "2026-02-17", seen=False),
        *visits("cin", "2026-02-18", record_id="p1"),
        *visits("assessment", "2026-02-19"),
        *visits("cp", "2026-02-13", record_id="p1"),
        expected=clock_lines("cp_visit", "north", open=1, overdue=0, due_soon=1, longest_overdue_seconds=0)
        + "\n"
        + done_lines("cp_visit", "north", (0, 0, 0), (0, 0, 0)),
    ),
    example(
        "an end takes the running interval along, not what was completed",
        plan("p1", "2026-02-02"),
        said("cp_plan.ended", "p1", "2026-02-20"),
        *visits("cp", "2026-02-09", "2026-02-20", "2026-02-21", record_id="p1"),
        expected=done_lines("cp_visit", "north", (2, 2, 2), (2, 2, 2)) + clock_lines("cp_visit", "north", open=0),
    ),
    example(
        "a visit that names no plan goes to the latest-started that had not ended before it",
        plan("p1", "2026-01-05", team_id="one"),
        plan("p2", "2026-02-02", team_id="two"),
        said("cp_plan.ended", "p2", "2026-02-10"),
        *visits("cp", "2026-01-16", "2026-02-10", "2026-02-11"),
        expected=done_lines("cp_visit", "one", (1, 2, 2), (0, 1, 1))
        + done_lines("cp_visit", "two", (1, 1, 1), (1, 1, 1))
        + clock_lines("cp_visit", "one", open=1),
    ),
    example(
        "of plans that started on one date it goes to the one with the larger id",
        plan("p9", "2026-02-20", team_id="nine"),
        plan("p10", "2026-02-20", team_id="ten"),
        *visits("cp", "2026-02-27"),
        expected=done_lines("cp_visit", "nine", (1, 1, 1), (1, 1, 1))
        + clock_lines("cp_visit", "nine", open=1)
        + "\n"
        + clock_lines("cp_visit", "ten", open=1),
    ),
    example(
        "a visit that names what is not the child's plan of its kind goes nowhere",
        plan("p1", "2026-02-16"),
        cin("i1", "2026-02-16"),
        plan("p7", "2026-02-16", child_id="c2", team_id="south"),
        *visits("cp", "2026-02-17", record_id="p2"),
        *visits("cp", "2026-02-18", record_id="i1"),
        *visits("cp", "2026-02-19", record_id="p7"),
        expected=clock_lines("cp_visit", "north", open=1)
        + "\n"
        + clock_lines("cp_visit", "south", open=1)
        + "\n"
        + clock_lines("cin_visit", "north", open=1)
        + "\n"
        + done_lines("cp_visit", "north", (0, 0, 0), (0, 0, 0))
        + done_lines("cin_visit", "north", (0, 0, 0), (0, 0, 0)),
    ),
    example(
        "a visit that names a plan that was not running goes to no other",
        plan("p1", "2026-02-02", team_id="one"),
        said("cp_plan.ended", "p1", "2026-02-10"),
        plan("p2", "2026-02-11", team_id="two"),
        *visits("cp", "2026-02-12", record_id="p1"),
        expected=clock_lines("cp_visit", "two", open=1) + "\n" + done_lines("cp_visit", "two", (0, 0, 0), (0, 0, 0)),
    ),
    # cin_visit
    example(
        "a child in need is seen every twenty working days",
        cin("i1", "2026-03-30"),
        cin("i2", "2026-03-27", child_id="c2"),
        cin("i3", "2026-03-27", child_id="c3"),
        *visits("cin", "2026-04-28", child_id="c3"),
        expected=clock_lines("cin_visit", "north", open=3, overdue=1, due_soon=1, longest_overdue_seconds=86_400)
        + "\n"
        + done_lines("cin_visit", "north", (1, 1, 1), (1, 1, 1)),
        now="2026-04-29T09:00:00Z",
    ),
    example(
        "how often to visit is policy, of the authority before all authorities'",
        plan("p1", "2026-02-16"),
        *visits("cp", "2026-02-24"),
        plan("p2", "2026-02-16", child_id="c2"),
        *visits("cp", "2026-02-25", child_id="c2"),
        cin("i1", "2026-02-02"),
        *visits("cin", "2026-02-24"),
        expected=done_lines("cp_visit", "north", (2, 2, 2), (1, 1, 1))
        + done_lines("cin_visit", "north", (1, 1, 1), (0, 0, 0)),
        policy={
            "clocks": {"cp_visit": 5, "cin_visit": 15},
            "authority": {AUTHORITY: {"clocks": {"cp_visit": 6}}},
        },
    ),
]

# ---- clocks of care

CARE = [
    # care_review
    example(
        "care is reviewed after 20 working days, then three months, then every six",
        care("o1", "2025-03-31"),
        said("care_review.held", "v1", "2025-04-30", care_id="o1"),
        said("care_review.held", "v2", "2025-07-31", care_id="o1"),
        said("care_review.held", "v3", "2026-01-31", care_id="o1"),
        expected=done_lines("care_review", "north", (0, 1, 3), (0, 1, 2))
        + clock_lines("care_review", "north", open=1, overdue=0, due_soon=0),
    ),
    example(
        "of care reviews only the first may wait for the end of a week-end",
        care("o1", "2026-01-02"),
        said("care_review.held", "v1", "2026-01-31", care_id="o1"),
        care("o2", "2026-01-02", child_id="c2"),
        care("o3", "2025-10-01", child_id="c3"),
        said("care_review.held", "v3", "2025-10-30", care_id="o3", child_id="c3"),
        expected=done_lines("care_review", "north", (1, 1, 2), (1, 1, 1))
        + clock_lines("care_review", "north", open=3, overdue=1, due_soon=1, longest_overdue_seconds=2 * 86_400),
        now="2026-02-01T09:00:00Z",
    ),
    example(
        "a review on the first day is the first; one after the period's end is none",
        care("o1", "2025-12-02"),
        said("care_review.held", "v1", "2025-12-02", care_id="o1"),
        care("o2", "2025-12-02", child_id="c2"),
        said("care.ended", "o2", "2026-01-10", child_id="c2"),
        said("care_review.held", "v2", "2026-01-11", care_id="o2", child_id="c2"),
        expected=done_lines("care_review", "north", (0, 1, 1), (0, 1, 1))
        + clock_lines("care_review", "north", open=1, overdue=0, due_soon=1),
    ),
    # care_visit
    example(
        "a placed child is seen within a week, then every six weeks",
        care("o1", "2026-01-01"),
        placed("l1", "2026-01-02"),
        *visits("care", "2026-01-09", "2026-02-20", record_id="l1"),
        care("o1", "2026-01-01", child_id="c2"),
        placed("l1", "2026-01-02", child_id="c2"),
        *visits("care", "2026-01-10", "2026-02-22", child_id="c2"),
        expected=done_lines("care_visit", "north", (2, 4, 4), (1, 2, 2))
        + clock_lines("care_visit", "north", open=2, overdue=0),
    ),
    example(
        "of a long-term placement the first year is as any other's",
        care("o1", "2024-11-01"),
        placed("l1", "2024-11-15", "long_term"),
        *visits("care", "2025-11-14", "2025-12-26"),
        expected=done_lines("care_visit", "north", (0, 1, 2), (0, 1, 1))
        + clock_lines("care_visit", "north", open=1, overdue=0, due_soon=0),
    ),
    example(
        "from a visit on the first anniversary on it is three months, with long-term foster carers six",
        care("o1", "2024-11-01"),
        placed("l1", "2024-11-15", "long_term"),
        *visits("care", "2025-11-15"),
        care("o2", "2024-11-01", team_id="south", child_id="c2"),
        placed("l2", "2024-11-15", "long_term_foster", care_id="o2", child_id="c2"),
        *visits("care", "2025-11-15", child_id="c2"),
        care("o3", "2024-11-01", team_id="east", child_id="c3"),
        placed("l3", "2024-11-15", "standard", care_id="o3", child_id="c3"),
        *visits("care", "2025-11-15", child_id="c3"),
        expected=clock_lines("care_visit", "north", open=1, overdue=1, longest_overdue_seconds=15 * 86_400)
        + "\n"
        + clock_lines("care_visit", "south", open=1, overdue=0, due_soon=0)
        + "\n"
        + clock_lines("care_visit", "east", open=1, overdue=1, longest_overdue_seconds=65 * 86_400),
    ),
    example(
        "the anniversary of a placement on 29 February is the 28th",
        care("o1", "2024-02-29"),
        placed("l1", "2024-02-29", "long_term_foster"),
        *visits("care", "2025-02-28"),
        care("o2", "2024-02-29", team_id="south", child_id="c2"),
        placed("l2", "2024-02-29", "long_term_foster", care_id="o2", child_id="c2"),
        *visits("care", "2025-02-27", child_id="c2"),
        expected=clock_lines("care_visit", "north", open=1, overdue=1, longest_overdue_seconds=86_400)
        + "\n"
        + clock_lines("care_visit", "south", open=1, overdue=1, longest_overdue_seconds=141 * 86_400),
        now="2025-08-29T09:00:00Z",
    ),
    example(
        "weekly until the first review, then every four weeks or six",
        care("o1", "2026-01-05"),
        placed("l1", "2026-01-05", "weekly_then_four_weeks"),
        said("care_review.held", "v1", "2026-01-26", care_id="o1"),
        *visits("care", "2026-01-12", "2026-01-19", "2026-01-26", "2026-02-23"),
        care("o2", "2026-01-05", team_id="south", child_id="c2"),
        placed("l2", "2026-01-05", "weekly_then_six_weeks", care_id="o2", child_id="c2"),
        said("care_review.held", "v2", "2026-01-26", care_id="o2", child_id="c2"),
        *visits("care", "2026-01-12", "2026-01-19", "2026-01-25", child_id="c2"),
        care("o3", "2026-01-05", team_id="east", child_id="c3"),
        placed("l3", "2026-01-05", "weekly_then_six_weeks", care_id="o3", child_id="c3"),
        said("care_review.held", "v3", "2026-01-26", care_id="o3", child_id="c3"),
        *visits("care", "2026-01-26", child_id="c3"),
        expected=done_lines("care_visit", "north", (1, 4, 4), (1, 4, 4))
        + clock_lines("care_visit", "north", open=1, overdue=0)
        + "\n"
        + done_lines("care_visit", "south", (0, 3, 3), (0, 3, 3))
        + clock_lines("care_visit", "south", open=1, overdue=1, longest_overdue_seconds=29 * 86_400)
        + "\n"
        + done_lines("care_visit", "east", (0, 1, 1), (0, 0, 0))
        + clock_lines("care_visit", "east", open=1, overdue=0, due_soon=1),
    ),
    example(
        "a review before the period, or of another, ends no weekly visits",
        care("o1", "2026-01-05"),
        placed("l1", "2026-01-05", "weekly_then_six_weeks"),
        said("care_review.held", "v1", "2026-01-04", care_id="o1"),
        said("care_review.held", "v2", "2026-01-06", care_id="o2"),
        *visits("care", "2026-01-12"),
        expected=clock_lines("care_visit", "north", open=1, overdue=1, longest_overdue_seconds=42 * 86_400),
    ),
    example(
        "the regime is that of the visit's day, and holds until the next",
        care("o1", "2026-01-05"),
        placed("l1", "2026-01-05"),
        said("placement.regime_changed", "x1", "2026-01-13", placement_id="l1", regime="weekly_then_four_weeks"),
        *visits("care", "2026-01-12", "2026-02-23"),
        expected=done_lines("care_visit", "north", (1, 2, 2), (1, 2, 2))
        + clock_lines("care_visit", "north", open=1, overdue=0, due_soon=1),
    ),
    example(
        "a change on the visit's own day counts; of two on one day the larger id",
        care("o1", "2026-01-05"),
        placed("l1", "2026-01-05"),
        said("placement.regime_changed", "x1", "2026-01-12", placement_id="l1", regime="weekly_then_four_weeks"),
        *visits("care", "2026-01-12"),
        care("o2", "2026-01-05", team_id="south", child_id="c2"),
        placed("l2", "2026-01-05", care_id="o2", child_id="c2"),
        *(
            said("placement.regime_changed", change, "2026-01-12", placement_id="l2", regime=regime, child_id="c2")
            for change, regime in (("x10", "weekly_then_four_weeks"), ("x9", "standard"))
        ),
        *visits("care", "2026-01-12", child_id="c2"),
        expected=clock_lines("care_visit", "north", open=1, overdue=1, longest_overdue_seconds=42 * 86_400)
        + "\n"
        + clock_lines("care_visit", "south", open=1, overdue=1, longest_overdue_seconds=7 * 86_400),
    ),
    example(
        "a placement ends with its period, if not before",
        care("o1", "2026-01-05"),
        said("care.ended", "o1", "2026-02-10"),
        placed("l1", "2026-01-05"),
        said("placement.ended", "l1", "2026-02-20"),
        *visits("care", "2026-02-10", "2026-02-11"),
        expected=done_lines("care_visit", "north", (1, 1, 1), (0, 0, 0)) + clock_lines("care_visit", "north", open=0),
    ),
    example(
        "a visit on the day of a move belongs to the new placement",
        care("o1", "2026-02-02"),
        placed("l1", "2026-02-02"),
        said("placement.ended", "l1", "2026-02-16"),
        placed("l2", "2026-02-16"),
        *visits("care", "2026-02-16"),
        *visits("care", "2026-02-17", record_id="o1"),
        expected=done_lines("care_visit", "north", (1, 1, 1), (1, 1, 1))
        + clock_lines("care_visit", "north", open=1, overdue=0, due_soon=0),
    ),
    example(
        "a placement whose period has not come is visited all the same, by nobody's team",
        placed("l1", "2026-02-27"),
        said("care.ended", "o1", "2026-02-28"),
        expected=clock_lines("care_visit", "unassigned", open=1, overdue=0, due_soon=1),
        absent=('csc_clock_open{clock="care_review"}', 'csc_clock_open{clock="care_visit",team="north"}'),
    ),
    example(
        "a placement falls under every team that its period has had",
        care("o1", "2026-02-20", team_id="first", recordversion=1),
        care("o1", "2026-02-20", team_id="second", recordversion=2),
        placed("l1", "2026-02-27"),
        expected=clock_lines("care_visit", "first", open=0) + "\n" + clock_lines("care_visit", "second", open=1),
        absent=('csc_clock_open{clock="care_visit",team="unassigned"}',),
    ),
]

# ---- clocks of children missing, of workers and of audits

BACK = "missing.returned"
INTERVIEW = "return_interview.held"

OTHER_CLOCKS = [
    example(
        "an interview 72 hours after the return is on time, a second later it is not",
        said(BACK, "h1", "2026-02-20T10:15:00Z", team_id="north"),
        said(INTERVIEW, "h1", "2026-02-23T10:15:00Z"),
        said(BACK, "h1", "2026-02-20T10:15:00Z", team_id="north", child_id="c2"),
        said(INTERVIEW, "h1", "2026-02-23T10:15:01Z", outcome="held", child_id="c2"),
        expected=done_lines("return_interview", "north", (2, 2, 2), (1, 1, 1)),
    ),
    example(
        "an interview that is due now is due soon, one that was due a second ago is overdue",
        said(BACK, "h1", "2026-02-27T09:00:00Z", team_id="north"),
        said(BACK, "h2", "2026-02-27T08:59:59Z", team_id="north", child_id="c2"),
        said(BACK, "h3", "2026-02-27T08:00:00Z", team_id="south", child_id="c3"),
        said(BACK, "h4", "2026-02-27T08:59:30Z", team_id="south", child_id="c4"),
        expected=clock_lines("return_interview", "north", open=2, overdue=1, due_soon=1, longest_overdue_seconds=1)
        + "\n"
        + clock_lines("return_interview", "south", open=2, overdue=2, due_soon=0, longest_overdue_seconds=3600),
    ),
    example(
        "72 hours are 72 hours, also in the night when the clocks go forward",
        *(
            event
            for child, held in (("c1", "12:30:00"), ("c2", "13:00:00"), ("c3", "13:00:01"))
            for event in (
                said(BACK, "h1", "2026-03-27T12:00:00Z", team_id="north", child_id=child),
                said(INTERVIEW, "h1", f"2026-03-30T{held}+01:00", child_id=child),
            )
        ),
        expected=done_lines("return_interview", "north", (3, 3, 3), (2, 2, 2)),
        now="2026-04-01T09:00:00Z",
    ),
    example(
        "an interview declined or not needed takes its clock along",
        said(BACK, "h1", "2026-02-20T10:00:00Z", team_id="north"),
        said(INTERVIEW, "h1", "2026-02-21T10:00:00Z", outcome="declined"),
        said(BACK, "h2", "2026-02-20T10:00:00Z", team_id="north"),
        said(INTERVIEW, "h2", "2026-02-19T10:00:00Z", outcome="not_needed"),
        expected=clock_lines("return_interview", "north", open=0)
        + "\n"
        + done_lines("return_interview", "north", (0, 0, 0), (0, 0, 0))
        + 'csc_data_quality_facts{check="stop_before_start"} 0',
    ),
    example(
        "an interview before the return is on time and an error; without a return it is nothing",
        said(BACK, "h1", "2026-02-20T10:00:00Z", team_id="north"),
        said(INTERVIEW, "h1", "2026-02-02T10:00:00Z"),
        said(INTERVIEW, "h2", "2026-02-20T10:00:00Z"),
        expected=done_lines("return_interview", "north", (0, 1, 1), (0, 1, 1))
        + 'csc_data_quality_facts{check="stop_before_start"} 1',
    ),
    # workers
    example(
        "supervision is due on the fourteenth day, then fourteen days after each",
        job("m1", "2026-01-05"),
        *supervised("w1", "2026-01-04", "2026-01-19", "2026-02-03", "2026-02-03"),
        *supervised("w2", "2026-02-10"),
        expected=done_lines("supervision", "north", (1, 2, 2), (0, 1, 1))
        + clock_lines("supervision", "north", open=1, overdue=1, longest_overdue_seconds=13 * 86_400),
    ),
    example(
        "only case holders and senior practitioners have a clock, but every post shows its team",
        job("m1", "2026-02-20", role="first_line_manager", team_id="south"),
        job("m2", "2026-02-20", worker_id="w2", role="qualified_without_cases", team_id="east"),
        job("m3", "2026-02-20", worker_id="w3", role="senior_practitioner"),
        expected=clock_lines("supervision", "south", open=0)
        + "\n"
        + clock_lines("supervision", "east", open=0)
        + "\n"
        + clock_lines("supervision", "north", open=1, overdue=0, due_soon=1),
    ),
    example(
        "employments that touch are one spell, with the team of the interval's first day",
        job("m1", "2026-01-05", team_id="south"),
        said("employment.ended", "m1", "2026-02-20", reason="moved"),
        job("m2", "2026-02-20", role="senior_practitioner"),
        *supervised("w1", "2026-02-16"),
        expected=done_lines("supervision", "south", (1, 1, 1), (0, 0, 0))
        + clock_lines("supervision", "south", open=1, overdue=0, due_soon=1)
        + "\n"
        + clock_lines("supervision", "north", open=0),
    ),
    example(
        "a day between two employments makes two spells, and the first's end is an end",
        job("m1", "2026-01-05", team_id="south"),
        said("employment.ended", "m1", "2026-02-19", reason="moved"),
        job("m2", "2026-02-20"),
        *supervised("w1", "2026-02-19"),
        expected=done_lines("supervision", "south", (1, 1, 1), (0, 0, 0))
        + clock_lines("supervision", "south", open=0)
        + "\n"
        + clock_lines("supervision", "north", open=1, overdue=0, due_soon=1),
    ),
    example(
        "a post within another is no gap; one that ended before it started is none at all",
        job("m1", "2026-02-02", team_id="south"),
        said("employment.ended", "m1", "2026-02-26", reason="moved"),
        job("m2", "2026-02-09", team_id="south"),
        said("employment.ended", "m2", "2026-02-10", reason="moved"),
        job("m3", "2026-02-25"),
        job("m4", "2026-02-02", worker_id="w4", team_id="west"),
        job("m5", "2026-02-12", worker_id="w4", team_id="east"),
        said("employment.ended", "m5", "2026-02-11"),
        *supervised("w1", "2026-02-18"),
        *supervised("w4", "2026-02-13"),
        expected=done_lines("supervision", "south", (1, 1, 1), (0, 0, 0))
        + clock_lines("supervision", "south", open=1, overdue=0, due_soon=1)
        + "\n"
        + clock_lines("supervision", "north", open=0)
        + "\n"
        + clock_lines("supervision", "east", open=0)
        + "\n"
        + clock_lines("supervision", "west", open=1, overdue=1, longest_overdue_seconds=3 * 86_400)
        + "\n"
        + done_lines("supervision", "west", (1, 1, 1), (1, 1, 1)),
    ),
    example(
        "another role in between ends the spell",
        job("m1", "2026-01-05"),
        said("employment.ended", "m1", "2026-01-12", reason="moved"),
        job("m2", "2026-01-12", role="middle_manager"),
        said("employment.ended", "m2", "2026-02-23", reason="moved"),
        job("m3", "2026-02-23"),
        expected=clock_lines("supervision", "north", open=1, overdue=0, due_soon=1),
    ),
    example(
        "of employments side by side the team is that of the latest-started by then",
        job("m1", "2026-01-05", fte=0.5, team_id="south"),
        job("m2", "2026-02-20", fte=0.5),
        *supervised("w1", "2026-02-20"),
        expected=done_lines("supervision", "south", (1, 1, 1), (0, 0, 0))
        + clock_lines("supervision", "north", open=1, overdue=0, due_soon=1)
        + "\n"
        + clock_lines("supervision", "south", open=0),
    ),
    example(
        "days of absence do not count towards the fourteen",
        *(
            event
            for worker, day in (("w1", "2026-02-23"), ("w2", "2026-02-24"))
            for event in (
                job(f"m-{worker}", "2026-02-02", worker_id=worker),
                said("absence.started", f"b-{worker}", "2026-02-09", worker_id=worker),
                said("absence.ended", f"b-{worker}", "2026-02-16"),
                *supervised(worker, day),
            )
        ),
        expected=done_lines("supervision", "north", (2, 2, 2), (1, 1, 1)),
    ),
    example(
        "from an absence without an end on nothing falls due, but what is overdue stays so",
        job("m1", "2026-02-02", worker_id="w1"),
        said("absence.started", "b1", "2026-02-16", worker_id="w1"),
        job("m2", "2026-02-02", worker_id="w2", team_id="south"),
        said("absence.started", "b2", "2026-02-17", worker_id="w2"),
        job("m3", "2026-02-02", worker_id="w3", team_id="east"),
        said("absence.started", "b3", "2026-02-10", worker_id="w3"),
        *supervised("w3", "2026-02-25"),
        expected=clock_lines("supervision", "north", open=1, overdue=0, due_soon=0)
        + "\n"
        + clock_lines("supervision", "south", open=1, overdue=1, due_soon=0, longest_overdue_seconds=14 * 86_400)
        + "\n"
        + done_lines("supervision", "east", (1, 1, 1), (1, 1, 1))
        + clock_lines("supervision", "east", open=1, overdue=0, due_soon=0),
    ),
    example(
        "how often to supervise is policy",
        job("m1", "2026-02-02"),
        *supervised("w1", "2026-02-09", "2026-02-17"),
        expected=done_lines("supervision", "north", (2, 2, 2), (1, 1, 1)),
        policy={"clocks": {"supervision": 7}},
    ),
    # audit_action
    example(
        "an action is due on its due date, whatever day that is",
        *(
            said("audit_action.raised", action, "2026-02-02", due=due)
            for action, due in (
                ("d1", "2026-02-13"),
                ("d2", "2026-02-13"),
                ("d3", "2026-02-28"),
                ("d4", "2026-03-09"),
                ("d5", "2026-03-10"),
            )
        ),
        said("audit_action.completed", "d1", "2026-02-13"),
        said("audit_action.completed", "d2", "2026-02-14"),
        expected=done_lines("audit_action", "north", (2, 2, 2), (1, 1, 1))
        + clock_lines("audit_action", "north", open=3, overdue=1, due_soon=1, longest_overdue_seconds=2 * 86_400),
    ),
    example(
        "an action done before it was raised is on time and an error",
        said("audit_action.raised", "d1", "2026-02-10", due="2026-02-10"),
        said("audit_action.completed", "d1", "2026-02-02"),
        expected=done_lines("audit_action", "north", (0, 1, 1), (0, 1, 1))
        + 'csc_data_quality_facts{check="stop_before_start"} 1',
    ),
]

# ---- quality, and the information itself

QUALITY = [
    example(
        "audits are counted by grade",
        said("audit.completed", "u1", "2026-02-10"),
        said("audit.completed", "u2", "2026-01-05", child_id="c1"),
        said("audit.completed", "u3", "2025-06-02", grade="inadequate", team_id="south"),
        expected=on_windows("csc_audits", 'grade="good",team="north"', 1, 2, 2)
        + "\n"
        + on_windows("csc_audits", 'grade="inadequate",team="south"', 0, 0, 1)
        + '\ncsc_audits{grade="outstanding",team="south",window="28d"} 0',
        absent=("csc_audit_actions_unverified", 'csc_clock_open{clock="audit_action"}'),
    ),
    example(
        "an action is unverified from its completion until someone has checked",
        *(said("audit_action.raised", f"d{n}", "2026-02-02", due="2026-02-20") for n in range(1, 5)),
        *(said("audit_action.completed", action, "2026-02-10") for action in ("d2", "d3", "d9")),
        *(said("audit_action.verified", action, "2026-02-11") for action in ("d3", "d4")),
        expected='csc_audit_actions_unverified{team="north"} 1',
        absent=("csc_audits",),
    ),
    example(
        "the delay of recording is that of the versions that count, where they say it",
        contact("k1", "2026-02-20T10:00:00Z", recordedtime="2026-02-20T11:00:00Z"),
        contact("k2", "2026-02-20T10:00:00Z", recordedtime="2026-02-20T11:00:01Z"),
        contact("k3", "2026-02-20T10:00:00Z", recordedtime="2026-02-20T09:00:00Z"),
        contact("k4", "2026-02-20T10:00:00Z", recordedtime=None),
        contact("k5", "2026-02-20T10:00:00Z", recordedtime="2026-02-20T10:00:00Z"),
        contact("k5", "2026-02-20T10:00:00Z", recordversion=1, source=f"/{AUTHORITY}/other"),
        contact("k6", "2026-01-02T10:00:00Z", recordedtime="2026-02-16T11:00:00+01:00"),
        contact("k7", "2026-01-02T10:00:00Z", recordedtime="2026-02-16T10:00:01Z"),
        expected="\n".join(
            f'csc_recording_delay_facts{{at_most="{label}",source="/{AUTHORITY}/{source}"}} {count}'
            for source, counts in (("mosaic", (2, 3, 3, 3, 3, 3, 4, 5)), ("other", (0,) * 8))
            for label, count in zip(("1h", "1d", "2d", "5d", "10d", "20d", "45d", "+Inf"), counts, strict=True)
        ),
    ),
    example(
        "facts stand, are withdrawn or were corrected",
        contact("k1", "2026-02-20"),
        contact("k1", "2026-02-21"),
        contact("k2", "2026-02-20"),
        said("contact.received", "k2", "2026-02-20", op="withdraw", recordversion=1),
        said("contact.received", "k3", "2026-02-20", op="withdraw"),
        contact("k4", "2026-03-03"),
        expected='csc_facts{state="current"} 1\ncsc_facts{state="superseded"} 2\ncsc_facts{state="withdrawn"} 2',
    ),
    example(
        "errors are counted",
        plan("p1", "2026-02-20"),
        plan("p2", "2026-02-20"),
        cin("i1", "2026-02-20"),
        said("cin_plan.ended", "i1", "2026-02-19"),
        lead("q1", "2026-02-20"),
        expected="\n".join(
            f'csc_data_quality_facts{{check="{check}"}} {count}'
            for check, count in (
                ("stop_before_start", 0),
                ("end_before_start", 1),
                ("closed_with_open_assessment", 0),
                ("unknown_worker", 1),
                ("overlapping_plans", 1),
                ("plan_without_case", 2),
                ("allocation_without_case", 0),
            )
        ),
    ),
    example(
        "a team is described by its latest description, what is not given as nothing",
        said("team.described", "north", "2026-02-20", name="Duty & Advice", area="East"),
        said("team.described", "north", "2026-02-21", name="Duty & Advice 2", recordversion=1),
        expected='csc_team_info{area="",name="Duty & Advice 2",team="north"} 1',
    ),
    example(
        "the children of an authority are policy",
        contact("k1", "2026-02-20"),
        expected="csc_population_children 104431",
        policy={"population": {"children": 61000}, "authority": {AUTHORITY: {"population": {"children": 104431}}}},
    ),
    example(
        "without a policy nobody knows how many children there are",
        contact("k1", "2026-02-20"),
        expected="",
        absent=("csc_population_children",),
    ),
]

EXAMPLES = [
    *SHARED,
    *CLOCKS,
    *FRONT_DOOR,
    *CHILDREN,
    *CASELOAD,
    *WORKFORCE,
    *PROTECTION,
    *CARE,
    *OTHER_CLOCKS,
    *QUALITY,
]
