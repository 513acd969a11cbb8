import asyncio
import hashlib
from collections.abc import AsyncIterator
from typing import Any

import pytest

from shared.contracts.admission import EVERYTHING, Scope
from shared.runtime import keys
from shared.runtime.database import migrate, open_pool
from shared.runtime.keys import FRESH_FOR, Keyring


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    await migrate(database_url, keys.SCHEMA, keys.MIGRATIONS)
    pool = await open_pool(database_url, "referrals")
    yield pool
    pool.terminate()


async def test_a_key_is_256_bits_and_only_its_hash_is_kept(pool: Any) -> None:
    number, key = await keys.add_key(pool, "Barnet", ["E09000003"], ["*"], 50)
    assert len(key) == 43  # base64url of 32 bytes
    row = await pool.fetchrow("SELECT * FROM access.sender_key")
    assert row["digest"] == hashlib.sha256(key.encode()).digest()
    assert key not in str(dict(row))
    [listed] = await keys.list_keys(pool)
    assert (listed.id, listed.name, listed.authorities, listed.sources, listed.rate, listed.revoked_at) == (
        number, "Barnet", ("E09000003",), ("*",), 50, None,
    )  # fmt: skip


async def test_a_keyring_finds_scope_and_rate_behind_a_key(pool: Any) -> None:
    _, narrow = await keys.add_key(pool, "narrow", ["E09000003", "E09000004"], ["/a"], 50)
    _, wide = await keys.add_key(pool, "wide", ["*"], ["*"])
    keyring = Keyring(pool, dev_key=None)
    found, all_round = await keyring.sender(narrow), await keyring.sender(wide)
    assert found
    assert all_round
    assert (found.scope, found.rate) == (Scope(frozenset({"E09000003", "E09000004"}), frozenset({"/a"})), 50)
    assert (all_round.scope, all_round.rate) == (EVERYTHING, None)
    assert await keyring.sender(narrow + "x") is None
    assert await keyring.sender("") is None


async def test_two_keys_of_one_name_are_two_senders(pool: Any) -> None:
    pair = [(await keys.add_key(pool, "same", ["*"], ["*"]))[1] for _ in range(2)]
    keyring = Keyring(pool, dev_key=None)
    names = {sender.name for key in pair if (sender := await keyring.sender(key))}
    assert len(names) == 2


async def test_the_development_key_works_only_where_it_is_set(pool: Any) -> None:
    sender = await Keyring(pool, dev_key="dev").sender("dev")
    assert sender
    assert sender.scope == EVERYTHING
    assert await Keyring(pool, dev_key="dev").sender("de") is None
    assert await Keyring(pool, dev_key=None).sender("dev") is None
    assert await Keyring(pool, dev_key="").sender("") is None


async def test_a_revoked_key_stops_working_within_five_seconds(pool: Any) -> None:
    number, key = await keys.add_key(pool, "gone", ["*"], ["*"])
    keyring = Keyring(pool, dev_key=None)
    assert await keyring.sender(key)
    assert await keys.revoke_key(pool, number)
    assert not await keys.revoke_key(pool, number)
    assert FRESH_FOR <= 5
    async with asyncio.timeout(5):
        while await keyring.sender(key):
            await asyncio.sleep(0.05)
    [listed] = await keys.list_keys(pool)
    assert listed.revoked_at


async def test_a_keyring_asks_the_database_once_in_a_while(pool: Any) -> None:
    _, key = await keys.add_key(pool, "often", ["*"], ["*"])
    keyring = Keyring(pool, dev_key=None)
    assert await keyring.sender(key)
    await pool.execute("ALTER TABLE access.sender_key RENAME TO elsewhere")
    assert await keyring.sender(key)


async def test_a_rate_of_nothing_is_no_rate(pool: Any) -> None:
    import asyncpg

    with pytest.raises(asyncpg.CheckViolationError):
        await keys.add_key(pool, "none", ["*"], ["*"], 0)
