"""Answers as tables for people, as CSV for spreadsheets and as JSON for programs."""

import csv
import io
import sys
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

import orjson
from rich.console import Console, RenderableType
from rich.table import Table

WIDTH_OF_A_PIPE = 200
"""A pipe has no width of its own: there nothing is to be cut off."""


class Format(StrEnum):
    """How an answer is written."""

    TABLE = "table"
    CSV = "csv"
    JSON = "json"


def write_csv(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A line of names, then a line a row."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows(rows)
    sys.stdout.write(text.getvalue())


def write_json(answer: Mapping[str, Any]) -> None:
    """One object, indented."""
    sys.stdout.write(orjson.dumps(answer, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE).decode())


def write_tables(*parts: RenderableType) -> None:
    """Lines and tables, one after the other."""
    console = Console(
        width=None if sys.stdout.isatty() else WIDTH_OF_A_PIPE, highlight=False, markup=False, emoji=False
    )
    for part in parts:
        console.print(part)


def table(title: str, *columns: str) -> Table:
    """An empty table that cuts nothing off; columns whose name ends in ``>`` hold numbers."""
    made = Table(title=title or None, title_justify="left", title_style="bold")
    for column in columns:
        made.add_column(column.removesuffix(">"), justify="right" if column.endswith(">") else "left", overflow="fold")
    return made


def number(text: str) -> int | float:
    """A figure's text as a number."""
    return int(text) if text.lstrip("-").isdigit() else float(text)


def labels_text(labels: Iterable[tuple[str, str]]) -> str:
    """Labels as ``daymark list`` takes them."""
    return ",".join(f"{name}={value}" for name, value in labels)
