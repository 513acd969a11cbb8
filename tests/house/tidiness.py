"""The laws of tidiness: short functions, telling names, a sentence for each module, nothing left lying about."""

import ast
import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tests.house.sources import Source

HALF_UNDER, NINE_IN_TEN_UNDER, ALL_UNDER = 7, 25, 60
"""Lines of a function's body, its docstring not counted."""
VAGUE = frozenset({"utils", "util", "helpers", "helper", "common", "base", "models", "misc", "stuff"})
LEFT_OVER = re.compile("|".join(rf"\b{word}\b" for word in ("TO" + "DO", "FIX" + "ME", "X" * 3)))
A_PLACE_ON_ONE_MACHINE = re.compile(r"(?<![\w.}/])/(?:work|root|home|Users|mnt)/\w")
OFF_THE_POINT = re.compile(
    codecs.decode(r"\o(?:pyn" r"hqr|pun" r"gtcg|pbcv" r"ybg|bcra" r"nv|nagu" r"ebcvp|yyz|ynathntr zbqry)f?\o", "rot13"),
    re.IGNORECASE,
)
"""The repository speaks of children's services, not of how it was typed. (Spelled so as not to find itself.)"""


@dataclass(frozen=True)
class Function:
    """A function of the product, and the lines of its body."""

    where: str
    lines: int


def functions(sources: Iterable[Source]) -> list[Function]:
    """Every function, methods and inner ones too."""
    return [
        Function(f"{source.path}:{node.lineno} {node.name}", _lines(node))
        for source in sources
        for node in ast.walk(source.tree)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def _lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return (body[-1].end_lineno or 0) - body[0].lineno + 1 if body else 0


def too_long(found: Sequence[Function]) -> list[str]:
    """What is wrong with the lengths of functions, taken together and one by one."""
    lines = [f"{each.where}: {each.lines} lines" for each in found if each.lines >= ALL_UNDER]
    for share, limit in ((0.5, HALF_UNDER), (0.9, NINE_IN_TEN_UNDER)):
        under = sum(each.lines < limit for each in found)
        if under < share * len(found):
            lines.append(f"only {under} of {len(found)} functions are under {limit} lines, not {share:.0%}")
    return lines


def vague_names(paths: Iterable[str]) -> list[str]:
    """Files and folders whose names say nothing."""
    return [path for path in paths if VAGUE & {PurePosixPath(part).stem for part in PurePosixPath(path).parts}]


def without_a_sentence(sources: Iterable[Source]) -> list[str]:
    """Modules that do not say what they are for; a test's name says whose test it is."""
    return [
        source.path
        for source in sources
        if not PurePosixPath(source.path).name.startswith("test_") and not ast.get_docstring(source.tree)
    ]


def stray_words(sources: Iterable[Source]) -> list[str]:
    """Lines with what was left for later, with paths of one machine, or that are off the point."""
    return [
        f"{source.path}:{number}: {found}" for source in sources for number, found in _strays(source.text.splitlines())
    ]


def _strays(lines: Iterable[str]) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(lines, 1):
        for pattern in (LEFT_OVER, A_PLACE_ON_ONE_MACHINE, OFF_THE_POINT):
            if match := pattern.search(line):
                yield number, match[0]


def addresses(lock: str) -> list[str]:
    """Lines of the lock that name a place to download from: where from is up to whoever installs."""
    return [line for line in lock.splitlines() if "://" in line or "-index" in line or "--find-links" in line]


def unhashed(lock: str) -> list[str]:
    """Pinned packages without a hash, and packages that are not pinned."""
    entries = re.split(r"\n(?=\S)", lock.replace("\\\n", " "))
    return [
        entry.split()[0]
        for entry in entries
        if entry[:1].isalnum() and ("==" not in entry.split(";")[0] or "--hash=sha256:" not in entry)
    ]


def beyond_the_standard_library(sources: Iterable[Source], own: str, known: frozenset[str]) -> list[str]:
    """Imports of anything but the standard library and one's own package."""
    return [
        f"{source.path}:{line}: {name}"
        for source in sources
        for line, name in sorted(_imports(source.tree))
        if name.split(".")[0] not in known and not f"{name}.".startswith(f"{own}.")
    ]


def _imports(tree: ast.Module) -> Iterator[tuple[int, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "." * node.level + (node.module or "")
