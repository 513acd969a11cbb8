"""``daymark compare``: what was learnt of a day between two others, and which figures it moved."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from rich.table import Table

from deploy.cli.answers import Format, labels_text, number, table, write_csv, write_json, write_tables
from deploy.cli.asking import Progress, Question, ask, instant, warn_unreadable
from deploy.cli.figures import check
from deploy.local.up import UsageError
from services.metrics.exposition import number_text
from services.metrics.questions.comparison import Change, Comparison, Move
from services.metrics.questions.ledger import Extent, microseconds
from services.metrics.questions.readings import Choice, counted_families

COLUMNS = (
    *("on", "known_on", "and", "received", "how", "type", "subject", "child", "source", "events"),
    *("family", "authority", "labels", "before", "after"),
)
OF_EVERY_FACT = frozenset({"csc_facts", "csc_recording_delay_facts"})
"""Every fact moves these: a table shows them to those who ask for them."""


@dataclass(frozen=True, slots=True)
class Compared:
    """An answer."""

    on: str
    known_on: str
    later: str
    changes: Sequence[Change]
    of_later_days: int
    """Events that came in between and are of later days."""

    def heading(self) -> str:
        """What is compared."""
        return (
            f"What was learnt of {self.on} after the end of {self.known_on} and by the end of {self.later}:\n"
            f"facts {len(self.changes):,}; events of later days, left aside, {self.of_later_days:,}."
        )


def run(question: Question, later: str, choice: Choice, form: Format) -> None:
    """Answer on standard output."""
    found = compare(question, later, choice)
    if form is Format.CSV:
        write_csv(COLUMNS, _rows(found))
    elif form is Format.JSON:
        _write_json(found)
    else:
        write_tables(found.heading(), *([_table(found, choice)] if found.changes else []))


def compare(question: Question, later: str, choice: Choice) -> Compared:
    """What came between the days of knowledge (``UsageError`` at what cannot be asked)."""
    _check(choice)
    day = question.day()
    known, until = question.known_to(question.known_on), question.known_to(later, "--and")
    if until < known:
        raise UsageError(f"--and {later} is before --known-on {question.known_on}: put the earlier day first")
    parts = ask(
        question.place,
        Extent(question.authority, until),
        lambda: Comparison(day, microseconds(known), microseconds(until)),
        lambda comparison: _part(comparison, choice),
    )
    warn_unreadable(sum(part.unreadable for part in parts))
    changes = [change for part in parts for change in part.changes]
    return Compared(
        on=str(day.on),
        known_on=question.known_on,
        later=later,
        changes=sorted(changes, key=lambda change: (change.received, change.authority)),
        of_later_days=sum(part.of_later_days for part in parts),
    )


class _Part(NamedTuple):
    changes: list[Change]
    unreadable: int
    of_later_days: int


def _part(comparison: Comparison, choice: Choice) -> _Part:
    return _Part(list(_wanted(comparison, choice)), comparison.unreadable, comparison.of_later_days)


def _wanted(comparison: Comparison, choice: Choice) -> Iterator[Change]:
    """Where only some series are wanted, only facts that moved one of them are."""
    progress = Progress("facts compared")
    for change in comparison.changes(choice):
        progress.count()
        if change.moves or choice == Choice():
            yield change


def _check(choice: Choice) -> None:
    check(choice)
    for family in choice.families:
        if family not in counted_families():
            raise UsageError(f"{family} is not counted from facts: no fact moves it")


def _rows(found: Compared) -> Iterator[Sequence[object]]:
    for change in found.changes:
        about = (found.on, found.known_on, found.later, *_about(change))
        for move in change.moves:
            yield (*about, move.family, move.labels[0][1], _owned(move), _text(move.before), _text(move.after))
        if not change.moves:
            yield (*about, "", change.authority, "", "", "")


def _about(change: Change) -> tuple[str, ...]:
    return (
        instant(change.received),
        change.how,
        change.type,
        change.subject,
        change.child,
        change.source,
        str(change.events),
    )


def _owned(move: Move) -> str:
    return labels_text(move.labels[1:])


def _text(value: object) -> str:
    return "" if value is None else number_text(value)  # type: ignore[arg-type]


def _write_json(found: Compared) -> None:
    changes = [
        {
            "received": instant(change.received),
            "how": change.how,
            "authority": change.authority,
            "type": change.type,
            "subject": change.subject,
            "child": change.child or None,
            "source": change.source,
            "events": change.events,
            "moves": [_move(move) for move in change.moves],
        }
        for change in found.changes
    ]
    write_json(
        {
            "on": found.on,
            "known_on": found.known_on,
            "and": found.later,
            "events_of_later_days": found.of_later_days,
            "facts": changes,
        }
    )


def _move(move: Move) -> dict[str, object]:
    return {
        "family": move.family,
        "labels": dict(move.labels),
        "before": None if move.before is None else number(_text(move.before)),
        "after": None if move.after is None else number(_text(move.after)),
    }


def _table(found: Compared, choice: Choice) -> Table:
    made = table("", "received", "how", "fact", "family", "labels", "from>", "to>")
    for change in found.changes:
        moves = [move for move in change.moves if choice.families or move.family not in OF_EVERY_FACT]
        first = [instant(change.received), change.how, f"{change.type} {change.subject}"]
        for move in moves or (None,):
            made.add_row(*first, *(_moved(move) if move else ("",) * 4))
            first = [""] * len(first)
    return made


def _moved(move: Move) -> tuple[str, ...]:
    return move.family, labels_text(move.labels), _text(move.before), _text(move.after)
