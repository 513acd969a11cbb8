from decimal import Decimal

import pytest

from shared.domain.policy import Policy, PolicyBook, PolicyError, parse_policy

BARNET, CORNWALL = "E09000003", "E06000052"


def test_without_a_file_the_defaults_of_the_contract_hold() -> None:
    for policy in (PolicyBook().of(BARNET), parse_policy("").of(BARNET)):
        assert (policy.clocks.cp_visit, policy.clocks.cin_visit, policy.clocks.supervision) == (10, 20, 14)
        assert (policy.caseload.amber, policy.caseload.red, policy.caseload.critical) == (18, 22, 30)
        assert policy.caseload.asye_fte_factor == Decimal("0.9")


def test_an_authority_goes_over_the_general_over_the_default() -> None:
    book = parse_policy(
        f"""
        [clocks]
        cp_visit = 8
        cin_visit = 25
        [population]
        children = 90_000
        [authority.{BARNET}.clocks]
        cp_visit = 5
        [authority.{BARNET}.caseload]
        amber = 16
        """
    )
    own, other = book.of(BARNET), book.of(CORNWALL)
    assert (own.clocks.cp_visit, own.clocks.cin_visit, own.clocks.supervision) == (5, 25, 14)
    assert (other.clocks.cp_visit, other.clocks.cin_visit) == (8, 25)
    assert (own.caseload.amber, own.caseload.red, other.caseload.amber) == (16, 22, 18)
    assert (own.population.children, other.population.children) == (90_000, 90_000)


def test_the_order_of_the_tables_does_not_matter() -> None:
    general, own = "[clocks]\ncp_visit = 8\ncin_visit = 25\n", f"[authority.{BARNET}.clocks]\ncp_visit = 5\n"
    assert parse_policy(general + own) == parse_policy(own + general)


def test_decimals_are_as_written() -> None:
    caseload = parse_policy("[caseload]\namber = 0.1\nred = 0.2\nasye_fte_factor = 0.3").general.caseload
    assert caseload.amber + caseload.red == caseload.asye_fte_factor


def test_a_whole_number_may_stand_for_a_decimal() -> None:
    assert parse_policy("[sources]\npatience_hours = 6").general.sources.patience_hours == Decimal(6)


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("[clock]\ncp_visit = 1", "clock"),
        ("[clocks]\ncp_visits = 1", "clocks.cp_visits"),
        ("cp_visit = 1", "cp_visit"),
        ("clocks = 1", "clocks"),
        ("[[clocks]]\ncp_visit = 1", "clocks"),
        ("[clocks]\ncp_visit = '10'", "clocks.cp_visit"),
        ("[clocks]\ncp_visit = true", "clocks.cp_visit"),
        ("[clocks]\ncp_visit = 10.0", "clocks.cp_visit"),
        ("[clocks]\ncp_visit = 0", "clocks.cp_visit"),
        ("[clocks]\ncp_visit = -3", "clocks.cp_visit"),
        ("[clocks]\ncp_visit = 2026-03-02", "clocks.cp_visit"),
        ("[clocks]\ncp_visit = [10]", "clocks.cp_visit"),
        ("[caseload]\namber = 0.0", "caseload.amber"),
        ("[caseload]\namber = nan", "caseload.amber"),
        ("[caseload]\namber = inf", "caseload.amber"),
        ("[caseload]\namber = -inf", "caseload.amber"),
        ("[clocks]\ncp_visit = nan", "clocks.cp_visit"),
        ("authority = 1", "authority"),
        ("[authority]\nE09000003 = 1", "authority.E09000003"),
        ("[authority.Barnet.clocks]\ncp_visit = 1", "authority.Barnet"),
        ("[authority.E090000031.clocks]\ncp_visit = 1", "authority.E090000031"),
        (f"[authority.{BARNET}.colour]\nred = 1", f"authority.{BARNET}.colour"),
        (f"[authority.{BARNET}.caseload]\npink = 1", f"authority.{BARNET}.caseload.pink"),
        (f"[authority.{BARNET}.authority.{CORNWALL}.clocks]\ncp_visit = 1", f"authority.{BARNET}.authority"),
    ],
)
def test_what_cannot_be_meant_is_an_error_that_names_the_key(text: str, key: str) -> None:
    with pytest.raises(PolicyError) as caught:
        parse_policy(text)
    assert str(caught.value).startswith(f"{key}: ")


def test_an_unknown_key_is_answered_with_the_known_ones() -> None:
    with pytest.raises(PolicyError, match="cin_visit, cp_visit, supervision"):
        parse_policy("[clocks]\nvisit = 1")


def test_what_is_not_toml_is_an_error() -> None:
    with pytest.raises(PolicyError, match="not TOML"):
        parse_policy("[clocks\n")


def test_a_policy_that_says_nothing_is_the_default() -> None:
    assert parse_policy("[clocks]\n[authority]\n").general == Policy()
