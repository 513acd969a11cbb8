from pathlib import Path

import pytest
from pydantic import ValidationError

from shared.runtime.settings import Settings, is_loopback

URLS = {"DATABASE_URL": "postgresql://db", "REDIS_URL": "redis://bus"}


@pytest.mark.parametrize("prefix", ["", "DAYMARK_"])
def test_the_environment_fills_the_settings(monkeypatch: pytest.MonkeyPatch, prefix: str) -> None:
    for name, value in URLS.items():
        monkeypatch.setenv(prefix + name, value)
    monkeypatch.setenv("DAYMARK_PORT", "8101")
    settings = Settings.model_validate({})
    assert (settings.database_url, settings.redis_url) == tuple(URLS.values())
    assert (settings.host, settings.port, settings.dev_key) == ("127.0.0.1", 8101, None)


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.8.8", "::1", "localhost"])
def test_a_development_key_is_taken_on_loopback(host: str) -> None:
    assert is_loopback(host)
    assert Settings.model_validate({**URLS, "host": host, "dev_key": "k"}).dev_key == "k"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "10.0.0.1", "example.org", "", "localhost.example.org"])  # noqa: S104
def test_a_development_key_is_refused_elsewhere(host: str) -> None:
    assert not is_loopback(host)
    with pytest.raises(ValidationError, match="loopback only"):
        Settings.model_validate({**URLS, "host": host, "dev_key": "k"})
    assert Settings.model_validate({**URLS, "host": host}).host == host


def test_a_service_without_its_stores_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in URLS:
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValidationError, match="DATABASE_URL"):
        Settings.model_validate({})


def test_what_the_figures_go_by_is_shipped_unless_files_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    plain = Settings.model_validate(URLS)
    assert (plain.policy, plain.calendar, plain.reconcile_every) == (None, None, 600)
    for name, value in (("POLICY", "policy.toml"), ("CALENDAR", "/etc/days.txt"), ("RECONCILE_EVERY", "0.5")):
        monkeypatch.setenv(f"DAYMARK_{name}", value)
    told = Settings.model_validate(URLS)
    assert (told.policy, told.calendar, told.reconcile_every) == (Path("policy.toml"), Path("/etc/days.txt"), 0.5)


@pytest.mark.parametrize("seconds", ["-1", "soon"])
def test_a_pace_that_is_none_is_refused(seconds: str) -> None:
    with pytest.raises(ValidationError, match="reconcile_every"):
        Settings.model_validate({**URLS, "reconcile_every": seconds})
    assert Settings.model_validate({**URLS, "reconcile_every": "0"}).reconcile_every == 0
