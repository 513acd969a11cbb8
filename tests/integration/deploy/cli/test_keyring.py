"""Senders' keys, wherever their database is."""

import pytest

from deploy.cli.keyring import Place, add, revoke, show
from deploy.local.folder import Folder
from deploy.local.up import UsageError


def made(place, capsys, rate=None):
    add(place, "Mosaic, live", ["E99000001"], ["/E99000001/mosaic"], rate)
    return capsys.readouterr().out.strip()


def test_a_key_is_shown_alone_and_once(database_url, tmp_path, capsys):
    place = Place(tmp_path, database_url)
    key = made(place, capsys, rate=50)
    assert len(key) == 43
    show(place)
    listed = capsys.readouterr().out
    assert key not in listed
    assert all(words in listed for words in ("Mosaic, live", "E99000001", "/E99000001/mosaic", "50"))


def test_a_key_that_is_not_there_cannot_be_revoked(database_url, tmp_path, capsys):
    place = Place(tmp_path, database_url)
    made(place, capsys)
    revoke(place, 1)
    for number in (1, 2):
        with pytest.raises(UsageError, match=f"there is no key {number}, or it was revoked before"):
            revoke(place, number)


def test_a_folder_on_which_nothing_runs_gets_a_server_for_the_moment(tmp_path, capsys):
    place = Place(tmp_path / "d", None)
    made(place, capsys)
    show(place)
    assert "Mosaic, live" in capsys.readouterr().out
    with Folder(tmp_path / "d").owned():
        assert not (tmp_path / "d" / ".s.PGSQL.5432").exists()
