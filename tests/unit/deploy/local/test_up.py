"""What `up` refuses before it starts anything."""

from pathlib import Path

import pytest

from deploy.local.up import Options, UsageError


@pytest.mark.parametrize("clock", ["yesterday", "2026-03-02", "2026-03-02T09:00:00", "0001-01-01T00:00:00Z"])
def test_a_clock_without_a_clear_instant_is_refused(clock):
    with pytest.raises(UsageError, match="--clock wants an instant with its offset"):
        Options(data=Path(), clock=clock).check()


def test_a_clock_with_an_offset_is_taken():
    Options(data=Path(), clock="2026-06-01T09:00:00+01:00").check()


@pytest.mark.parametrize("base", [-1, 65533])
def test_a_port_base_without_room_for_three_is_refused(base):
    with pytest.raises(UsageError, match="no room"):
        Options(data=Path(), port_base=base).check()


def test_a_development_key_is_refused_beyond_loopback():
    with pytest.raises(UsageError, match=r"on loopback only, not on daymark.example"):
        Options(data=Path(), dev_key="k", host="daymark.example").check()


def test_a_policy_file_must_be_there(tmp_path):
    with pytest.raises(UsageError, match="there is no such file"):
        Options(data=Path(), policy=tmp_path / "policy.toml").check()
