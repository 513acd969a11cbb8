"""The oracle on examples worked out by hand."""

from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import permutations

import pytest

from tests.oracle.examples import (
    BARNET_2017,
    EXAMPLES,
    MONDAY,
    Example,
    contact,
    for_authority,
    problems,
    referral,
)
from tests.oracle.figures import FAMILIES, Figures, figures, series
from tests.oracle.histories import delivered, history

TODAY = date(2026, 3, 2)
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def worked_out(example: Example) -> Figures:
    return figures(example.events, today=example.today, now=example.instant, policy=example.policy)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.claim)
def test_the_oracle_says_what_was_worked_out_by_hand(example: Example) -> None:
    assert problems(example, worked_out(example)) == []


def test_every_family_has_an_example() -> None:
    assert {family for family in FAMILIES if not any(family in example.expected for example in EXAMPLES)} == set()


def test_claims_are_told_once() -> None:
    assert len({example.claim for example in EXAMPLES}) == len(EXAMPLES)


def test_barnet_2017_comes_out_as_published() -> None:
    found = worked_out(BARNET_2017)

    def of(family: str, **labels: str) -> Decimal:
        return found[series(family, authority="E09000003", team="north", **labels)]

    in_post = of("csc_workforce_fte", contract="permanent")
    agency = of("csc_workforce_fte", contract="agency")
    vacant = of("csc_workforce_vacant_fte")
    leavers = of("csc_workforce_leavers_fte", window="365d")
    ratios = (leavers / in_post, agency / (agency + in_post), vacant / (vacant + in_post))
    assert [round(100 * ratio, 1) for ratio in ratios] == [Decimal("18.6"), Decimal("22.4"), Decimal("32.1")]


def test_examples_do_not_disturb_each_other_as_authorities() -> None:
    same_day = [example for example in EXAMPLES if example.now == MONDAY and not example.policy]
    apart = [for_authority(example, f"E{number:08}") for number, example in enumerate(same_day)]
    together = figures([event for one in apart for event in one.events], today=TODAY, now=NOW)
    assert [problems(one, together) for one in apart] == [[] for _ in apart]


@pytest.mark.parametrize("example", [one for one in EXAMPLES if one.policy], ids=lambda example: example.claim)
def test_an_example_brings_its_policy_to_another_authority(example: Example) -> None:
    moved = for_authority(example, "E06000052")
    assert problems(moved, worked_out(moved)) == []


ONE_CONTACT = [{"id": "1", **contact("k1", "2026-03-01")}]


def test_an_example_that_is_not_met_says_so() -> None:
    one = Example("neither met", ONE_CONTACT, 'csc_referrals{team="x"} 1', ("csc_contacts",))
    lines = problems(one, worked_out(one))
    assert lines[0] == 'csc_referrals{authority="E09000003",team="x"} is absent, not 1'
    assert len([line for line in lines if line.endswith("should be absent")]) == 18


def test_a_figure_beyond_those_expected_is_a_problem() -> None:
    one = Example("too little", ONE_CONTACT, 'csc_clock_open{clock="contact_decision",team="south"} 0')
    says = [line.rpartition(" is ")[2] for line in problems(one, worked_out(one))]
    assert says == ["absent, not 0", "1, not expected"]


def test_nothing_is_joined_across_authorities() -> None:
    events = [
        {"id": "1", **referral("r1", "2025-09-01")},
        {"id": "2", **referral("r1", "2026-02-20"), "authority": "E06000052"},
    ]
    found = figures(events, today=TODAY, now=NOW)
    for authority in ("E09000003", "E06000052"):
        assert found[series("csc_referrals", authority=authority, team="north", window="365d")] == 1
        assert found[series("csc_rereferrals", authority=authority, team="north", window="365d")] == 0


def test_the_first_of_two_events_with_one_key_stays() -> None:
    first, second = contact("k1", "2026-03-01"), contact("k2", "2026-03-01")
    found = figures([{"id": "1", **first}, {"id": "1", **second}], today=TODAY, now=NOW)
    labels = {"authority": "E09000003", "team": "north", "outcome": "undecided", "window": "28d"}
    assert found[series("csc_contacts", **labels)] == 1


def test_the_order_of_three_versions_does_not_matter() -> None:
    versions = [
        {"id": "a", **contact("k1", "2026-03-01", team_id="one", recordversion=1)},
        {"id": "b", **contact("k1", "2026-02-27", team_id="two", recordversion=1)},
        {"id": "c", **contact("k1", "2026-02-27", team_id="three")},
    ]
    answers = [figures(order, today=TODAY, now=NOW) for order in permutations(versions)]
    assert all(answer == answers[0] for answer in answers)


@pytest.mark.parametrize("seed", range(40))
def test_figures_follow_from_the_set_of_events(seed: int) -> None:
    events = history(seed, TODAY, 80)
    again = figures(delivered(events, seed), today=TODAY, now=NOW)
    assert again == figures(events, today=TODAY, now=NOW)
