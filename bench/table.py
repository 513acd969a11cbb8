"""A row of the benchmark's tables, and the tables as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """What was measured, what came out, and what that is to be compared with."""

    what: str
    measured: str
    compared: str


def markdown(heads: Sequence[str], rows: Sequence[Row]) -> str:
    """A table in Markdown."""
    return grid(heads, [(row.what, row.measured, row.compared) for row in rows])


def grid(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of any number of columns, in Markdown."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)
