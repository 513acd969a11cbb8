"""Questions about past days, put to the metrics service's journal: of a database of one's own, of a running ``up``, or
of a folder on which nothing runs.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Protocol, TypeVar

from deploy.cli.keyring import Place
from deploy.local.up import UsageError
from services.metrics.inbox import SCHEMA, Connection
from services.metrics.questions import ledger
from services.metrics.questions.ledger import Extent
from services.metrics.questions.replay import Day
from services.metrics.rulebook import Rulebook, RuleFiles
from shared.domain.london import LONDON, last_instant
from shared.runtime.clock import clock_from, monotonic, today
from shared.runtime.database import connect

PATIENCE = 2.0
"""Seconds of silence before, and between, words of how far it is."""


class Reader(Protocol):
    """What entries are given to."""

    def take(self, received: int, document: bytes) -> None: ...


R = TypeVar("R", bound=Reader)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Question:
    """What all questions have in common."""

    place: Place
    on: str = ""
    """A local date, as it was typed; ``""`` for today."""
    known_on: str = ""
    """``""``: all that is known now."""
    authority: str | None = None
    policy: Path | None = None
    calendar: Path | None = None
    clock: str | None = None

    def day(self) -> Day:
        """The day that is asked about and what it goes by (``UsageError`` at what cannot be asked)."""
        rules = self._rules()
        return Day(self._on(), self.authority, rules.calendar, rules.policies)

    def known_to(self, known_on: str, option: str = "--known-on") -> datetime:
        """The end of a day of knowledge (``UsageError`` where it has not come, or is before the day asked about)."""
        known, on = a_day(option, known_on), self._on()
        self._not_to_come(option, known)
        if known < on:
            raise UsageError(
                f"{option} {known} is before {on}: on that day nothing could be known of {on}; ask for --on {known}"
            )
        return last_instant(known)

    def extent(self) -> Extent:
        """What is to be read."""
        return Extent(self.authority, self.known_to(self.known_on) if self.known_on else None)

    def _on(self) -> date:
        if not self.on:
            return self._today()
        on = a_day("--on", self.on)
        self._not_to_come("--on", on)
        return on

    def _not_to_come(self, option: str, day: date) -> None:
        now = self._today()
        if day > now:
            raise UsageError(f"{option} {day} is to come: today is {now}, and what will be is not known")

    def _today(self) -> date:
        try:
            return today(clock_from(self.clock))
        except ValueError:
            raise UsageError(f"--clock {self.clock}: expected an instant like 2026-03-02T09:00:00Z") from None

    def _rules(self) -> Rulebook:
        try:
            return RuleFiles(self.policy, self.calendar).rules
        except ValueError as error:
            raise UsageError(f"the policy or the calendar cannot be used: {error}") from None


def a_day(option: str, text: str) -> date:
    """A date as it was typed (``UsageError`` where it is none)."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{option} {text}: expected a date like 2026-03-31") from None


def instant(microseconds: int) -> str:
    """An instant since the Unix epoch, as people in England write it, to the second."""
    return datetime.fromtimestamp(microseconds // 1_000_000, UTC).astimezone(LONDON).isoformat(" ")


def ask(place: Place, extent: Extent, begin: Callable[[], R], end: Callable[[R], T]) -> list[T]:
    """Read every partition of an extent, each with a reader of its own; what ``end`` makes of them, in order."""

    async def go(url: str) -> list[T]:
        connection = await connect(url, SCHEMA)
        try:
            return await _read_all(connection, extent, begin, end)
        finally:
            await connection.close()

    if not place.database_url and not (place.data / "pg").is_dir():
        raise UsageError(f"nothing is kept in {place.data}: choose the folder of `daymark up` with --data")
    with place.database() as url:
        return asyncio.run(go(url))


async def _read_all(connection: Connection, extent: Extent, begin: Callable[[], R], end: Callable[[R], T]) -> list[T]:
    if not await ledger.is_there(connection):
        raise UsageError("this database has no figures yet: run `daymark up` on it first")
    # What is stored while we read is not looked at: the partitions tell of one moment.
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        _warn(await ledger.behind(connection))
        progress = Progress("events read")
        return [end(await _read(connection, partition, extent, begin(), progress)) for partition in extent.partitions]


async def _read(connection: Connection, partition: int, extent: Extent, reader: R, progress: "Progress") -> R:
    async for entries in ledger.read(connection, partition, extent):
        for received, document in entries:
            reader.take(received, document)
        progress.count(len(entries))
    return reader


def _warn(behind: int) -> None:
    if behind:
        sys.stderr.write(
            f"daymark: {behind:,} accepted events are not in the figures yet; they may change the answer\n"
        )


class Progress:
    """Says now and then on standard error how far it is, where it takes long."""

    def __init__(self, done: str) -> None:
        """``done`` says what is counted, e.g. ``events read``."""
        self._done = done
        self._number = 0
        self._due = monotonic() + PATIENCE

    def count(self, number: int = 1) -> None:
        """Count so many more."""
        self._number += number
        if monotonic() >= self._due:
            sys.stderr.write(f"daymark: {self._number:,} {self._done}\n")
            self._due = monotonic() + PATIENCE


def warn_unreadable(number: int) -> None:
    """Say so where entries were left out."""
    if number:
        sys.stderr.write(f"daymark: {number:,} entries cannot be read and are in no figure; they are parked\n")


def newest(*received: int | None) -> str:
    """When the last of all was received; ``""`` where nothing was."""
    known: Sequence[int] = [one for one in received if one is not None]
    return instant(max(known)) if known else ""
