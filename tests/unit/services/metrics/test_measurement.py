import random
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pytest

from services.metrics.indicators import strands
from services.metrics.measurement import Heard, Owner, Snapshot
from shared.domain.calendar import WorkingCalendar, england_and_wales
from shared.domain.london import local_midnight
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.examples import AUTHORITY, SHARED, Example, contact, decided, job, lead, leads, referral, said
from tests.oracle.figures import series
from tests.oracle.histories import history
from tests.unit.services.metrics.product import NOW, TODAY, Product, wrong_either_way

Shown = dict[Owner, list[Any]]
SOURCE = f"/{AUTHORITY}/mosaic"


def shown(snapshot: Snapshot) -> Shown:
    return {
        owner: [None if strand is None else list(strand) for strand in values]
        for owner, values in snapshot.owners.items()
    }


def team(name: str) -> Owner:
    return AUTHORITY, "team", name


def owners(*teams: str) -> set[Owner]:
    """These teams, and whose figures change with whatever the authority's one source says."""
    return {*map(team, teams), (AUTHORITY, "", ""), (AUTHORITY, "source", SOURCE)}


def at_nine(day: date) -> datetime:
    return datetime.combine(day, time(9), UTC)


@pytest.mark.parametrize("example", SHARED, ids=lambda example: example.claim)
def test_the_rules_that_all_share_come_out_as_worked_out_by_hand(example: Example) -> None:
    assert wrong_either_way(example) == []


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
            assert {owner for owner in after if after[owner] != before.get(owner)} <= snapshot.changed
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
    assert product.snapshot().changed == owners("a", "b")
    product.fold(contact("k3", "2026-03-01", team_id="b", child_id="c3"))
    assert product.snapshot().changed == {team("b"), (AUTHORITY, "", "")}


def test_an_event_that_says_the_same_again_changes_no_team() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01"))
    product.snapshot()
    product.fold(contact("k1", "2026-03-01", recordversion=1))
    assert product.snapshot().changed == {(AUTHORITY, "", "")}  # one more was superseded


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
    assert product.snapshot().owners.keys() == owners("unassigned")
    product.fold(referral("r1", "2026-03-01"))
    snapshot = product.snapshot()
    assert snapshot.gone == {team("unassigned")}
    assert snapshot.owners.keys() == owners("north")
    product.fold(said("referral.received", "r1", "2026-03-01", op="withdraw", recordversion=1))
    assert product.snapshot().changed == {team("north"), team("unassigned"), (AUTHORITY, "", "")}


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
    assert product.snapshot().owners.keys() == owners("north")


def test_a_snapshot_says_what_it_accounts_for() -> None:
    product = Product(policies=parse_policy(f"[authority.{AUTHORITY}.caseload]\namber = 2.5"))
    product.fold(contact("k1", "2026-03-01T10:00:00Z"), contact("k9", "2026-03-09"), received=12.5)
    product.fold(contact("k1", "2026-03-01") | {"authority": "E06000052"}, received=1.0)
    snapshot = product.snapshot()
    assert snapshot.taken_in == {AUTHORITY: 2, "E06000052": 1}
    assert snapshot.sources[AUTHORITY, SOURCE] == Heard(1772359200.0, 12.5, stale=True)
    assert [snapshot.policies[code].caseload.amber for code in (AUTHORITY, "E06000052")] == [2.5, 18]
    assert (snapshot.working_day, snapshot.horizon) == (True, local_midnight(date(2040, 12, 31)))


def test_a_snapshot_does_not_change_when_more_is_taken_in() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01"))
    snapshot = product.snapshot()
    values, taken_in = snapshot.owners[team("north")], dict(snapshot.taken_in)
    copied = [None if each is None else list(each) for each in values]
    product.fold(contact("k2", "2026-03-01"))
    product.snapshot()
    assert [None if each is None else list(each) for each in values] == copied
    assert snapshot.taken_in == taken_in


# ---- by source, by authority, by the second


def test_figures_of_a_source_and_of_an_authority_are_shown_from_its_first_event_on() -> None:
    product = Product()
    product.fold(contact("k1", "2026-03-01", source="/a"), contact("k2", "2026-03-09", source="/b"))
    assert product.snapshot().owners.keys() == {team("north"), (AUTHORITY, "", ""), (AUTHORITY, "source", "/a")}
    product.fold(said("contact.received", "k3", "2026-03-01", op="withdraw", source="/c") | {"authority": "E06000052"})
    shown_now = product.snapshot()
    assert shown_now.owners.keys() >= {("E06000052", "", ""), ("E06000052", "source", "/c")}
    assert not any(authority == "E06000052" and label == "team" for authority, label, _ in shown_now.owners)
    later = product.snapshot(NOW + timedelta(days=7))
    assert (AUTHORITY, "source", "/b") in later.owners


