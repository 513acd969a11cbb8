"""``daymark explain``: why a clock stands as it does for one record, from the journals of a database."""

import asyncio
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from pathlib import Path
from typing import Literal

import asyncpg
import msgspec
from rich.console import Console
from rich.table import Table
from rich.text import Text

from deploy.cli.keyring import Place
from deploy.local.up import UsageError
from services.metrics.questions.asking import question_of
from services.metrics.questions.case_file import file_of
from services.metrics.questions.day_count import DayCount, Skipped
from services.metrics.questions.explanation import (
    Explanation,
    History,
    Interval,
    NotYet,
    Question,
    RuleShown,
    State,
    explain,
)
from services.metrics.questions.provenance import Provenance, Received, Version
from services.metrics.rulebook import Rulebook, RuleFiles
from shared.domain.calendar import BeyondHorizonError
from shared.domain.london import LONDON
from shared.runtime.clock import Clock, clock_from
from shared.runtime.problems import ProblemError

STYLES = {State.OVERDUE: "bold red", State.LATE: "red", State.DUE_SOON: "yellow", State.ON_TIME: "green"}
A_LINE = 100
"""Characters, where no terminal says how many it has."""
ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked, where, and by which rules."""

    place: Place
    asked: dict[str, str]
    """The parameters, as the metrics service takes them over HTTP."""
    clock: str | None = None
    """An instant to go by instead of the machine's clock."""
    policy: Path | None = None
    calendar: Path | None = None
    format: Literal["text", "json"] = "text"


def run(job: Job) -> bool:
    """Answer on standard output; False where nothing is known. ``UsageError`` where the question is none."""
    question, rules = _question(job.asked, _clock(job.clock)), _rules(job)
    with job.place.database() as url:
        file = asyncio.run(_file(url, question))
    try:
        explanation = explain(question, file, rules.calendar, rules.policies)
    except BeyondHorizonError as error:
        raise UsageError(str(error)) from None
    if not explanation.histories:
        sys.stderr.write("daymark: nothing is known of that subject on that clock\n")
    elif job.format == "json":
        sys.stdout.write(msgspec.json.format(msgspec.json.encode(explanation)).decode() + "\n")
    else:
        show(explanation, Console(width=None if sys.stdout.isatty() else A_LINE, highlight=False))
    return bool(explanation.histories)


def _question(asked: dict[str, str], clock: Clock) -> Question:
    try:
        return question_of(asked, clock)
    except ProblemError as error:
        raise UsageError(f"--{error.detail.replace('known_on', 'known-on', 1)}") from None


def _clock(setting: str | None) -> Clock:
    try:
        return clock_from(setting)
    except ValueError as error:
        raise UsageError(f"DAYMARK_CLOCK wants an instant with its offset: {error}") from None


def _rules(job: Job) -> Rulebook:
    try:
        return RuleFiles(job.policy, job.calendar).rules
    except ValueError as error:
        raise UsageError(str(error)) from None


async def _file(url: str, question: Question) -> list[Received]:
    connection = await asyncpg.connect(url, timeout=10, server_settings={"jit": "off"})
    try:
        return await file_of(connection, question)
    finally:
        await connection.close()


def show(explanation: Explanation, console: Console) -> None:
    """The answer for people to read."""
    known = f", as known at the end of {_day(explanation.known_on)}" if explanation.known_on else ""
    console.print(
        f"[bold]{explanation.clock.name}[/] of {explanation.subject}, authority {explanation.authority}, "
        f"on {_day(explanation.on)}{known}"
    )
    console.print(f"Starts: {explanation.clock.starts}\nStops:  {explanation.clock.stops}", style="dim")
    for history in explanation.histories:
        _show_history(history, console)


def _show_history(history: History, console: Console) -> None:
    through = f" (found through {', '.join(history.found_through)})" if history.found_through else ""
    console.print(f"\n[bold]{history.kind} {history.id}[/]{through}")
    for number, interval in enumerate(history.intervals, 1):
        _show_interval(number, interval, console)
    if history.not_yet:
        _show_not_yet(history.not_yet, console)


def _show_interval(number: int, interval: Interval, console: Console) -> None:
    now = ", running now" if interval.running else ""
    headline = Text(f"\n{number}. ")
    headline.append(interval.state.upper(), STYLES.get(interval.state, "bold"))
    console.print(headline.append(f"{now}: {interval.about}, team {interval.team}"))
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    for name, words in _lines(interval):
        table.add_row(f"   {name}", Text(words))
    console.print(table)


