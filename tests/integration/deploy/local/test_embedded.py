"""Real servers: they start, last, come back after a kill, and never outlive who started them."""

import asyncio
import os
import signal
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import asyncpg
import pytest
import redis

from deploy.local.embedded import Stack, StartError
from shared.runtime.clock import monotonic


@pytest.fixture
def stack():
    with Stack(durable=False) as stack:
        yield stack


async def ask(stack, query):
    connection = await asyncpg.connect(stack.database_url)
    try:
        return await connection.fetchval(query)
    finally:
        await connection.close()


def bus(stack):
    return redis.Redis.from_url(stack.redis_url)


def gone(pid):
    """Whether a process ends within ten seconds; one that is dead but not reaped has ended."""
    end = monotonic() + 10
    while monotonic() < end:
        try:
            if Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z":
                return True
        except (FileNotFoundError, ProcessLookupError):
            return True
    return False


async def test_both_servers_answer_on_their_urls(stack):
    assert await ask(stack, "SELECT 40 + 2") == 42
    with bus(stack) as connection:
        assert connection.ping()


async def test_what_was_committed_survives_a_kill_of_each_server(tmp_path):
    with Stack(tmp_path) as stack:
        await ask(stack, "CREATE TABLE kept AS SELECT 7 AS number")
        with bus(stack) as connection:
            connection.set("kept", "8")
            connection.execute_command("WAITAOF", 1, 0, 5000)
        for server in (stack.postgres, stack.redis):
            server.kill()
            assert not server.child.alive
            server.start()
        assert await ask(stack, "SELECT number FROM kept") == 7
        with bus(stack) as connection:
            assert connection.get("kept") == b"8"


async def test_a_second_stack_on_a_folder_finds_what_the_first_left(tmp_path):
    with Stack(tmp_path) as stack:
        await ask(stack, "CREATE TABLE kept AS SELECT 7 AS number")
    with Stack(tmp_path) as stack:
        assert await ask(stack, "SELECT number FROM kept") == 7


async def test_a_durable_stack_syncs_and_a_fast_one_does_not(stack, tmp_path):
    with Stack(tmp_path) as durable:
        assert await ask(durable, "SHOW fsync") == "on"
        with bus(durable) as connection:
            assert connection.config_get("appendonly") == {"appendonly": "yes"}
    assert await ask(stack, "SHOW fsync") == "off"


@pytest.mark.parametrize("name", ["'quotes' & space", "a,comma", 'a"quote', "d" * 120])
async def test_any_folder_name_will_do(name):
    with TemporaryDirectory(dir="/tmp") as short, Stack(f"{short}/{name}", durable=False) as stack:
        assert await ask(stack, "SELECT 1") == 1
        with bus(stack) as connection:
            assert connection.ping()


async def test_only_the_owner_can_reach_the_sockets(stack):
    for name in (".s.PGSQL.5432", "redis.sock"):
        assert (stack.sockets / name).stat().st_mode & 0o077 == 0


async def test_no_value_reaches_the_log_of_the_server(stack):
    with pytest.raises(asyncpg.PostgresError):
        await ask(stack, "SELECT 'a-secret-name'::int")
    await ask(stack, "CREATE TABLE one (id text PRIMARY KEY)")
    with pytest.raises(asyncpg.UniqueViolationError):
        await ask(stack, "INSERT INTO one VALUES ('another-secret'), ('another-secret')")
    log = stack.postgres.child.log.read_text()
    assert "duplicate key" in log
    assert "another-secret" not in log


def test_a_scratch_stack_leaves_nothing_on_the_disk():
    with Stack(durable=False) as stack:
        root, pids = stack.root, [stack.postgres.child.pid, stack.redis.child.pid]
    assert not root.exists()
    assert all(gone(pid) for pid in pids)


def test_a_server_that_cannot_start_says_why_with_the_end_of_its_log(tmp_path):
    (tmp_path / "pg").mkdir()
    (tmp_path / "pg" / "PG_VERSION").write_text("9\n")
    with pytest.raises(StartError, match="postgres ended at once; the end of"):
        Stack(tmp_path).start()


def test_a_first_start_cut_short_does_not_spoil_the_next(tmp_path):
    (tmp_path / "pg.new").mkdir()
    (tmp_path / "pg.new" / "PG_VERSION").write_text("18\n")
    with Stack(tmp_path, durable=False) as stack:
        assert asyncio.run(ask(stack, "SELECT 1")) == 1


PARENT = """
import sys, time
from deploy.local.embedded import Stack
stack = Stack(sys.argv[1], durable=False).start()
print(stack.postgres.child.pid, stack.redis.child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells children that their parent died")
def test_sigkill_of_the_parent_leaves_no_server(tmp_path):
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[4])}
    with subprocess.Popen(
        [sys.executable, "-c", PARENT, str(tmp_path)], stdout=subprocess.PIPE, text=True, env=environment
    ) as parent:
        pids = [int(word) for word in parent.stdout.readline().split()]
        parent.send_signal(signal.SIGKILL)
    assert len(pids) == 2
    assert all(gone(pid) for pid in pids)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root must become somebody else")
def test_root_manages_without_user_namespaces_too(monkeypatch, tmp_path):
    monkeypatch.setenv("DAYMARK_NO_USERNS", "1")
    for folder in (tmp_path, *tmp_path.parents[:-2]):
        folder.chmod(0o755)
    with Stack(durable=False) as stack:
        assert asyncio.run(ask(stack, "SELECT 1")) == 1
        owner = Path(f"/proc/{stack.postgres.child.pid}").stat().st_uid
    assert owner == 65534
