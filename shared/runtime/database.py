"""PostgreSQL: one pool a service, one schema each, and the scripts that bring a schema up to date."""

import asyncio
from pathlib import Path

import asyncpg

MIGRATION_LOCK = 0x6461796D  # "daym"; whoever starts first brings the schemas up to date, the others wait


async def open_pool(url: str, schema: str, *, size: int = 4) -> "asyncpg.Pool[asyncpg.Record]":
    """A pool whose connections find the names of ``schema`` first.

    Raises ``OSError`` or ``asyncpg.PostgresError`` where the server is away.
    """
    return await asyncpg.create_pool(
        url,
        min_size=1,
        max_size=size,
        command_timeout=30,
        timeout=10,
        server_settings={"search_path": schema, "application_name": f"daymark-{schema}", "jit": "off"},
    )


async def connect(url: str, schema: str) -> "asyncpg.Connection[asyncpg.Record]":
    """One connection that finds the names of ``schema`` first."""
    return await asyncpg.connect(
        url, timeout=10, server_settings={"search_path": schema, "application_name": f"daymark-{schema}"}
    )


async def migrate(url: str, schema: str, scripts: Path) -> None:
    """Run the numbered ``*.sql`` of a folder that ``schema`` has not had yet, in order, each in a transaction."""
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute("SELECT pg_advisory_lock($1)", MIGRATION_LOCK)
        await connection.execute(f'CREATE SCHEMA IF NOT EXISTS "{schema}"')
        await connection.execute(f'SET search_path TO "{schema}"')
        await connection.execute(
            "CREATE TABLE IF NOT EXISTS migration"
            " (name text PRIMARY KEY, applied_at timestamptz NOT NULL DEFAULT now())"
        )
        done = {row["name"] for row in await connection.fetch("SELECT name FROM migration")}
        for script in sorted(await asyncio.to_thread(lambda: list(scripts.glob("*.sql")))):
            if script.name not in done:
                await _apply(connection, script)
    finally:
        await connection.close()


async def _apply(connection: "asyncpg.Connection[asyncpg.Record]", script: Path) -> None:
    async with connection.transaction():
        await connection.execute(await asyncio.to_thread(script.read_text))
        await connection.execute("INSERT INTO migration (name) VALUES ($1)", script.name)