def test_only_the_owners_with_a_clock_by_the_second_move_with_the_instant() -> None:
    product = Product()
    product.fold(
        said("missing.returned", "h1", "2026-02-27T10:00:00Z", team_id="a"),
        contact("k1", "2026-03-01", team_id="b", child_id="c2"),
    )
    product.snapshot()
    assert product.snapshot(NOW + timedelta(seconds=1)).changed == frozenset()  # looked at, and not late yet
    assert product.snapshot(NOW + timedelta(hours=1, seconds=1)).changed == {team("a")}
    labels = {"authority": AUTHORITY, "team": "a", "clock": "return_interview"}
    seen = [
        product.figures(NOW + timedelta(hours=1, seconds=seconds))[
            series("csc_clock_longest_overdue_seconds", **labels)
        ]
        for seconds in (0, 1, 61)
    ]
    assert seen == [0, 1, 61]


def test_a_source_is_stale_when_it_has_been_silent_longer_than_the_policys_patience() -> None:
    product = Product(policies=parse_policy("[sources]\npatience_hours = 2"))
    product.fold(contact("k1", "2026-03-01"), received=NOW.timestamp())
    seen = [product.snapshot(NOW + timedelta(hours=2, seconds=seconds)).sources for seconds in (0, 1)]
    assert [heard[AUTHORITY, SOURCE].stale for heard in seen] == [False, True]


# ---- other rules


def overdue_now(product: Product) -> int:
    labels = {"authority": AUTHORITY, "team": "north", "clock": "contact_decision"}
    return int(product.figures()[series("csc_clock_overdue", **labels)])


def test_another_calendar_restates_what_is_overdue() -> None:
    product = Product()
    product.fold(contact("k1", "2026-02-26"))
    assert overdue_now(product) == 1
    closed_on_friday = WorkingCalendar([date(2026, 2, 27)], date(2026, 12, 31))
    product.measurement.adopt(closed_on_friday, PolicyBook())
    assert overdue_now(product) == 0
    assert product.snapshot().horizon == local_midnight(date(2026, 12, 31))
    product.measurement.adopt(england_and_wales(), PolicyBook())
    assert overdue_now(product) == 1


def test_another_policy_restates_what_goes_by_it() -> None:
    product = Product()
    product.fold(job("m1", "2025-01-06"), *leads("w1", 18))
    key = series("csc_caseload_workers_over", authority=AUTHORITY, team="north", band="amber", stage="experienced")
    assert product.figures()[key] == 0
    product.measurement.adopt(england_and_wales(), parse_policy("[caseload]\namber = 17"))
    assert product.figures()[key] == 1


def test_another_calendar_restates_what_is_due_soon() -> None:
    product = Product()
    product.fold(said("section47.started", "s1", "2026-02-16", team_id="north"))  # due on 9 March
    key = series("csc_clock_due_soon", authority=AUTHORITY, team="north", clock="conference")
    assert product.figures()[key] == 1
    five_later = WorkingCalendar([date(2026, 2, 17), date(2026, 2, 18)], date(2026, 12, 31))  # due on the 11th
    product.measurement.adopt(five_later, PolicyBook())
    assert product.figures()[key] == 0


# ---- what a figure is made of


def test_every_mark_of_a_unit_can_be_asked_for() -> None:
    product = Product()
    product.fold(referral("r1", "2026-02-27"), decided("r1", "2026-03-02"))
    unit = next(iter(product.casebook.units.values()))
    marks = [mark for _, mark in product.measurement.marks_of(product.measurement.view_of(unit))]
    assert {mark.record for mark in marks if mark.owner == "north"} == {"r1", ""}


def test_a_strand_looks_only_at_units_that_have_what_it_needs() -> None:
    product = Product()
    product.fold(contact("k1", "2026-02-27"))
    unit = next(iter(product.casebook.units.values()))
    view = product.measurement.view_of(unit)
    needed = {frozenset(strands()[number].needs) for number, _ in product.measurement.marks_of(view)}
    assert needed == {frozenset(), frozenset({"csc.contact.received"})}
