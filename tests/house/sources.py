"""The house's files, as its laws read them."""

import ast
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path

HOUSE = Path(__file__).resolve().parents[2]
NOT_OURS = frozenset({"var", "__pycache__"})
HIDDEN_AND_OURS = frozenset({".ci", ".gitignore"})
PRODUCT = ("shared", "services", "deploy")


@dataclass(frozen=True)
class Source:
    """One file: where it is, from the root of the house, and what it says."""

    path: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def is_python(self) -> bool:
        return self.path.endswith(".py") or self.text.startswith("#!/usr/bin/env python")


def files(root: Path) -> Iterator[Path]:
    """Every file that is kept: no environments, caches, local data or refused lines."""
    for entry in sorted(root.iterdir()):
        if entry.name in NOT_OURS or (entry.name.startswith(".") and entry.name not in HIDDEN_AND_OURS):
            continue
        if entry.is_dir():
            yield from files(entry)
        elif not entry.name.endswith((".pyc", ".refused.ndjson")):
            yield entry


@cache
def _all(root: Path) -> tuple[Source, ...]:
    return tuple(_read(root))


def _read(root: Path) -> Iterator[Source]:
    for path in files(root):
        with suppress(UnicodeDecodeError):
            yield Source(path.relative_to(root).as_posix(), path.read_text())


def sources(root: Path, *folders: str) -> list[Source]:
    """The text files under some folders of a house, or under all of it."""
    under = tuple(f"{folder}/" for folder in folders)
    return [source for source in _all(root) if not folders or source.path.startswith(under)]


def python(root: Path, *folders: str) -> list[Source]:
    """The Python among them, the command without an ending included."""
    return [source for source in sources(root, *folders) if source.is_python]


def plant(root: Path, texts: Mapping[str, str]) -> Path:
    """Write files, by their paths, into a house of a test's own."""
    for name, text in texts.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return root
