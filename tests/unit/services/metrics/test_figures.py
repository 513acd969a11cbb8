"""The figures as they stand: their pace, their clock, and what cannot be read."""

from datetime import UTC, datetime

import orjson
import pytest

from services.metrics.figures import LONGEST_PAUSE, PAUSE, Figures, pause_after
from services.metrics.rulebook import parse_rules
from tests.oracle.text import parse


class Hand:
    """A clock that is set by hand."""

    def __init__(self, instant: str) -> None:
        self.instant = datetime.fromisoformat(instant)

    def now(self) -> datetime:
        return self.instant.astimezone(UTC)


def referral(day: str) -> tuple[int, int, bytes]:
    event = {
        "specversion": "1.0",
        "id": "one",
        "source": "/E09000003/mosaic",
        "type": "csc.referral.received",
        "subject": "referral-1",
        "time": f"{day}T00:00:00Z",
        "authority": "E09000003",
        "data": {"child_id": "child-1", "team_id": "north", "source_code": "1A"},
    }
    return 1, 1_700_000_000_000_000, orjson.dumps(event)


async def overdue(figures: Figures) -> int:
    await figures.measure()
    labels = (("authority", "E09000003"), ("clock", "referral_decision"), ("team", "north"))
    return int(parse(figures.text.decode())["csc_clock_overdue", labels])


async def test_figures_move_at_midnight_in_london_with_no_event() -> None:
    clock = Hand("2026-06-09T22:59:59+00:00")  # a second before midnight of British Summer Time
    figures = Figures(clock)
    await figures.fold([referral("2026-06-08")])
    assert await overdue(figures) == 0
    clock.instant = datetime.fromisoformat("2026-06-09T23:00:00+00:00")
    assert await overdue(figures) == 1


async def test_a_clock_that_goes_back_over_midnight_stops_the_worker() -> None:
    clock = Hand("2026-06-09T12:00:00+00:00")
    figures = Figures(clock)
    await figures.measure()
    clock.instant = datetime.fromisoformat("2026-06-08T12:00:00+00:00")
    with pytest.raises(ValueError, match="cannot go back"):
        await figures.measure()


async def test_other_rules_hold_from_the_next_measurement_on() -> None:
    figures = Figures(Hand("2026-06-09T12:00:00+00:00"))
    await figures.fold([referral("2026-06-05")])
    assert await overdue(figures) == 1
    rules = parse_rules("2026-06-08\n2026-06-09\nhorizon 2027-12-31\n", None)
    await figures.adopt(rules)
    assert figures.shown.rules is not rules
    assert await overdue(figures) == 0
    assert figures.shown.rules is rules


async def test_the_figures_say_what_they_account_for() -> None:
    figures = Figures(Hand("2026-06-09T12:00:00+00:00"))
    with pytest.raises(ValueError, match="no figures yet"):
        figures.shown.as_of_known  # noqa: B018
    await figures.fold([referral("2026-06-05"), (7, 0, b"{}")], ("csc.referral", 3))
    assert (figures.shown.applied, figures.shown.positions) == ({}, {})
    await figures.measure()
    assert (figures.shown.applied, figures.shown.positions) == ({"E09000003": 1}, {("csc.referral", 3): 7})
    assert figures.shown.as_of_known == figures.as_of == datetime(2026, 6, 9, 12, tzinfo=UTC)


async def test_what_cannot_be_read_is_told_and_the_rest_is_folded() -> None:
    figures = Figures(Hand("2026-06-09T12:00:00+00:00"))
    broken = (2, 0, b"{}")
    assert await figures.fold([broken, referral("2026-06-08")]) == [(broken, "ValidationError")]
    assert await overdue(figures) == 0


def test_a_long_measurement_does_not_make_the_next_one_late() -> None:
    assert pause_after(0.0) == PAUSE
    assert pause_after(0.05) == pytest.approx(0.45)
    assert pause_after(30.0) == LONGEST_PAUSE
