"""Spells: from when to when, and what hangs on what."""

from datetime import date

from tests.oracle.examples import care, decided, example, placed, plan, referral, said
from tests.oracle.facts import Event, Record, records
from tests.oracle.spells import Spell, cp_plans, in_need, latest, period_of, placements, team_of

TODAY = date(2026, 3, 2)


def record(*events: Event) -> Record:
    (known,) = records(example("", *map(dict, events), expected="").events, TODAY)
    return known


def days(spell: Spell) -> list[tuple[bool, bool]]:
    """Whether it is running on the 9th, 10th, 11th and 12th of February, and whether it covers them."""
    return [(spell.running_on(day), spell.covers(day)) for day in (date(2026, 2, n) for n in (9, 10, 11, 12))]


def test_an_end_takes_effect_on_its_date_which_still_belongs_to_the_spell() -> None:
    (spell,) = cp_plans(record(plan("p1", "2026-02-10"), said("cp_plan.ended", "p1", "2026-02-11")))
    assert days(spell) == [(False, False), (True, True), (False, True), (False, False)]
    assert spell.ran


def test_a_spell_that_ended_before_it_started_never_ran() -> None:
    (spell,) = cp_plans(record(plan("p1", "2026-02-10"), said("cp_plan.ended", "p1", "2026-02-09")))
    assert days(spell) == [(False, False)] * 4
    assert not spell.ran


def test_another_child_s_end_ends_nothing() -> None:
    (spell,) = cp_plans(record(plan("p1", "2026-02-10"), said("cp_plan.ended", "p1", "2026-02-11", child_id="c2")))
    assert spell.end is None


def test_a_placement_ends_with_its_period_once_that_has_started() -> None:
    ended = said("care.ended", "o1", "2026-02-11"), said("placement.ended", "l1", "2026-02-12")
    known = record(care("o1", "2026-02-01"), placed("l1", "2026-02-10"), *ended)
    (spell,) = placements(known)
    assert spell.end is not None
    assert spell.end.day == date(2026, 2, 11)
    assert period_of(known, spell.begun) is not None
    (orphan,) = placements(record(placed("l1", "2026-02-10"), *ended))
    assert orphan.end is not None
    assert orphan.end.day == date(2026, 2, 12)


def test_the_latest_of_one_date_has_the_larger_id_as_text() -> None:
    plans = record(plan("p10", "2026-02-10"), plan("p9", "2026-02-10"), plan("p99", "2026-02-09"))
    assert latest(plans.all("cp_plan.started")).subject == "p9"


def test_a_team_is_the_fact_s_own_else_that_of_what_it_hangs_on() -> None:
    known = record(plan("p1", "2026-02-10", team_id="own"), plan("p2", "2026-02-11", team_id=None))
    own, none = sorted(known.all("cp_plan.started"), key=lambda fact: fact.subject)
    assert [team_of(own, none), team_of(none, own), team_of(none, None)] == ["own", "own", "unassigned"]


def test_a_case_is_received_decided_as_one_and_open() -> None:
    case = referral("r1", "2026-02-10"), decided("r1", "2026-02-11")
    assert in_need(record(*case)) == {"c1": "north"}
    assert in_need(record(*case, said("case.closed", "r1", "2026-02-12"))) == {}
    assert in_need(record(case[0], decided("r1", "2026-02-11", "advice"))) == {}
    assert in_need(record(case[1])) == {}
