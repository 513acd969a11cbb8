"""The check that runs all the time: the figures once more, from nothing, in a process of its own and out of the way.

The second computation (``reckoning.py``) reads what the inbox holds up to the positions that the shown figures stand
at, and compares series by series. A difference is a fault in the bookkeeping, and means that a figure is wrong.
"""

import asyncio
import json
import logging
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from services.metrics.figures import Figures, Shown
from shared.runtime.clock import monotonic

log = logging.getLogger(__name__)

FAMILIES = {
    "csc_reconciliation_difference": "Series that a second computation of all figures has otherwise: 0, or a fault.",
    "daymark_reconciliation_series": "Series compared by the last check.",
    "daymark_reconciliation_seconds": "How long the last check took.",
    "daymark_reconciliation_as_of_timestamp_seconds": "The instant of the figures that the last check compared.",
}
"""By name, what each family says."""
SHARE_OF_TIME = 20
"""A check is followed by a pause of so many times its length at the least."""
PROGRAM = (sys.executable, "-m", "services.metrics.second_look")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a check found."""

    as_of: datetime
    differences: int
    """Series that the two computations do not say the same of."""
    series: int
    seconds: float
    """How long it took."""


class Reconciliation(Collector):
    """Checks the figures at an idle pace, for as long as the service runs."""

    def __init__(self, figures: Figures, database_url: str, every: float) -> None:
        self._figures = figures
        self._environment = {**os.environ, "DAYMARK_DATABASE_URL": database_url}
        self._every = every
        self.last: Outcome | None = None

    async def check_forever(self) -> None:
        """Check, pause, check; a check that cannot be made is said in the log and made later."""
        while self._every:
            await asyncio.sleep(self._pause())
            shown = self._figures.shown
            if shown.as_of is None:
                continue
            try:
                self.last = await self.check(shown)
            except (OSError, ValueError) as error:
                log.warning("the figures could not be checked (%s): trying again later", error)

    async def check(self, shown: Shown) -> Outcome:
        """Work the shown figures out from nothing and compare; ``ValueError`` where that cannot be done."""
        began = monotonic()
        answer = await self._second_look(shown)
        outcome = Outcome(shown.as_of_known, answer["differences"], answer["series"], monotonic() - began)
        if outcome.differences:
            log.critical(
                "%d of %d series differ from what all events come to (%s): restart the metrics service, which works "
                "every figure out anew, and report this line",
                outcome.differences,
                outcome.series,
                ", ".join(answer["families"]),
            )
        return outcome

    def collect(self) -> Iterator[Metric]:
        """The families for prometheus-client; nothing before the first check."""
        if self.last is None:
            return
        found = (self.last.differences, self.last.series, self.last.seconds, self.last.as_of.timestamp())
        for (name, meaning), value in zip(FAMILIES.items(), found, strict=True):
            yield GaugeMetricFamily(name, meaning, value)

    def status(self) -> dict[str, Any] | None:
        """The last check as it is shown; None before the first."""
        return asdict(self.last) | {"as_of": self.last.as_of.isoformat()} if self.last else None

    def _pause(self) -> float:
        return max(self._every, SHARE_OF_TIME * self.last.seconds if self.last else 0)

    async def _second_look(self, shown: Shown) -> dict[str, Any]:
        child = await asyncio.create_subprocess_exec(
            *PROGRAM,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env=self._environment,
        )
        try:
            out, err = await child.communicate(_question(shown))
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode:
            raise ValueError(err.decode(errors="replace").strip().rpartition("\n")[2] or f"exit {child.returncode}")
        answer: dict[str, Any] = json.loads(out)
        return answer


def _question(shown: Shown) -> bytes:
    """A line that says what to work out; then the text to hold against it."""
    head = {
        "as_of": shown.as_of_known.isoformat(),
        "positions": [[*place, position] for place, position in shown.positions.items()],
        "calendar": shown.rules.calendar_text,
        "policy": shown.rules.policy_text,
    }
    return json.dumps(head).encode() + b"\n" + shown.text.body
