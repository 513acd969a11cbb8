from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import msgspec
import orjson
import pytest

from services.metrics.casebook import Kind
from services.metrics.clocks import clocks
from services.metrics.fact import decode
from services.metrics.questions.explanation import (
    RUNNING,
    Explanation,
    History,
    Interval,
    Question,
    State,
    clock_named,
    explain,
)
from services.metrics.questions.provenance import Received
from shared.domain.calendar import england_and_wales
from shared.domain.london import local_date
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.examples import AUTHORITY, decided, job, lead, referral, said
from tests.oracle.histories import history
from tests.unit.services.metrics.product import NOW, Product

ONE_DAY = timedelta(days=1)


def file_of(events: Iterable[Any]) -> list[Received]:
    return [Received(decode(orjson.dumps({"id": f"e{n}", **one})), 1e9 + n) for n, one in enumerate(events)]


def asked(
    clock: str, subject: str, *events: Any, now: datetime = NOW, policies: PolicyBook | None = None
) -> Explanation:
    question = Question(AUTHORITY, clock_named(clock), subject, now)
    return explain(question, file_of(events), england_and_wales(), policies or PolicyBook())


def only(explanation: Explanation) -> History:
    (one,) = explanation.histories
    return one


def interval_of(explanation: Explanation) -> Interval:
    (one,) = only(explanation).intervals
    return one


def states(explanation: Explanation) -> list[State]:
    return [one.state for one in only(explanation).intervals]


ASSESSMENT = (referral("r1", "2026-03-02"), said("assessment.started", "a1", "2026-03-03", referral_id="r1"))
MAY = datetime(2026, 5, 8, 9, tzinfo=UTC)


def test_an_assessment_over_easter_and_a_bank_holiday_says_each_day_that_did_not_count() -> None:
    one = interval_of(asked("assessment", "a1", *ASSESSMENT, now=MAY))
    assert (one.state, one.running, one.about, one.team) == (State.OVERDUE, True, "a1", "north")
    assert (one.count.due, one.count.late_from, one.count.used) == (date(2026, 5, 7), date(2026, 5, 8), 46)
    why = {each.day: each.why for each in one.count.skipped}
    assert why[date(2026, 4, 3)] == "Good Friday"
    assert why[date(2026, 4, 6)] == "Easter Monday"
    assert why[date(2026, 5, 4)] == "Early May bank holiday"
    assert Counter(why.values())["Saturday"] == 9
    assert (one.start.subject, one.stop, one.stopped) == ("r1", None, None)
    assert one.record
    assert (one.record.type, one.record.subject) == ("csc.assessment.started", "a1")
    assert one.rule.timescale == "45 working days"
    assert one.rule.source.startswith("Working Together")
    assert one.rule.policy is None


@pytest.mark.parametrize(("day", "state"), [(28, State.OPEN), (29, State.DUE_SOON)])
def test_what_falls_due_within_five_working_days_is_due_soon(day: int, state: State) -> None:
    now = datetime(2026, 4, day, 9, tzinfo=UTC)
    assert states(asked("assessment", "a1", *ASSESSMENT, now=now)) == [state]


@pytest.mark.parametrize(("stop", "state"), [("2026-05-07", State.ON_TIME), ("2026-05-08", State.LATE)])
def test_what_stopped_says_whether_in_time(stop: str, state: State) -> None:
    events = (*ASSESSMENT, said("assessment.authorised", "a1", stop))
    one = interval_of(asked("assessment", "a1", *events, now=MAY))
    assert (one.state, one.running, one.stopped) == (state, False, date.fromisoformat(stop))
    assert one.stop
    assert one.stop.type == "csc.assessment.authorised"


def test_a_corrected_start_shows_the_version_that_it_replaced() -> None:
    corrected = referral("r1", "2026-02-27", recordversion=1, id="later")
    one = interval_of(asked("assessment", "a1", *ASSESSMENT, corrected, now=MAY))
    assert [(v.event_id, v.local_date, v.counts) for v in one.start.versions] == [
        ("later", date(2026, 2, 27), True),
        ("e0", date(2026, 3, 2), False),
    ]
    assert one.count.due == date(2026, 5, 6)


