import pytest

from tests.oracle.examples import FRONT_DOOR as EXAMPLES
from tests.oracle.examples import Example, decided, example, on_windows, referral, said
from tests.unit.services.metrics.product import wrong

OWN = [
    example(
        "a referral of a year and a day ago makes no re-referral, in a leap year neither",
        referral("r1", "2024-02-29", child_id="c1"),
        referral("r2", "2025-02-28", child_id="c1"),
        referral("r3", "2024-02-28", child_id="c2"),
        referral("r4", "2025-02-28", child_id="c2"),
        referral("r5", "2024-02-27", child_id="c3"),
        referral("r6", "2025-02-28", child_id="c3"),
        expected=on_windows("csc_rereferrals", 'team="north"', 2, 2, 2),
        now="2025-03-01T09:00:00Z",
    ),
    example(
        "a withdrawn referral is no earlier one, a corrected date counts anew",
        referral("r1", "2026-01-05", child_id="c1"),
        said("referral.received", "r1", "2026-01-05", op="withdraw", recordversion=1, child_id="c1"),
        referral("r2", "2026-02-20", child_id="c1"),
        referral("r3", "2024-01-05", child_id="c2", recordversion=0),
        referral("r3", "2025-06-02", child_id="c2", recordversion=1),
        referral("r4", "2026-02-20", child_id="c2"),
        expected=on_windows("csc_rereferrals", 'team="north"', 1, 1, 1)
        + "\n"
        + on_windows("csc_referrals", 'team="north"', 2, 2, 3),
    ),
    example(
        "no further action counts by the referral, not by the decision",
        referral("r1", "2025-11-20"),
        decided("r1", "2026-03-02", "no_further_action"),
        expected=on_windows("csc_referrals_no_further_action", 'team="north"', 0, 0, 1),
    ),
]


@pytest.mark.parametrize("example", [*EXAMPLES, *OWN], ids=lambda example: example.claim)
def test_the_front_door_says_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong(example) == []
    assert wrong(example, reversed(example.events)) == []
