import random
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.metrics.exposition import CONTENT_TYPE, OF_THE_WHOLE, Exposition, number_text, whole
from services.metrics.indicators import strands
from services.metrics.measurement import Owner, Snapshot
from shared.domain.calendar import WorkingCalendar, england_and_wales
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.examples import AUTHORITY, SOURCE, Example, contact, job, referral, said
from tests.oracle.figures import Figures, series
from tests.oracle.histories import history
from tests.oracle.text import parse
from tests.unit.services.metrics.product import NOW, TODAY, Product, about, wrong_either_way


def numbers(snapshot: Snapshot) -> Figures:
    """All that a snapshot says, by series."""
    found: Figures = {series("csc_as_of_timestamp_seconds"): Decimal(str(snapshot.as_of.timestamp()))}
    found[series("csc_working_day")] = Decimal(snapshot.working_day)
    found[series("csc_calendar_horizon_timestamp_seconds")] = Decimal(str(snapshot.horizon.timestamp()))
    for (authority, label, name), values in snapshot.owners.items():
        whose = {"authority": authority, label: name} if label else {"authority": authority}
        for strand, own in zip(strands(), values, strict=True):
            keys = [(family.name, labels) for family in strand.families for labels in family.series(strand.fixed)]
            for (family, labels), value in zip(keys, own or (), strict=own is not None):
                found[series(family, **whose, **labels)] = Decimal(str(value))
    return found | of_the_whole(snapshot)


def of_the_whole(snapshot: Snapshot) -> Figures:
    """What is said of authorities, sources and descriptions of teams."""
    found: Figures = {}
    for authority, policy in snapshot.policies.items():
        for band in ("amber", "red", "critical"):
            key = series("csc_caseload_threshold", authority=authority, band=band)
            found[key] = getattr(policy.caseload, band)
    for (authority, source), heard in snapshot.sources.items():
        for what, value in (("last_event_timestamp_seconds", heard.event), ("stale", heard.stale)):
            found[series(f"csc_source_{what}", authority=authority, source=source)] = Decimal(str(float(value)))
        key = series("csc_source_last_received_timestamp_seconds", authority=authority, source=source)
        found[key] = Decimal(str(heard.received))
    for (authority, team), fact in snapshot.described.items():
        if fact.stands:
            words = {name: fact.data.get(name) or "" for name in ("name", "area")}
            found[series("csc_team_info", authority=authority, team=team, **words)] = Decimal(1)
    return found


def floats(figures: Figures) -> dict[Any, float]:
    return {key: float(value) for key, value in figures.items()}


@pytest.mark.parametrize("seed", range(10))
def test_the_text_says_what_the_snapshot_says_and_nothing_else(seed: int) -> None:
    product = Product()
    product.fold(*history(seed, TODAY, 150), received=1_772_000_000.25)
    snapshot = product.snapshot()
    text = b"".join(product.exposition.write(snapshot)).decode()
    assert floats(parse(text, families=None)) == floats(numbers(snapshot))


POLICIES = [PolicyBook(), parse_policy("[clocks]\ncp_visit = 5\n[caseload]\namber = 4.5\n[population]\nchildren = 90")]
CALENDARS = [england_and_wales(), WorkingCalendar([TODAY, TODAY + timedelta(days=3)], date(2030, 12, 31))]


@pytest.mark.parametrize("seed", range(12))
def test_what_was_written_step_by_step_is_what_would_be_written_at_once(seed: int) -> None:
    rng = random.Random(seed)
    product, now = Product(), NOW
    for event in history(rng, TODAY + timedelta(days=3), 120):
        product.fold(event, received=now.timestamp())
        if rng.random() < 0.1:
            product.measurement.adopt(rng.choice(CALENDARS), rng.choice(POLICIES))
        if rng.random() < 0.25:
            now += timedelta(seconds=rng.choice([0, 1, 3_600, 86_400]))
            snapshot = product.snapshot(now)
            assert b"".join(product.exposition.write(snapshot)) == whole(snapshot, strands())


