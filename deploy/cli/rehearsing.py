"""``daymark rehearse``: the rehearsal as a file."""

import sys
from datetime import date
from pathlib import Path

from deploy.local.up import UsageError
from deploy.rehearsal.world import events, write


def rehearse(out: Path, *, seed: int, authorities: int, days: int, start: str, size: float) -> None:
    """Write the events of so many authorities and days (``UsageError`` at a start that is no date)."""
    first = _day(start)
    stream = events(seed=seed, authorities=authorities, days=days, start=first, size=size)
    count = write(out, stream)
    sys.stderr.write(f"daymark: {count:,} events in {out}\n")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"--start {text}: expected a date like 2025-04-01") from None
