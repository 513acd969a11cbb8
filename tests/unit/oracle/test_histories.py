"""Histories: valid, repeatable, and rich enough that no figure stays untried."""

import json
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.catalogue import CATALOGUE
from tests.oracle.clocks import CLOCKS
from tests.oracle.examples import EXAMPLES
from tests.oracle.facts import local_date, seconds
from tests.oracle.figures import FAMILIES, figures
from tests.oracle.histories import THEMES, TYPES, delivered, history, policy, service_of, smallest

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def refused(events: list[dict[str, Any]], today: date) -> list[object]:
    answers = [
        admit(json.dumps(event).encode(), service=service_of(event["type"]), scope=EVERYTHING, today=today)
        for event in events
    ]
    return [answer for answer in answers if not isinstance(answer, Admitted)]


def test_every_type_of_the_contract_is_drawn() -> None:
    assert set(TYPES) == set(CATALOGUE)
    assert {name: service_of(name) for name in TYPES} == {name: it.service for name, it in CATALOGUE.items()}


@pytest.mark.parametrize("theme", THEMES)
def test_the_service_that_owns_it_admits_every_event(theme: str) -> None:
    for seed in range(20):
        assert refused(history(seed, TODAY, 100, theme=theme), TODAY + timedelta(days=5)) == []


def test_the_events_of_the_examples_are_admitted() -> None:
    for example in EXAMPLES:
        assert refused(list(example.events), example.today + timedelta(days=1)) == []


def test_a_seed_gives_the_same_history_again() -> None:
    assert history(7, TODAY, 100) == history(7, TODAY, 100)


def test_no_source_uses_an_id_twice() -> None:
    keys = Counter((event["source"], event["id"]) for event in history(3, TODAY, 300))
    assert max(keys.values()) == 1


def test_a_few_events_are_dated_after_today_unless_told_otherwise() -> None:
    def after(events: list[dict[str, Any]]) -> int:
        return sum(local_date(seconds(event["time"])) > TODAY for event in events)

    assert 0 < after(history(1, TODAY, 500)) < 50
    assert after(history(1, TODAY, 500, after_today=False)) == 0


def test_delivery_loses_nothing_and_repeats_some() -> None:
    events = history(5, TODAY, 100)
    arrived = list(delivered(events, 5))
    assert len(arrived) > 100
    assert {(event["source"], event["id"]) for event in arrived} == {(event["source"], event["id"]) for event in events}


def test_no_family_stays_at_nought() -> None:
    moved = set()
    for seed in range(150):
        found = figures(history(seed, TODAY, 60), today=TODAY, now=NOW, policy=policy(seed))
        moved |= {family for (family, _), value in found.items() if value}
    assert moved == FAMILIES


def test_no_clock_stays_at_nought() -> None:
    moved = set()
    for seed in range(150):
        found = figures(history(seed, TODAY, 60), today=TODAY, now=NOW)
        moved |= {(family, dict(labels).get("clock")) for (family, labels), value in found.items() if value}
    families = ("open", "overdue", "longest_overdue_seconds", "completed", "completed_on_time")
    assert {(f"csc_clock_{family}", clock) for family in families for clock in CLOCKS} <= moved


def test_policies_differ_in_how_often_to_visit_and_to_supervise() -> None:
    clocks = [policy(seed).get("clocks", {}) for seed in range(50)]
    assert all(len({one.get(clock) for one in clocks}) > 2 for clock in ("cp_visit", "cin_visit", "supervision"))


def test_a_failing_history_shrinks_to_what_makes_it_fail() -> None:
    events = history(11, TODAY, 120, theme="everything")
    wanted = [events[17], events[90]]
    assert smallest(events, lambda some: all(event in some for event in wanted)) == wanted
