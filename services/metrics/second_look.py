"""The program of the check: reads what to work out and what is shown from its input, and says where they differ.

It runs at the lowest priority, one partition of the bus at a time, so that it needs the memory of the largest only.
"""

import asyncio
import json
import os
import sys
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime
from typing import Any

import asyncpg

from services.metrics.fact import CANNOT_BE_FOLDED, Event, decode
from services.metrics.inbox import SCHEMA, Packer, Place, each_once
from services.metrics.indicators import strands
from services.metrics.reckoning import Figures, Rules, differences, parse, reckon
from services.metrics.rulebook import parse_rules
from shared.contracts.streams import PARTITIONS, STREAMS
from shared.runtime.database import connect

LOWEST_PRIORITY = 19
DATABASE_URL = "DAYMARK_DATABASE_URL"
"""Where the service says where the inbox is: not on the command line, which others can read."""
FAMILIES_NAMED = 5


def main() -> None:
    """Answer one question, as ``reconciliation.py`` puts it."""
    os.nice(LOWEST_PRIORITY)
    head, _, body = sys.stdin.buffer.read().partition(b"\n")
    asked = json.loads(head)
    found = asyncio.run(_reckon_all(asked))
    print(json.dumps(compare(parse(body), found)))  # noqa: T201  # the answer


def compare(shown: Figures, found: Figures) -> dict[str, Any]:
    """How many series differ, and the families that they are of."""
    wrong = differences(shown, found)
    families = Counter(series.partition("{")[0] for series in wrong)
    return {
        "differences": len(wrong),
        "series": len(shown.keys() | found.keys()),
        "families": [family for family, _ in families.most_common(FAMILIES_NAMED)],
    }


async def _reckon_all(asked: dict[str, Any]) -> Figures:
    rulebook = parse_rules(asked["calendar"], asked["policy"])
    rules = Rules(strands(), rulebook.calendar, rulebook.policies)
    limits = {(stream, partition): position for stream, partition, position in asked["positions"]}
    found: Figures = {}
    connection = await connect(os.environ[DATABASE_URL], SCHEMA)
    try:
        for partition in range(PARTITIONS):
            places = [(stream, partition) for stream in STREAMS if limits.get((stream, partition))]
            events = [event for place in places async for event in _events(connection, place, limits[place])]
            found.update(reckon(events, datetime.fromisoformat(asked["as_of"]), rules))
    finally:
        await connection.close()
    return found


async def _events(connection: "asyncpg.Connection[Any]", place: Place, limit: int) -> AsyncIterator[Event]:
    """Each event once up to a position; what the service could not read is left out here too."""
    async for batch in each_once(connection, place, Packer()):
        for position, _, document in batch.entries:
            if position > limit:
                return
            with suppress(*CANNOT_BE_FOLDED):
                yield decode(document)


if __name__ == "__main__":
    main()
