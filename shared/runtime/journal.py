"""A service's journal: the truth about what it has taken in.

One append is one transaction: it decides what is new, what is a duplicate and what reuses an id, gives the new events
the next positions of their partitions, keeps what was refused, and counts. Nothing else decides anything.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from operator import itemgetter
from pathlib import Path
from typing import Any

import asyncpg

from shared.contracts.admission import Admitted, Reason, Refusal, Scope
from shared.contracts.streams import PRODUCERS

MIGRATIONS = Path(__file__).parent / "migrations" / "producer"
SERVICES = tuple(dict.fromkeys(PRODUCERS.values()))

JOURNAL_COLUMNS = ("stream", "partition", "position", "key", "content", "received_at", "event")

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
Place = tuple[str, int]
"""Stream and partition."""

REUSED = "this id was used before by the same source for another content; a correction needs an id of its own"


@dataclass(frozen=True, slots=True)
class Refused:
    """An event that was refused, as it came."""

    refusal: Refusal
    document: bytes


@dataclass(frozen=True, slots=True)
class Submission:
    """What one request asks to have stored."""

    sender: str
    scope: Scope
    received_at: datetime
    judged: Sequence[Admitted | Refused]
    """In the order in which they were sent."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one request."""

    accepted: int
    duplicate: int
    refused: Sequence[tuple[int, Refusal]]
    """With the position of each in the request."""


class _Ledger:
    """Judges submissions against what is known, in order; what is new becomes known at once."""

    def __init__(self, known: dict[bytes, bytes], heads: dict[Place, int]) -> None:
        self._known = known
        self.heads = heads
        self.rows: list[tuple[str, int, int, bytes, bytes, datetime, str]] = []
        self.counts: Counter[tuple[str, str, str, str]] = Counter()
        self.quarantined: list[tuple[Submission, Refused]] = []

    def enter(self, submission: Submission) -> Receipt:
        accepted = duplicate = 0
        refused: list[tuple[int, Refusal]] = []
        for index, one in enumerate(submission.judged):
            if isinstance(one, Refused):
                refused.append((index, self._refuse(submission, one)))
            elif (content := self._known.get(one.key)) is None:
                self._accept(submission, one)
                accepted += 1
            elif content == one.content:
                self.counts[one.authority, one.source, one.type, "duplicate"] += 1
                duplicate += 1
            else:
                refused.append((index, self._refuse(submission, _reused(one))))
        return Receipt(accepted, duplicate, refused)

    def _accept(self, submission: Submission, one: Admitted) -> None:
        place = (one.stream, one.partition)
        self._known[one.key] = one.content
        self.heads[place] += 1
        self.rows.append((*place, self.heads[place], one.key, one.content, submission.received_at, one.event))
        self.counts[one.authority, one.source, one.type, "accepted"] += 1

    def _refuse(self, submission: Submission, refused: Refused) -> Refusal:
        refusal = refused.refusal
        self.counts[(*_whose(refusal, submission.scope), refusal.type or "", "refused")] += 1
        self.quarantined.append((submission, refused))
        return refusal


def _whose(refusal: Refusal, scope: Scope) -> tuple[str, str]:
    """Authority and source, where the key speaks for them: nobody's mistakes are counted as another's."""
    authority, source = refusal.authority or "", refusal.source or ""
    return (authority, source) if authority and source and scope.covers(authority, source) else ("", "")


def _reused(one: Admitted) -> Refused:
    refusal = Refusal(Reason.ID_REUSED, REUSED, one.id, one.authority, one.source, one.type)
    return Refused(refusal, one.event.encode())


async def append(connection: Connection, submissions: Sequence[Submission]) -> list[Receipt]:
    """Store submissions in one transaction; when this returns they are durable.

    Raises ``asyncpg.UniqueViolationError`` where an event came to another partition at the same moment, and
    ``asyncpg.TransactionRollbackError`` where two appends waited for each other: try again.
    """
    admitted = [one for submission in submissions for one in submission.judged if isinstance(one, Admitted)]
    async with connection.transaction():
        heads = await _lock_heads(connection, {(one.stream, one.partition) for one in admitted})
        before = dict(heads)
        ledger = _Ledger(await _known(connection, [one.key for one in admitted]), heads)
        receipts = [ledger.enter(submission) for submission in submissions]
        await _insert(connection, ledger, before)
    return receipts


