"""Senders' keys: 256 bits, shown once, kept as SHA-256, covering authorities and sources."""

import hmac
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path

import asyncpg

from shared.contracts.admission import EVERYTHING, Scope
from shared.runtime.clock import monotonic

MIGRATIONS = Path(__file__).parent / "migrations" / "access"
SCHEMA = "access"
ALL = "*"
FRESH_FOR = 2.0
"""Seconds for which what was found about a key holds: a revoked key works no longer than that."""
MOST_REMEMBERED = 10_000

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy


@dataclass(frozen=True, slots=True)
class SenderKey:
    """What is known of a key; never the key."""

    id: int
    name: str
    authorities: tuple[str, ...]
    sources: tuple[str, ...]
    rate: int | None
    created_at: datetime
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True)
class Sender:
    """Whoever holds a key."""

    name: str
    scope: Scope
    rate: int | None
    """Events a second; None for no limit."""


def digest_of(key: str) -> bytes:
    """What is kept of a key: it has 256 random bits, so that a plain hash cannot be turned back."""
    return sha256(key.encode()).digest()


async def add_key(
    connection: Connection, name: str, authorities: Sequence[str], sources: Sequence[str], rate: int | None = None
) -> tuple[int, str]:
    """Make a key; returns its number and, this once, the key itself. ``*`` stands for all."""
    key = secrets.token_urlsafe(32)
    number = await connection.fetchval(
        f"INSERT INTO {SCHEMA}.sender_key (name, digest, authorities, sources, rate)"  # noqa: S608  # a constant
        " VALUES ($1, $2, $3, $4, $5) RETURNING id",
        name,
        digest_of(key),
        list(authorities),
        list(sources),
        rate,
    )
    return number, key


async def list_keys(connection: Connection) -> list[SenderKey]:
    """All keys, revoked ones too, in the order in which they were made."""
    rows = await connection.fetch(
        f"SELECT id, name, authorities, sources, rate, created_at, revoked_at FROM {SCHEMA}.sender_key ORDER BY id"  # noqa: S608  # a constant
    )
    return [
        SenderKey(**{**dict(row), "authorities": tuple(row["authorities"]), "sources": tuple(row["sources"])})
        for row in rows
    ]


async def revoke_key(connection: Connection, number: int) -> bool:
    """Make a key useless; whether there was such a key that was not revoked yet."""
    found = await connection.fetchval(
        f"UPDATE {SCHEMA}.sender_key SET revoked_at = now() WHERE id = $1 AND revoked_at IS NULL RETURNING id",  # noqa: S608  # a constant
        number,
    )
    return found is not None


class Keyring:
    """Finds the sender behind a key; what it found holds for two seconds."""

    def __init__(self, pool: "asyncpg.Pool[asyncpg.Record]", dev_key: str | None) -> None:
        self._pool = pool
        self._dev_digest = digest_of(dev_key) if dev_key else None
        self._found: dict[bytes, tuple[float, Sender | None]] = {}

    async def sender(self, key: str) -> Sender | None:
        """Whoever holds this key; None for an unknown or a revoked one."""
        digest = digest_of(key)
        if self._dev_digest and hmac.compare_digest(digest, self._dev_digest):
            return Sender("development key", EVERYTHING, None)
        asked, sender = self._found.get(digest, (float("-inf"), None))
        if monotonic() - asked > FRESH_FOR:
            sender = await self._look_up(digest)
            self._remember(digest, sender)
        return sender

    def _remember(self, digest: bytes, sender: Sender | None) -> None:
        if len(self._found) >= MOST_REMEMBERED:
            self._found.clear()
        self._found[digest] = (monotonic(), sender)

    async def _look_up(self, digest: bytes) -> Sender | None:
        row = await self._pool.fetchrow(
            f"SELECT id, name, authorities, sources, rate FROM {SCHEMA}.sender_key"  # noqa: S608  # a constant
            " WHERE digest = $1 AND revoked_at IS NULL",
            digest,
        )
        if row is None:
            return None
        scope = Scope(authorities=_all_or(row["authorities"]), sources=_all_or(row["sources"]))
        return Sender(f"{row['name']} (key {row['id']})", scope, row["rate"])


def _all_or(names: Sequence[str]) -> frozenset[str] | None:
    return None if ALL in names else frozenset(names)


class Rates:
    """A bucket of events for each sender: filled at the sender's rate, to at most ten seconds of it."""

    SECONDS = 10

    def __init__(self) -> None:
        self._buckets: dict[str, tuple[float, float]] = {}

    def wait(self, sender: Sender, events: int) -> float:
        """Take so many events from the sender's bucket; else the seconds after which to try again.

        A request that is larger than a full bucket may pass when the bucket is full, and leaves a debt.
        """
        if sender.rate is None:
            return 0.0
        most = float(sender.rate * self.SECONDS)
        left, since = self._buckets.get(sender.name, (most, monotonic()))
        left = min(most, left + (monotonic() - since) * sender.rate)
        lacking = min(float(events), most) - left
        self._buckets[sender.name] = (left if lacking > 0 else left - events, monotonic())
        return max(0.0, lacking / sender.rate)
