from datetime import date
from typing import Any

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.referrals import INDICATOR, is_rereferral, referrals
from tests.oracle.examples import Example, decided, example, on_windows, referral, said
from tests.unit.services.metrics.product import about, marked, view_of, wrong_either_way

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


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_referrals_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def of_child(*events: dict[str, Any]) -> Any:
    return view_of(Kind.CHILD, "c1", *events)


def test_a_referral_is_marked_once_for_each_thing_that_it_is() -> None:
    two = [referral("r1", "2026-01-05"), referral("r2", "2026-02-20")]
    child = of_child(*two, decided("r2", "2026-02-23", "no_further_action"))
    assert marked(referrals(child)) == [
        ("north", (0, date(2026, 1, 5), 1), "r1"),
        ("north", (0, date(2026, 2, 20), 1), "r2"),
        ("north", (1, date(2026, 2, 20), 1), "r2"),
        ("north", (2, date(2026, 2, 20), 1), "r2"),
    ]


@pytest.mark.parametrize(
    ("earlier", "later", "again"),
    [
        ("2025-02-19", "2026-02-20", False),
        ("2025-02-20", "2026-02-20", True),
        ("2026-02-20", "2026-02-20", False),  # two of one day
        ("2024-02-27", "2025-02-28", False),
        ("2024-02-28", "2025-02-28", True),
        ("2023-02-27", "2024-02-29", False),
        ("2023-02-28", "2024-02-29", True),  # a year before 29 February is 28 February
        ("2024-02-29", "2025-03-01", False),
    ],
)
def test_a_rereferral_looks_back_to_the_same_day_a_year_earlier(earlier: str, later: str, again: bool) -> None:
    child = of_child(referral("r1", earlier), referral("r2", later))
    assert is_rereferral(child, child.referrals["r2"]) is again
    assert not is_rereferral(child, child.referrals["r1"])
