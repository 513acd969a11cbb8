"""The law of documents: they name only what is there, and their commands can be given."""

import re
import shlex
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path
from typing import Any

from typer import BadParameter
from typer.core import TyperGroup

from tests.house.sources import Source

FENCED = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
INDENTED = re.compile(r"^ {4}(\./daymark .*)$", re.MULTILINE)
CODE = re.compile(r"`([^`\n]+)`")
LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)[^)]*\)")
A_PATH = re.compile(r"(?:\.?[\w-]+/)+(?:[\w-]+\.(?:py|sql|md|toml|csv|svg|prom|txt))?")
A_NAME = re.compile(r"[A-Za-z_]\w*(?:\.\w+)*")
AN_EVENT_TYPE = re.compile(r"\bcsc\.\w+\.\w+\b")
USAGE_ERROR: Any = BadParameter.__base__
A_FAMILY = re.compile(r"\bcsc_\w+\b")


def blocks(text: str, language: str) -> list[str]:
    """The fenced blocks in one language."""
    return [body for named, body in FENCED.findall(text) if named == language]


def prose(text: str) -> str:
    """All but the examples in Python."""
    return FENCED.sub(lambda block: "" if block[1] == "python" else block[0], text)


def commands(text: str) -> list[str]:
    """Every ``./daymark …`` that a reader may copy."""
    fenced = "\n".join(blocks(text, "sh") + blocks(text, "")).replace("\\\n", " ")
    return [line for line in fenced.splitlines() if line.startswith("./daymark ")] + INDENTED.findall(text)


def unknown_commands(documents: Iterable[Source], app: Any) -> list[str]:
    """Commands that the command line does not take as they are written."""
    return [
        f"{document.path}: {line}: {why}"
        for document in documents
        for line in commands(document.text)
        if (why := _refusal(app, shlex.split(line, comments=True)[1:]))
    ]


def _refusal(command: Any, words: list[str]) -> str | None:
    """Why these words cannot be given; nothing is run."""
    try:
        while isinstance(command, TyperGroup):
            context = command.make_context("daymark", words)
            _, command, words = command.resolve_command(context, [*context._protected_args, *context.args])
        command.make_context("daymark", words)
    except USAGE_ERROR as error:
        return str(error.format_message())
    return None


def dead_links(documents: Iterable[Source], root: Path) -> list[str]:
    """Links to files, and names of files in code letters, that lead nowhere."""
    return [
        f"{document.path}: {target}"
        for document in documents
        for target, base in _targets(document, root)
        if not (base / target).exists()
    ]


def _targets(document: Source, root: Path) -> Iterator[tuple[str, Path]]:
    here = (root / document.path).parent
    yield from ((link, here) for link in LINK.findall(document.text) if "://" not in link)
    yield from ((code, root) for code in CODE.findall(document.text) if A_PATH.fullmatch(code))


def unknown_names(documents: Iterable[Source], known: str, types: Collection[str]) -> list[str]:
    """Metric families and event types that the product does not have."""
    lines = []
    for document in documents:
        text = prose(document.text)
        names = {name for name in A_FAMILY.findall(text) if f'"{name.removesuffix("_total")}"' not in known}
        names |= {name for name in AN_EVENT_TYPE.findall(text) if name not in types}
        lines += [f"{document.path}: {name}" for name in sorted(names)]
    return lines


def terms_not_in_use(glossary: str, known: str) -> list[str]:
    """Names in a glossary's code letters that no code has."""
    return [
        name
        for name in CODE.findall(glossary)
        if A_NAME.fullmatch(name) and not re.search(rf"\b{re.escape(name.rpartition('.')[2])}\b", known)
    ]
