"""Record ids for a return that has none: from the child, the kind of record and its own date.

Two records of one kind and date, for one child, are twins: a number tells them apart. The return of the next
year still has the one that lasted longer and may have lost the other, so the longer-lasting one is number 0:
it keeps its id in the years in which it is alone.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Dated(Generic[T]):
    """A record of a child with what ranks it among its twins."""

    start: date
    until: date
    """When the record itself ended; `date.max` while it has not."""
    closed: date
    """When its episode was closed; `date.max` while it is open."""
    parent: str
    """The record id that it hangs on, or an empty text."""
    record: T


def identified(child_id: str, kind: str, dated: Iterable[Dated[T]]) -> Iterator[tuple[str, Dated[T]]]:
    """Each with its record id; whatever order they come in, the same records get the same ids."""
    twins: Counter[date] = Counter()
    for item in sorted(dated, key=_rank):
        yield record_id(child_id, kind, item.start, twins[item.start]), item
        twins[item.start] += 1


def record_id(child_id: str, kind: str, day: date, number: int) -> str:
    """36 characters that say nothing of the child."""
    text = json.dumps([child_id, kind, day.isoformat(), number])
    return "cin-" + hashlib.blake2b(text.encode(), digest_size=16).hexdigest()


def _rank(item: Dated[T]) -> tuple[date, int, int, str, str]:
    return item.start, -item.until.toordinal(), -item.closed.toordinal(), item.parent, repr(item.record)
