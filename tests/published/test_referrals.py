"""The DfE's published re-referrals and referrals with no further action, worked out by the product from referrals.

A national row is told by one in two hundred of its referrals: both sides of a percentage are divided by the same
number. Referrals are whole; what rounding them can move is added to the tolerance. As many children are referred, and
referred again, as the DfE counts: what is not a second referral within the year follows one of the year before.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from functools import cache
from typing import Any

import pytest

from shared.domain.calendar import add_months
from tests.oracle.figures import Figures
from tests.published.tables import ROUNDING, Row, event, measured, table, total, whole

ROWS = table("referrals")
SCALE = 200
"""A national row is told by one in so many."""
PERCENTAGES = {
    "rereferral": "csc_rereferrals",
    "no_further_action": "csc_referrals_no_further_action",
}
NOT_AVAILABLE, CONFIDENTIAL, UNRELIABLE = "x: not available", "c: confidential", "u: of low reliability"
EXCEPTIONS = {
    ("Cornwall 2014", "rereferral"): NOT_AVAILABLE,
    ("Cornwall 2014", "no_further_action"): NOT_AVAILABLE,
    ("Cornwall 2015", "rereferral"): NOT_AVAILABLE,
    ("Barnet 2023", "no_further_action"): CONFIDENTIAL,
    ("Barnet 2024", "no_further_action"): UNRELIABLE,
}
"""What the DfE shows no figure of, and its code for why. All that it shows is reproduced."""
SHOWN = [(name, percentage) for name in ROWS for percentage in PERCENTAGES if (name, percentage) not in EXCEPTIONS]


class FrontDoor:
    """The referrals of a year to 31 March that add up to a published row."""

    def __init__(self, row: Row) -> None:
        scale = SCALE if row.is_national else 1
        self.today = date(row.year, 3, 31)
        self.first_day = self.today - timedelta(days=364)
        self.referrals, self.children, self.again, self.again_children, self.none = (
            whole(row.published[column] or Decimal(0), scale)
            for column in (
                "referral_count",
                "referral_child_count",
                "rereferral_count",
                "rereferral_child_count",
                "no_further_action_count",
            )
        )

    def events(self) -> Iterator[dict[str, Any]]:
        """Each child's first referral of the year, what came before it, and second ones.

        The children who are referred again are the first so many; both kinds of reason overlap where their numbers
        say so. A referral a day too early, by one child in ten of the others, makes no re-referral.
        """
        second = self.referrals - self.children
        before = range(self.again_children - max(self.again - second, 0), self.again_children)
        for number in range(self.children):
            first = self.first_day + timedelta(days=number % 180)
            yield from self._received(number, "first", first, decided=number < self.none)
            if number < second:
                yield from self._received(number, "second", first + timedelta(days=1 + number % 180))
            if number in before:
                year_before = add_months(first, -12) if number % 2 else self.first_day - timedelta(days=1)
                yield from self._received(number, "before", year_before)
            elif number >= max(self.again_children, second) and number % 10 == 0:
                yield from self._received(number, "long before", add_months(first, -12) - timedelta(days=1))

    def _received(self, child: int, which: str, day: date, decided: bool = False) -> Iterator[dict[str, Any]]:
        id = f"r-{child}-{which.replace(' ', '-')}"
        yield event("referral.received", id, day, child_id=f"c-{child}", team_id="front-door", source_code="1A")
        if decided:
            yield event("referral.decided", id, day, child_id=f"c-{child}", outcome="no_further_action")
        elif child % 10 == 0:
            yield event("referral.decided", id, day, child_id=f"c-{child}", outcome="assessment")


@cache
def figures_of(name: str) -> Figures:
    """What the product says on 31 March."""
    door = FrontDoor(ROWS[name])
    now = datetime.combine(door.today, time(9), UTC)
    return measured(door.events(), now, ["csc_referrals", *PERCENTAGES.values()])


def counted(name: str, family: str) -> Decimal:
    """A family over all teams in the last 365 days."""
    return total(figures_of(name), family, window="365d")


def test_all_published_rows_are_here() -> None:
    assert list(ROWS) == [
        f"{area} {year}" for year in range(2025, 2012, -1) for area in ("England", "Cornwall", "Barnet")
    ]


@pytest.mark.parametrize(("name", "percentage"), SHOWN)
def test_the_published_percentage_follows_from_the_referrals(name: str, percentage: str) -> None:
    row, referrals = ROWS[name], counted(name, "csc_referrals")
    figure = 100 * counted(name, PERCENTAGES[percentage]) / referrals
    half = Decimal(50) / referrals if row.is_national else Decimal(0)
    assert abs(figure - row[f"{percentage}_percent"]) <= ROUNDING + half, f"{figure:.3f}"


@pytest.mark.parametrize("name", [name for name in ROWS if ROWS[name].published["referral_count"]])
def test_as_many_referrals_are_counted_as_were_published(name: str) -> None:
    row = ROWS[name]
    scale = SCALE if row.is_national else 1
    assert counted(name, "csc_referrals") == whole(row["referral_count"], scale)
    for percentage, family in PERCENTAGES.items():
        if (name, percentage) not in EXCEPTIONS:
            assert counted(name, family) == whole(row[f"{percentage}_count"], scale)


@pytest.mark.parametrize(("name", "percentage"), EXCEPTIONS)
def test_of_a_named_exception_nothing_is_published(name: str, percentage: str) -> None:
    assert ROWS[name].published[f"{percentage}_percent"] is None
    assert ROWS[name].published[f"{percentage}_count"] is None
