"""What must hold of the facts together, whoever made them."""

from collections import Counter
from datetime import date
from typing import Any

import pytest


def day(event: dict[str, Any]) -> str:
    return str(event["time"][:10])


@pytest.mark.parametrize(
    ("began", "ended"),
    [
        ("contact.received", "contact.decided"),
        ("referral.received", "referral.decided"),
        ("referral.received", "case.closed"),
        ("assessment.started", "assessment.authorised"),
        ("section47.started", "section47.completed"),
        ("cp_plan.started", "cp_plan.ended"),
        ("cin_plan.started", "cin_plan.ended"),
        ("care.started", "care.ended"),
        ("placement.started", "placement.ended"),
        ("missing.returned", "return_interview.held"),
        ("case.allocated", "case.deallocated"),
        ("employment.started", "employment.ended"),
        ("absence.started", "absence.ended"),
        ("audit_action.raised", "audit_action.completed"),
        ("audit_action.completed", "audit_action.verified"),
    ],
)
def test_nothing_ends_before_it_began(rehearsed: Any, began: str, ended: str) -> None:
    starts, ends = rehearsed.facts[began], rehearsed.facts[ended]
    assert len(ends) > 50
    assert [record for record in ends if record in starts and day(ends[record]) < day(starts[record])] == []


@pytest.mark.parametrize("kind", ["cp_plan", "cin_plan", "care", "placement"])
def test_a_child_has_one_plan_period_or_placement_at_a_time(rehearsed: Any, kind: str) -> None:
    over = rehearsed.facts[f"{kind}.ended"]
    running = Counter(child for _, child in rehearsed.facts[f"{kind}.started"].keys() - over.keys())
    assert len(running) > 150
    several = [child for child, count in running.items() if count > 1]
    assert len(several) <= 0.01 * len(running)  # where the end of the one before is not recorded yet


def test_children_on_a_plan_or_in_care_have_a_case_and_a_worker(rehearsed: Any) -> None:
    facts = rehearsed.facts
    open_cases = {child for _, child in facts["referral.received"].keys() - facts["case.closed"].keys()}
    allocated = {child for _, child in facts["case.allocated"].keys() - facts["case.deallocated"].keys()}
    at_stake = {
        child
        for kind in ("cp_plan", "care")
        for _, child in facts[f"{kind}.started"].keys() - facts[f"{kind}.ended"].keys()
    }
    assert len(at_stake) > 500
    assert len(at_stake - open_cases) <= 5
    assert len(at_stake - allocated) <= 0.02 * len(at_stake)


def test_every_case_is_given_to_a_worker_who_is_there(rehearsed: Any) -> None:
    started, ended = rehearsed.facts["employment.started"], rehearsed.facts["employment.ended"]
    spells: dict[str, list[tuple[str, str]]] = {}
    for record, event in started.items():
        end = day(ended[record]) if record in ended else "9999"
        spells.setdefault(event["data"]["worker_id"], []).append((day(event), end))
    stray = [
        event["subject"]
        for event in rehearsed.facts["case.allocated"].values()
        if not any(begin <= day(event) <= end for begin, end in spells.get(event["data"]["worker_id"], ()))
    ]
    allocated = len(rehearsed.facts["case.allocated"])
    assert len(stray) <= 0.03 * allocated  # payroll is slow: some are not known yet


def test_cases_move_between_teams(rehearsed: Any) -> None:
    teams: dict[str, set[str]] = {}
    for (_, child), event in rehearsed.facts["case.allocated"].items():
        teams.setdefault(child, set()).add(event["data"]["team_id"].split("-")[0])
    moved = sum({"assessment", "safeguarding"} <= of_child for of_child in teams.values())
    assert moved > 300
    assert any({"safeguarding", "care"} <= of_child for of_child in teams.values())


def test_brothers_and_sisters_are_referred_together(rehearsed: Any) -> None:
    contacts = Counter(record for record, _ in rehearsed.facts["contact.received"])
    sizes = Counter(contacts.values())
    assert set(sizes) == {1, 2, 3, 4, 5}
    assert 0.45 < sizes[1] / sizes.total() < 0.65


def test_most_supervisions_come_within_the_fortnight_and_some_long_after(rehearsed: Any) -> None:
    held: dict[str, list[date]] = {}
    for event in rehearsed.facts["supervision.held"].values():
        held.setdefault(event["data"]["worker_id"], []).append(date.fromisoformat(day(event)))
    gaps = [
        (later - earlier).days
        for days in held.values()
        for earlier, later in zip(sorted(days), sorted(days)[1:], strict=False)
    ]
    share = sum(gap <= 14 for gap in gaps) / len(gaps)
    assert 0.6 < share < 0.9
    assert max(gaps) > 30
