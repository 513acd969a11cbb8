import asyncio
from dataclasses import replace
from typing import Any

import pytest

from services.metrics.exposition import Text
from services.metrics.figures import Shown
from services.metrics.reconciliation import Outcome, Reconciliation
from services.metrics.rulebook import parse_rules
from shared.runtime.service import end
from tests.integration.services.metrics.conftest import AUTHORITY, NOW, Worker, World

SERIES = f'csc_referrals{{authority="{AUTHORITY}",team="unassigned",window="91d"}} 5'


@pytest.fixture
async def worker(world: World) -> Worker:
    await world.record(5)
    worker = await world.worker()
    await worker.until(5)
    return worker


@pytest.fixture
def checking(world: World, worker: Worker) -> Reconciliation:
    return Reconciliation(worker.figures, world.url, every=600)


def instead(shown: Shown, old: str, new: str) -> Shown:
    """What is shown, with a fault in it."""
    assert old.encode() in shown.text.body
    return replace(shown, text=Text(shown.text.body.replace(old.encode(), new.encode()), shown.text.tail))


async def test_figures_that_are_right_differ_in_nothing(worker: Worker, checking: Reconciliation) -> None:
    outcome = await checking.check(worker.figures.shown)
    assert (outcome.differences, outcome.as_of) == (0, NOW)
    assert outcome.series == sum(not line.startswith(b"#") for line in worker.figures.shown.text.body.splitlines())


@pytest.mark.parametrize(
    ("old", "new"), [(SERIES, SERIES.replace(" 5", " 6")), (SERIES + "\n", ""), (SERIES, f"csc_spare{{}} 1\n{SERIES}")]
)
async def test_a_series_that_is_wrong_or_lacking_or_too_many_is_one_difference(
    worker: Worker, checking: Reconciliation, caplog: pytest.LogCaptureFixture, old: str, new: str
) -> None:
    outcome = await checking.check(instead(worker.figures.shown, old, new))
    assert outcome.differences == 1
    (line,) = [record.getMessage() for record in caplog.records]
    assert "restart the metrics service" in line
    assert AUTHORITY not in line


async def test_what_came_after_the_shown_figures_is_left_out(
    world: World, worker: Worker, checking: Reconciliation
) -> None:
    shown = worker.figures.shown
    await world.record(3)
    await worker.until(8)
    assert (await checking.check(shown)).differences == 0
    assert (await checking.check(worker.figures.shown)).differences == 0
    assert (await checking.check(replace(shown, positions=worker.figures.shown.positions))).differences


async def test_the_check_goes_by_the_rules_that_are_shown(worker: Worker, checking: Reconciliation) -> None:
    """From Monday 2 March, a holiday on the Friday after makes one more day of what is soon."""
    await worker.figures.adopt(parse_rules("2026-03-06\nhorizon 2026-12-31", "[caseload]\namber = 3\n"))
    await worker.figures.measure()
    assert worker.figures.shown.rules.policies.general.caseload.amber == 3
    assert (await checking.check(worker.figures.shown)).differences == 0


async def test_a_check_that_cannot_be_made_says_why(world: World, worker: Worker) -> None:
    nowhere = Reconciliation(worker.figures, "postgresql://127.0.0.1:1/none", every=600)
    with pytest.raises(ValueError, match="onnect"):
        await nowhere.check(worker.figures.shown)


def test_nothing_is_said_before_the_first_check(checking: Reconciliation) -> None:
    assert list(checking.collect()) == []
    assert checking.status() is None


def test_what_was_found_is_shown(checking: Reconciliation) -> None:
    checking.last = Outcome(NOW, differences=2, series=90, seconds=0.5)
    shown: dict[str, Any] = {family.name: family.samples[0].value for family in checking.collect()}
    assert shown["csc_reconciliation_difference"] == 2
    assert shown["daymark_reconciliation_as_of_timestamp_seconds"] == NOW.timestamp()
    assert checking.status() == {"as_of": NOW.isoformat(), "differences": 2, "series": 90, "seconds": 0.5}


async def test_it_checks_for_as_long_as_the_service_runs(worker: Worker, world: World) -> None:
    often = Reconciliation(worker.figures, world.url, every=0.01)
    task = asyncio.create_task(often.check_forever())
    async with asyncio.timeout(20):
        while often.last is None:
            await asyncio.sleep(0.05)
    await end([task])
    assert often.last.differences == 0
