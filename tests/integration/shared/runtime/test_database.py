import asyncio
from pathlib import Path

import asyncpg
import pytest

from shared.runtime.database import migrate, open_pool

SCHEMA = "house"


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """Two scripts, the second of which needs the first."""
    (tmp_path / "0001_room.sql").write_text("CREATE TABLE room (name text)")
    (tmp_path / "0002_kitchen.sql").write_text("INSERT INTO room VALUES ('kitchen')")
    return tmp_path


async def rooms(connection: asyncpg.Connection) -> list[str]:
    return [row["name"] for row in await connection.fetch("SELECT name FROM house.room")]


async def test_scripts_run_in_order_and_each_only_once(database_url, database, scripts):
    await migrate(database_url, SCHEMA, scripts)
    await migrate(database_url, SCHEMA, scripts)
    assert await rooms(database) == ["kitchen"]


async def test_a_later_start_runs_only_the_scripts_that_are_new(database_url, database, scripts):
    await migrate(database_url, SCHEMA, scripts)
    (scripts / "0003_hall.sql").write_text("INSERT INTO room VALUES ('hall')")
    await migrate(database_url, SCHEMA, scripts)
    assert await rooms(database) == ["kitchen", "hall"]


async def test_services_that_start_at_once_do_not_run_a_script_twice(database_url, database, scripts):
    await asyncio.gather(*(migrate(database_url, SCHEMA, scripts) for _ in range(4)))
    assert await rooms(database) == ["kitchen"]


async def test_a_script_that_fails_leaves_nothing_and_is_tried_again(database_url, database, scripts):
    broken = scripts / "0003_hall.sql"
    broken.write_text("INSERT INTO room VALUES ('hall'); SELECT 1 / 0")
    with pytest.raises(asyncpg.DivisionByZeroError):
        await migrate(database_url, SCHEMA, scripts)
    assert await rooms(database) == ["kitchen"]
    broken.write_text("INSERT INTO room VALUES ('hall')")
    await migrate(database_url, SCHEMA, scripts)
    assert await rooms(database) == ["kitchen", "hall"]


async def test_a_pool_finds_the_names_of_its_schema_first(database_url, scripts):
    await migrate(database_url, SCHEMA, scripts)
    pool = await open_pool(database_url, SCHEMA)
    try:
        assert await pool.fetchval("SELECT name FROM room") == "kitchen"
        assert await pool.fetchval("SHOW application_name") == "daymark-house"
    finally:
        await pool.close()


async def test_a_server_that_is_away_is_an_error_of_the_connection():
    with pytest.raises(OSError, match="Connect"):
        await open_pool("postgresql://daymark@127.0.0.1:1/daymark", SCHEMA)