def test_a_withdrawn_stop_reopens() -> None:
    stopped = said("assessment.authorised", "a1", "2026-05-01")
    taken_back = said("assessment.authorised", "a1", "2026-05-01", op="withdraw", recordversion=1)
    assert states(asked("assessment", "a1", *ASSESSMENT, stopped, now=MAY)) == [State.ON_TIME]
    assert states(asked("assessment", "a1", *ASSESSMENT, stopped, taken_back, now=MAY)) == [State.OVERDUE]


def test_a_case_that_closed_took_the_assessment_away_and_says_so() -> None:
    closed = said("case.closed", "r1", "2026-04-01")
    one = interval_of(asked("assessment", "a1", *ASSESSMENT, closed, now=MAY))
    assert (one.state, one.running) == (State.GONE, False)
    assert one.gone
    assert (one.gone.reason, one.gone.on) == ("None was authorised and the case closed.", date(2026, 4, 1))
    assert [fact.type for fact in one.gone.by] == ["csc.case.closed"]
    assert one.count.used == 22


def test_an_item_is_found_by_what_started_and_what_stopped_it() -> None:
    events = (
        said("section47.started", "s1", "2026-02-02"),
        said("conference.held", "f1", "2026-02-20", section47_id="s1"),
    )
    for subject in ("s1", "f1"):
        assert interval_of(asked("conference", subject, *events)).about == "s1"
    assert interval_of(asked("assessment", "r1", *ASSESSMENT, now=MAY)).about == "a1"


def test_a_second_assessment_leads_to_the_one_that_carries_the_clock() -> None:
    second = said("assessment.started", "a2", "2026-03-10", referral_id="r1")
    found = only(asked("assessment", "a2", *ASSESSMENT, second, now=MAY))
    assert [one.about for one in found.intervals] == ["a1"]
    assert found.found_through == ("r1",)
    assert only(asked("assessment", "a1", *ASSESSMENT, second, now=MAY)).found_through == ()


def test_a_referral_leads_to_the_enquiries_and_assessments_that_name_it() -> None:
    enquiry = said("section47.started", "s1", "2026-03-04", referral_id="r1")
    found = only(asked("conference", "r1", *ASSESSMENT, enquiry, now=MAY))
    assert ([one.about for one in found.intervals], found.found_through) == (["s1"], ("s1",))
    assert interval_of(asked("assessment_from_start", "r1", *ASSESSMENT, now=MAY)).about == "a1"
    assert lacking("conference", "r1", ASSESSMENT[0]) == [("csc.section47.started", None, "none names r1")]


PLAN = said("cp_plan.started", "p1", "2026-01-05")
VISITS = [
    said("visit.recorded", f"y{n}", day, purpose="cp", record_id="p1", seen=True)
    for n, day in enumerate(("2026-01-12", "2026-02-20"), 1)
]


@pytest.mark.parametrize("subject", ["p1", "y1", "y2"])
def test_a_clock_that_repeats_shows_all_intervals_and_which_one_runs(subject: str) -> None:
    found = only(asked("cp_visit", subject, *VISITS, PLAN))
    assert [(one.start.subject, one.stop.subject if one.stop else None) for one in found.intervals] == [
        ("p1", "y1"),
        ("y1", "y2"),
        ("y2", None),
    ]
    assert [one.running for one in found.intervals] == [False, False, True]
    assert [one.state for one in found.intervals] == [State.ON_TIME, State.LATE, State.DUE_SOON]


def test_a_visit_without_the_child_stops_nothing_and_leads_to_its_plan() -> None:
    unseen = said("visit.recorded", "y9", "2026-02-27", purpose="cp", record_id="p1", seen=False)
    found = only(asked("cp_visit", "y9", *VISITS, PLAN, unseen))
    assert found.found_through == ("p1",)
    assert len(found.intervals) == 3


