"""Logs of child processes stay short."""

from deploy.local.process import rotate


def test_a_long_log_moves_aside_while_its_writer_goes_on(tmp_path):
    path = tmp_path / "x.log"
    with path.open("ab") as log:
        log.write(b"x" * 100)
        log.flush()
        rotate(path, longest=50)
        log.write(b"after")
    assert path.read_bytes() == b"after"
    assert (tmp_path / "x.log.1").read_bytes() == b"x" * 100


def test_a_short_log_stays_as_it_is(tmp_path):
    path = tmp_path / "x.log"
    path.write_bytes(b"x" * 50)
    rotate(path, longest=50)
    assert path.read_bytes() == b"x" * 50
    assert not (tmp_path / "x.log.1").exists()