def _lines(interval: Interval) -> Iterator[tuple[str, str]]:
    count = interval.count
    yield "due", _due(count)
    yield "used", _used(count, interval)
    if interval.gone:
        yield "gone", f"{_day(interval.gone.on)}: {interval.gone.reason}"
    yield from _rule(interval.rule)
    yield from _facts(interval)
    for number, line in enumerate(skipped_lines(count.skipped)):
        yield "" if number else "not counted", line
    for note in filter(None, (count.note, interval.note)):
        yield "note", note


def _due(count: DayCount) -> str:
    if count.due_at:
        return f"{count.due_at:%a %-d %b %Y %H:%M:%S} in England; late from the next second on"
    if count.due is None:
        return "not at all"
    return f"{_day(count.due)}; late from {_day(count.late_from)}"


def _used(count: DayCount, interval: Interval) -> str:
    used = _amount(count.used, count.unit)
    if count.allowed is not None:
        used = f"{used.partition(' ')[0]} of {_amount(count.allowed, count.unit)}"
    return f"{used}, {_until(interval)}"


def _until(interval: Interval) -> str:
    if interval.stopped:
        return f"to the stop on {_day(interval.stopped)}"
    return f"when it went on {_day(interval.gone.on)}" if interval.gone else "so far"


def _amount(number: int, unit: str) -> str:
    if unit != "seconds":
        return f"{number} {unit if number != 1 else unit.removesuffix('s')}"
    minutes, seconds = divmod(number, 60)
    return f"{minutes // 60}:{minutes % 60:02}:{seconds:02} hours"


def _rule(rule: RuleShown) -> Iterator[tuple[str, str]]:
    yield "rule", f"{rule.timescale}; {rule.source}; {rule.version}"
    if rule.policy:
        yield "policy", f"{rule.policy.key} = {rule.policy.value}, {rule.policy.set_by}"


def _facts(interval: Interval) -> Iterator[tuple[str, str]]:
    named = [("record", interval.record), ("start", interval.start), ("stop", interval.stop)]
    named += [("taken by", fact) for fact in (interval.gone.by if interval.gone else ())]
    for name, fact in named:
        if fact:
            yield from _provenance(name, fact)
    if interval.running:
        yield "stop", "none yet"


def _provenance(name: str, fact: Provenance) -> Iterator[tuple[str, str]]:
    yield name, f"{fact.type} {fact.subject} on {_day(fact.winner.local_date)}"
    for version in fact.versions:
        yield "", f"  {_version(version)}"


def _version(version: Version) -> str:
    mark = "✓" if version.counts else "✗"
    withdrawn = "withdrawal of " if version.withdraws else ""
    recorded = f", recorded {version.recordedtime}" if version.recordedtime else ""
    return (
        f"{mark} {withdrawn}{version.time}{recorded}, version {version.recordversion}, {version.source} "
        f"{version.event_id}, received {_instant(version.received_at)}: {version.why}"
    )


def skipped_lines(skipped: tuple[Skipped, ...]) -> Iterator[str]:
    """Days that were not counted, those together that follow each other."""
    for _, run in groupby(enumerate(skipped), key=lambda pair: pair[1].day - pair[0] * ONE_DAY):
        yield _run([one for _, one in run])


def _run(days: list[Skipped]) -> str:
    reasons = ", ".join(dict.fromkeys(one.why for one in days))
    first, last = days[0].day, days[-1].day
    return f"{_day(first)}: {reasons}" if first == last else f"{_day(first)} to {_day(last)}: {reasons}"


def _show_not_yet(not_yet: NotYet, console: Console) -> None:
    console.print("\n[bold]NOT YET[/]: this clock has not started")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim")
    for lacking in not_yet.lacking:
        table.add_row("   lacking", Text(f"{lacking.type} {lacking.subject or ''}: {lacking.why}"))
    if not not_yet.lacking:
        table.add_row("   why", Text("what is known of it is not of the sort that starts this clock"))
    for fact in dict.fromkeys([*not_yet.known, *filter(None, (lacking.fact for lacking in not_yet.lacking))]):
        for name, words in _provenance("known", fact):
            table.add_row(f"   {name}", Text(words))
    console.print(table)


def _day(day: date | None) -> str:
    return f"{day:%a %-d %b %Y}" if day else ""


def _instant(instant: datetime) -> str:
    return f"{instant.astimezone(LONDON):%-d %b %Y %H:%M:%S}"
