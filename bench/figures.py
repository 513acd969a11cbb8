"""What figures cost and how that grows: folding, memory, and measuring after little and after much has changed.

Every size is measured in a process of its own, without a database or a bus: what is measured is ``services/metrics``.
"""

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import count, islice
from pathlib import Path
from random import Random
from statistics import median

import msgspec
import orjson

from bench.rehearsed import copies
from bench.table import grid
from services.metrics.casebook import Casebook
from services.metrics.exposition import Exposition, Text
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement, Owner, Snapshot
from services.metrics.strand import TEAM
from shared.domain.calendar import england_and_wales
from shared.domain.london import LONDON
from shared.domain.policy import PolicyBook
from shared.runtime.clock import monotonic

TODAY = date(2026, 5, 31)
"""The day after the rehearsal's last."""
SIZES = (10_000, 100_000, 1_000_000)
FACTS_A_COPY = 2_950
A_PORTION = 10_000
"""Events made before they are timed."""
ROUNDS = 5
SHARE = 0.01
A_SECOND = 200
"""Events in a busy second."""


class Took(msgspec.Struct):
    """Seconds, the median of some rounds."""

    measurement: float
    text: float
    both: float
    worst: float
    """Of the rounds, both together."""


class Outcome(msgspec.Struct):
    """What one size came to."""

    facts: int
    """Current ones, as the figures say."""
    events: int
    teams: int
    fold: float
    """Seconds to decode and fold all events."""
    first: float
    """Seconds of the first measurement, with its text."""
    before: int
    """Bytes of memory that the process had before the first event."""
    folded: int
    """Bytes more when all was folded."""
    measured: int
    """Bytes more than before when all was measured and written."""
    text: int
    """Bytes of the text."""
    series: int
    after: dict[str, Took]
    """By what had changed."""


class Subject:
    """Casebook, measurement and exposition, as the service has them, and a clock that is told the time."""

    def __init__(self) -> None:
        self.now = datetime.combine(TODAY, time(9), UTC)
        self.casebook = Casebook(TODAY)
        self._measurement = Measurement(self.casebook, strands(), england_and_wales(), PolicyBook())
        self._exposition = Exposition(strands())
        self.text = Text(b"", b"")

    def fold(self, documents: Iterator[bytes]) -> tuple[int, float]:
        """The number of events, and the seconds that decoding and folding them took."""
        number, took = 0, 0.0
        while portion := list(islice(documents, A_PORTION)):
            number += len(portion)
            began = monotonic()
            for document in portion:
                self.casebook.fold(decode(document), self.now.timestamp())
            took += monotonic() - began
        return number, took

    def measure(self) -> tuple[Snapshot, float, float]:
        """The figures a second later, and the seconds that measuring and writing took."""
        self.now += timedelta(seconds=1)
        began = monotonic()
        snapshot = self._measurement.snapshot(self.now)
        measured = monotonic()
        self.text = self._exposition.write(snapshot)
        return snapshot, measured - began, monotonic() - measured


def measured(facts: int) -> Outcome:
    """One size, in this process."""
    every = copies(max(1, round(facts / FACTS_A_COPY)))
    first = next(every)
    before, subject = memory(), Subject()
    events, fold = subject.fold(_chained(first, every))
    folded = memory() - before
    snapshot, *took = subject.measure()
    whole = b"".join(subject.text)
    facts_now, sizes = _current(whole), (len(whole), sum(not line.startswith(b"#") for line in whole.splitlines()))
    del whole
    in_all = memory() - before
    teams = [owner for owner in snapshot.owners if owner[1] == TEAM]
    del snapshot
    after = dict(_after_changes(subject, teams))
    return Outcome(facts_now, events, len(teams), fold, sum(took), before, folded, in_all, *sizes, after)


