"""One rehearsed world that the tests of the rehearsal share."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

import pytest

from deploy.rehearsal.world import DAYS, START, children, events

Event = dict[str, Any]
Record = tuple[str, str]


class Rehearsed(NamedTuple):
    """One rehearsal, whole: its events, and of each type the facts by (subject, child)."""

    events: list[Event]
    facts: Mapping[str, Mapping[Record, Event]]
    last_day: date
    children: int


def settle(stream: list[Event]) -> dict[str, dict[Record, Event]]:
    """The contract's rule in plain words: the highest version wins, and a withdrawn fact does not exist."""
    winners: dict[str, dict[Record, Event]] = {}
    for event in sorted(stream, key=lambda event: (event.get("recordversion", 0), event["recordedtime"])):
        record = event["subject"], event["data"].get("child_id", "")
        winners.setdefault(event["type"].removeprefix("csc."), {})[record] = event
    return {
        kind: {record: event for record, event in of_kind.items() if event.get("op") != "withdraw"}
        for kind, of_kind in winners.items()
    }


@pytest.fixture(scope="session")
def rehearsed() -> Rehearsed:
    """Fourteen months of one authority, seed 1."""
    stream = list(events(seed=1))
    return Rehearsed(stream, settle(stream), START + timedelta(days=DAYS - 1), children(1))
