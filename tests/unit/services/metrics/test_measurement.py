import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from services.metrics.measurement import Snapshot, Team
from shared.domain.policy import parse_policy
from tests.oracle.examples import AUTHORITY, SHARED, Example, contact, decided, job, lead, leads, referral, said
from tests.oracle.figures import series
from tests.oracle.histories import history
from tests.unit.services.metrics.product import NOW, TODAY, Product, wrong

Shown = dict[Team, list[Any]]


def shown(snapshot: Snapshot) -> Shown:
    return {
        team: [None if strand is None else list(strand) for strand in values] for team, values in snapshot.teams.items()
    }


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


@pytest.mark.parametrize("example", SHARED, ids=lambda example: example.claim)
def test_the_rules_that_all_share_come_out_as_worked_out_by_hand(example: Example) -> None:
    assert wrong(example) == []
    assert wrong(example, reversed(example.events)) == []


@pytest.mark.parametrize("seed", range(25))
def test_any_interleaving_of_news_days_and_snapshots_is_measuring_anew(seed: int) -> None:
    rng = random.Random(seed)
    events = history(rng, TODAY + timedelta(days=rng.choice([0, 30])), 120)
    day = TODAY - timedelta(days=rng.choice([0, 3, 90, 400]))
    going, folded, before = Product(at_nine(day)), [], Shown()
    for event in events:
        going.fold(event)
        folded.append(event)
        if rng.random() < 0.1:
            going.measurement.work(rng.randrange(1, 4))
        if rng.random() < 0.06:
            day += timedelta(days=rng.choice([0, 0, 1, 2, 40]))
            snapshot = going.snapshot(at_nine(day))
            fresh = Product(at_nine(day))
            fresh.fold(*rng.sample(folded, len(folded)))
            after = shown(snapshot)
            assert after == shown(fresh.snapshot(at_nine(day)))
            assert snapshot.gone == before.keys() - after.keys()
            assert {team for team in after if after[team] != before.get(team)} <= snapshot.changed
            assert snapshot.changed <= after.keys()
            before = after


def test_where_nothing_has_changed_nothing_is_said_to() -> None:
    product = Product()
    product.fold(*history(3, TODAY, 100))
    assert product.snapshot().changed
    again = product.snapshot(NOW + timedelta(seconds=5))
    assert (again.changed, again.gone) == (frozenset(), frozenset())
    assert again.as_of == NOW + timedelta(seconds=5)


def test_only_the_team_whose_facts_changed_is_said_to() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01", team_id="a"), contact("k2", "2026-03-01", team_id="b", child_id="c2"))
    assert product.snapshot().changed == {(AUTHORITY, "a"), (AUTHORITY, "b")}
    product.fold(contact("k3", "2026-03-01", team_id="b", child_id="c3"))
    assert product.snapshot().changed == {(AUTHORITY, "b")}


def test_an_event_that_says_the_same_again_changes_no_team() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01"))
    product.snapshot()
    product.fold(contact("k1", "2026-03-01", recordversion=1))
    assert product.snapshot().changed == frozenset()


def test_a_new_source_shows_its_families_under_all_teams_that_have_fed_them() -> None:
    product = Product()
    product.fold(referral("r1", "2026-03-01", team_id="a"), decided("r1", "2026-03-01"))
    assert not any("unallocated" in family for family, _ in product.figures())
    product.fold(lead("q1", "2026-03-01", team_id="b", child_id="c2"))
    figures = product.figures()
    for team, number in (("a", 1), ("b", 0)):
        assert figures[series("csc_cases_unallocated", authority=AUTHORITY, team=team, pathway="cin")] == number


def test_a_team_that_falls_away_is_gone_and_may_come_back() -> None:
    product = Product()
    product.fold(said("assessment.started", "a1", "2026-03-01", referral_id="r1"))
    assert product.snapshot().teams.keys() == {(AUTHORITY, "unassigned")}
    product.fold(referral("r1", "2026-03-01"))
    snapshot = product.snapshot()
    assert snapshot.gone == {(AUTHORITY, "unassigned")}
    assert snapshot.teams.keys() == {(AUTHORITY, "north")}
    product.fold(said("referral.received", "r1", "2026-03-01", op="withdraw", recordversion=1))
    assert product.snapshot().changed == {(AUTHORITY, "north"), (AUTHORITY, "unassigned")}


def test_days_pass_without_news() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-02"))
    overdue = series("csc_clock_overdue", authority=AUTHORITY, team="north", clock="contact_decision")
    seen = [product.figures(NOW + timedelta(days=days))[overdue] for days in range(4)]
    assert seen == [0, 0, 1, 1]


def test_the_end_of_a_supported_year_restates_the_bands_without_news() -> None:
    product = Product()
    product.fold(job("m1", "2025-01-06", asye_until="2026-03-02"), *leads("w1", 17))

    def over(stage: str, now: datetime) -> Any:
        labels = {"authority": AUTHORITY, "team": "north", "band": "amber", "stage": stage}
        return product.figures(now)[series("csc_caseload_workers_over", **labels)]

    assert over("asye", NOW) == 1
    assert over("asye", NOW + timedelta(days=1)) == 0
    assert over("experienced", NOW + timedelta(days=2)) == 0


def test_a_supported_year_without_end_stops_nothing() -> None:
    product = Product()
    product.fold(job("m1", "2025-01-06", asye_until="9999-12-31"), *leads("w1", 17))
    labels = {"authority": AUTHORITY, "team": "north", "band": "amber", "stage": "asye"}
    assert product.figures()[series("csc_caseload_workers_over", **labels)] == 1


def test_the_figures_do_not_go_back_to_an_earlier_day() -> None:
    product = Product()
    with pytest.raises(ValueError, match="cannot go back"):
        product.snapshot(NOW - timedelta(days=1))


def test_work_is_done_in_slices_until_there_is_none() -> None:
    product = Product()
    product.fold(*(contact("k1", "2026-03-01", child_id=f"c{n}") for n in range(5)))
    assert [product.measurement.work(2) for _ in range(3)] == [True, True, False]
    assert product.snapshot().teams.keys() == {(AUTHORITY, "north")}


def test_a_snapshot_says_what_it_accounts_for() -> None:
    product = Product(policies=parse_policy(f"[authority.{AUTHORITY}.caseload]\namber = 2.5"))
    product.fold(contact("k1", "2026-03-01T10:00:00Z"), contact("k9", "2026-03-09"), received=12.5)
    product.fold(contact("k1", "2026-03-01") | {"authority": "E06000052"}, received=1.0)
    snapshot = product.snapshot()
    assert snapshot.taken_in == {AUTHORITY: 2, "E06000052": 1}
    assert snapshot.sources[AUTHORITY, f"/{AUTHORITY}/mosaic"] == (1772359200.0, 12.5)
    assert snapshot.thresholds[AUTHORITY] == {"amber": 2.5, "red": 22, "critical": 30}
    assert snapshot.thresholds["E06000052"]["amber"] == 18


def test_a_snapshot_does_not_change_when_more_is_taken_in() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01"))
    snapshot = product.snapshot()
    values, taken_in = snapshot.teams[AUTHORITY, "north"], dict(snapshot.taken_in)
    copied = [None if each is None else list(each) for each in values]
    product.fold(contact("k2", "2026-03-01"))
    product.snapshot()
    assert [None if each is None else list(each) for each in values] == copied
    assert snapshot.taken_in == taken_in
