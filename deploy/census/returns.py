"""A whole return, file in and events out."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from datetime import datetime, time
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from deploy.census.children import read_episode
from deploy.census.errors import CensusError
from deploy.census.facts import Fact, facts_of
from deploy.census.header import Header, read_header
from deploy.census.markup import Record, records
from deploy.census.values import LeftOut
from shared.contracts.payloads import Id
from shared.domain.london import LONDON

__all__ = ["CensusError", "LeftOut", "Return", "events"]

SHORTEST_KEY = 16
LONGEST_ID = 64
_ID: TypeAdapter[str] = TypeAdapter(Id)


class Return:
    """A Children in Need census return as events; iterate over it, again if need be.

    `authority` is the GSS code that the events are for. With a `pseudonym_key` (16 bytes or more, else
    `ValueError`) a child_id is the first 32 hexadecimal digits of HMAC-SHA256(key, LAchildID in UTF-8), and
    without one the LAchildID as it is. Iteration raises :class:`CensusError` at what makes the file
    no return that can be read; a single bad value only leaves out what rests on it.
    """

    def __init__(self, path: Path, authority: str, pseudonym_key: bytes | None = None) -> None:
        if pseudonym_key is not None and len(pseudonym_key) < SHORTEST_KEY:
            raise ValueError(f"a pseudonym key has {SHORTEST_KEY} bytes or more")
        self.path = path
        self.authority = authority
        self.children = 0
        """Children read in the iteration so far."""
        self.left_out = LeftOut()
        """What the iteration so far could not use, and why."""
        self._key = pseudonym_key

    def __iter__(self) -> Iterator[dict[str, Any]]:
        self.children, self.left_out = 0, LeftOut()
        try:
            yield from self._read()
        except CensusError as error:
            error.file = error.file or str(self.path)
            raise

    def _read(self) -> Iterator[dict[str, Any]]:
        header: Header | None = None
        seen: set[str] = set()
        for record in records(self.path):
            if record.name == "Header":
                header = read_header(record, self.authority)
            elif header is None:
                raise CensusError("has no Header before its children", "Export it again, whole", record.line)
            else:
                yield from self._child(record, header, seen)
        self._check_end(header)

    def _check_end(self, header: Header | None) -> None:
        if header is None:
            raise CensusError("has no Header", "Export it again, header included")
        if not self.children and not self.left_out:
            raise CensusError("has no Child", "Export it again: the return is empty")

    def _child(self, record: Record, header: Header, seen: set[str]) -> Iterator[dict[str, Any]]:
        child_id = self._child_id(record)
        if child_id is None or child_id in seen:
            reason = "the same child again" if child_id else "missing, or not an id that is carried"
            self.left_out.note("LAchildID", reason, record.line)
            return
        seen.add(child_id)
        self.children += 1
        episodes = [read_episode(part, self.left_out) for part in record.all("CINdetails")]
        for fact in facts_of(child_id, episodes):
            yield _event(fact, child_id, self.authority, header.version)

    def _child_id(self, record: Record) -> str | None:
        written = next((part.value("LAchildID") for part in record.all("ChildIdentifiers")), "")
        if self._key is not None and 0 < len(written) <= LONGEST_ID:
            return hmac.new(self._key, written.encode(), hashlib.sha256).hexdigest()[:32]
        try:
            return _ID.validate_python(written)
        except ValidationError:
            return None


def events(path: Path, authority: str) -> Iterator[dict[str, Any]]:
    """The events of the return at `path`, as :class:`Return` without its account of what was left out."""
    return iter(Return(path, authority))


def _event(fact: Fact, child_id: str, authority: str, version: int) -> dict[str, Any]:
    event = {
        "specversion": "1.0",
        "source": f"/{authority}/cin-census",
        "type": fact.type,
        "subject": fact.subject,
        "time": datetime.combine(fact.day, time.min, LONDON).isoformat(),
        "authority": authority,
        "recordversion": version,
        "data": {"child_id": child_id, **fact.data},
    }
    return {**event, "id": _digest(event)}


def _digest(event: dict[str, Any]) -> str:
    """An id that two events share exactly if they say the same."""
    text = json.dumps(event, sort_keys=True, separators=(",", ":"))
    return hashlib.blake2b(text.encode(), digest_size=16).hexdigest()
