from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.metrics.casebook import Casebook, Kind
from services.metrics.reach import Reach, places_of
from tests.oracle.examples import AUTHORITY, care, contact, decided, job, placed, referral, said, supervised
from tests.unit.services.metrics.product import TODAY, fold

ADDED = st.tuples(st.sampled_from(["t1", "t2"]), st.sampled_from(["x", "y"]))


def test_a_type_is_a_source_from_its_first_event_to_its_last() -> None:
    reach = Reach()
    assert [reach.add("t1", "x", 1), reach.add("t1", "x", 1), reach.add("t2", "x", 1)] == [True, False, False]
    assert [reach.add("t1", "x", -1), reach.add("t2", "x", -1), reach.add("t1", "x", -1)] == [False, False, True]
    assert reach.teams() == set()


def test_figures_are_shown_for_any_team_once_all_types_are_there() -> None:
    reach = Reach()
    reach.add("t1", "x", 1)
    assert reach.shows("t1", {"x"})
    assert not reach.shows("t1", {"x", "y"})
    assert not reach.shows("t2", {"x"})
    reach.add("t2", "y", 1)
    assert reach.shows("t1", {"x", "y"})
    assert reach.shows("t2", {"x", "y"})
    assert not reach.shows("t1", {"y"})
    assert not reach.shows("t3", {"x", "y"})
    assert reach.teams() == {"t1", "t2"}


@given(st.lists(ADDED), st.lists(ADDED), st.randoms(use_true_random=False))
def test_what_was_taken_back_leaves_no_trace(kept: list[Any], passing: list[Any], rng: Any) -> None:
    reach, fresh = Reach(), Reach()
    steps = [(*one, 1) for one in (*kept, *passing)] + [(*one, -1) for one in passing]
    rng.shuffle(steps)
    for team, type, sign in steps:
        reach.add(team, type, sign)
    for team, type in kept:
        fresh.add(team, type, 1)
    for needs in ({"x"}, {"y"}, {"x", "y"}):
        assert [reach.shows(team, needs) for team in ("t1", "t2")] == [
            fresh.shows(team, needs) for team in ("t1", "t2")
        ]
    assert reach.teams() == fresh.teams()


def reached(kind: Kind, id: str, type: str, *events: dict[str, Any]) -> set[str]:
    casebook = Casebook(TODAY)
    fold(casebook, *events)
    places = list(places_of(casebook.units[AUTHORITY, kind, id], frozenset({type})))
    assert len(places) == len(set(places))
    assert {found for _, found in places} <= {type}
    return {team for team, _ in places}


def withdrawn(kind: str, subject: str, **details: Any) -> dict[str, Any]:
    return said(kind, subject, "2026-03-01", op="withdraw", recordversion=9, **details)


def test_every_team_that_an_upsert_ever_named_counts() -> None:
    events = [contact("k1", "2026-03-01", team_id=team, recordversion=n) for n, team in enumerate("acb")]
    events.append(withdrawn("contact.received", "k1", team_id="never"))
    assert reached(Kind.CHILD, "c1", "csc.contact.received", *events) == {"a", "b", "c"}


def test_a_fact_that_was_only_ever_withdrawn_falls_nowhere() -> None:
    event = withdrawn("contact.received", "k1", team_id="never")
    assert reached(Kind.CHILD, "c1", "csc.contact.received", event) == set()


def test_a_type_that_nothing_needs_is_passed_over() -> None:
    assert reached(Kind.CHILD, "c1", "csc.referral.received", contact("k1", "2026-03-01")) == set()


R1 = [referral("r1", "2026-03-01", team_id=team, recordversion=n) for n, team in enumerate(("a", "b"))]
ASSESSMENT = said("assessment.started", "a1", "2026-03-01", referral_id="r1")


@pytest.mark.parametrize(
    ("events", "teams"),
    [
        ([*R1, ASSESSMENT], {"a", "b"}),
        ([*R1, withdrawn("referral.received", "r1"), ASSESSMENT], {"a", "b", "unassigned"}),
        ([ASSESSMENT], {"unassigned"}),
        ([referral("r1", "2026-03-01", team_id=None), ASSESSMENT], {"unassigned"}),
        ([*R1, {**ASSESSMENT, "data": {**ASSESSMENT["data"], "team_id": "own"}}], {"own"}),
        ([*R1, said("assessment.started", "a1", "2026-03-01", referral_id="r2")], {"unassigned"}),
        ([*R1, said("assessment.started", "a1", "2026-03-01", referral_id="r2"), {**ASSESSMENT, "recordversion": 2}],
         {"a", "b", "unassigned"}),
    ],
)  # fmt: skip
def test_what_hangs_on_a_referral_falls_where_that_ever_fell(events: list[dict[str, Any]], teams: set[str]) -> None:
    assert reached(Kind.CHILD, "c1", "csc.assessment.started", *events) == teams


