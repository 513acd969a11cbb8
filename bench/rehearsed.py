"""Lifelike events without end: a small rehearsal copied, each copy under ids of its own.

Two copies make an authority, so that it has some 20 teams; a million facts lie in some 150 authorities, as in England.
"""

import re
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import zip_longest

import orjson

from deploy.rehearsal.world import events

PATTERNS = 3
"""Rehearsed authorities that are copied: England in small, one under strain, one at ease."""
SIZE = 0.0175
"""Of each: so small that two of them have 20 teams and some 6,700 facts."""
AUTHORITY, COPY, HALF = "\x01", "\x02", "\x03"
"""What stands in a pattern for an authority's code, for three digits of each id, and for the half of an authority."""
ID = re.compile(r'"((?:[cw][0-9a-f]|[A-Z])(?!99))[0-9a-f]{3}([0-9a-f]{4,})"')
"""An id in the rehearsal: of a child or worker, or of a record, whose first three digits are zeros."""
TEAM = re.compile(r'"(team_id|subject)":"([a-z-]+)-(\d)"')


class Pattern:
    """The events of one rehearsed authority, ready to be copied."""

    def __init__(self, number: int, lines: Sequence[str]) -> None:
        self._lines = [_pattern(line, f"E99{number:06}") for line in lines]

    def copy(self, number: int) -> Iterator[bytes]:
        """The events of the copy of that number, in the order in which they were recorded."""
        code, copy, half = authority_of(number), f"{number:03x}", "ew"[number % 2]
        for line in self._lines:
            yield line.replace(AUTHORITY, code).replace(COPY, copy).replace(HALF, half).encode()


def authority_of(copy: int) -> str:
    """The code of the authority that a copy belongs to."""
    return f"E99{copy // 2:06}"


def copies(number: int) -> Iterator[bytes]:
    """The events of so many copies, those of all authorities mixed as they would come."""
    every = [patterns()[copy % PATTERNS].copy(copy) for copy in range(number)]
    for together in zip_longest(*every):
        yield from (event for event in together if event)


@cache
def patterns() -> tuple[Pattern, ...]:
    """The rehearsal that is copied."""
    lines: dict[str, list[str]] = {}
    for event in events(seed=1, authorities=PATTERNS, size=SIZE):
        lines.setdefault(event["authority"], []).append(orjson.dumps(event).decode())
    return tuple(Pattern(number, lines[f"E99{number:06}"]) for number in range(1, PATTERNS + 1))


def _pattern(line: str, code: str) -> str:
    line = ID.sub(rf'"\1{COPY}\2"', line.replace(code, AUTHORITY))
    line = line.replace(f"{AUTHORITY}-000", f"{AUTHORITY}-{COPY}")
    return TEAM.sub(rf'"\1":"\2-{HALF}\3"', line)
