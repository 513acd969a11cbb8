"""What a service is told by its environment; every name begins with DAYMARK_, but the two that platforms give."""

from ipaddress import ip_address
from pathlib import Path
from typing import Self

from pydantic import AliasChoices, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """The settings of one service process."""

    model_config = SettingsConfigDict(env_prefix="DAYMARK_", extra="ignore")

    database_url: str = Field(
        validation_alias=AliasChoices("DAYMARK_DATABASE_URL", "DATABASE_URL"),
        description="PostgreSQL 15 or later, e.g. postgresql://daymark@db/daymark",
    )
    redis_url: str = Field(
        validation_alias=AliasChoices("DAYMARK_REDIS_URL", "REDIS_URL"),
        description="Redis 7 or Valkey 8 or later, e.g. redis://bus:6379/0 or unix:///run/redis.sock",
    )
    host: str = Field("127.0.0.1", description="the address to listen on")
    port: int = Field(0, ge=0, le=65535, description="the port to listen on")
    clock: str | None = Field(None, description="a fixed instant with offset to go by, instead of the machine's clock")
    dev_key: str | None = Field(None, description="a key for all authorities and sources; on loopback only")
    policy: Path | None = Field(None, description="the policy file (TOML); without it the defaults hold")
    calendar: Path | None = Field(
        None, description="a calendar of working days, in the form of the one that is shipped, instead of it"
    )
    reconcile_every: float = Field(600, ge=0, description="seconds between two checks of all figures; 0 for none")
    log_level: str = Field("INFO", description="DEBUG, INFO, WARNING or ERROR")

    @model_validator(mode="after")
    def _dev_key_stays_at_home(self) -> Self:
        if self.dev_key and not is_loopback(self.host):
            raise ValueError(
                f"a development key is accepted on loopback only, not on {self.host}: use `daymark keys add`"
            )
        return self


def is_loopback(host: str) -> bool:
    """Whether a host names this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