def test_a_decision_falls_where_its_referral_did() -> None:
    assert reached(Kind.CHILD, "c1", "csc.referral.decided", *R1, decided("r1", "2026-03-01")) == {"a", "b"}
    assert reached(Kind.CHILD, "c1", "csc.referral.decided", *R1, decided("r2", "2026-03-01")) == {"unassigned"}


def test_an_enquiry_without_a_referral_is_unassigned() -> None:
    event = said("section47.started", "s1", "2026-03-01")
    assert reached(Kind.CHILD, "c1", "csc.section47.started", *R1, event) == {"unassigned"}


JOBS = [
    job("m1", "2026-02-01", team_id="a"),
    job("m2", "2026-02-01", team_id="b"),
    withdrawn("employment.started", "m2"),
]
ABSENT = said("absence.started", "b1", "2026-03-01")


@pytest.mark.parametrize(
    ("events", "teams"),
    [
        ([*JOBS, ABSENT], {"a", "b"}),
        ([ABSENT], {"unassigned"}),
        ([*JOBS, ABSENT, withdrawn("absence.started", "b1")], {"a", "b"}),
        (JOBS, set()),
        ([*JOBS, ABSENT, said("absence.started", "b1", "2026-03-01", worker_id="w2", recordversion=1)], {"a", "b"}),
        ([ABSENT, job("m1", "2026-02-01", worker_id="w2")], {"unassigned"}),
    ],
)
def test_an_absence_falls_where_its_worker_was_ever_employed(events: list[dict[str, Any]], teams: set[str]) -> None:
    assert reached(Kind.WORKER, "w1", "csc.absence.started", *events) == teams


def test_an_employment_falls_where_it_named_this_worker() -> None:
    events = [
        job("m1", "2026-02-01", team_id="a", worker_id="w1", recordversion=1),
        job("m1", "2026-02-01", team_id="b", worker_id="w2", recordversion=2),
    ]
    assert reached(Kind.WORKER, "w1", "csc.employment.started", *events) == {"a"}
    assert reached(Kind.WORKER, "w2", "csc.employment.started", *events) == {"b"}


def test_a_report_falls_under_the_team_that_it_is_about() -> None:
    event = said("establishment.reported", "north", "2026-03-01", vacant_fte=1)
    unit = "csc.establishment/north"
    assert reached(Kind.RECORD, unit, "csc.establishment.reported", event) == {"north"}
    gone = [event, withdrawn("establishment.reported", "north")]
    assert reached(Kind.RECORD, unit, "csc.establishment.reported", *gone) == {"north"}


CARE = [care("o1", "2026-02-01", team_id=team, recordversion=n) for n, team in enumerate(("a", "b"))]
MOVED = [placed("l1", "2026-02-02", care_id=period, recordversion=n) for n, period in enumerate(("o1", "o2"))]


@pytest.mark.parametrize(
    ("events", "teams"),
    [
        ([*CARE, placed("l1", "2026-02-02")], {"a", "b"}),
        ([*CARE, withdrawn("care.started", "o1"), placed("l1", "2026-02-02")], {"a", "b", "unassigned"}),
        ([*CARE, placed("l1", "2026-02-02"), withdrawn("placement.started", "l1")], {"a", "b"}),
        ([*CARE, placed("l1", "2026-02-02", care_id="o2")], {"unassigned"}),
        ([care("o1", "2026-02-01", team_id=None), placed("l1", "2026-02-02")], {"unassigned"}),
        ([*CARE, care("o2", "2026-02-09", team_id="c"), *MOVED], {"a", "b", "c"}),
    ],
)
def test_a_placement_falls_where_its_period_of_care_ever_fell(events: list[dict[str, Any]], teams: set[str]) -> None:
    for order in (events, events[::-1]):
        assert reached(Kind.CHILD, "c1", "csc.placement.started", *order) == teams


@pytest.mark.parametrize("kind", ["audit.completed", "audit_action.raised"])
def test_an_audit_falls_under_every_team_that_it_was_ever_given_to(kind: str) -> None:
    unit = f"csc.{kind.partition('.')[0]}/u1"
    given = [said(kind, "u1", "2026-02-10", team_id=team, recordversion=n) for n, team in enumerate(("a", "b"))]
    assert reached(Kind.RECORD, unit, f"csc.{kind}", *given) == {"a", "b"}
    assert reached(Kind.RECORD, unit, f"csc.{kind}", *given, withdrawn(kind, "u1", team_id="never")) == {"a", "b"}


@pytest.mark.parametrize(
    ("event", "type"),
    [
        (JOBS[0], "csc.employment.started"),
        (ABSENT, "csc.absence.started"),
        (supervised("w1", "2026-02-10")[0], "csc.supervision.held"),
    ],
)
def test_what_is_about_a_worker_falls_nowhere_as_a_record_of_its_own(event: dict[str, Any], type: str) -> None:
    assert reached(Kind.RECORD, f"{type}/{event['subject']}", type, event) == set()
