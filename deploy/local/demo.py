"""``daymark demo``: an ``up``, fed with a rehearsal through its front door, and the figures as they move."""

import asyncio
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import httpx
import orjson
from rich.console import Console
from rich.live import Live
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from deploy.cli.lines import Line, batches
from deploy.cli.sending import Refusal, Sender, await_settled
from deploy.local.board import lines, read, table
from deploy.local.folder import Folder
from deploy.local.process import dies_with_parent
from deploy.local.supervisor import interrupt_on
from deploy.local.up import UsageError
from deploy.rehearsal.live import dated
from deploy.rehearsal.recording import Event
from deploy.rehearsal.world import authority_codes, pages
from shared.runtime.clock import SystemClock, monotonic, today

OWN_FOLDER = Path("var/demo")
BATCH = 2000
SHORTEST_TICK, LONGEST_TICK = 0.2, 1.0
LOOK_EVERY = {True: 1.0, False: 5.0}
"""Seconds between looks at the figures, on a terminal and elsewhere."""
STOP_PATIENCE = 12.0
SETTLE_PATIENCE = 120.0


@dataclass(frozen=True, slots=True)
class Plan:
    """What to show. Without ``data`` it begins anew; ``seconds``: stop so long after the first figures."""

    pace: float = 10.0
    data: Path | None = None
    port_base: int = 8100
    seed: int = 1
    days: int = 426
    size: float = 1.0
    seconds: float | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """An ``up`` that is ready."""

    report: dict[str, Any]
    key: str
    console: Console

    def sender(self) -> Sender:
        urls = {service: str(self.report[service]) for service in ("referrals", "workforce")}
        return Sender(urls, self.key, self._refused, lambda what: self.console.print(f"daymark: {what}"))

    def _refused(self, refusal: Refusal) -> None:
        self.console.print(f"daymark: a rehearsed event was refused: {refusal.reason}: {refusal.detail}", markup=False)


