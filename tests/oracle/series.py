"""How the oracle answers: a number for each series, and every combination of labels that has to be there."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from decimal import Decimal
from itertools import product
from typing import Any

from tests.oracle.facts import Record

Series = tuple[str, tuple[tuple[str, str], ...]]
Figures = dict[Series, Decimal]
Counts = Mapping[Any, int | Decimal]
Policy = Mapping[str, Any]

WINDOWS = {"28d": 28, "91d": 91, "365d": 365}
YEAR = {"365d": 365}


def series(family: str, **labels: str) -> Series:
    """The key of one series."""
    return family, tuple(sorted(labels.items()))


def expose(
    record: Record, family: str, teams: set[str], closed: Mapping[str, Iterable[str]], counts: Counts
) -> Figures:
    """Every combination of teams and closed labels, 0 included. `counts` is keyed team first."""
    combinations = list(product(sorted(teams), *closed.values()))
    if stray := set(counts) - set(combinations):
        raise AssertionError(f"{family} counts {stray} where no event has fallen")
    names = ("team", *closed)
    return {
        series(family, authority=record.authority, **dict(zip(names, labels, strict=True))): (
            Decimal(counts.get(labels, 0))
        )
        for labels in combinations
    }


def in_window(day: date, today: date, days: int) -> bool:
    """Whether the day lies in (today - days, today]."""
    return today - timedelta(days=days) < day <= today


def windows_of(day: date, today: date) -> list[str]:
    """The windows that a day lies in."""
    return [window for window, days in WINDOWS.items() if in_window(day, today, days)]


def at_most(count: int, label: str) -> bool:
    """Whether a number belongs under a cumulative label."""
    return label == "+Inf" or count <= int(label)


def rules_of(policy: Policy, authority: str, table: str, defaults: Mapping[str, Any]) -> dict[str, Decimal]:
    """A table of the policy: by authority over general over default."""
    own = policy.get("authority", {}).get(authority, {})
    merged = {**defaults, **policy.get(table, {}), **own.get(table, {})}
    return {key: Decimal(str(value)) for key, value in merged.items()}
