from decimal import Decimal

import pytest

from services.metrics.casebook import Kind
from services.metrics.indicators.posts import INDICATOR, fte, headcount, vacant
from tests.oracle.examples import AUTHORITY, BARNET_2017, Example, example, job, said
from tests.oracle.series import series
from tests.unit.services.metrics.product import Product, about, marked, view_of, wrong_either_way

OWN = [
    example(
        "a report of no vacancies is 0, not the one before",
        said("establishment.reported", "north", "2026-02-01", vacant_fte=3),
        said("establishment.reported", "north", "2026-03-02T23:59:59Z", vacant_fte=0),
        expected='csc_workforce_vacant_fte{team="north"} 0',
    ),
]


@pytest.mark.parametrize("example", [*about(INDICATOR), *OWN], ids=lambda example: example.claim)
def test_posts_are_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_employments_add_up_and_a_worker_counts_once_for_each_team_and_contract() -> None:
    worker = view_of(
        Kind.WORKER,
        "w1",
        job("m1", "2025-01-06", fte=0.4),
        job("m2", "2025-01-06", fte=0.3),
        job("m3", "2025-01-06", fte=0.2, contract="agency"),
        job("m4", "2025-01-06", fte=0.1, team_id="south"),
        job("m5", "2025-01-06", fte=1),
        said("employment.ended", "m5", "2026-03-02"),
    )
    assert marked(fte(worker)) == [
        ("north", (0, Decimal("0.3")), "m2"),
        ("north", (0, Decimal("0.4")), "m1"),
        ("north", (1, Decimal("0.2")), "m3"),
        ("south", (0, Decimal("0.1")), "m4"),
    ]
    assert marked(headcount(worker)) == [("north", (0, 1), ""), ("north", (1, 1), ""), ("south", (0, 1), "")]


def test_the_latest_report_that_stands_counts() -> None:
    record = view_of(
        Kind.RECORD,
        "csc.establishment/north",
        said("establishment.reported", "north", "2026-02-15", vacant_fte=2.5),
        said("establishment.reported", "north", "2026-02-01", vacant_fte=1, recordversion=9),
        said("establishment.reported", "north", "2026-02-20", op="withdraw"),
    )
    assert marked(vacant(record)) == [("north", (0, Decimal("2.5")), "north")]


def test_barnet_2017_comes_out_as_published() -> None:
    product = Product(BARNET_2017.instant)
    product.fold(*BARNET_2017.events)
    found = product.figures(BARNET_2017.instant)

    def of(family: str, **labels: str) -> Decimal:
        return found[series(family, authority=AUTHORITY, team="north", **labels)]

    in_post, agency = (of("csc_workforce_fte", contract=contract) for contract in ("permanent", "agency"))
    vacant, leavers = of("csc_workforce_vacant_fte"), of("csc_workforce_leavers_fte", window="365d")
    ratios = (leavers / in_post, agency / (agency + in_post), vacant / (vacant + in_post))
    assert [f"{ratio:.1%}" for ratio in ratios] == ["18.6%", "22.4%", "32.1%"]
