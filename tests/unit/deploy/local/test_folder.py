"""A data directory has one owner at a time."""

import pytest

from deploy.local.folder import Folder, FolderInUseError


def test_a_second_owner_is_refused_and_told_what_to_do(tmp_path):
    with (
        Folder(tmp_path / "d").owned(),
        pytest.raises(FolderInUseError, match=r"is in use by another daymark.*--data"),
        Folder(tmp_path / "d").owned(),
    ):
        pass


def test_it_is_free_again_when_the_owner_lets_go(tmp_path):
    for _ in range(2):
        with Folder(tmp_path).owned():
            pass


def test_what_runs_is_known_only_while_its_owner_lives(tmp_path):
    folder = Folder(tmp_path)
    with folder.owned():
        folder.announce({"ready": True})
        assert folder.running() == {"ready": True}
    assert folder.running() is None  # the note is still there, as after a crash


def test_the_note_is_for_the_eyes_of_its_owner(tmp_path):
    Folder(tmp_path).announce({"ready": True})
    assert (tmp_path / "up.json").stat().st_mode & 0o777 == 0o600


def test_a_withdrawn_note_is_gone(tmp_path):
    folder = Folder(tmp_path)
    folder.announce({"ready": True})
    folder.withdraw()
    assert not (tmp_path / "up.json").exists()