async def _lock_heads(connection: Connection, places: Iterable[Place]) -> dict[Place, int]:
    """The positions given out so far; no one else appends to these partitions until the transaction ends."""
    wanted = sorted(places)
    if not wanted:
        return {}
    streams, partitions = zip(*wanted, strict=True)
    rows = await connection.fetch(
        """
        INSERT INTO journal_head (stream, partition)
        SELECT * FROM unnest($1::text[], $2::smallint[]) AS wanted (stream, partition) ORDER BY 1, 2
        ON CONFLICT (stream, partition) DO UPDATE SET position = journal_head.position
        RETURNING stream, partition, position
        """,
        streams,
        partitions,
    )
    return {(row["stream"], row["partition"]): row["position"] for row in rows}


async def _known(connection: Connection, keys: Sequence[bytes]) -> dict[bytes, bytes]:
    if not keys:
        return {}
    rows = await connection.fetch("SELECT key, content FROM journal WHERE key = ANY($1::bytea[])", keys)
    return {row["key"]: row["content"] for row in rows}


async def _insert(connection: Connection, ledger: _Ledger, before: dict[Place, int]) -> None:
    if ledger.rows:
        await connection.copy_records_to_table("journal", records=ledger.rows, columns=JOURNAL_COLUMNS)
        moved = [(*place, head) for place, head in sorted(ledger.heads.items()) if head > before[place]]
        await connection.executemany(
            "UPDATE journal_head SET position = $3 WHERE stream = $1 AND partition = $2", moved
        )
    await _quarantine(connection, ledger.quarantined)
    await _count(connection, ledger.counts)


async def _quarantine(connection: Connection, refused: Sequence[tuple[Submission, Refused]]) -> None:
    await connection.executemany(
        """
        INSERT INTO quarantine
            (digest, sender, authority, source, type, event_id, reason, detail, document, first_at, last_at)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
        ON CONFLICT (digest) DO UPDATE SET times = quarantine.times + 1, last_at = EXCLUDED.last_at
        """,
        sorted((_quarantine_row(submission, one) for submission, one in refused), key=itemgetter(0)),
    )


def _quarantine_row(submission: Submission, one: Refused) -> tuple[Any, ...]:
    refusal = one.refusal
    digest = blake2b(f"{submission.sender}\0{refusal.reason}\0".encode() + one.document, digest_size=16).digest()
    about = (refusal.authority, refusal.source, refusal.type, refusal.id)
    return (
        digest,
        submission.sender,
        *about,
        refusal.reason.value,
        refusal.detail,
        one.document,
        submission.received_at,
    )


async def _count(connection: Connection, counts: Counter[tuple[str, str, str, str]]) -> None:
    """In one order everywhere, so that two appends never wait for each other."""
    rows = sorted((_labels_key(labels), *labels, events) for labels, events in counts.items())
    if rows:
        await connection.execute(
            """
            INSERT INTO intake_count (key, authority, source, type, result, events)
            SELECT * FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::bigint[])
            ON CONFLICT (key) DO UPDATE SET events = intake_count.events + EXCLUDED.events
            """,
            *zip(*rows, strict=True),
        )


def _labels_key(labels: tuple[str, ...]) -> bytes:
    return blake2b("\0".join(labels).encode(), digest_size=16).digest()


