"""One Daymark for the journeys that can share it."""

import pytest

from tests.journeys.running import running


@pytest.fixture(scope="session")
def up(tmp_path_factory):
    """One `up` that the journeys share; each sends events of its own."""
    with running(tmp_path_factory.mktemp("up") / "data") as up:
        yield up
