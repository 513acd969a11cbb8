import random
from collections.abc import Iterable
from datetime import date
from typing import Any

import pytest

from services.metrics.casebook import CASE_ALLOCATED, Casebook, Kind, Unit
from tests.oracle.examples import AUTHORITY, contact, job, lead, said
from tests.oracle.histories import history
from tests.unit.services.metrics.product import TODAY, fold

CONTACT = ("csc.contact.received", "k1")


@pytest.fixture
def casebook() -> Casebook:
    return Casebook(TODAY)


def child(casebook: Casebook, id: str = "c1") -> Unit:
    return casebook.units[AUTHORITY, Kind.CHILD, id]


def worker(casebook: Casebook, id: str = "w1") -> Unit:
    return casebook.units[AUTHORITY, Kind.WORKER, id]


def changed(casebook: Casebook) -> set[tuple[Kind, str]]:
    return {(unit.kind, unit.id) for unit in casebook.take_changed(1_000)}


def known(casebook: Casebook) -> dict[Any, Any]:
    """All that the casebook knows, in a form that can be compared."""
    return {
        key: ({name: (fact.order, fact.stands, fact.data, fact.places) for name, fact in unit.facts.items()}, unit.refs)
        for key, unit in casebook.units.items()
        if unit.facts or unit.refs
    }


@pytest.mark.parametrize("seed", range(8))
def test_the_facts_of_a_unit_are_as_in_a_table_by_name(seed: int) -> None:
    casebook = Casebook(TODAY)
    fold(casebook, *history(seed, TODAY, 150))
    for unit in casebook.units.values():
        table = dict(unit.facts.items())
        assert len(unit.facts) == len(table) == len(set(unit.facts))
        assert sorted(map(id, unit.facts.values())) == sorted(map(id, table.values()))
        assert all(unit.facts[name] is fact and name[:2] == fact.named for name, fact in table.items())
        assert ("csc.never", "x") not in unit.facts


def test_facts_of_different_types_about_one_record_do_not_hide_each_other(casebook: Casebook) -> None:
    kinds = ("section47.started", "section47.completed", "visit.recorded")
    for kind in kinds:
        fold(casebook, said(kind, "x1", "2026-02-02", purpose="s47"))
    fold(casebook, said("section47.started", "x1", "2026-02-03", recordversion=1))
    facts = child(casebook).facts
    assert {name: str(fact.day) for name, fact in facts.items()} == {
        ("csc.section47.started", "x1"): "2026-02-03",
        ("csc.section47.completed", "x1"): "2026-02-02",
        ("csc.visit.recorded", "x1"): "2026-02-02",
    }