def test_the_end_of_a_plan_takes_the_running_interval_with_it() -> None:
    ended = said("cp_plan.ended", "p1", "2026-02-25")
    found = only(asked("cp_visit", "p1", *VISITS, PLAN, ended))
    assert [one.state for one in found.intervals] == [State.ON_TIME, State.LATE, State.GONE]
    gone = found.intervals[-1].gone
    assert gone
    assert (gone.on, [fact.subject for fact in gone.by]) == (date(2026, 2, 25), ["p1"])


def test_a_plan_that_ended_before_it_started_never_ran() -> None:
    one = interval_of(asked("cp_visit", "p1", PLAN, said("cp_plan.ended", "p1", "2026-01-02")))
    assert (one.state, one.note) == (State.GONE, "the end is dated before the start: it never ran")


def test_where_two_facts_took_it_away_both_are_named() -> None:
    events = (
        referral("r1", "2026-01-05"),
        said("section47.started", "s1", "2026-01-06", referral_id="r1"),
        said("section47.completed", "s1", "2026-01-20", outcome="no_conference"),
        said("case.closed", "r1", "2026-02-02"),
    )
    gone = interval_of(asked("conference", "s1", *events)).gone
    assert gone
    assert {fact.type for fact in gone.by} == {"csc.section47.completed", "csc.case.closed"}


def test_of_ends_of_which_each_would_do_the_last_is_named() -> None:
    events = (
        job("m1", "2026-01-05"),
        said("employment.ended", "m1", "2026-02-20"),
        job("m2", "2026-01-06"),
        said("employment.ended", "m2", "2026-02-10"),
    )
    gone = interval_of(asked("supervision", "w1", *events)).gone
    assert gone
    assert (gone.on, [fact.subject for fact in gone.by]) == (date(2026, 2, 20), ["m1"])


def test_a_declined_interview_is_gone() -> None:
    events = (
        said("missing.returned", "h1", "2026-02-27T10:00:00Z"),
        said("return_interview.held", "h1", "2026-02-27T18:00:00Z", outcome="declined"),
    )
    one = interval_of(asked("return_interview", "h1", *events))
    assert one.gone
    assert one.gone.by[0].type == "csc.return_interview.held"
    assert one.count.used == 8 * 3600


def test_seventy_two_hours_are_told_to_the_second() -> None:
    returned = said("missing.returned", "h1", "2026-02-27T09:00:00Z")
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    assert states(asked("return_interview", "h1", returned, now=at)) == [State.DUE_SOON]
    late = interval_of(asked("return_interview", "h1", returned, now=at + timedelta(seconds=1)))
    assert (late.state, late.count.due_at, late.count.used) == (State.OVERDUE, at, 72 * 3600 + 1)


def test_a_stop_before_its_start_is_on_time_and_remarked() -> None:
    one = interval_of(asked("referral_decision", "r1", referral("r1", "2026-02-10"), decided("r1", "2026-02-05")))
    assert (one.state, one.count.used) == (State.ON_TIME, 0)
    assert one.note == "the stop is dated before the start: it counts on its own date, as on time"


def test_an_allocation_that_began_before_the_decision_stops_at_the_decision() -> None:
    events = (referral("r1", "2026-02-10"), decided("r1", "2026-02-12"), lead("q1", "2026-02-11"))
    one = interval_of(asked("allocation", "r1", *events))
    assert (one.state, one.stopped) == (State.ON_TIME, date(2026, 2, 12))
    assert one.note.startswith("what stopped it began on 2026-02-11")


def test_days_of_absence_do_not_count_for_supervision() -> None:
    events = (
        job("m1", "2026-02-02"),
        said("absence.started", "b1", "2026-02-09"),
        said("absence.ended", "b1", "2026-02-16"),
        said("supervision.held", "j1", "2026-02-20", worker_id="w1", supervisor_id="w9"),
    )
    for subject in ("w1", "m1", "j1", "b1"):
        found = only(asked("supervision", subject, *events))
        assert (found.kind, found.id) == (Kind.WORKER, "w1")
        assert [one.state for one in found.intervals] == [State.ON_TIME, State.DUE_SOON]
        first = found.intervals[0].count
        assert (first.due, first.used, len(first.skipped)) == (date(2026, 2, 23), 11, 7)


