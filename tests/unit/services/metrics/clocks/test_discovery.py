from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from services.metrics import clocks as package
from services.metrics.clocks import clocks
from services.metrics.timeliness import Clock
from shared.contracts.catalogue import CATALOGUE
from shared.domain.timescale import Hours, Rules, WorkingDays
from tests.oracle.clocks import CLOCKS as ORACLES

FILES = sorted(path.stem for path in Path(package.__path__[0]).glob("*.py") if path.stem != "__init__")
EACH = pytest.mark.parametrize("clock", clocks(), ids=lambda clock: clock.name)


def module(name: str) -> ModuleType:
    return import_module(f"services.metrics.clocks.{name}")


def test_the_clocks_of_every_file_are_found_in_order() -> None:
    assert clocks() == tuple(clock for name in FILES for clock in module(name).CLOCKS)


def test_the_table_is_that_of_the_contract() -> None:
    assert {clock.name: clock.needs for clock in clocks()} == {
        name: {f"csc.{kind}" for kind in row.needs} for name, row in ORACLES.items()
    }
    assert {clock.name: tuple(map(str, clock.buckets)) for clock in clocks()} == {
        name: row.within[:-1] for name, row in ORACLES.items()
    }


def test_clocks_with_one_rule_go_by_that_of_the_contract() -> None:
    fixed = {
        clock.name: [(rule.timescale, rule.since.year) for rule in clock.rules.dated]
        for clock in clocks()
        if isinstance(clock.rules, Rules)
    }
    days = {
        "contact_decision": 1,
        "referral_decision": 1,
        "allocation": 1,
        "assessment": 45,
        "assessment_from_start": 45,
        "conference": 15,
        "transfer_in_conference": 15,
        "core_group": 10,
    }
    assert fixed == {name: [(WorkingDays(number), 1)] for name, number in days.items()} | {
        "return_interview": [(Hours(72), 1)]
    }


def test_only_the_one_day_clocks_and_the_hours_are_due_soon_from_the_start() -> None:
    assert {clock.name for clock in clocks() if clock.due_soon_from_the_start} == {
        "contact_decision",
        "referral_decision",
        "allocation",
        "return_interview",
    }
    assert {clock.name for clock in clocks() if clock.to_the_second} == {"return_interview"}


@EACH
def test_a_clock_needs_types_of_the_catalogue(clock: Clock) -> None:
    assert clock.needs
    assert clock.needs <= CATALOGUE.keys()


@EACH
def test_a_clock_tells_how_to_read_it_in_sentences(clock: Clock) -> None:
    told = (clock.starts, clock.stops, clock.gone, clock.silent_on, clock.balance, clock.breached)
    for sentence in told:
        assert sentence[0].isupper()
        assert sentence.endswith((".", "?"))


@EACH
def test_a_clock_says_who_set_its_time(clock: Clock) -> None:
    sources = [rule.source for rule in clock.rules.dated] if isinstance(clock.rules, Rules) else [clock.rules]
    assert all(len(source) > 20 for source in sources)