def test_what_is_known_is_not_forgotten(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01"))
    with pytest.raises(TypeError, match="not forgotten"):
        del child(casebook).facts[CONTACT]


@pytest.mark.parametrize("seed", range(25))
def test_what_is_known_follows_from_the_set_of_events(seed: int) -> None:
    events = history(seed, TODAY, 120)
    one, other, later = Casebook(TODAY), Casebook(TODAY), Casebook(date(2024, 1, 1))
    fold(one, *events)
    fold(other, *random.Random(seed).sample(events, len(events)))
    fold(later, *reversed(events))
    later.advance(TODAY)
    assert known(one) == known(other) == known(later)
    assert one.sources.keys() == other.sources.keys() == later.sources.keys()


def test_an_event_that_comes_twice_changes_nothing(casebook: Casebook) -> None:
    events = [{"id": f"e{n}", **event} for n, event in enumerate(history(1, TODAY, 60))]
    fold(casebook, *events)
    before = known(casebook)
    fold(casebook, *events)
    assert known(casebook) == before


def test_a_withdrawn_fact_does_not_stand_until_it_is_said_again(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01", recordversion=1))
    assert child(casebook).facts[CONTACT].stands
    fold(casebook, said("contact.received", "k1", "2026-03-01", op="withdraw", recordversion=2))
    assert not child(casebook).facts[CONTACT].stands
    fold(casebook, contact("k1", "2026-03-01", recordversion=2, recordedtime="2026-03-02T08:00:00Z", team_id="south"))
    assert child(casebook).facts[CONTACT].stands
    assert child(casebook).facts[CONTACT].team == "south"


def test_siblings_have_facts_of_their_own_under_one_record_id(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01", child_id="c1"), contact("k1", "2026-02-01", child_id="c2"))
    assert child(casebook, "c1").facts[CONTACT].day == date(2026, 3, 1)
    assert child(casebook, "c2").facts[CONTACT].day == date(2026, 2, 1)


def test_authorities_share_nothing(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01"))
    fold(casebook, contact("k1", "2026-02-01", recordversion=9) | {"authority": "E06000052"})
    assert child(casebook).facts[CONTACT].day == date(2026, 3, 1)
    assert len(casebook.units) == 2


def test_events_of_later_days_wait_for_their_day(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01"), contact("k1", "2026-03-03", recordversion=1, source="/E09000003/late"))
    changed(casebook)
    assert child(casebook).facts[CONTACT].day == date(2026, 3, 1)
    assert (AUTHORITY, "/E09000003/late") not in casebook.sources
    assert casebook.taken_in == {AUTHORITY: 2}
    casebook.advance(date(2026, 3, 3))
    assert child(casebook).facts[CONTACT].day == date(2026, 3, 3)
    assert changed(casebook) == {(Kind.CHILD, "c1")}
    assert casebook.taken_in == {AUTHORITY: 2}


def test_many_days_at_once_bring_all_that_waited(casebook: Casebook) -> None:
    fold(casebook, *(contact(f"k{n}", f"2026-03-{n:02}") for n in range(3, 13)))
    casebook.advance(date(2026, 3, 10))
    assert len(child(casebook).facts) == 8


def test_a_later_day_of_london_waits_though_it_is_today_in_utc() -> None:
    casebook = Casebook(date(2026, 6, 30))
    fold(casebook, contact("k1", "2026-06-30T22:59:59Z"), contact("k2", "2026-06-30T23:00:00Z"))
    assert child(casebook).facts.keys() == {CONTACT}


def test_the_casebook_does_not_go_back(casebook: Casebook) -> None:
    with pytest.raises(ValueError, match="cannot go back"):
        casebook.advance(date(2026, 3, 1))


def test_each_changed_unit_is_handed_out_once(casebook: Casebook) -> None:
    fold(casebook, *(contact("k1", "2026-03-01", child_id=f"c{n % 5}") for n in range(50)))
    taken = [len(casebook.take_changed(2)) for _ in range(4)]
    assert taken == [2, 2, 1, 0]


def test_a_unit_is_woken_on_its_day_and_not_before(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01"))
    changed(casebook)
    casebook.wake(child(casebook), date(2026, 3, 5))
    casebook.advance(date(2026, 3, 4))
    assert changed(casebook) == set()
    casebook.advance(date(2026, 3, 7))
    assert changed(casebook) == {(Kind.CHILD, "c1")}
    casebook.advance(date(2026, 3, 8))
    assert changed(casebook) == set()


def test_state_reports_of_each_time_are_kept(casebook: Casebook) -> None:
    fold(
        casebook,
        said("establishment.reported", "north", "2026-02-01", vacant_fte=1),
        said("establishment.reported", "north", "2026-02-15", vacant_fte=2),
        said("establishment.reported", "north", "2026-02-15T00:00:00+00:00", vacant_fte=3, recordversion=1),
    )
    record = casebook.units[AUTHORITY, Kind.RECORD, "csc.establishment/north"]
    assert sorted(fact.data["vacant_fte"] for fact in record.facts.values()) == [1, 3]


def test_the_description_of_a_team_is_the_winner_of_all_its_versions(casebook: Casebook) -> None:
    fold(
        casebook,
        said("team.described", "north", "2026-02-01", name="new", recordversion=2),
        said("team.described", "north", "2026-02-20", name="old", recordversion=1),
        said("team.described", "north", "2026-03-03", name="not yet", recordversion=3),
    )
    assert {key: fact.data["name"] for key, fact in casebook.described.items()} == {(AUTHORITY, "north"): "new"}
    casebook.advance(date(2026, 3, 3))
    assert casebook.described[AUTHORITY, "north"].data["name"] == "not yet"


def test_all_units_can_be_looked_at_again(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01"), lead("q1", "2026-03-01"))
    everyone = changed(casebook)
    assert changed(casebook) == set()
    casebook.look_at_all_again()
    assert changed(casebook) == everyone == {(Kind.CHILD, "c1"), (Kind.WORKER, "w1")}


def test_start_and_end_of_a_record_are_one_unit(casebook: Casebook) -> None:
    fold(
        casebook,
        said("audit_action.raised", "d1", "2026-02-01", team_id="north", due="2026-03-01"),
        said("audit_action.completed", "d1", "2026-02-03"),
    )
    assert len(casebook.units[AUTHORITY, Kind.RECORD, "csc.audit_action/d1"].facts) == 2


def held(casebook: Casebook, id: str) -> set[tuple[str, str, bool]]:
    return {
        (child_id, start.subject, end is not None)
        for child_id, start, end in casebook.allocations_of(worker(casebook, id))
    }


def test_an_allocation_is_known_to_its_worker_by_child_and_end(casebook: Casebook) -> None:
    fold(casebook, said("case.deallocated", "q1", "2026-03-01"), lead("q1", "2026-02-01"), lead("q2", "2026-02-01"))
    assert held(casebook, "w1") == {("c1", "q1", True), ("c1", "q2", False)}


ALLOCATIONS: list[dict[str, Any]] = [
    lead("q1", "2026-02-01", worker_id="w1", recordversion=1),
    lead("q1", "2026-02-01", worker_id="w2", recordversion=2),
    said("case.allocated", "q1", "2026-02-01", op="withdraw", recordversion=3),
    lead("q1", "2026-02-02", worker_id="w3", recordversion=4),
]


@pytest.mark.parametrize("order", [ALLOCATIONS, ALLOCATIONS[::-1], [ALLOCATIONS[n] for n in (2, 0, 3, 1)]])
def test_an_allocation_is_indexed_under_every_worker_ever_named(
    casebook: Casebook, order: Iterable[dict[str, Any]]
) -> None:
    fold(casebook, *order)
    assert [worker(casebook, id).refs for id in ("w1", "w2", "w3")] == [{("c1", "q1")}] * 3
    assert [held(casebook, id) for id in ("w1", "w2", "w3")] == [set(), set(), {("c1", "q1", False)}]


def test_a_change_of_an_allocation_concerns_every_worker_it_named(casebook: Casebook) -> None:
    fold(casebook, *ALLOCATIONS[:2])
    changed(casebook)
    fold(casebook, said("case.deallocated", "q1", "2026-03-01"))
    assert changed(casebook) == {(Kind.CHILD, "c1"), (Kind.WORKER, "w1"), (Kind.WORKER, "w2")}
    fold(casebook, ALLOCATIONS[2])
    assert changed(casebook) == {(Kind.CHILD, "c1"), (Kind.WORKER, "w1"), (Kind.WORKER, "w2")}


def test_a_withdrawn_allocation_is_nobodys(casebook: Casebook) -> None:
    fold(casebook, ALLOCATIONS[0], ALLOCATIONS[2])
    assert child(casebook).facts[CASE_ALLOCATED, "q1"].stands is False
    assert held(casebook, "w1") == set()


@pytest.mark.parametrize("late", [True, False])
def test_an_end_that_comes_before_its_start_finds_the_worker(casebook: Casebook, late: bool) -> None:
    events = [job("m1", "2026-02-01"), said("employment.ended", "m1", "2026-02-20")]
    fold(casebook, *(events[::-1] if late else events))
    assert {type for type, _ in worker(casebook).facts} == {"csc.employment.started", "csc.employment.ended"}


def test_an_employment_that_changes_hands_is_kept_with_both_workers(casebook: Casebook) -> None:
    fold(casebook, job("m1", "2026-02-01", worker_id="w1", recordversion=1), job("m1", "2026-02-01", worker_id="w2"))
    changed(casebook)
    fold(casebook, said("employment.ended", "m1", "2026-02-20"))
    assert changed(casebook) >= {(Kind.WORKER, "w1"), (Kind.WORKER, "w2")}
    for id in ("w1", "w2"):
        assert worker(casebook, id).facts["csc.employment.started", "m1"].data["worker_id"] == "w1"
        assert ("csc.employment.ended", "m1") in worker(casebook, id).facts


def test_the_newest_event_and_arrival_of_a_source_are_known(casebook: Casebook) -> None:
    fold(casebook, contact("k1", "2026-03-01T12:00:00Z"), received=20.5)
    fold(casebook, contact("k2", "2026-02-01T12:00:00Z"), received=30.25)
    fold(casebook, said("contact.received", "k9", "2026-03-01T13:00:00Z", op="withdraw"), received=10.0)
    source = casebook.sources[AUTHORITY, f"/{AUTHORITY}/mosaic"]
    assert (source.last_event, source.last_received) == (1772370000.0, 30.25)
