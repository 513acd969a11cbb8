import re
from importlib import import_module
from pathlib import Path
from types import ModuleType

import pytest

from services.metrics import indicators as package
from services.metrics.casebook import PER_CHILD, STARTS_OF_STAFF, Kind
from services.metrics.clocks import clocks
from services.metrics.indicators import indicators, strands
from services.metrics.strand import AUTHORITY, SOURCE, TEAM, Family, Indicator
from services.metrics.tally import AsOf
from services.metrics.views import VIEWS
from shared.contracts.catalogue import CATALOGUE
from tests.oracle.examples import EXAMPLES
from tests.oracle.figures import FAMILIES
from tests.oracle.histories import history
from tests.unit.services.metrics.product import TODAY, Product, topics

FILES = sorted(path.stem for path in Path(package.__path__[0]).glob("*.py") if path.stem != "__init__")
ELSEWHERE = {
    "csc_caseload_threshold",
    "csc_population_children",
    "csc_source_last_event_timestamp_seconds",
    "csc_team_info",
}
"""Not made of marks: the exposition says them."""
OPEN = ("authority", "team", "source")
AS_OF = AsOf(TODAY, 0.0, TODAY)


def module(name: str) -> ModuleType:
    return import_module(f"services.metrics.indicators.{name}")


def every_family() -> list[Family]:
    return [family for strand in strands() for family in strand.families]


@pytest.mark.parametrize("name", FILES)
def test_every_file_says_what_it_is_and_what_it_counts(name: str) -> None:
    assert module(name).__doc__
    assert module(name).INDICATOR.strands


def test_the_indicators_of_every_file_are_found_in_order() -> None:
    assert indicators() == tuple(module(name).INDICATOR for name in FILES)
    assert strands() == tuple(strand for indicator in indicators() for strand in indicator.strands)


@pytest.mark.parametrize("indicator", indicators(), ids=lambda indicator: indicator.title)
def test_an_indicator_tells_how_to_read_it_in_sentences(indicator: Indicator) -> None:
    told = ("meaning", "source", "numerator", "exclusions", "silent_on", "balance", "breached")
    for name in told:
        assert re.fullmatch(r"[A-Z].*[.?]", getattr(indicator, name)), name
    assert len({one.title for one in indicators()}) == len(FILES)


def test_everything_that_was_worked_out_by_hand_is_held_against_the_product() -> None:
    named = {clock.name for clock in clocks()} | {family.name for family in every_family()} | ELSEWHERE
    assert set().union(*map(topics, EXAMPLES)) <= named
    assert [example.claim for example in EXAMPLES if not topics(example)] == []


def test_every_family_of_the_contract_is_counted() -> None:
    assert {family.name for family in every_family()} == FAMILIES - ELSEWHERE


def test_labels_are_closed_and_beside_authority_and_team() -> None:
    for family in every_family():
        assert not {"authority", "team", "source"} & family.labels.keys()
        for values in family.labels.values():
            assert values
            assert len(set(values)) == len(values)


def test_one_family_has_one_meaning_and_one_set_of_label_names() -> None:
    meanings: dict[str, set[object]] = {}
    for family in every_family():
        meanings.setdefault(family.name, set()).add((family.meaning, tuple(family.labels)))
    assert {name: len(known) for name, known in meanings.items()} == dict.fromkeys(meanings, 1)


def test_no_two_strands_count_the_same_series() -> None:
    every = [
        (family.name, tuple(sorted(labels.items())))
        for strand in strands()
        for family in strand.families
        for labels in family.series(strand.fixed)
    ]
    assert len(set(every)) == len(every)


def test_names_and_meanings_are_as_prometheus_and_people_want_them() -> None:
    for family in every_family():
        assert re.fullmatch(r"csc_[a-z][a-z0-9_]*", family.name)
        assert re.fullmatch(r"[A-Z][^\\\n]+\.", family.meaning)
        assert not family.name.endswith(("_total", "_count", "_sum", "_bucket"))


def test_every_strand_needs_known_types_that_its_units_have() -> None:
    known = {
        Kind.CHILD: PER_CHILD,
        Kind.WORKER: {*STARTS_OF_STAFF, "csc.case.allocated"},
        Kind.RECORD: CATALOGUE.keys(),
    }
    for strand in strands():
        assert strand.marks
        for kind in strand.marks:
            assert strand.needs <= known[kind]
            assert kind in VIEWS


def test_only_what_is_counted_by_team_needs_a_source_first() -> None:
    assert {(strand.per, bool(strand.needs)) for strand in strands()} == {
        (TEAM, True),
        (AUTHORITY, False),
        (SOURCE, False),
    }


def test_a_family_is_counted_for_one_sort_of_owner() -> None:
    owners: dict[str, set[str]] = {}
    for strand in strands():
        for family in strand.families:
            owners.setdefault(family.name, set()).add(strand.per)
    assert {name: len(per) for name, per in owners.items()} == dict.fromkeys(owners, 1)


def test_every_tally_has_a_number_for_each_series() -> None:
    assert [len(strand.tally(AS_OF).values()) for strand in strands()] == [strand.width for strand in strands()]


def test_every_label_that_is_ever_shown_is_one_of_the_closed_set() -> None:
    product = Product()
    product.fold(*(event for seed in range(8) for event in history(seed, TODAY, 100)))
    closed: dict[tuple[str, str], set[str]] = {}
    for family in every_family():
        for name, values in family.labels.items():
            closed.setdefault((family.name, name), set()).update(values)
    for family, labels in product.figures():
        for name, value in labels:
            assert name in OPEN or family in ELSEWHERE or value in closed[family, name]
