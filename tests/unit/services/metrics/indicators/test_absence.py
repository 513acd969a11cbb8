import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.absence import INDICATOR, absent
from tests.oracle.examples import Example, example, job, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

OWN = [
    example(
        "who comes back today is there today",
        job("m1", "2025-01-06"),
        said("absence.started", "b1", "2026-02-02"),
        said("absence.ended", "b1", "2026-03-02"),
        job("m2", "2025-01-06", worker_id="w2"),
        said("absence.started", "b2", "2026-03-02", worker_id="w2"),
        said("absence.ended", "b2", "2026-03-03"),
        expected='csc_workforce_absent{reason="sickness",team="north"} 1',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_absences_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_who_is_away_for_two_reasons_counts_under_each_and_once() -> None:
    away = [
        said("absence.started", f"b{number}", "2026-02-02", reason=reason)
        for number, reason in enumerate(("maternity", "sickness", "sickness"))
    ]
    assert marked(absent(view_of(Kind.WORKER, "w1", job("m1", "2025-01-06"), *away))) == [
        ("north", (0, 1), ""),
        ("north", (1, 1), ""),
    ]
    assert marked(absent(view_of(Kind.WORKER, "w1", *away))) == []
