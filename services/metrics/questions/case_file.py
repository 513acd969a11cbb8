"""The file of one record: every event that can touch its clocks, found in the producers' journals.

An authority lies in one partition, and only events that name the record, or the child or worker whom it is about, come
out of the database. The journals are the truth, so that a file may be ahead of the figures by the events that are on
their way.
"""

from collections.abc import Collection, Iterable, Iterator
from typing import Any

from services.metrics.casebook import STARTS_OF_STAFF, Kind
from services.metrics.fact import CANNOT_BE_FOLDED, Event, decode, fact_of
from services.metrics.questions.explanation import Question
from services.metrics.questions.provenance import Received
from shared.contracts.streams import STREAMS, partition_of
from shared.runtime import journal

A_SECOND_IN_MICROSECONDS = 1_000_000
NAMED_BY = {Kind.CHILD: "child_id", Kind.WORKER: "worker_id"}
"""The field that names whom a unit of figures is about."""
_REFERRAL, _ALLOCATION, _STAFFING = STREAMS
STREAMS_OF = {
    Kind.CHILD: (_REFERRAL, _ALLOCATION),
    Kind.WORKER: (_ALLOCATION, _STAFFING),
    Kind.RECORD: STREAMS,
}
"""Where the facts of such units travel."""


async def file_of(connection: journal.Connection, question: Question) -> list[Received]:
    """All events about whomever the question's record is about, as known when the question says.

    Raises ``asyncpg.PostgresError`` or ``OSError`` where the store is away.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        search = _Search(connection, question)
        await search.add_naming({question.subject})
        await search.add_naming(set(_people(search.file, question)))
        await search.add_naming(_spells(search.file, question))
        return search.file


class _Search:
    """The journals as they are at one moment, and what was found in them so far."""

    def __init__(self, connection: journal.Connection, question: Question) -> None:
        self._connection = connection
        self._question = question
        self._asked: set[str] = set()
        self._found: dict[tuple[str, str], Received] = {}

    @property
    def file(self) -> list[Received]:
        """The events found, each once."""
        return list(self._found.values())

    async def add_naming(self, ids: Collection[str]) -> None:
        """Find the authority's events in which one of these is the subject or named by a field."""
        ids = set(ids) - self._asked
        self._asked |= ids
        for place in await self._places() if ids else ():
            for received, document in await self._mentions(place, ids):
                event = _readable(document)
                if event and event.authority == self._question.authority and _names(event, ids):
                    self._found[event.source, event.id] = Received(event, received / A_SECOND_IN_MICROSECONDS)

    async def _places(self) -> list[journal.Place]:
        """Where events of the authority can lie that touch the clock, of those that there are."""
        heads = await journal.read_heads(self._connection)
        partition, streams = partition_of(self._question.authority), STREAMS_OF[self._question.clock.kind]
        return [place for place in sorted(heads) if place[0] in streams and place[1] == partition]

    async def _mentions(self, place: journal.Place, ids: Collection[str]) -> list[tuple[int, str]]:
        return await journal.read_mentions(self._connection, place, sorted(ids), self._question.known_until)


def _readable(document: str) -> Event | None:
    """The event; None where it is one that the figures have set aside."""
    try:
        event = decode(document)
        fact_of(event)
    except CANNOT_BE_FOLDED:
        return None
    return event


def _names(event: Event, ids: Collection[str]) -> bool:
    return event.subject in ids or any(_is_one_of(value, ids) for value in event.payload.values())


def _is_one_of(value: Any, ids: Collection[str]) -> bool:
    return isinstance(value, str) and value in ids


def _people(file: Iterable[Received], question: Question) -> Iterator[str]:
    """The children or workers, as the clock is one of these, whom the events tell of."""
    field = NAMED_BY.get(question.clock.kind)
    for event, _ in file:
        named = event.payload.get(field) if field else None
        if isinstance(named, str):
            yield named


def _spells(file: Iterable[Received], question: Question) -> set[str]:
    """Employments and absences: their ends name no worker."""
    if question.clock.kind is not Kind.WORKER:
        return set()
    return {event.subject for event, _ in file if event.type in STARTS_OF_STAFF}
