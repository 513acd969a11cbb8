"""The three services as child processes: how each is told what it needs, and whether it is ready."""

import errno
import os
import signal
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from deploy.local.process import Child

NAMES = ("referrals", "workforce", "metrics")
"""In the order of their ports: base+1, base+2, base+3."""
ANYWHERE = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - compared, not listened on


class PortTakenError(Exception):
    """A port that a service needs cannot be had."""


@dataclass(frozen=True, slots=True)
class Wiring:
    """What all three services are told."""

    database_url: str
    redis_url: str
    host: str = "127.0.0.1"
    port_base: int = 8100
    clock: str | None = None
    dev_key: str | None = None
    policy: Path | None = None
    calendar: Path | None = None
    reconcile_every: float | None = None

    def port(self, name: str) -> int:
        return self.port_base + 1 + NAMES.index(name)

    def url(self, name: str) -> str:
        """Where to reach a service from this machine."""
        host = ANYWHERE.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port(name)}"

    def environment(self, name: str) -> dict[str, str]:
        """The variables of one service, without what it should not be told."""
        told: dict[str, object] = {
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "HOST": self.host,
            "PORT": self.port(name),
            "CLOCK": self.clock,
            "DEV_KEY": self.dev_key,
            "POLICY": self.policy,
            "CALENDAR": self.calendar,
            "RECONCILE_EVERY": self.reconcile_every,
        }
        return {f"DAYMARK_{key}": str(value) for key, value in told.items() if value is not None}


class Service:
    """One service process, with its log in the data directory."""

    def __init__(self, name: str, wiring: Wiring, logs: Path) -> None:
        self.name = name
        self.url = wiring.url(name)
        self._environment = inherited(os.environ) | wiring.environment(name)
        # Crash-only: a service whose supervisor is gone loses nothing by SIGKILL.
        log = logs / f"{name}.log"
        self.child = Child(name, log, stop_signal=signal.SIGTERM, death_signal=signal.SIGKILL)

    def start(self) -> None:
        self.child.start([sys.executable, "-m", f"services.{self.name}"], env=self._environment)

    def ready(self) -> bool:
        """Whether it says of itself that it can do its work."""
        try:
            with urlopen(f"{self.url}/health/ready", timeout=2) as answer:  # noqa: S310 - our own http address
                return bool(answer.status == 200)
        except (URLError, HTTPException, OSError):
            return False


def inherited(environment: Mapping[str, str]) -> dict[str, str]:
    """What a service inherits: all but the settings of services, which are told anew; the log level stays."""
    ours = {"DATABASE_URL", "REDIS_URL"}
    return {
        name: value
        for name, value in environment.items()
        if name == "DAYMARK_LOG_LEVEL" or not (name.startswith("DAYMARK_") or name in ours)
    }


def check_ports(wiring: Wiring) -> None:
    """``PortTakenError`` where a port that is needed cannot be listened on."""
    for name in NAMES:
        _check_port(name, wiring.host, wiring.port(name))


def _check_port(name: str, host: str, port: int) -> None:
    try:
        address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0]
        with socket.socket(address[0], socket.SOCK_STREAM) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address[4])
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        why = "is taken by another program" if taken else f"cannot be had: {error.strerror}"
        raise PortTakenError(
            f"port {port} of {host}, for {name}, {why}; choose others with --port-base (base+1 to base+3)"
        ) from None
