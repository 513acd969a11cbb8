from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.facts import INDICATOR, facts
from tests.oracle.examples import AUTHORITY, Example, contact, example, job, lead, said
from tests.oracle.series import series
from tests.unit.services.metrics.product import Product, about, view_of, wrong_either_way

OWN = [
    example(
        "an employment is one fact, though two workers were named in it",
        job("m1", "2025-01-06", recordversion=1),
        job("m1", "2025-01-06", worker_id="w2", recordversion=2),
        lead("q1", "2026-02-02"),
        expected='csc_facts{state="current"} 2\ncsc_facts{state="superseded"} 1\ncsc_facts{state="withdrawn"} 0',
    ),
    example(
        "the facts of siblings under one record are facts of their own",
        contact("k1", "2026-02-20"),
        contact("k1", "2026-02-20", child_id="c2"),
        expected='csc_facts{state="current"} 2',
    ),
    example(
        "a fact of a day to come is none yet",
        contact("k1", "2026-03-03"),
        contact("k2", "2026-03-02"),
        said("contact.received", "k2", "2026-03-03", op="withdraw", recordversion=1),
        expected='csc_facts{state="current"} 1\ncsc_facts{state="superseded"} 0\ncsc_facts{state="withdrawn"} 0',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_facts_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def gone(version: int, when: str = "2026-02-20") -> dict[str, Any]:
    return said("contact.received", "k1", when, op="withdraw", recordversion=version)


@pytest.mark.parametrize(
    ("events", "states"),
    [
        ([contact("k1", "2026-02-20")], (1, 0, 0)),
        ([contact("k1", "2026-02-20"), contact("k1", "2026-02-21", recordversion=1)], (1, 1, 0)),
        ([contact("k1", "2026-02-20"), gone(1)], (0, 1, 1)),
        ([gone(1)], (0, 0, 1)),
        ([contact("k1", "2026-02-20", recordversion=2), gone(1)], (1, 1, 0)),
        ([gone(1), gone(2), contact("k1", "2026-02-20")], (0, 2, 1)),
    ],
)
def test_a_fact_stands_or_was_taken_back_and_all_other_events_lost(
    events: list[dict[str, Any]], states: tuple[int, int, int]
) -> None:
    assert [mark.what for mark in facts(view_of(Kind.CHILD, "c1", *events))] == [states]


def reported(when: str, **details: Any) -> dict[str, Any]:
    return said("establishment.reported", "north", when, **details)


@pytest.mark.parametrize(
    ("events", "states"),
    [
        ([reported("2026-02-01", vacant_fte=1)], (1, 0, 0)),
        ([reported("2026-02-01", vacant_fte=1), reported("2026-02-08", vacant_fte=2)], (1, 1, 0)),
        ([reported("2026-02-01", vacant_fte=1), reported("2026-02-01", op="withdraw", recordversion=1)], (0, 1, 1)),
    ],
)
def test_all_reports_on_one_team_are_one_fact(events: list[dict[str, Any]], states: tuple[int, int, int]) -> None:
    assert [mark.what for mark in facts(view_of(Kind.RECORD, "csc.establishment/north", *events))] == [states]


def test_an_event_that_comes_twice_counts_once_in_all() -> None:
    product = Product()
    for _ in range(2):
        product.fold(contact("k1", "2026-02-20", id="e1"))
    found = product.figures()
    assert found[series("csc_facts", authority=AUTHORITY, state="current")] == 1
