"""A database for the commands, and the metrics service's journal in it."""

from pathlib import Path

import pytest

from deploy.cli.keyring import Place
from tests.integration.deploy.cli.receiving import Inbox


@pytest.fixture
def inbox(database_url: str) -> Inbox:
    """The journal of the test's database."""
    return Inbox(database_url)


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    """Where the commands find it."""
    return Place(tmp_path, database_url)