def test_whose_policy_a_rule_goes_by_is_said() -> None:
    def setting(text: str) -> tuple[int, str]:
        policy = interval_of(asked("cp_visit", "p1", PLAN, policies=parse_policy(text))).rule.policy
        assert policy
        assert policy.key == "clocks.cp_visit"
        return policy.value, policy.set_by

    assert setting("") == (10, "the default")
    assert setting("[clocks]\ncp_visit = 12") == (12, "general")
    assert setting(f"[clocks]\ncp_visit = 12\n[authority.{AUTHORITY}.clocks]\ncp_visit = 15") == (
        15,
        "the authority's own",
    )


def lacking(clock: str, subject: str, *events: Any) -> list[tuple[str, str | None, str]]:
    found = only(asked(clock, subject, *events))
    assert found.intervals == ()
    assert found.not_yet
    return [(one.type, one.subject, one.why) for one in found.not_yet.lacking]


def test_what_is_missing_for_a_clock_to_start_is_named() -> None:
    started = said("assessment.started", "a1", "2026-02-03", referral_id="r1")
    received = ("csc.referral.received", "r1", "not received")
    assert lacking("assessment", "a1", started) == [received]
    assert lacking("assessment", "r1", started) == [("csc.assessment.started", None, "none names r1"), received][1:]
    assert lacking("assessment", "r1", referral("r1", "2026-02-02")) == [
        ("csc.assessment.started", None, "none names r1")
    ]
    assert lacking("contact_decision", "k1", said("contact.decided", "k1", "2026-02-03", outcome="advice")) == [
        ("csc.contact.received", "k1", "not received")
    ]
    assert lacking("core_group", "p1", said("core_group.held", "g1", "2026-02-03", plan_id="p1")) == [
        ("csc.cp_plan.started", "p1", "not received")
    ]


def test_a_start_that_was_withdrawn_is_named_with_its_versions() -> None:
    withdrawn = said("cp_plan.started", "p1", "2026-01-05", op="withdraw", recordversion=1)
    found = only(asked("cp_visit", "p1", PLAN, withdrawn)).not_yet
    assert found
    (one,) = found.lacking
    assert (one.type, one.why) == ("csc.cp_plan.started", "withdrawn")
    assert one.fact
    assert len(one.fact.versions) == 2


def test_a_decision_that_starts_nothing_is_known_and_lacks_nothing() -> None:
    assert lacking("allocation", "r1", referral("r1", "2026-02-02"), decided("r1", "2026-02-03", "advice")) == []


def test_of_what_is_unknown_on_a_clock_there_is_no_history() -> None:
    assert asked("assessment", "a9", *ASSESSMENT).histories == ()
    assert asked("supervision", "r1", *ASSESSMENT).histories == ()
    assert asked("cp_visit", "r1", *ASSESSMENT[:1]).histories == ()


def test_siblings_with_one_record_id_each_have_a_history() -> None:
    both = [referral("r1", "2026-02-02", child_id=child) for child in ("c1", "c2")]
    explanation = asked("referral_decision", "r1", *both, decided("r1", "2026-02-03", child_id="c2"))
    assert {one.id: one.intervals[0].state for one in explanation.histories} == {
        "c1": State.OVERDUE,
        "c2": State.ON_TIME,
    }


def test_an_explanation_is_json_of_ids_and_dates() -> None:
    document = orjson.loads(msgspec.json.encode(asked("assessment", "a1", *ASSESSMENT, now=MAY)))
    one = document["histories"][0]["intervals"][0]
    assert (document["on"], one["state"], one["count"]["due"]) == ("2026-05-08", "overdue", "2026-05-07")
    assert one["count"]["skipped"][0] == {"day": "2026-03-07", "why": "Saturday"}


def test_a_clock_that_is_not_there_is_answered_with_those_that_are() -> None:
    with pytest.raises(LookupError, match="expected one of allocation, assessment, "):
        clock_named("assesment")


# ---- against the figures

SEEDS = range(24)
TODAY = date(2026, 2, 26)


