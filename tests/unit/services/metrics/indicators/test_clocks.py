import pytest

from services.metrics.clocks import clocks
from services.metrics.indicators.clocks import INDICATOR, NAMES
from services.metrics.timeliness import Clock
from tests.unit.services.metrics.product import about


def test_every_clock_has_a_strand_of_its_own_with_its_needs() -> None:
    assert [(strand.fixed, strand.needs, set(strand.marks)) for strand in INDICATOR.strands] == [
        ({"clock": clock.name}, clock.needs, {clock.kind}) for clock in clocks()
    ]


def test_every_family_of_clocks_names_all_clocks() -> None:
    for strand in INDICATOR.strands:
        for family in strand.families:
            assert family.labels["clock"] == NAMES


def test_only_what_is_due_at_an_instant_moves_by_the_second() -> None:
    assert [strand.fixed["clock"] for strand in INDICATOR.strands if strand.by_the_second] == ["return_interview"]


@pytest.mark.parametrize("clock", clocks(), ids=lambda clock: clock.name)
def test_something_about_every_clock_was_worked_out_by_hand(clock: Clock) -> None:
    assert about(clock)
