from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.metrics.exposition import CONTENT_TYPE, Exposition, number_text, whole
from services.metrics.indicators import strands
from services.metrics.measurement import Snapshot
from shared.domain.policy import parse_policy
from tests.oracle.examples import AUTHORITY, contact, job, referral, said
from tests.oracle.figures import Figures, series
from tests.oracle.histories import history
from tests.oracle.text import parse
from tests.unit.services.metrics.product import NOW, TODAY, Product


def numbers(snapshot: Snapshot) -> Figures:
    """All that a snapshot says, by series."""
    found: Figures = {series("csc_as_of_timestamp_seconds"): Decimal(str(snapshot.as_of.timestamp()))}
    for (authority, team), values in snapshot.teams.items():
        for strand, own in zip(strands(), values, strict=True):
            keys = [(family.name, labels) for family in strand.families for labels in family.series(strand.fixed)]
            for (name, labels), value in zip(keys, own or (), strict=own is not None):
                found[series(name, authority=authority, team=team, **labels)] = Decimal(str(value))
    for authority, bands in snapshot.thresholds.items():
        for band, threshold in bands.items():
            found[series("csc_caseload_threshold", authority=authority, band=band)] = Decimal(str(threshold))
    for (authority, source), times in snapshot.sources.items():
        for what, value in zip(("event", "received"), times, strict=True):
            name = f"csc_source_last_{what}_timestamp_seconds"
            found[series(name, authority=authority, source=source)] = Decimal(str(value))
    return found


def floats(figures: Figures) -> dict[Any, float]:
    return {key: float(value) for key, value in figures.items()}


@pytest.mark.parametrize("seed", range(10))
def test_the_text_says_what_the_snapshot_says_and_nothing_else(seed: int) -> None:
    product = Product()
    events = history(seed, TODAY, 150)
    for position in range(0, 150, 50):
        product.fold(*events[position : position + 50], received=1_772_000_000.25)
        snapshot = product.snapshot()
        text = product.exposition.write(snapshot)
        assert floats(parse(text.decode(), families=None)) == floats(numbers(snapshot))
        assert text == whole(_all_changed(snapshot), strands())


def _all_changed(snapshot: Snapshot) -> Snapshot:
    """For an exposition that has seen no snapshot before, everything is new."""
    return Snapshot(
        as_of=snapshot.as_of,
        teams=snapshot.teams,
        changed=frozenset(snapshot.teams),
        gone=frozenset(),
        sources=snapshot.sources,
        thresholds=snapshot.thresholds,
        taken_in=snapshot.taken_in,
    )


def test_every_family_is_a_gauge_with_help_told_once_before_its_samples() -> None:
    product = Product()
    product.fold(*history(5, TODAY, 200, theme="everything"))
    text = product.text()
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types)) > 20
    for family in text_string_to_metric_families(text):
        assert (family.type, family.documentation.endswith(".")) == ("gauge", True)
        assert {sample.name for sample in family.samples} == {family.name}
    assert text.endswith("\n")


def test_only_blocks_of_changed_teams_are_written_anew() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01", team_id="a"), contact("k2", "2026-03-01", team_id="b", child_id="c2"))
    product.text()
    blocks = product.exposition._blocks["csc_contacts"]
    kept, changing = blocks[AUTHORITY, "a"], blocks[AUTHORITY, "b"]
    product.fold(contact("k3", "2026-03-01", team_id="b", child_id="c3"))
    text = product.text()
    assert blocks[AUTHORITY, "a"] is kept
    assert blocks[AUTHORITY, "b"] != changing
    assert blocks[AUTHORITY, "b"] in text


def test_teams_that_are_gone_vanish_from_the_text() -> None:
    product = Product()
    product.fold(said("assessment.started", "a1", "2026-03-01", referral_id="r1"))
    assert 'team="unassigned"' in product.text()
    product.fold(referral("r1", "2026-03-01"))
    text = product.text()
    assert 'team="unassigned"' not in text
    assert not any((AUTHORITY, "unassigned") in blocks for blocks in product.exposition._blocks.values())
    assert 'csc_clock_open{authority="E09000003",team="north",clock="assessment"} 1\n' in text


def test_a_family_goes_with_its_last_team_and_its_head_too() -> None:
    snapshot = Product().snapshot()
    assert "csc_contacts" not in whole(snapshot, strands()).decode()
    product = Product()
    product.fold(contact("k1", "2026-03-01"))
    assert product.text().count("# TYPE csc_contacts gauge") == 1
    assert "csc_referrals" not in product.text()


def test_teams_are_in_order_whenever_they_came() -> None:
    product = Product()
    for number, team in enumerate("cab"):
        product.fold(contact(f"k{number}", "2026-03-01", team_id=team))
        text = product.text()
    lines = [line for line in text.splitlines() if line.startswith("csc_clock_open")]
    assert [line.split('team="')[1][0] for line in lines] == ["a", "b", "c"]


def test_quotes_backslashes_and_line_breaks_of_a_source_are_escaped() -> None:
    product = Product()
    source = 'a"b\\n\nc'
    product.fold(contact("k1", "2026-03-01T10:00:00Z", source=source))
    figures = parse(product.text(), families=None)
    key = series("csc_source_last_event_timestamp_seconds", authority=AUTHORITY, source=source)
    assert figures[key] == 1_772_359_200


def test_no_label_holds_a_child_a_worker_or_a_record() -> None:
    product = Product()
    product.fold(
        contact("SECRET", "2026-03-01", child_id="SECRET"),
        job("SECRET", "2025-01-06", worker_id="SECRET"),
        said("case.allocated", "SECRET", "2026-03-01", worker_id="SECRET", child_id="SECRET"),
    )
    text = product.text()
    assert "csc_caseload_cases" in text
    assert "SECRET" not in text


def test_thresholds_are_those_of_the_authority() -> None:
    product = Product(policies=parse_policy("[caseload]\namber = 17.5"))
    product.fold(contact("k1", "2026-03-01"))
    assert 'csc_caseload_threshold{authority="E09000003",band="amber"} 17.5\n' in product.text()


def test_the_clock_that_the_figures_are_for_is_told() -> None:
    now = NOW + timedelta(microseconds=500_000)
    assert "csc_as_of_timestamp_seconds 1772442000.5\n" in Product().text(now)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3, "3"),
        (3.0, "3"),
        (Decimal("3.00"), "3"),
        (Decimal("0.3"), "0.3"),
        (Decimal("0.10") + Decimal("0.20"), "0.3"),
        (139.5, "139.5"),
        (1772366400.25, "1772366400.25"),
        (-5, "-5"),
    ],
)
def test_numbers_are_whole_or_exact_to_a_float(value: Any, text: str) -> None:
    assert number_text(value) == text


@pytest.mark.parametrize("value", [1e300, 0.1, 1 / 3, 5e-324, 123456789.125])
def test_a_number_reads_back_as_itself(value: float) -> None:
    assert float(number_text(value)) == value
    assert float(number_text(Decimal(repr(value)))) == value


def test_the_content_type_names_format_and_version() -> None:
    assert CONTENT_TYPE == "text/plain; version=0.0.4; charset=utf-8"
    assert Exposition(strands()).write(Product().snapshot()).decode("utf-8")
