"""Series, windows, and what a policy says to whom."""

from datetime import date
from decimal import Decimal

import pytest

from tests.oracle.facts import Record
from tests.oracle.series import at_most, expose, rules_of, series, windows_of

TODAY = date(2026, 3, 2)


def test_labels_are_told_in_one_order() -> None:
    assert series("f", team="t", authority="a") == series("f", authority="a", team="t")


def test_every_combination_is_there_with_0() -> None:
    found = expose(Record("E1", []), "f", {"t1", "t2"}, {"outcome": ("yes", "no")}, {("t1", "no"): 3})
    assert len(found) == 4
    assert sum(found.values()) == found[series("f", authority="E1", team="t1", outcome="no")] == 3


def test_a_count_where_nothing_is_exposed_is_a_fault_of_the_oracle() -> None:
    with pytest.raises(AssertionError, match="t9"):
        expose(Record("E1", []), "f", {"t1"}, {}, {("t9",): 1})


def test_a_window_ends_today_and_leaves_out_its_first_day() -> None:
    assert windows_of(TODAY, TODAY) == ["28d", "91d", "365d"]
    assert windows_of(date(2026, 2, 2), TODAY) == ["91d", "365d"]
    assert windows_of(date(2025, 3, 2), TODAY) == windows_of(date(2026, 3, 3), TODAY) == []


def test_the_last_label_takes_all() -> None:
    assert [at_most(10, label) for label in ("9", "10", "+Inf")] == [False, True, True]


def test_the_authority_s_own_rule_goes_before_the_general_and_that_before_the_default() -> None:
    policy = {"clocks": {"a": 2, "b": 2}, "authority": {"E1": {"clocks": {"a": 3}}, "E2": {"caseload": {"b": 9}}}}
    defaults = {"a": 1, "b": 1, "c": 1}
    assert rules_of(policy, "E1", "clocks", defaults) == {"a": Decimal(3), "b": Decimal(2), "c": Decimal(1)}
    assert rules_of(policy, "E2", "clocks", defaults) == {"a": Decimal(2), "b": Decimal(2), "c": Decimal(1)}
