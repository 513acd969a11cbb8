"""What each element of the census becomes."""

from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from deploy.census.children import Assessment, CinPlan, CpPlan, Enquiry, Episode
from deploy.census.facts import facts_of

MAY, JUNE, JULY = date(2024, 5, 1), date(2024, 6, 3), date(2024, 7, 1)
REFERRED = Episode(MAY, None, "2A", None, None, False, (), (), (), ())


def said(*episodes: Episode) -> list[tuple[str, date, dict[str, Any]]]:
    """Facts as (type without csc., day, data without record ids)."""
    return [
        (f.type[4:], f.day, {k: v for k, v in f.data.items() if not k.endswith("_id")})
        for f in facts_of("C1", episodes)
    ]


def of_type(name: str, *episodes: Episode) -> list[tuple[date, dict[str, Any]]]:
    return [(day, data) for found, day, data in said(*episodes) if found == name]


def test_a_referral_is_received_and_decided_on_its_date() -> None:
    assert said(replace(REFERRED, need="N1")) == [
        ("referral.received", MAY, {"source_code": "2A", "primary_need": "N1"}),
        ("referral.decided", MAY, {"outcome": "assessment"}),
    ]


@pytest.mark.parametrize(
    ("change", "outcome"),
    [
        ({"no_further_action": True}, "no_further_action"),
        ({"enquiries": (Enquiry(MAY, None, False),)}, "strategy_discussion"),
        ({"enquiries": (Enquiry(MAY, None, False),), "assessments": (Assessment(MAY, None),)}, "assessment"),
        ({"assessments": (Assessment(MAY, None),)}, "assessment"),
    ],
)
def test_the_decision_follows_from_what_came_of_it(change: dict[str, Any], outcome: str) -> None:
    assert of_type("referral.decided", replace(REFERRED, **change)) == [(MAY, {"outcome": outcome})]


def test_values_that_cannot_be_used_leave_out_only_what_rests_on_them() -> None:
    assert [name for name, _, _ in said(replace(REFERRED, source=None))] == ["referral.decided"]
    assert [name for name, _, _ in said(replace(REFERRED, no_further_action=None))] == ["referral.received"]
    assert of_type("case.closed", replace(REFERRED, end=JUNE)) == []


def test_a_closure_with_reason_closes_the_case_of_the_referral() -> None:
    found = list(facts_of("C1", [replace(REFERRED, end=JUNE, reason="RC7")]))
    assert (found[-1].type, found[-1].day, found[-1].data) == ("csc.case.closed", JUNE, {"reason": "RC7"})
    assert {fact.subject for fact in found} == {found[0].subject}


def test_assessments_start_under_their_referral_and_are_authorised() -> None:
    episode = replace(REFERRED, assessments=(Assessment(MAY, JUNE), Assessment(JULY, None)))
    found = [f for f in facts_of("C1", [episode]) if "assessment." in f.type]
    referral = next(facts_of("C1", [episode])).subject
    assert {(f.type[4:], f.day) for f in found} == {
        ("assessment.started", MAY),
        ("assessment.authorised", JUNE),
        ("assessment.started", JULY),
    }
    assert [f.data for f in found if f.type.endswith("started")] == [{"referral_id": referral}] * 2


def test_an_enquiry_without_need_of_a_conference_is_completed_on_its_start() -> None:
    episode = replace(REFERRED, enquiries=(Enquiry(JUNE, None, True),))
    assert of_type("section47.completed", episode) == [(JUNE, {"outcome": "no_conference"})]
    assert of_type("conference.held", episode) == []


def test_an_enquiry_that_waits_is_only_started() -> None:
    episode = replace(REFERRED, enquiries=(Enquiry(JUNE, None, False),))
    assert [name for name, _, _ in said(episode)][2:] == ["section47.started"]


@pytest.mark.parametrize(
    ("planned", "outcome"),
    [
        (JULY, "plan"),
        (date(2024, 7, 8), "plan"),
        (date(2024, 7, 9), "no_plan"),
        (date(2024, 6, 30), "no_plan"),
    ],
)
def test_a_conference_led_to_a_plan_that_began_within_seven_days(planned: date, outcome: str) -> None:
    episode = replace(REFERRED, enquiries=(Enquiry(JUNE, JULY, False),), cp_plans=(CpPlan(planned, None, "NEG", ()),))
    assert of_type("conference.held", episode) == [(JULY, {"outcome": outcome})]
    assert of_type("section47.completed", episode) == [(JULY, {"outcome": "conference"})]


def test_conference_and_enquiry_hang_together() -> None:
    episode = replace(REFERRED, enquiries=(Enquiry(JUNE, JULY, False),))
    found = {f.type[4:]: f for f in facts_of("C1", [episode])}
    assert found["conference.held"].data["section47_id"] == found["section47.started"].subject
    assert found["section47.started"].data == {"referral_id": found["referral.received"].subject}


def test_without_a_referral_date_enquiries_and_plans_stand_alone() -> None:
    episode = replace(REFERRED, start=None, enquiries=(Enquiry(JUNE, None, False),), cin_plans=(CinPlan(JUNE, JULY),))
    assert said(episode) == [
        ("section47.started", JUNE, {}),
        ("cin_plan.started", JUNE, {}),
        ("cin_plan.ended", JULY, {}),
    ]
    assert next(facts_of("C1", [episode])).data == {}


def test_a_protection_plan_starts_is_reviewed_and_ends() -> None:
    plan = CpPlan(MAY, JULY, "MUL", (JUNE,))
    found = [f for f in facts_of("C1", [replace(REFERRED, cp_plans=(plan,))]) if f.type.startswith("csc.cp_")]
    started, ended, reviewed = found
    assert (started.type, started.day, started.data) == ("csc.cp_plan.started", MAY, {"category": "MUL"})
    assert (ended.type, ended.day, ended.subject) == ("csc.cp_plan.ended", JULY, started.subject)
    assert (reviewed.type, reviewed.day) == ("csc.cp_review.held", JUNE)
    assert reviewed.data == {"plan_id": started.subject}


def test_a_plan_without_usable_category_is_not_started() -> None:
    plan = CpPlan(MAY, JULY, None, ())
    assert of_type("cp_plan.started", replace(REFERRED, cp_plans=(plan,))) == []
    assert of_type("cp_plan.ended", replace(REFERRED, cp_plans=(plan,))) == [(JULY, {})]


def test_the_same_records_of_two_children_are_two() -> None:
    assert {f.subject for f in facts_of("C1", [REFERRED])}.isdisjoint(f.subject for f in facts_of("C2", [REFERRED]))
