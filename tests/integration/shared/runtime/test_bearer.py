from collections.abc import AsyncIterator
from typing import Any

import pytest
from fastapi import Request

from shared.runtime.bearer import sender_of
from shared.runtime.database import migrate, open_pool
from shared.runtime.keys import MIGRATIONS, SCHEMA, Keyring, add_key
from shared.runtime.problems import ProblemError


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[Any]:
    await migrate(database_url, SCHEMA, MIGRATIONS)
    pool = await open_pool(database_url, SCHEMA)
    yield pool
    pool.terminate()


def request(authorization: str | None) -> Request:
    headers = [] if authorization is None else [(b"authorization", authorization.encode())]
    return Request({"type": "http", "headers": headers})


async def test_whoever_holds_a_key_is_known_by_it(pool: Any) -> None:
    _, key = await add_key(pool, "Mosaic", ["E09000003"], ["*"])
    for scheme in ("Bearer", "bearer"):
        sender = await sender_of(request(f"{scheme}  {key} "), Keyring(pool, None))
        assert sender.scope.authorities == {"E09000003"}


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer ", "Basic a2V5", "Bearer unheard-of"])
async def test_without_a_key_that_is_known_the_request_ends(pool: Any, authorization: str | None) -> None:
    with pytest.raises(ProblemError) as caught:
        await sender_of(request(authorization), Keyring(pool, "a-key-for-development"))
    assert caught.value.status == 401
    assert caught.value.headers == {"WWW-Authenticate": "Bearer"}
    assert "unheard-of" not in caught.value.detail
