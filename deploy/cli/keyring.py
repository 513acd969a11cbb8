"""``daymark keys``: on a database of one's own, on that of a running ``up``, or on one started for this."""

import asyncio
import sys
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import asyncpg
from rich.console import Console
from rich.table import Table

from deploy.local.embedded import Stack
from deploy.local.folder import Folder
from deploy.local.up import UsageError
from shared.runtime.database import migrate
from shared.runtime.keys import MIGRATIONS, SCHEMA, Connection, SenderKey, add_key, list_keys, revoke_key

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Place:
    """Where the keys are kept."""

    data: Path
    database_url: str | None

    @contextmanager
    def database(self) -> Iterator[str]:
        """The URL of the database, which is there for as long as this lasts."""
        folder = Folder(self.data)
        if self.database_url:
            yield self.database_url
        elif running := folder.running():
            yield running["database_url"]
        else:
            with folder.owned():
                stack = Stack(folder.path)
                try:
                    stack.postgres.start()
                    yield stack.database_url
                finally:
                    stack.stop()


def add(place: Place, name: str, authorities: Sequence[str], sources: Sequence[str], rate: int | None) -> None:
    """Make a key: its number goes to standard error, the key itself, alone, to standard output."""

    async def make(connection: Connection) -> tuple[int, str]:
        return await add_key(connection, name, authorities, sources, rate)

    number, key = _with_connection(place, make)
    sys.stderr.write(f"daymark: key {number}, for {name}; it is shown this once:\n")
    sys.stdout.write(key + "\n")


def show(place: Place) -> None:
    """A table of the keys."""
    table = Table("number", "name", "authorities", "sources", "events/s", "made", "revoked")
    for key in _with_connection(place, list_keys):
        table.add_row(*_cells(key))
    # A pipe has no width of its own: there nothing is to be cut off.
    Console(width=None if sys.stdout.isatty() else 200).print(table)


def revoke(place: Place, number: int) -> None:
    """Make a key useless (``UsageError`` where there is none of that number, or no longer)."""

    async def end(connection: Connection) -> bool:
        return await revoke_key(connection, number)

    if not _with_connection(place, end):
        raise UsageError(f"there is no key {number}, or it was revoked before; see `daymark keys list`")
    sys.stderr.write(f"daymark: key {number} is revoked\n")


def _cells(key: SenderKey) -> list[str]:
    return [
        str(key.id),
        key.name,
        " ".join(key.authorities),
        " ".join(key.sources),
        str(key.rate or ""),
        f"{key.created_at:%Y-%m-%d}",
        f"{key.revoked_at:%Y-%m-%d}" if key.revoked_at else "",
    ]


def _with_connection(place: Place, work: Callable[[Connection], Awaitable[T]]) -> T:
    async def go(url: str) -> T:
        await migrate(url, SCHEMA, MIGRATIONS)
        connection = await asyncpg.connect(url, timeout=10)
        try:
            return await work(connection)
        finally:
            await connection.close()

    with place.database() as url:
        return asyncio.run(go(url))