def memory() -> int:
    """Bytes of memory that this process holds (Linux)."""
    gc.collect()
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def _chained(first: bytes, others: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from others


def _current(text: bytes) -> int:
    lines = (line for line in text.splitlines() if line.startswith(b"csc_facts{") and b'"current"' in line)
    return sum(int(line.rpartition(b" ")[2]) for line in lines)


def _after_changes(subject: Subject, teams: Sequence[Owner]) -> Iterator[tuple[str, Took]]:
    rng, ids = Random(1), count()
    one_percent = max(1, round(len(teams) * SHARE))
    choices: dict[str, Callable[[], list[Owner]]] = {
        "nothing changed": list,
        "one team changed (one event)": lambda: rng.sample(teams, 1),
        "1 % of teams changed": lambda: rng.sample(teams, one_percent),
        f"{A_SECOND} events, anywhere": lambda: rng.choices(teams, k=A_SECOND),
        "1,000 events, anywhere": lambda: rng.choices(teams, k=1_000),
    }
    for what, choose in choices.items():
        yield (
            what,
            _took([_after(subject, [_contact(f"b{next(ids)}", team) for team in choose()]) for _ in range(ROUNDS)]),
        )
    subject.now = datetime.combine(TODAY + timedelta(days=1), time(), LONDON)
    yield "midnight", _took([_after(subject, [])])


def _after(subject: Subject, events: list[bytes]) -> tuple[float, float]:
    subject.fold(iter(events))
    return subject.measure()[1:]


def _took(rounds: Sequence[tuple[float, float]]) -> Took:
    both = [sum(one) for one in rounds]
    return Took(median(one[0] for one in rounds), median(one[1] for one in rounds), median(both), max(both))


def _contact(id: str, team: Owner) -> bytes:
    event = {
        "specversion": "1.0",
        "id": id,
        "source": "/bench",
        "type": "csc.contact.received",
        "subject": id,
        "time": datetime.combine(TODAY, time(8), LONDON).isoformat(),
        "authority": team[0],
        "data": {"child_id": id, "team_id": team[2], "source_code": "1A"},
    }
    return orjson.dumps(event)


def outcome_of(facts: int) -> Outcome:
    """One size, measured in a fresh process."""
    child = [sys.executable, "-m", "bench.figures", str(facts)]
    return msgspec.json.decode(subprocess.run(child, check=True, stdout=subprocess.PIPE).stdout, type=Outcome)


def number_of(size: str) -> int:
    """10k, 1M or 5000 as a number; ``ValueError`` where it is none."""
    return int(size.replace("k", "000").replace("M", "000000"))


def table(outcomes: Sequence[Outcome]) -> str:
    """The outcomes side by side, in Markdown."""
    columns = [dict(_cells(outcome)) for outcome in outcomes]
    goals = {"memory a fact, in all": "1,000 B", "nothing changed": "10 ms", "1 % of teams changed": "300 ms"}
    heads = ["current facts", *(f"{outcome.facts:,}" for outcome in outcomes), "goal"]
    rows = [[what, *(column[what] for column in columns), goals.get(what, "")] for what in columns[0]]
    return grid(heads, rows)


def _cells(one: Outcome) -> Iterator[tuple[str, str]]:
    yield "teams; series; text", f"{one.teams:,}; {one.series:,}; {one.text / 1e6:,.1f} MB"
    yield "events folded", f"{one.events / one.fold:,.0f}/s"
    yield "all folded; first figures", f"{one.fold:,.1f} s; {one.first:,.1f} s"
    yield "memory before the first event", f"{one.before / 1e6:,.0f} MB"
    yield "memory a fact, folded", f"{one.folded / one.facts:,.0f} B"
    yield "memory a fact, in all", f"{one.measured / one.facts:,.0f} B"
    for what, took in one.after.items():
        yield what, f"{took.both * 1e3:,.1f} ms ({took.measurement * 1e3:,.1f} + {took.text * 1e3:,.1f})"


if __name__ == "__main__":
    sys.stdout.buffer.write(msgspec.json.encode(measured(int(sys.argv[1]))))
