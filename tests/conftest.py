"""Real servers for every test that asks: one PostgreSQL and one Valkey a session, gone with it."""

from collections.abc import Iterator

import pytest

from deploy.local.embedded import Stack


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Both servers, quick rather than durable; not to be stopped by a test."""
    with Stack(durable=False) as running:
        yield running
