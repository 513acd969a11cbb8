"""Real servers for every test that asks: one PostgreSQL and one Valkey a session, gone with it.

Properties have no time limit of their own: on a machine with other work they would fail for being slow.
"""

from collections.abc import Iterator

import pytest
from hypothesis import settings

from deploy.local.embedded import Stack

settings.register_profile("daymark", deadline=None)
settings.load_profile("daymark")


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """Both servers, quick rather than durable; not to be stopped by a test."""
    with Stack(durable=False) as running:
        yield running
