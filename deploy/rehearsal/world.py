"""The rehearsal itself: all events of invented authorities, in the order in which they are recorded."""

import gzip
from collections.abc import Iterable, Iterator
from datetime import date
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import BinaryIO

import orjson

from deploy.rehearsal.allocation import Allocation
from deploy.rehearsal.care import Care
from deploy.rehearsal.casework import Casework
from deploy.rehearsal.frontdoor import FrontDoor
from deploy.rehearsal.quality import Quality
from deploy.rehearsal.recording import Event
from deploy.rehearsal.setting import Setting
from deploy.rehearsal.workforce import Workforce

START = date(2025, 4, 1)
DAYS = 426  # fourteen months


def authority_codes(authorities: int) -> list[str]:
    """The codes of the first so many invented authorities; no real one begins with E99."""
    return [f"E99{number:06}" for number in range(1, authorities + 1)]


def children(number: int, size: float = 1.0) -> int:
    """The children aged 0-17 of the authority of that number, counted from 1."""
    return round(Setting(0, number, START.toordinal(), size).children)


def events(
    *, seed: int, authorities: int = 1, days: int = DAYS, start: date = START, size: float = 1.0
) -> Iterator[Event]:
    """All events recorded up to the last of ``days`` days from ``start``, as CloudEvents by ``recordedtime``.

    What is open at the start began before it, and comes first. Same arguments, same events; a longer
    rehearsal only adds to a shorter one. ``size`` 1 is an authority of 60,000 children aged 0-17.
    """
    for page in islice(pages(seed=seed, authorities=authorities, start=start, size=size), days + 1):
        yield from page


def pages(*, seed: int, authorities: int, start: date, size: float) -> Iterator[list[Event]]:
    """First what was recorded before the start, then without end what each day records."""
    worlds = [_live(Setting(seed, number, start.toordinal(), size)) for number in range(1, authorities + 1)]
    for together in zip(*worlds, strict=True):
        yield (
            together[0] if authorities == 1 else sorted((event for page in together for event in page), key=_recorded)
        )


def write(path: Path, stream: Iterable[Event]) -> int:
    """Write events as NDJSON, gzipped if the name ends in ``.gz``; the same bytes always. Tells how many."""
    with path.open("wb") as file:
        if path.suffix != ".gz":
            return _write(file, stream)
        with gzip.GzipFile(filename="", mode="wb", fileobj=file, compresslevel=6, mtime=0) as packed:
            return _write(packed, stream)


def _write(file: BinaryIO | gzip.GzipFile, stream: Iterable[Event]) -> int:
    lines, count = BytesIO(), 0
    for count, event in enumerate(stream, 1):
        lines.write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))
        if count % 5000 == 0:
            file.write(lines.getvalue())
            lines = BytesIO()
    file.write(lines.getvalue())
    return count


def _recorded(event: Event) -> str:
    return str(event["recordedtime"])


def _live(setting: Setting) -> Iterator[list[Event]]:
    workforce = Workforce(setting)
    allocation = Allocation(setting, workforce)
    casework = Casework(setting, workforce, allocation)
    care = Care(setting, casework, allocation)
    parts = (FrontDoor(setting, casework), care, Quality(setting, casework))
    for day in range(setting.almanac.first, setting.start):
        setting.diary.live(day)
    yield list(setting.recorder.give_out_before(setting.start))
    day = setting.start
    while True:
        setting.diary.live(day)
        workforce.live()
        for part in parts:
            part.live()
        setting.diary.live(day)
        yield setting.recorder.give_out(day)
        day += 1
