"""Another calendar or policy, taken up while the service runs, gives the figures of a service that began with it."""

import random
from datetime import date, timedelta

import orjson
import pytest

from services.metrics.casebook import Casebook
from services.metrics.exposition import whole
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from shared.domain.calendar import WorkingCalendar, england_and_wales, parse_calendar
from shared.domain.policy import PolicyBook, parse_policy
from tests.oracle.histories import history, policy
from tests.simulation.test_any_history import FIRST_DAY, at_nine
from tests.unit.services.metrics.product import as_toml

SEEDS = range(40)
SHIPPED = england_and_wales()


def with_more_holidays(rng: random.Random, today: date) -> WorkingCalendar:
    days = {today + timedelta(days=rng.randrange(-500, 60)) for _ in range(60)}
    return parse_calendar("\n".join(sorted(day.isoformat() for day in days)) + "\nhorizon 2027-12-31")


def measurement_of(
    events: list[dict[str, object]], today: date, calendar: WorkingCalendar, policies: PolicyBook
) -> Measurement:
    casebook = Casebook(today)
    for event in events:
        casebook.fold(decode(orjson.dumps(event)), 0.0)
    return Measurement(casebook, strands(), calendar, policies)


def lines(measurement: Measurement, today: date) -> set[str]:
    """What is shown; the calendar's own horizon apart."""
    text = whole(measurement.snapshot(at_nine(today)), strands()).decode()
    return {line for line in text.splitlines() if not line.startswith("csc_calendar_horizon")}


@pytest.mark.parametrize("seed", SEEDS)
def test_new_rules_give_the_figures_of_a_service_that_began_with_them(seed: int) -> None:
    rng, today = random.Random(seed), FIRST_DAY + timedelta(days=seed)
    events = history(seed, today, 100)
    calendar, policies = with_more_holidays(rng, today), parse_policy(as_toml(policy(seed)))
    running = measurement_of(events, today, SHIPPED, PolicyBook())
    before = lines(running, today)
    running.adopt(calendar, policies)
    assert lines(running, today) == lines(measurement_of(events, today, calendar, policies), today)
    running.adopt(SHIPPED, PolicyBook())
    assert lines(running, today) == before


def test_another_calendar_moves_clocks_and_the_working_day_and_nothing_else() -> None:
    changed = set()
    for seed in SEEDS:
        today = FIRST_DAY + timedelta(days=seed)
        running = measurement_of(history(seed, today, 100), today, SHIPPED, PolicyBook())
        before = lines(running, today)
        running.adopt(with_more_holidays(random.Random(seed), today), PolicyBook())
        changed |= {line.partition("{")[0].partition(" ")[0] for line in before ^ lines(running, today)}
    assert {"csc_clock_overdue", "csc_clock_due_soon"} <= changed
    assert all(name.startswith("csc_clock_") or name == "csc_working_day" for name in changed), changed
