import pytest

from tests.oracle.examples import CASELOAD as EXAMPLES
from tests.oracle.examples import Example, caseload_bounds, example, job, lead, leads, said
from tests.unit.services.metrics.product import wrong

OWN = [
    example(
        "the last bound that holds a caseload is the first that counts it",
        job("m1", "2025-01-06"),
        *leads("w1", 35),
        job("m2", "2025-01-06", worker_id="w2", team_id="south"),
        *leads("w2", 36, "south"),
        expected=caseload_bounds("north", 35) + caseload_bounds("south", 36),
    ),
    example(
        "two part-time posts in the supported year make one threshold",
        job("m1", "2025-01-06", fte=0.2, asye_until="2027-01-01"),
        job("m2", "2024-01-08", fte=0.3),
        *leads("w1", 9),
        expected='csc_caseload_workers_over{band="amber",stage="asye",team="north"} 1\n'
        'csc_caseload_workers_over{band="red",stage="asye",team="north"} 0',
    ),
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


@pytest.mark.parametrize("example", [*EXAMPLES, *OWN], ids=lambda example: example.claim)
def test_the_caseload_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong(example) == []
    assert wrong(example, reversed(example.events)) == []
