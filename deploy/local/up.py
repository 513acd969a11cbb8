"""``daymark up``: the servers and the three services in the foreground, looked after until told to stop."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from deploy.local.embedded import Stack
from deploy.local.folder import Folder
from deploy.local.process import stop_all
from deploy.local.services import NAMES, Service, Wiring, check_ports
from deploy.local.supervisor import Supervisor, Unit, ending, interrupt_on
from shared.domain.london import local_date
from shared.runtime.clock import clock_from, monotonic
from shared.runtime.settings import is_loopback

READY_PATIENCE = 120.0
SERVICES_PATIENCE = 5.5
SERVERS_PATIENCE = 4.0
"""Together under the ten seconds that a stop may take."""


class UsageError(Exception):
    """What was asked for cannot be done as asked; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class Options:
    """What ``up`` is told. Without a URL the server is embedded, with its data in ``data``."""

    data: Path
    port_base: int = 8100
    host: str = "127.0.0.1"
    clock: str | None = None
    dev_key: str | None = None
    policy: Path | None = None
    calendar: Path | None = None
    reconcile_every: float | None = None
    database_url: str | None = None
    redis_url: str | None = None
    as_json: bool = False

    def check(self) -> None:
        """``UsageError`` at what a service would stumble over later."""
        _check_clock(self.clock)
        if not 0 <= self.port_base <= 65535 - len(NAMES):
            raise UsageError(f"--port-base {self.port_base} leaves no room for the ports: take 1024 to 65532")
        if self.dev_key and not is_loopback(self.host):
            raise UsageError(
                f"--dev-key opens everything and is taken on loopback only, not on {self.host}: "
                "leave one of them out, and make senders' keys with `daymark keys add`"
            )
        for option, path in (("--policy", self.policy), ("--calendar", self.calendar)):
            if path and not path.is_file():
                raise UsageError(f"{option} {path}: there is no such file")


def up(options: Options) -> None:
    """Run until SIGTERM or SIGINT; all is stopped when this returns."""
    options.check()
    interrupt_on((signal.SIGTERM, signal.SIGINT, signal.SIGHUP))
    folder = Folder(options.data)
    with _until_interrupted(), folder.owned():
        _run(options, folder)


def _run(options: Options, folder: Folder) -> None:
    stack = Stack(folder.path)
    wiring = _wiring(options, stack)
    check_ports(wiring)
    services = [Service(name, wiring, folder.logs) for name in NAMES]
    servers = _servers(options, stack)
    try:
        for unit in (*servers, *services):
            say(f"starting {unit.child.name}")
            unit.start()
        _await_ready(services)
        _announce(options, folder, wiring, [*servers, *services])
        _look_after(folder, wiring, servers, services)
    finally:
        say("stopping")
        folder.withdraw()
        stop_all([service.child for service in services], SERVICES_PATIENCE)
        stop_all([server.child for server in servers], SERVERS_PATIENCE)
        stack.stop()


def _wiring(options: Options, stack: Stack) -> Wiring:
    return Wiring(
        database_url=options.database_url or stack.database_url,
        redis_url=options.redis_url or stack.redis_url,
        host=options.host,
        port_base=options.port_base,
        clock=options.clock,
        dev_key=options.dev_key,
        policy=options.policy.resolve() if options.policy else None,
        calendar=options.calendar.resolve() if options.calendar else None,
        reconcile_every=options.reconcile_every,
    )


def _servers(options: Options, stack: Stack) -> list[Unit]:
    servers: list[Unit] = []
    if not options.database_url:
        servers.append(stack.postgres)
    if not options.redis_url:
        servers.append(stack.redis)
    return servers


def _await_ready(services: list[Service]) -> None:
    end = monotonic() + READY_PATIENCE
    for service in services:
        while not service.ready():
            _check_alive(services)
            if monotonic() > end:
                raise UsageError(f"{service.name} was not ready in {READY_PATIENCE:.0f} s; see {service.child.log}")
            time.sleep(0.05)


def _check_alive(services: list[Service]) -> None:
    for service in services:
        if not service.child.alive:
            words = service.child.last_words()
            raise UsageError(f"{service.name} {ending(service.child.exit_code)} before it was ready:\n{words}")


def _announce(options: Options, folder: Folder, wiring: Wiring, units: list[Unit]) -> None:
    report = _report(folder, wiring, units)
    folder.announce(report)
    line = json.dumps(report) if options.as_json else _sentence(report)
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _report(folder: Folder, wiring: Wiring, units: list[Unit]) -> dict[str, Any]:
    return {
        "ready": True,
        **{name: wiring.url(name) for name in NAMES},
        "data": str(folder.path),
        "database_url": wiring.database_url,
        "redis_url": wiring.redis_url,
        "pids": {"up": os.getpid(), **{unit.child.name: unit.child.pid for unit in units}},
    }


def _sentence(report: dict[str, Any]) -> str:
    places = ", ".join(f"{name} {report[name]}" for name in NAMES)
    return f"ready: {places} (figures at {report['metrics']}/metrics, data in {report['data']})"


def _look_after(folder: Folder, wiring: Wiring, servers: list[Unit], services: list[Service]) -> None:
    units: list[Unit] = [*servers, *services]
    watched = {server.child.name: (server, _always) for server in servers} | {
        service.name: (service, service.ready) for service in services
    }
    Supervisor(watched, say, lambda: folder.announce(_report(folder, wiring, units))).run()


def _always() -> bool:
    return True


@contextmanager
def _until_interrupted() -> Iterator[None]:
    try:
        yield
    except KeyboardInterrupt:
        say("stopped")


def _check_clock(setting: str | None) -> None:
    try:
        local_date(clock_from(setting).now())
    except (ValueError, OverflowError) as error:
        raise UsageError(f"--clock wants an instant with its offset, like 2026-03-02T09:00:00Z: {error}") from None


def say(what: str) -> None:
    """A line for the person who watches; stdout is kept for the ready line."""
    sys.stderr.write(f"daymark: {what}\n")
    sys.stderr.flush()
