"""``daymark list``: the records behind a number. Their ids are pseudonyms; they are shown to whoever asks, and never
logged.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from rich.table import Table

from deploy.cli.answers import Format, labels_text, number, table, write_csv, write_json, write_tables
from deploy.cli.asking import Question, ask, newest, warn_unreadable
from deploy.local.up import UsageError
from services.metrics.exposition import number_text
from services.metrics.measurement import Owner
from services.metrics.questions.listing import Line, NoListError, Wanted, listing, wanted
from services.metrics.questions.readings import labels_of
from services.metrics.questions.replay import Replay
from services.metrics.tally import Number

ABOUT = ("authority", "owner", "kind", "unit", "record", "adds", "started", "stopped", "due")


@dataclass(frozen=True, slots=True)
class Listed:
    """An answer."""

    on: str
    known_on: str
    last_received: str
    wanted: Wanted
    numbers: Mapping[Owner, Number]
    lines: Sequence[Line]

    def heading(self) -> Iterator[str]:
        """The numbers, and of when and as known when they are."""
        known = f"at the end of {self.known_on}" if self.known_on else "now"
        last = f"the last event received {self.last_received}" if self.last_received else "no event received by then"
        yield f"Of the end of {self.on}, as known {known}, {last}:"
        shown = {owner: value for owner, value in self.numbers.items() if value or len(self.numbers) == 1}
        for owner, value in shown.items():
            yield f"{self._series(owner)} {number_text(value)}"
        if self.numbers.keys() - shown.keys():
            yield f"{self._name} 0 for {len(self.numbers) - len(shown):,} others"
        if not self.numbers:
            yield f"{self._name} has no number there: nothing that it needs has come."
        elif self.wanted.largest:
            yield "The number is the largest of what the records add, not the sum."

    def _series(self, owner: Owner) -> str:
        return f"{self._name} {labels_text((*labels_of(owner), *self.wanted.series.closed))}"

    @property
    def _name(self) -> str:
        return self.wanted.series.family


def run(question: Question, family: str, labels: Sequence[str], form: Format) -> None:
    """Answer on standard output."""
    found = list_(question, family, labels)
    if form is Format.CSV:
        write_csv(("on", "known_on", "family", *ABOUT), [_row(found, line) for line in found.lines])
    elif form is Format.JSON:
        _write_json(found)
    else:
        write_tables(*found.heading(), *([_table(found)] if found.lines else []))


def list_(question: Question, family: str, labels: Sequence[str]) -> Listed:
    """The records behind a number (``UsageError`` where there is none such)."""
    number = _wanted(family, parse_labels(labels))
    day = question.day()
    parts = ask(question.place, question.extent(), lambda: Replay(day), lambda replay: _part(replay, number))
    warn_unreadable(sum(part.unreadable for part in parts))
    return Listed(
        on=str(day.on),
        known_on=question.known_on,
        last_received=newest(*[part.newest for part in parts]),
        wanted=number,
        numbers=dict(sorted(one for part in parts for one in part.numbers.items())),
        lines=sorted((line for part in parts for line in part.lines), key=lambda line: line.authority),
    )


class _Part(NamedTuple):
    numbers: Mapping[Owner, Number]
    lines: list[Line]
    unreadable: int
    newest: int | None


def _part(replay: Replay, number: Wanted) -> _Part:
    listed = listing(replay, number)
    return _Part(listed.numbers, listed.lines, replay.unreadable, replay.newest)


def parse_labels(texts: Sequence[str]) -> dict[str, str]:
    """``clock=assessment,team=north`` as labels (``UsageError`` where it is not so written)."""
    pairs = [pair.partition("=") for text in texts for pair in text.split(",") if pair]
    if any(not equals or not name for name, equals, _ in pairs):
        raise UsageError(f"--labels {','.join(texts)}: expected name=value,name=value")
    labels = {name.strip(): value.strip() for name, _, value in pairs}
    if "authority" in labels:
        raise UsageError("name the authority with --authority")
    return labels


def _wanted(family: str, labels: Mapping[str, str]) -> Wanted:
    try:
        return wanted(family, labels)
    except NoListError as error:
        raise UsageError(str(error)) from None


def _row(found: Listed, line: Line) -> tuple[object, ...]:
    return found.on, found.known_on, found.wanted.series.family, *_cells(line)


def _cells(line: Line) -> list[str]:
    return [*line[:5], number_text(line.adds), *line[6:]]


def _write_json(found: Listed) -> None:
    write_json(
        {
            "on": found.on,
            "known_on": found.known_on or None,
            "last_received": found.last_received or None,
            "family": found.wanted.series.family,
            "labels": dict(found.wanted.series.closed),
            "adds_up_by": "largest" if found.wanted.largest else "sum",
            "numbers": [
                {"labels": dict(labels_of(owner)), "value": number(number_text(value))}
                for owner, value in found.numbers.items()
            ],
            "records": [_record(line) for line in found.lines],
        }
    )


def _record(line: Line) -> dict[str, Any]:
    return {name: text or None for name, text in zip(ABOUT, _cells(line), strict=True)} | {
        "adds": number(number_text(line.adds))
    }


def _table(found: Listed) -> Table:
    timed = any(line.started for line in found.lines)
    columns = ("authority", found.wanted.strand.per or "owner", "kind", "unit", "record", "adds>")
    made = table("", *columns, *(("started", "stopped", "due") if timed else ()))
    for line in found.lines:
        cells = _cells(line)
        made.add_row(*(cells if timed else cells[:6]))
    return made