async def read_journal(
    connection: Connection, service: str, stream: str, partition: int, after: int, limit: int
) -> list[tuple[int, int, str]]:
    """Position, microseconds of receipt since the Unix epoch and event, in order, of those after a position."""
    rows = await connection.fetch(
        f"""
        SELECT position, (extract(epoch FROM received_at) * 1000000)::bigint AS received, event
        FROM {_schema(service)}.journal
        WHERE stream = $1 AND partition = $2 AND position > $3
        ORDER BY position LIMIT $4
        """,  # noqa: S608  # the schema is one of two names of our own
        stream,
        partition,
        after,
        limit,
    )
    return [(row["position"], row["received"], row["event"]) for row in rows]


async def read_mentions(
    connection: Connection, place: Place, words: Sequence[str], until: datetime | None = None
) -> list[tuple[int, str]]:
    """Microseconds of receipt since the Unix epoch and event, in order, of those in which one of the words is a text.

    ``until`` is the last instant of receipt; None for all. The words are of characters that JSON does not escape. A
    word may be the name or the content of any field: whoever asks reads the event.
    """
    rows = await connection.fetch(
        f"""
        SELECT (extract(epoch FROM received_at) * 1000000)::bigint AS received, event
        FROM {_schema(PRODUCERS[place[0]])}.journal
        WHERE stream = $1 AND partition = $2 AND received_at <= coalesce($4::timestamptz, 'infinity')
          AND EXISTS (SELECT FROM unnest($3::text[]) AS word WHERE strpos(event, word) > 0)
        ORDER BY position
        """,  # noqa: S608  # as above
        *place,
        [f'"{word}"' for word in words],
        until,
    )
    return [(row["received"], row["event"]) for row in rows]


async def read_identity(connection: Connection, service: str) -> str | None:
    """What marks a journal's entries on the bus as its own; None while the service has no journal."""
    if not await _present(connection, (service,)):
        return None
    identity: str = await connection.fetchval(f"SELECT id FROM {_schema(service)}.journal_identity")  # noqa: S608  # as above
    return identity


async def read_heads(connection: Connection, services: Iterable[str] = SERVICES) -> dict[Place, int]:
    """The last position of each partition that has any, of the services whose schema is there."""
    heads: dict[Place, int] = {}
    for service in await _present(connection, services):
        rows = await connection.fetch(
            f"SELECT stream, partition, position FROM {_schema(service)}.journal_head"  # noqa: S608  # as above
        )
        heads.update({(row["stream"], row["partition"]): row["position"] for row in rows})
    return heads


async def read_intake_counts(connection: Connection) -> list[tuple[str, str, str, str, str, int]]:
    """Service, authority, source, type, result and number of events, of all that was ever sent."""
    counts: list[tuple[str, str, str, str, str, int]] = []
    for service in await _present(connection, SERVICES):
        rows = await connection.fetch(
            f"SELECT authority, source, type, result, events FROM {_schema(service)}.intake_count"  # noqa: S608  # as above
        )
        counts.extend((service, *row.values()) for row in rows)
    return counts


async def read_quarantined(connection: Connection) -> list[tuple[str, str, int]]:
    """Authority, reason and number of what waits in quarantine.

    The authority is ``""`` where it could not be read, or the service has never accepted an event of it: what a sender
    merely claims names no series.
    """
    waiting: list[tuple[str, str, int]] = []
    for service in await _present(connection, SERVICES):
        rows = await connection.fetch(
            f"""
            SELECT coalesce(known.authority, '') AS authority, reason, count(*) AS events
            FROM {_schema(service)}.quarantine
            LEFT JOIN (
                SELECT DISTINCT authority FROM {_schema(service)}.intake_count WHERE result = 'accepted'
            ) AS known USING (authority)
            GROUP BY 1, 2
            """  # noqa: S608  # as above
        )
        waiting.extend(tuple(row.values()) for row in rows)
    return waiting


async def _present(connection: Connection, services: Iterable[str]) -> list[str]:
    rows = await connection.fetch(
        "SELECT name FROM unnest($1::text[]) AS name WHERE to_regclass(name || '.intake_count') IS NOT NULL",
        list(services),
    )
    return [row["name"] for row in rows]


def _schema(service: str) -> str:
    if service not in SERVICES:
        raise ValueError(f"no service {service!r} takes events in")
    return service