def test_every_family_is_a_gauge_with_help_told_once_before_its_samples() -> None:
    product = Product()
    product.fold(*history(5, TODAY, 200, theme="everything"))
    text = product.text()
    types = [line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")]
    assert len(types) == len(set(types)) > 20
    for family in text_string_to_metric_families(text):
        assert (family.type, family.documentation.endswith(".")) == ("gauge", True)
        assert {sample.name for sample in family.samples} == {family.name} or (
            family.name in OF_THE_WHOLE and not family.samples
        )
    assert text.endswith("\n")


NOTHING = (None,) * len(strands())
A, B, T1 = ((AUTHORITY, "team", name) for name in ("a", "b", "t1"))


def two_teams() -> Product:
    product = Product()
    product.fold(contact("k1", "2026-03-01", team_id="a"), contact("k2", "2026-03-01", team_id="b", child_id="c2"))
    product.text()
    return product


def test_only_blocks_of_changed_teams_are_written_anew() -> None:
    product = two_teams()
    blocks = product.exposition._blocks["csc_contacts"]
    kept, changing = blocks[A], blocks[B]
    product.fold(contact("k3", "2026-03-01", team_id="b", child_id="c3"))
    text = product.text()
    assert blocks[A] is kept
    assert blocks[B] != changing
    assert blocks[B].decode() in text


def all_blocks(product: Product) -> dict[tuple[str, Owner], bytes]:
    return {(name, owner): block for name, own in product.exposition._blocks.items() for owner, block in own.items()}


@pytest.mark.parametrize("seed", range(6))
def test_among_many_a_contact_rewrites_what_counts_contacts_for_its_team_and_no_more(seed: int) -> None:
    product = Product()
    product.fold(*history(seed, TODAY, 150, theme="everything"))
    product.text()
    before = all_blocks(product)
    product.fold(contact("k-new", "2026-03-01", child_id="c-new", team_id="t1"))
    product.text()
    anew = {key for key, block in all_blocks(product).items() if before.get(key) is not block}
    assert len(before) > 5 * len(anew)
    assert {owner for _, owner in anew} - {(AUTHORITY, "", ""), (AUTHORITY, "source", SOURCE)} == {T1}
    of_the_team = {name for name, owner in anew if owner == T1}
    assert {name for name in of_the_team if not name.startswith("csc_clock_")} == {"csc_contacts"}


@pytest.mark.parametrize("seed", range(6))
def test_just_the_blocks_of_strands_with_other_values_are_written_anew(seed: int) -> None:
    product = Product()
    events = history(seed, TODAY, 120)
    product.fold(*events[:90])
    product.text()
    for event in events[90:]:
        blocks, values = all_blocks(product), dict(product.snapshot().owners)
        product.fold(event)
        now = product.snapshot()
        product.exposition.write(now)
        anew = {key for key, block in all_blocks(product).items() if blocks.get(key) is not block}
        assert anew == {
            (family.name, owner)
            for owner in now.owners
            for strand, old, new in zip(strands(), values.get(owner, NOTHING), now.owners[owner], strict=True)
            if new not in (old, None)
            for family in strand.families
        }


def test_a_text_stays_as_it_was_when_the_next_is_written() -> None:
    product = two_teams()
    text = product.exposition.write(product.snapshot())
    said_before = b"".join(text)
    product.fold(contact("k3", "2026-03-01", team_id="c", child_id="c3"))
    assert b"".join(product.exposition.write(product.snapshot())) != said_before
    assert b"".join(text) == said_before == text.body + text.tail


def test_only_sections_of_changed_families_are_put_together_anew() -> None:
    product = two_teams()
    before = dict(product.exposition._sections)
    product.fold(contact("k3", "2026-03-01", team_id="b", child_id="c3"))
    product.text()
    anew = {name for name, section in product.exposition._sections.items() if section is not before[name]}
    assert anew >= {"csc_contacts", "csc_clock_open", "csc_facts"}
    assert not anew & {"csc_recording_delay_facts", "csc_data_quality_facts", "csc_children"}


def test_the_clock_alone_writes_the_tail_and_leaves_the_body() -> None:
    product = two_teams()
    first, second = (product.exposition.write(product.snapshot(NOW + timedelta(seconds=n))) for n in range(2))
    assert first.body == second.body
    assert b"csc_as_of_timestamp_seconds" not in first.body
    assert first.tail != second.tail


def test_what_moves_by_the_second_rewrites_its_own_families_and_no_others() -> None:
    product = two_teams()
    product.fold(said("missing.returned", "h1", "2026-02-20T10:00:00Z", team_id="a"))
    product.text()
    before = dict(product.exposition._sections)
    product.text(NOW + timedelta(seconds=1))
    anew = {name for name, section in product.exposition._sections.items() if section is not before[name]}
    assert "csc_clock_longest_overdue_seconds" in anew
    assert all(name.startswith("csc_clock_") for name in anew)


def test_teams_that_are_gone_vanish_from_the_text() -> None:
    product = Product()
    product.fold(said("assessment.started", "a1", "2026-03-01", referral_id="r1"))
    assert 'team="unassigned"' in product.text()
    product.fold(referral("r1", "2026-03-01"))
    text = product.text()
    assert 'team="unassigned"' not in text
    gone = (AUTHORITY, "team", "unassigned")
    assert not any(gone in blocks for blocks in product.exposition._blocks.values())
    assert 'csc_clock_open{authority="E09000003",team="north",clock="assessment"} 1\n' in text


def test_a_team_that_is_gone_vanishes_from_families_in_which_no_other_team_changed() -> None:
    product = Product()
    known = (referral("r2", "2026-02-02"), said("assessment.started", "a2", "2026-02-02", referral_id="r2"))
    product.fold(*known, said("assessment.started", "a1", "2026-03-01", referral_id="r1", child_id="c2"))
    assert 'csc_clock_completed{authority="E09000003",team="unassigned"' in product.text()
    product.fold(referral("r1", "2026-03-01", child_id="c2"), said("case.closed", "r1", "2026-03-01", child_id="c2"))
    assert 'team="unassigned"' not in product.text()


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


def test_the_children_of_an_authority_are_told_where_the_policy_says_how_many_there_are() -> None:
    product = Product(policies=parse_policy(f"[authority.{AUTHORITY}.population]\nchildren = 90"))
    product.fold(contact("k1", "2026-03-01"), {**contact("k1", "2026-03-01"), "authority": "E06000052"})

    def told() -> list[str]:
        return [line for line in product.text().splitlines() if line.startswith("csc_population_children{")]

    assert told() == ['csc_population_children{authority="E09000003"} 90']
    product.measurement.adopt(england_and_wales(), parse_policy("[population]\nchildren = 91"))
    assert told() == [f'csc_population_children{{authority="{code}"}} 91' for code in ("E06000052", "E09000003")]


def test_every_authority_has_a_name_of_its_own_for_a_team_of_the_same_id() -> None:
    product = Product()
    other = {**said("team.described", "north", "2026-02-20", name="b\\c"), "authority": "E06000052"}
    product.fold(said("team.described", "north", "2026-02-20", name="a\nb"), other)
    assert [line for line in product.text().splitlines() if line.startswith("csc_team_info{")] == [
        'csc_team_info{authority="E06000052",team="north",area="",name="b\\\\c"} 1',
        'csc_team_info{authority="E09000003",team="north",area="",name="a\\nb"} 1',
    ]


@pytest.mark.parametrize("example", about(*OF_THE_WHOLE), ids=lambda example: example.claim)
def test_what_is_not_made_of_marks_is_what_was_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


def test_a_team_is_called_what_it_was_called_last_until_that_is_taken_back() -> None:
    product = Product()

    def told() -> list[str]:
        return [line for line in product.text().splitlines() if line.startswith("csc_team_info{")]

    product.fold(said("team.described", "north", "2026-02-20", name="Duty", area="East"))
    assert told() == ['csc_team_info{authority="E09000003",team="north",area="East",name="Duty"} 1']
    product.fold(said("team.described", "north", "2026-02-21", name='Duty "A"', recordversion=1))
    assert told() == ['csc_team_info{authority="E09000003",team="north",area="",name="Duty \\"A\\""} 1']
    product.fold(said("team.described", "north", "2026-02-21", op="withdraw", recordversion=2))
    assert told() == []


def test_a_source_that_has_been_silent_too_long_is_stale() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01"), received=(NOW - timedelta(hours=24)).timestamp())
    line = 'csc_source_stale{authority="E09000003",source="/E09000003/mosaic"} '
    assert line + "0\n" in product.text(NOW)
    assert line + "1\n" in product.text(NOW + timedelta(seconds=1))
    product.fold(contact("k2", "2026-03-01"), received=NOW.timestamp())
    assert line + "0\n" in product.text(NOW + timedelta(seconds=2))


@pytest.mark.parametrize(("days", "works"), [(0, 1), (5, 0), (32, 0), (35, 0), (36, 1)])
def test_working_days_are_told_from_weekends_and_holidays(days: int, works: int) -> None:
    text = Product().text(NOW + timedelta(days=days))
    assert f"csc_working_day {works}\n" in text
    assert "csc_calendar_horizon_timestamp_seconds 2240524800\n" in text


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
    assert b"".join(Exposition(strands()).write(Product().snapshot())).decode("utf-8")
