"""``daymark import``: files of events, or census returns, sent through the front door like any sender's."""

import asyncio
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import BinaryIO, Self

import orjson
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from deploy.census import Return
from deploy.cli.lines import STDIN, Line, batches, read_lines
from deploy.cli.sending import Refusal, Sender, Tally, await_settled
from deploy.local.up import UsageError

SETTLE_PATIENCE = 600.0
KINDS_SHOWN = 20
Lines = Callable[[Path, Callable[[int], None]], Iterator[Line]]


@dataclass(frozen=True, slots=True)
class Job:
    """What to import, and where to.

    With ``metrics`` it waits for that service's figures; ``census_authority``: the files are returns.
    """

    files: tuple[Path, ...]
    key: str
    services: Mapping[str, str]
    metrics: str | None = None
    batch: int = 1000
    census_authority: str | None = None
    pseudonym_key: Path | None = None

    def check(self) -> None:
        """``UsageError`` at what cannot be run."""
        if not self.key:
            raise UsageError("a sender's key is needed: --key KEY or DAYMARK_KEY (make one with `daymark keys add`)")
        if self.census_authority == "":
            raise UsageError("--cin-census needs --authority, the authority's code, e.g. --authority E09000003")
        for file in self.files:
            self._check_file(file)

    def size(self, file: Path) -> int | None:
        """The bytes there are to read, where that is known."""
        return None if file == STDIN or self.census_authority else file.stat().st_size

    def _check_file(self, file: Path) -> None:
        if file == STDIN:
            if self.census_authority:
                raise UsageError("a census return is read from a file, not from standard input")
        elif not file.is_file():
            raise UsageError(f"{file}: there is no such file")


def run(job: Job) -> int:
    """Import everything; returns how many lines were refused."""
    job.check()
    console = Console(stderr=True)
    tally = asyncio.run(_import_all(job, console))
    sys.stdout.write(summary(tally) + "\n")
    return tally.refused.total()


def summary(tally: Tally) -> str:
    """A line: what was accepted, known already, refused, and why."""
    parts = [
        f"accepted {tally.accepted:,}",
        f"duplicate {tally.duplicate:,}",
        f"refused {tally.refused.total():,}",
    ]
    reasons = ", ".join(f"{reason} {count:,}" for reason, count in tally.refused.most_common())
    return ", ".join(parts) + (f" ({reasons})" if reasons else "")


async def _import_all(job: Job, console: Console) -> Tally:
    tally = Tally()
    for file in job.files:
        tally = tally + await _import_one(job, file, console)
    if job.metrics:
        with console.status("waiting until all of it is in the figures") as status:
            await await_settled(
                job.metrics,
                SETTLE_PATIENCE,
                lambda lag: status.update(f"{lag:,} events are on their way to the figures"),
            )
    return tally


async def _import_one(job: Job, file: Path, console: Console) -> Tally:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        DownloadColumn(),
        TimeElapsedColumn(),
    )
    with (
        Progress(*columns, console=console, disable=not console.is_terminal) as progress,
        Refused(file) as refused,
    ):
        task = progress.add_task(file.name, total=job.size(file))
        lines = _census_lines(job, job.census_authority, console) if job.census_authority else read_lines
        sender = Sender(job.services, job.key, refused.take, partial(_say, console))
        tally = await sender.send(batches(lines(file, lambda done: progress.update(task, completed=done)), job.batch))
    refused.explain(console)
    return tally


def _census_lines(job: Job, authority: str, console: Console) -> Lines:
    def lines(path: Path, progress: Callable[[int], None]) -> Iterator[Line]:
        secret = job.pseudonym_key.read_bytes().strip() if job.pseudonym_key else None
        census, sent = Return(path, authority, secret), 0
        for number, event in enumerate(census, 1):
            line = Line(number, orjson.dumps(event))
            sent += len(line.text)
            progress(sent)
            yield line
        _say(console, f"{path}: {census.children:,} children")
        for what, count in census.left_out.most_common():
            first = census.left_out.first_line[what]
            _say(console, f"{path}: left out {what}, {count:,} times (first in line {first})")

    return lines


class Refused:
    """The refused lines of one file, kept beside it as they were, to be corrected and sent again."""

    def __init__(self, file: Path) -> None:
        self.path = refused_path(file)
        self._kinds: dict[tuple[str, str], tuple[int, int]] = {}
        self._file: BinaryIO | None = None
        self._open = ExitStack()

    def take(self, refusal: Refusal) -> None:
        """Keep a line."""
        if self._file is None:
            self._file = self._open.enter_context(self.path.open("wb"))
        self._file.write(refusal.line.text + b"\n")
        kind = (refusal.reason, refusal.detail)
        first, count = self._kinds.get(kind, (refusal.line.number, 0))
        self._kinds[kind] = (min(first, refusal.line.number), count + 1)

    def explain(self, console: Console) -> None:
        """Say why, for each kind of refusal how often and where first, and where the lines are."""
        for (reason, detail), (first, count) in islice(self._kinds.items(), KINDS_SHOWN):
            times = f", {count:,} times from there on" if count > 1 else ""
            _say(console, f"line {first}: {reason}: {detail}{times}")
        if self._kinds:
            total = sum(count for _, count in self._kinds.values())
            _say(console, f"all {total:,} refused lines are in {self.path}")

    def __enter__(self) -> Self:
        self.path.unlink(missing_ok=True)
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()


def refused_path(file: Path) -> Path:
    """Where the refused lines of a file go."""
    return Path("stdin.refused.ndjson") if file == STDIN else file.with_name(file.name + ".refused.ndjson")


def _say(console: Console, what: str) -> None:
    console.print(f"daymark: {what}", markup=False, highlight=False, soft_wrap=True)
