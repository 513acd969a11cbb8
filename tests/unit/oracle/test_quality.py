"""The checks on the information itself, each on one error."""

from datetime import UTC, date, datetime
from typing import Any

import pytest

from tests.oracle.examples import contact, decided, example, job, lead, referral, said
from tests.oracle.figures import Figures, figures, series
from tests.oracle.histories import history
from tests.oracle.quality import CHECKS

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
CP = ("cp_plan.started", "p1", "2026-02-20")

ERRORS = {
    "a decision before its contact": ("stop_before_start", [
        contact("k1", "2026-02-20"),
        said("contact.decided", "k1", "2026-02-19", outcome="advice"),
        contact("k2", "2026-02-20"),
        said("contact.decided", "k2", "2026-02-20", outcome="advice"),
    ]),
    "an authorisation before assessment and referral counts once": ("stop_before_start", [
        referral("r1", "2026-02-20"),
        said("assessment.started", "a1", "2026-02-20", referral_id="r1"),
        said("assessment.authorised", "a1", "2026-02-19"),
    ]),
    "a conference before its enquiry": ("stop_before_start", [
        said("section47.started", "s1", "2026-02-20"),
        said("conference.held", "f1", "2026-02-19", section47_id="s1"),
        said("conference.held", "f2", "2026-02-18", section47_id="s2"),
    ]),
    "an interview a minute before the return": ("stop_before_start", [
        said("missing.returned", "h1", "2026-02-20T10:00:00Z"),
        said("return_interview.held", "h1", "2026-02-20T09:59:00Z"),
    ]),
    "an allocation before the decision is no error": (None, [
        referral("r1", "2026-02-20"),
        decided("r1", "2026-02-21"),
        lead("q1", "2026-02-20"),
        job("m1", "2026-02-20"),
    ]),
    "an employment that ended before it started": ("end_before_start", [
        job("m1", "2026-02-20"),
        said("employment.ended", "m1", "2026-02-19"),
    ]),
    "a placement that started after its period": ("end_before_start", [
        said("care.started", "o1", "2026-02-01"),
        said("care.ended", "o1", "2026-02-10"),
        said("placement.started", "l1", "2026-02-11", care_id="o1", regime="standard"),
    ]),
    "a case closed over an open assessment": ("closed_with_open_assessment", [
        referral("r1", "2026-02-20"),
        said("assessment.started", "a1", "2026-02-20", referral_id="r1"),
        said("case.closed", "r1", "2026-02-21"),
    ]),
    "a worker nobody employs": ("unknown_worker", [
        said("care.started", "o1", "2026-02-01"),
        lead("q1", "2026-02-20"),
    ]),
    "a second plan at once": ("overlapping_plans", [
        referral("r1", "2026-02-20"),
        decided("r1", "2026-02-20"),
        said(*CP),
        said("cp_plan.started", "p2", "2026-02-21"),
    ]),
    "a plan without a case": ("plan_without_case", [said(*CP)]),
    "an allocation that nothing asks for": ("allocation_without_case", [
        lead("q1", "2026-02-20"),
        job("m1", "2026-02-20"),
    ]),
}  # fmt: skip


def said_of(*events: dict[str, Any]) -> Figures:
    return figures(example("", *events, expected="").events, today=TODAY, now=NOW)


@pytest.mark.parametrize("error", ERRORS)
def test_an_error_is_counted_once_and_as_nothing_else(error: str) -> None:
    check, events = ERRORS[error]
    found = said_of(*events)
    counts = {name: found[series("csc_data_quality_facts", authority="E09000003", check=name)] for name in CHECKS}
    assert counts == {name: int(name == check) for name in CHECKS}


def test_facts_stand_are_withdrawn_or_superseded() -> None:
    events: list[dict[str, Any]] = [
        contact("k1", "2026-02-20"),
        contact("k1", "2026-02-21"),
        contact("k2", "2026-02-20"),
        said("contact.received", "k2", "2026-02-20", op="withdraw", recordversion=1),
        said("establishment.reported", "north", "2026-02-20", vacant_fte=1),
        said("establishment.reported", "north", "2026-02-21", vacant_fte=2),
    ]
    found = said_of(*events)
    counts = {
        state: found[series("csc_facts", authority="E09000003", state=state)]
        for state in ("current", "superseded", "withdrawn")
    }
    assert counts == {"current": 2, "superseded": 3, "withdrawn": 1}


def test_a_team_is_described_in_words_or_in_none() -> None:
    events = [
        said("team.described", "north", "2026-02-20", name="Duty & Advice"),
        said("team.described", "south", "2026-02-20", name=None),
    ]
    found = said_of(*events)
    info = {key for key in found if key[0] == "csc_team_info"}
    assert info == {
        series("csc_team_info", authority="E09000003", team="north", area="", name="Duty & Advice"),
        series("csc_team_info", authority="E09000003", team="south", area="", name=""),
    }


def test_histories_hold_every_error() -> None:
    moved = set()
    for seed in range(120):
        found = figures(history(seed, TODAY, 90), today=TODAY, now=NOW)
        moved |= {dict(labels).get("check") for (_, labels), value in found.items() if value}
    assert set(CHECKS) <= moved
