"""Lines of events on their way to the services: read, routed to the owner of their type, put into batches."""

import gzip
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, cast

import msgspec

from shared.contracts.catalogue import CATALOGUE

STDIN = Path("-")
MOST_BATCH_BYTES = 12 * 1024 * 1024
"""Under the 16 MiB that a request may have."""
UNREADABLE_GOES_TO = "referrals"
"""A line whose type cannot be read or is not known is nobody's: it is sent all the same, to be refused with
the exact reason and kept in quarantine, as it would be from any sender."""
UTF8_MARK = b"\xef\xbb\xbf"
UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")
GZIP_MARK = b"\x1f\x8b"


class UnreadableFileError(Exception):
    """A file that is no text of events at all."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file, counted from 1."""

    number: int
    text: bytes


@dataclass(slots=True)
class Batch:
    """Lines for one service, in the order of the file."""

    service: str
    lines: list[Line] = field(default_factory=list)
    size: int = 0

    def add(self, line: Line) -> None:
        self.lines.append(line)
        self.size += len(line.text) + 1

    def body(self) -> bytes:
        """The lines as they go over HTTP."""
        return b"\n".join(line.text for line in self.lines)


class _Typed(msgspec.Struct):
    type: str


_typed = msgspec.json.Decoder(_Typed)


def owner(text: bytes) -> str:
    """The service that owns the type of the event on this line."""
    try:
        known = CATALOGUE.get(_typed.decode(text).type)
    except (msgspec.MsgspecError, ValueError):
        known = None
    return known.service if known else UNREADABLE_GOES_TO


def batches(lines: Iterator[Line], most: int) -> Iterator[Batch]:
    """Lines put together by service, at most so many in one; within a service in their order."""
    open_ones: dict[str, Batch] = {}
    for line in lines:
        service = owner(line.text)
        batch = open_ones.setdefault(service, Batch(service))
        if batch.lines and batch.size + len(line.text) > MOST_BATCH_BYTES:
            yield batch
            batch = open_ones[service] = Batch(service)
        batch.add(line)
        if len(batch.lines) >= most:
            yield open_ones.pop(service)
    yield from open_ones.values()


def read_lines(path: Path, progress: Callable[[int], None]) -> Iterator[Line]:
    """The lines of a file that are not blank; ``progress`` is told how many bytes of the file were read.

    Gzip is known by its first bytes, whatever the name. ``OSError`` or ``UnreadableFileError`` if unreadable.
    """
    with _opened(path) as raw:
        beginning = _peek(raw)
        if beginning.startswith(UTF16_MARKS):
            raise UnreadableFileError(f"{path} is in UTF-16: save it as UTF-8")
        packed = beginning.startswith(GZIP_MARK)
        text = cast("BinaryIO", gzip.GzipFile(fileobj=raw)) if packed else raw
        try:
            yield from _numbered(text, raw, progress)
        except (EOFError, gzip.BadGzipFile) as error:
            raise UnreadableFileError(f"{path} is a damaged gzip file: {error}") from None


def _numbered(text: BinaryIO, raw: BinaryIO, progress: Callable[[int], None]) -> Iterator[Line]:
    done = 0
    for number, line in enumerate(text, 1):
        done += len(line)
        if number % 500 == 0:
            progress(done if text is raw else raw.tell())
        stripped = line.removeprefix(UTF8_MARK).strip() if number == 1 else line.strip()
        if stripped:
            yield Line(number, stripped)
    progress(done if text is raw else raw.tell())


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    if path == STDIN:
        yield sys.stdin.buffer
    else:
        with path.open("rb") as file:
            yield file


def _peek(raw: BinaryIO) -> bytes:
    peek = getattr(raw, "peek", None)
    return bytes(peek(4)[:4]) if peek else b""
