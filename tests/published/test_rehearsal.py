"""The rehearsal at its defaults, seen through the product, has the shape of England's timescales.

Measured is what the product shows, not what the rehearsal meant: cumulative shares of what was completed in the last
365 days, by working days.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

import pytest

from deploy.rehearsal.world import DAYS, START, events
from tests.oracle.figures import Figures
from tests.published.tables import measured, total

DOCUMENT = Path(__file__).parents[2] / "docs" / "rehearsal.md"
STATED = re.compile(r"^\| `(\w+)` \| ([\d.]+) \| ([\d.]+) \| ([\d.]+) \|$", re.MULTILINE)
NEEDED = ("csc.referral.received", "csc.case.closed", "csc.assessment.", "csc.section47.", "csc.conference.")
"""What the two clocks hang on; the rest of the rehearsal moves nothing here."""
FAMILIES = ("csc_clock_completed_within", "csc_clock_completed_on_time", "csc_clock_completed")

ENGLAND: Mapping[str, tuple[int, Mapping[str, int]]] = {
    "assessment": (
        648_830,
        {
            "0": 11_680,
            "10": 75_590,
            "20": 112_180,
            "30": 102_260,
            "40": 131_380,
            "45": 122_730,
            "50": 37_640,
            "60": 27_860,
        },
    ),
    "conference": (72_100, {"10": 6_240, "15": 52_430, "20": 6_430}),
}
"""DfE, Children in need 2025, C2 and C4: how many were completed, and of these in how many working days (up to each
number, over the one before); what is missing took longer."""
TIMESCALE = {"assessment": "45", "conference": "15"}


def cumulative(clock: str) -> dict[str, float]:
    """England's shares, in per cent: completed within so many working days."""
    completed, brackets = ENGLAND[clock]
    within = 0
    return {days: 100 * (within := within + number) / completed for days, number in brackets.items()}


@pytest.fixture(scope="module")
def figures() -> Figures:
    """What the product says on the evening of the rehearsal's last day, seed 1."""
    now = datetime.combine(START + timedelta(days=DAYS - 1), time(20), UTC)
    needed = (event for event in events(seed=1) if event["type"].startswith(NEEDED))
    return measured(needed, now, FAMILIES)


@pytest.fixture(scope="module")
def stated() -> dict[str, tuple[float, float, float]]:
    """By clock, what the document says: England and the rehearsal in time, and the largest difference allowed."""
    found = STATED.findall(DOCUMENT.read_text())
    return {clock: (float(england), float(rehearsal), float(most)) for clock, england, rehearsal, most in found}


def shown(figures: Figures, clock: str) -> dict[str, float]:
    """The product's shares, in per cent."""

    def within(days: str) -> float:
        family = "csc_clock_completed_within"
        return float(total(figures, family, clock=clock, window="365d", working_days=days))

    return {days: 100 * within(days) / within("+Inf") for days in cumulative(clock)}


@pytest.mark.parametrize("clock", ENGLAND)
def test_the_largest_difference_to_england_is_within_what_the_document_states(
    figures: Figures, stated: dict[str, tuple[float, float, float]], clock: str
) -> None:
    england, ours = cumulative(clock), shown(figures, clock)
    apart = {days: round(abs(ours[days] - england[days]), 2) for days in england}
    assert max(apart.values()) <= stated[clock][2], apart


@pytest.mark.parametrize("clock", ENGLAND)
def test_the_shares_in_time_are_those_that_the_document_states(
    figures: Figures, stated: dict[str, tuple[float, float, float]], clock: str
) -> None:
    in_time = TIMESCALE[clock]
    assert (round(cumulative(clock)[in_time], 1), round(shown(figures, clock)[in_time], 1)) == stated[clock][:2]


@pytest.mark.parametrize("clock", ENGLAND)
def test_the_share_in_time_is_also_that_of_the_figure_on_time(figures: Figures, clock: str) -> None:
    labels = {"clock": clock, "window": "365d"}
    on_time = total(figures, "csc_clock_completed_on_time", **labels) / total(figures, "csc_clock_completed", **labels)
    assert 100 * float(on_time) == pytest.approx(shown(figures, clock)[TIMESCALE[clock]])


def test_england_adds_up_to_the_percentages_that_are_published() -> None:
    assert [round(cumulative(clock)[TIMESCALE[clock]], 1) for clock in ENGLAND] == [85.7, 81.4]
