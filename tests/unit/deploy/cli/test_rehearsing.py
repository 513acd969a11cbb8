"""The rehearsal as a file."""

import pytest

from deploy.cli.rehearsing import rehearse
from deploy.local.up import UsageError

LITTLE = {"authorities": 1, "days": 2, "size": 0.05}


def test_the_same_seed_gives_the_same_bytes_packed_or_not(tmp_path):
    for name in ("a.ndjson", "b.ndjson", "c.ndjson.gz", "d.ndjson.gz"):
        rehearse(tmp_path / name, seed=4, start="2025-04-01", **LITTLE)
    assert (tmp_path / "a.ndjson").read_bytes() == (tmp_path / "b.ndjson").read_bytes() != b""
    assert (tmp_path / "c.ndjson.gz").read_bytes() == (tmp_path / "d.ndjson.gz").read_bytes()


def test_a_start_that_is_no_date_is_refused(tmp_path):
    with pytest.raises(UsageError, match="expected a date like 2025-04-01"):
        rehearse(tmp_path / "a", seed=4, start="1st April", **LITTLE)
