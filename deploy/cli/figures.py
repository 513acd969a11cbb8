"""``daymark figures``: the figures of the end of any day, as they were known at the end of any day since."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import NamedTuple

from rich.table import Table

from deploy.cli.answers import Format, labels_text, number, table, write_csv, write_json, write_tables
from deploy.cli.asking import Question, ask, newest, warn_unreadable
from deploy.local.up import UsageError
from services.metrics.questions.readings import Choice, Reading, counted_families, other_families, readings
from services.metrics.questions.replay import Replay
from shared.domain.london import last_instant

OWNERS = ("authority", "team", "source")


@dataclass(frozen=True, slots=True)
class Figures:
    """An answer."""

    on: str
    as_of: str
    """The instant of the figures."""
    known_on: str
    """``""``: all that was known when it was asked."""
    last_received: str
    """When the last event in the figures was received; ``""`` where there is none."""
    events: int
    """Known by then, those of later days included."""
    readings: Sequence[Reading]

    def heading(self) -> str:
        """Of when, and as known when."""
        known = f"at the end of {self.known_on}" if self.known_on else "now"
        heading = f"Figures of the end of {self.on}, as known {known}.\n"
        if not self.last_received:
            return heading + "Nothing had been received by then."
        return f"{heading}Events known: {self.events:,}, the last received {self.last_received}."


def run(question: Question, choice: Choice, form: Format, zeros: bool) -> None:
    """Answer on standard output; a table leaves series out that are 0, unless asked for them."""
    found = figures(question, choice)
    if form is Format.CSV:
        _write_csv(found)
    elif form is Format.JSON:
        _write_json(found)
    else:
        write_tables(found.heading(), *_tables(found, zeros))


def figures(question: Question, choice: Choice) -> Figures:
    """The wanted series (``UsageError`` at what cannot be asked)."""
    check(choice)
    day = question.day()
    parts = ask(question.place, question.extent(), lambda: Replay(day), lambda replay: _part(replay, choice))
    warn_unreadable(sum(part.unreadable for part in parts))
    return Figures(
        on=str(day.on),
        as_of=last_instant(day.on).isoformat(),
        known_on=question.known_on,
        last_received=newest(*[part.newest for part in parts]),
        events=sum(part.taken for part in parts),
        readings=_together([part.readings for part in parts]),
    )


class _Part(NamedTuple):
    """What one partition comes to; the casebook behind it is let go."""

    readings: list[Reading]
    taken: int
    unreadable: int
    newest: int | None


def _part(replay: Replay, choice: Choice) -> _Part:
    return _Part(readings(replay.snapshot(), choice), replay.taken, replay.unreadable, replay.newest)


def check(choice: Choice) -> None:
    """``UsageError`` at a family that there is not."""
    for family in choice.families:
        if family not in counted_families() and family not in other_families():
            raise UsageError(f"there is no family {family}: docs/indicators.md names them all")


def _together(parts: Sequence[Sequence[Reading]]) -> list[Reading]:
    """Family by family, authority by authority; what says the same of the whole in every part is said once."""
    order = {family: rank for rank, family in enumerate((*counted_families(), *sorted(other_families())))}
    found = dict.fromkeys(reading for part in parts for reading in part)
    return sorted(found, key=lambda reading: (order[reading.family], dict(reading.labels).get("authority", "")))


def _write_csv(found: Figures) -> None:
    rows = [
        (
            found.on,
            found.known_on,
            found.last_received,
            reading.family,
            *_owner(reading),
            _closed(reading),
            reading.value,
        )
        for reading in found.readings
    ]
    write_csv(("on", "known_on", "last_received", "family", *OWNERS, "labels", "value"), rows)


def _write_json(found: Figures) -> None:
    write_json(
        {
            "on": found.on,
            "as_of": found.as_of,
            "known_on": found.known_on or None,
            "last_received": found.last_received or None,
            "events": found.events,
            "figures": [
                {"family": reading.family, "labels": dict(reading.labels), "value": number(reading.value)}
                for reading in found.readings
            ],
        }
    )


def _tables(found: Figures, zeros: bool) -> list[Table]:
    shown = [reading for reading in found.readings if zeros or reading.value != "0"]
    tables = []
    for family, rows in groupby(shown, key=lambda reading: reading.family):
        made = table(family, *OWNERS, "labels", "value>")
        for reading in rows:
            made.add_row(*_owner(reading), _closed(reading), reading.value)
        tables.append(made)
    return tables


def _owner(reading: Reading) -> list[str]:
    labels = dict(reading.labels)
    return [labels.get(name, "") for name in OWNERS]


def _closed(reading: Reading) -> str:
    return labels_text([(name, value) for name, value in reading.labels if name not in OWNERS])