def show(plan: Plan) -> None:
    """Run until interrupted, or for ``plan.seconds``; nothing is left running when this returns."""
    interrupt_on((signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
    console = Console(stderr=not sys.stdout.isatty())
    try:
        with _running_up(plan, console) as stage:
            asyncio.run(_perform(plan, stage))
    except KeyboardInterrupt:
        pass
    console.print("daymark: the demo has ended")


@contextmanager
def _running_up(plan: Plan, console: Console) -> Iterator[Stage]:
    data = plan.data or _fresh_folder()
    key = secrets.token_urlsafe(12)
    command = [sys.executable, "-m", "deploy.cli", "up", "--json", "--data", str(data)]
    process = subprocess.Popen(
        [*command, "--port-base", str(plan.port_base)],
        env=_without_clock(os.environ.copy()) | {"DAYMARK_DEV_KEY": key},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is for us; we stop it
        preexec_fn=dies_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one system call, no locks
    )
    try:
        _relay_words(process.stderr, console)
        yield Stage(_await_ready(process), key, console)
    finally:
        _stop(process)


def _fresh_folder() -> Path:
    folder = Folder(Path(__file__).resolve().parents[2] / OWN_FOLDER)
    with folder.owned():
        for entry in folder.path.iterdir():
            if entry.is_dir():
                shutil.rmtree(entry)
    return folder.path


def _without_clock(environment: dict[str, str]) -> dict[str, str]:
    return {name: value for name, value in environment.items() if name not in {"DAYMARK_CLOCK", "DAYMARK_HOST"}}


def _relay_words(stream: IO[str] | None, console: Console) -> None:
    def relay() -> None:
        for line in stream or ():
            console.print(line.rstrip(), markup=False, highlight=False)

    threading.Thread(target=relay, daemon=True).start()


def _await_ready(process: "subprocess.Popen[str]") -> dict[str, Any]:
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        process.wait(STOP_PATIENCE)
        raise UsageError("the services did not come up; the reason is above")
    report: dict[str, Any] = json.loads(line)
    return report


def _stop(process: "subprocess.Popen[str]") -> None:
    if process.poll() is None:
        process.terminate()
    try:
        process.wait(STOP_PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


async def _perform(plan: Plan, stage: Stage) -> None:
    start = _start(Path(stage.report["data"]), plan)
    days = (today(SystemClock()) - start).days
    world = pages(seed=plan.seed, authorities=1, start=start, size=plan.size)
    await _load_history(stage, islice(world, days + 1), days + 1)
    await await_settled(stage.report["metrics"], SETTLE_PATIENCE, lambda _: None)
    _say_where(plan, stage)
    with suppress(TimeoutError):
        async with asyncio.timeout(plan.seconds), asyncio.TaskGroup() as acts:
            acts.create_task(_go_live(plan, stage, world))
            acts.create_task(_watch(stage))


def _start(folder: Path, plan: Plan) -> date:
    """The first day; kept in the folder, so that a second demo on it goes on with the same rehearsal."""
    note = folder / "rehearsal.json"
    if note.exists():
        return date.fromisoformat(json.loads(note.read_text())["start"])
    start = today(SystemClock()) - timedelta(plan.days)
    if plan.data:
        note.write_text(json.dumps({"start": start.isoformat(), "seed": plan.seed}))
    return start


async def _load_history(stage: Stage, days: Iterator[list[Event]], total: int) -> None:
    began = monotonic()
    columns = (
        TextColumn("history"),
        BarColumn(),
        TextColumn("{task.completed:.0f} of {task.total:.0f} days"),
    )
    with Progress(*columns, TimeElapsedColumn(), console=stage.console) as progress:
        task = progress.add_task("history", total=total)

        def told() -> Iterator[Event]:
            for day in days:
                yield from day
                progress.advance(task)

        tally = await stage.sender().send(batches(_as_lines(told()), BATCH))
    count = tally.accepted + tally.duplicate
    stage.console.print(f"daymark: {count:,} events of history in {monotonic() - began:.0f} s")


def _as_lines(events: Iterable[Event]) -> Iterator[Line]:
    return (Line(number, orjson.dumps(event)) for number, event in enumerate(events, 1))


def _say_where(plan: Plan, stage: Stage) -> None:
    report, authority = stage.report, authority_codes(1)[0]
    event = {
        "specversion": "1.0",
        "id": "try-1",
        "source": f"/{authority}/try",
        "type": "csc.contact.received",
        "subject": "try-contact-1",
        "time": SystemClock().now().isoformat(timespec="seconds"),
        "authority": authority,
        "data": {"child_id": "try-child-1", "source_code": "1A"},
    }
    stage.console.print(
        f"\nfigures   {report['metrics']}/metrics\nstatus    {report['metrics']}/status\n"
        f"reference {report['referrals']}/openapi.json\nkey       {stage.key}\n\n"
        f"Today comes now, {plan.pace:g} events a second; when it is over, the days that follow, dated today.\n"
        "An event of your own:\n\n"
        f"curl -i {report['referrals']}/events -H 'Authorization: Bearer {stage.key}' \\\n"
        f"  -H 'Content-Type: application/cloudevents+json' \\\n  -d '{json.dumps(event)}'\n",
        markup=False,
        highlight=False,
        soft_wrap=True,
    )


async def _go_live(plan: Plan, stage: Stage, days: Iterator[list[Event]]) -> None:
    """Send today, and then the days that follow as if they were today, at the pace asked for."""
    tape = Tape(days)
    tick = min(max(1.0 / plan.pace, SHORTEST_TICK), LONGEST_TICK)
    credit, since = 0.0, monotonic()
    async with httpx.AsyncClient(timeout=60.0) as client:
        while True:
            await asyncio.sleep(tick)
            credit, since = min(credit + plan.pace * (monotonic() - since), plan.pace + 1.0), monotonic()
            due = tape.take(int(credit), today(SystemClock()))
            credit -= len(due)
            await stage.sender().send_through(client, batches(_as_lines(due), BATCH))


class Tape:
    """Events in the order in which they are recorded, day after day."""

    def __init__(self, days: Iterator[list[Event]]) -> None:
        self._events = chain.from_iterable(days)

    def take(self, most: int, today: date) -> list[Event]:
        """The next events, so many, none dated later than today."""
        return [dated(event, today) for event in islice(self._events, most)]


async def _watch(stage: Stage) -> None:
    """Show the figures, over and over."""
    terminal = stage.console.is_terminal
    with Live(console=stage.console, auto_refresh=False) as live:
        async with httpx.AsyncClient(timeout=10.0) as client:
            while True:
                figures = await _figures(client, stage)
                title = f"authority {authority_codes(1)[0]} (invented), {SystemClock().now():%H:%M:%S} UTC"
                if terminal:
                    live.update(table(figures, title), refresh=True)
                else:
                    stage.console.print(f"{title}\n{lines(figures)}\n", markup=False, highlight=False)
                await asyncio.sleep(LOOK_EVERY[terminal])


async def _figures(client: httpx.AsyncClient, stage: Stage) -> list[tuple[str, float | None]]:
    try:
        return read((await client.get(f"{stage.report['metrics']}/metrics")).text)
    except httpx.TransportError:
        return []
