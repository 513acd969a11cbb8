from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.cover_needed import INDICATOR, cover_needed
from tests.oracle.examples import Example, example, job, lead, leads, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

OWN = [
    example(
        "who left and is absent counts as left, and only once",
        job("m1", "2025-01-06"),
        said("employment.ended", "m1", "2026-03-02"),
        said("absence.started", "b1", "2026-02-02"),
        *leads("w1", 2),
        expected='csc_caseload_cover_needed{reason="left",team="north"} 2',
    ),
    example(
        "who starts tomorrow has left until then",
        job("m1", "2025-01-06", team_id="north"),
        said("employment.ended", "m1", "2026-02-20", reason="moved"),
        job("m2", "2026-03-03", team_id="south"),
        lead("q1", "2026-02-02"),
        expected='csc_caseload_cover_needed{reason="left",team="north"} 1',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_cover_needed_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


ABSENT = said("absence.started", "b1", "2026-02-02")
LEFT = said("employment.ended", "m1", "2026-02-20")


@pytest.mark.parametrize(
    ("events", "marks"),
    [
        ([job("m1", "2025-01-06")], []),
        ([job("m1", "2025-01-06"), ABSENT], [("north", (1, 1), "c1")]),
        ([job("m1", "2025-01-06"), LEFT], [("north", (0, 1), "c1")]),
        ([job("m1", "2025-01-06"), LEFT, job("m2", "2024-01-08", team_id="south")], []),
        ([ABSENT], []),  # of whom no employment is known: an unknown worker
        ([job("m1", "2025-01-06"), ABSENT, said("absence.ended", "b1", "2026-03-02")], []),
    ],
)
def test_a_child_needs_cover_whose_worker_has_left_or_is_away(
    events: list[dict[str, Any]], marks: list[tuple[Any, ...]]
) -> None:
    assert marked(cover_needed(view_of(Kind.WORKER, "w1", lead("q1", "2026-02-02"), *events))) == marks
