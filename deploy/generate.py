"""``daymark generate``: the documents that follow from the code, written anew or only checked.

A further document is a function that returns its text, and a line of ``MAKERS``.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path

from deploy.documents import events, indicators, schemas
from shared.contracts.catalogue import CATALOGUE

ROOT = Path(__file__).resolve().parents[1]
Makers = Mapping[str, Callable[[], str]]

MAKERS: Makers = {
    "docs/events.md": events.page,
    "docs/indicators.md": indicators.page,
    "docs/schemas/README.md": schemas.index,
    **{f"docs/schemas/{schemas.file_name(type)}": partial(schemas.text, type) for type in CATALOGUE},
}
"""What is generated: a file's path from the root of the repository, and what makes its text."""
WHOLLY_GENERATED = ("docs/schemas",)
"""Folders in which nothing else may be."""


def generate(root: Path, *, check: bool, makers: Makers = MAKERS) -> int:
    """Bring the documents up to date and say what changed; with ``check`` touch nothing, and 1 if one would change."""
    changes = dict(_changes(root, makers))
    for path, (what, text) in changes.items():
        sys.stdout.write(f"{what}: {path}\n")
        if not check:
            _put(root / path, text)
    return 1 if check and changes else 0


def _changes(root: Path, makers: Makers) -> Iterator[tuple[str, tuple[str, str | None]]]:
    """By path what is wrong with a file, and the text that it should have; None for one that should not be there."""
    for path, make in makers.items():
        text, file = make(), root / path
        if not file.exists():
            yield path, ("missing", text)
        elif file.read_bytes() != text.encode():
            yield path, ("stale", text)
    for path in _generated(root):
        if path not in makers:
            yield path, ("stray", None)


def _generated(root: Path) -> Iterator[str]:
    for folder in WHOLLY_GENERATED:
        yield from sorted(file.relative_to(root).as_posix() for file in (root / folder).rglob("*") if file.is_file())


def _put(file: Path, text: str | None) -> None:
    if text is None:
        file.unlink()
        return
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(generate(ROOT, check="--check" in sys.argv[1:]))
