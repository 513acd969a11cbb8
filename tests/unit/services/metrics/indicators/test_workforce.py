from decimal import Decimal

import pytest

from tests.oracle.examples import AUTHORITY, BARNET_2017, LEAVERS, STARTERS, Example, example, job, said
from tests.oracle.examples import WORKFORCE as EXAMPLES
from tests.oracle.figures import series
from tests.unit.services.metrics.product import Product, wrong

OWN = [
    example(
        "an employment that never ran names its team, with 0",
        job("m1", "2026-02-02"),
        said("employment.ended", "m1", "2026-02-01"),
        expected=f"{STARTERS} 0\n{LEAVERS} 0\n",
    ),
    example(
        "who moves away within the authority is no leaver, and who comes back within a day no starter",
        job("m1", "2020-06-01", fte=0.6),
        said("employment.ended", "m1", "2026-02-27", reason="moved"),
        job("m2", "2026-02-28", fte=0.6),
        expected=f"{STARTERS} 0\n{LEAVERS} 0\n",
    ),
    example(
        "a correction of the reason makes a leaver of a mover and a starter of the return",
        job("m1", "2020-06-01", fte=0.6),
        said("employment.ended", "m1", "2026-02-27", reason="moved", recordversion=1),
        said("employment.ended", "m1", "2026-02-27", reason="left", recordversion=2),
        job("m2", "2026-02-28", fte=0.6),
        expected=f"{STARTERS} 0.6\n{LEAVERS} 0.6\n",
    ),
    example(
        "a report of no vacancies is 0, not the one before",
        said("establishment.reported", "north", "2026-02-01", vacant_fte=3),
        said("establishment.reported", "north", "2026-03-02T23:59:59Z", vacant_fte=0),
        expected='csc_workforce_vacant_fte{team="north"} 0',
    ),
]


@pytest.mark.parametrize("example", [*EXAMPLES, *OWN], ids=lambda example: example.claim)
def test_the_workforce_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong(example) == []
    assert wrong(example, reversed(example.events)) == []


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