def seeded(seed: int) -> tuple[datetime, list[dict[str, Any]]]:
    now = datetime.combine(TODAY + timedelta(days=seed % 40), time(9), UTC)
    return now, history(seed, now.date(), 60 + seed % 120)


def explained(now: datetime, events: Sequence[dict[str, Any]]) -> Iterator[tuple[str, str, Interval]]:
    """Authority, clock and interval of everything that there is to explain, each once."""
    file = [Received(decode(orjson.dumps(event)), 0.0) for event in events]
    for authority in sorted({event["authority"] for event in events}):
        own = [one for one in file if one.event.authority == authority]
        for clock in clocks():
            for subject in sorted(subjects(clock.kind, clock.needs, own)):
                question = Question(authority, clock, subject, now)
                for found in explain(question, own, england_and_wales(), PolicyBook()).histories:
                    for interval in found.intervals:
                        if interval.about == subject:
                            yield authority, clock.name, interval


def subjects(kind: Kind, needs: frozenset[str], file: Sequence[Received]) -> set[str]:
    about = [event for event, _ in file if event.type in needs]
    if kind is Kind.WORKER:
        return {str(event.payload["worker_id"]) for event in about if "worker_id" in event.payload}
    return {event.subject for event in about}


def counted(everything: Sequence[tuple[str, str, Interval]], today: date) -> Counter[tuple[str, ...]]:
    """The figures, by counting what was explained."""
    counts: Counter[tuple[str, ...]] = Counter()
    for authority, clock, one in everything:
        key = (authority, one.team, clock)
        counts["csc_clock_open", *key] += one.state in RUNNING
        counts["csc_clock_overdue", *key] += one.state is State.OVERDUE
        counts["csc_clock_due_soon", *key] += one.state is State.DUE_SOON
        for days in (28, 91, 365):
            if one.stopped and today - days * ONE_DAY < one.stopped <= today:
                counts["csc_clock_completed", *key, f"{days}d"] += 1
                counts["csc_clock_completed_on_time", *key, f"{days}d"] += one.state is State.ON_TIME
    return +counts


FAMILIES = (
    "csc_clock_open",
    "csc_clock_overdue",
    "csc_clock_due_soon",
    "csc_clock_completed",
    "csc_clock_completed_on_time",
)


def exposed(now: datetime, events: Iterable[dict[str, Any]]) -> Counter[tuple[str, ...]]:
    product = Product(now)
    product.fold(*events)
    counts: Counter[tuple[str, ...]] = Counter()
    for (family, labels), value in product.figures(now).items():
        if family in FAMILIES:
            names = dict(labels)
            window = (names["window"],) if "window" in names else ()
            counts[(family, names["authority"], names["team"], names["clock"], *window)] = int(value)
    return +counts


@pytest.mark.parametrize("seed", SEEDS)
def test_what_is_explained_adds_up_to_the_figures(seed: int) -> None:
    now, events = seeded(seed)
    everything = list(explained(now, events))
    # An allocation clock is absent where its authority has never sent an allocation.
    figures = exposed(now, events)
    shown = {(key[1], key[3]) for key in figures}
    mine = {key: n for key, n in counted(everything, local_date(now)).items() if (key[1], key[3]) in shown}
    assert mine == figures
    for _, _, one in everything:
        walk_to_the_due_date(one)


def walk_to_the_due_date(one: Interval) -> None:
    """From the start, a day at a time, leaving out what is said not to count."""
    count = one.count
    if count.unit == "seconds" or count.allowed is None or count.due is None:
        return
    skipped = {each.day for each in count.skipped}
    day, left = one.start.winner.local_date, count.allowed
    while left:
        day += ONE_DAY
        left -= day not in skipped
    assert day == count.due


def test_every_clock_is_among_the_explained_in_every_state_that_it_can_have() -> None:
    found: Counter[tuple[str, State]] = Counter()
    for seed in SEEDS:
        now, events = seeded(seed)
        found.update((clock, one.state) for _, clock, one in explained(now, events))
    assert {clock for clock, _ in found} == {clock.name for clock in clocks()}
    assert {state for _, state in found} == set(State)
