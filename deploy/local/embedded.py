"""Real PostgreSQL and Valkey with nothing but Python: on unix sockets, root or not, gone with the parent.

The servers come out of the installed wheels; PG_BIN and REDIS_BIN put others in their place.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, Self
from urllib.parse import quote

from deploy.local.binaries import postgres_bin, redis_bin
from deploy.local.process import Account, Child, stop_all
from shared.runtime.clock import monotonic

NOBODY = Account(65534, 65534)
LONGEST_SOCKET_PATH = 103  # bytes; 107 on Linux, 103 on macOS
LONGEST_SOCKET_NAME = len("/.s.PGSQL.5432")
START_PATIENCE = 30.0
STOP_PATIENCE = 8.0
SAFE = ("fsync=on", "full_page_writes=on", "synchronous_commit=on")
FAST = ("fsync=off", "full_page_writes=off", "synchronous_commit=off")
# Neither values nor statements of ours are ever written to the server's log.
QUIET = ("log_error_verbosity=terse", "log_min_error_statement=panic", "log_checkpoints=off")


class StartError(Exception):
    """A server did not come up; the message ends with the last lines of its log."""


class Server(Protocol):
    """A server of the stack; each can be stopped, killed and started on its own."""

    @property
    def child(self) -> Child: ...

    def start(self) -> None:
        """Start it and wait until it answers (``StartError`` where it does not)."""
        ...

    def stop(self) -> None:
        """Stop it cleanly."""
        ...

    def kill(self) -> None:
        """End it as a power cut would."""
        ...


class Postgres:
    """PostgreSQL on the unix socket of a folder; user ``postgres``, no password, no TCP."""

    def __init__(self, root: Path, sockets: Path, log: Path, *, durable: bool) -> None:
        self._data = root / "pg"
        self._root = root
        self._sockets = sockets
        self._durable = durable
        # SIGINT is PostgreSQL's fast stop: sessions are cut off, nothing committed is lost.
        self.child = Child("postgres", log, stop_signal=signal.SIGINT, death_signal=signal.SIGINT)

    def url(self, database: str = "postgres") -> str:
        """The URL of a database, as asyncpg takes it."""
        return f"postgresql://postgres@/{quote(database, safe='')}?host={quote(str(self._sockets))}"

    def start(self) -> None:
        runner = _unprivileged(self._root, postgres_bin())
        self._hand_over(runner)
        if not self._data.exists():
            self._initialise(runner)
        _start_patiently(self.child, lambda: self._launch(runner), self._ready)

    def stop(self) -> None:
        self.child.stop(STOP_PATIENCE)

    def kill(self) -> None:
        self.child.kill()

    def _launch(self, runner: "Runner") -> None:
        settings = [*(SAFE if self._durable else FAST), *QUIET, "listen_addresses=", "unix_socket_permissions=0700"]
        settings.append(f'unix_socket_directories="{self._sockets}"')
        options = [word for setting in settings for word in ("-c", setting)]
        command = [*runner.command("postgres"), "-D", str(self._data), *options]
        self.child.start(command, account=runner.account)

    def _initialise(self, runner: "Runner") -> None:
        # Made beside and renamed: a start cut short leaves no half-made cluster that looks whole.
        fresh = self._root / "pg.new"
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.mkdir(mode=0o700)
        _give(fresh, runner.account)
        options = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8", "-D", str(fresh)]
        done = runner.run([*runner.command("initdb"), *options, *([] if self._durable else ["--no-sync"])])
        if done.returncode != 0:
            raise StartError(f"PostgreSQL could not set up {self._data}: {done.stderr.strip()}")
        fresh.rename(self._data)

    def _hand_over(self, runner: "Runner") -> None:
        if runner.account:
            self._sockets.chmod(0o755)
            _give(self._sockets, runner.account)

    def _ready(self) -> bool:
        # What pg_ctl goes by: the first line is the process, the eighth its state.
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[0] == str(self.child.pid) and lines[7].strip() == "ready"


class Redis:
    """Valkey (Redis-compatible) on a unix socket, append-only file on where it is to last."""

    def __init__(self, root: Path, sockets: Path, log: Path, *, durable: bool) -> None:
        self._data = root / "redis"
        self._socket = sockets / "redis.sock"
        self._durable = durable
        self.child = Child("redis", log, stop_signal=signal.SIGTERM, death_signal=signal.SIGTERM)

    def url(self, database: int = 0) -> str:
        """The URL of a numbered database, as redis-py takes it."""
        return f"unix://{quote(str(self._socket))}?db={database}"

    def start(self) -> None:
        self._data.mkdir(parents=True, exist_ok=True)
        _start_patiently(self.child, self._launch, self._ready)

    def stop(self) -> None:
        self.child.stop(STOP_PATIENCE)

    def kill(self) -> None:
        self.child.kill()

    def _launch(self) -> None:
        socket_options = ["--port", "0", "--unixsocket", str(self._socket), "--unixsocketperm", "700"]
        keep = ["--save", "", "--appendonly", "yes" if self._durable else "no", "--appendfsync", "everysec"]
        self.child.start([str(redis_bin()), *socket_options, "--dir", str(self._data), *keep])

    def _ready(self) -> bool:
        try:
            with socket.socket(socket.AF_UNIX) as connection:
                connection.settimeout(1.0)
                connection.connect(str(self._socket))
                connection.sendall(b"PING\r\n")
                return connection.recv(16).startswith(b"+PONG")
        except OSError:
            return False


class Stack:
    """Both servers. With ``data`` they keep what they hold there; without, all is gone at ``stop``.

    ``durable=False`` trades safety for speed (no fsync, no append-only file): for tests.
    """

    def __init__(self, data: Path | str | None = None, *, durable: bool = True) -> None:
        self._scratch = [] if data else [Path(tempfile.mkdtemp(prefix="daymark-"))]
        self.root = Path(data).resolve() if data else self._scratch[0]
        self.root.mkdir(parents=True, exist_ok=True)
        self.sockets = self._socket_folder()
        logs = self.root / "logs"
        self.postgres = Postgres(self.root, self.sockets, logs / "postgres.log", durable=durable)
        self.redis = Redis(self.root, self.sockets, logs / "redis.log", durable=durable)

    @property
    def database_url(self) -> str:
        return self.postgres.url()

    @property
    def redis_url(self) -> str:
        return self.redis.url()

    def start(self) -> Self:
        """Start both; where one fails neither is left (``StartError``, ``ServerNotFoundError``)."""
        try:
            self.postgres.start()
            self.redis.start()
        except BaseException:
            self.stop()
            raise
        return self

    def stop(self) -> None:
        """Stop both cleanly and remove what was only scratch."""
        stop_all([self.redis.child, self.postgres.child], STOP_PATIENCE)
        for folder in self._scratch:
            shutil.rmtree(folder, ignore_errors=True)

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _socket_folder(self) -> Path:
        if _fits_a_socket(self.root):
            return self.root
        short = Path(tempfile.mkdtemp(prefix="daymark-", dir="/tmp"))  # TMPDIR may itself be long
        self._scratch.append(short)
        return short


def _fits_a_socket(folder: Path) -> bool:
    room = LONGEST_SOCKET_PATH - LONGEST_SOCKET_NAME
    return len(os.fsencode(folder)) <= room and not set(str(folder)) & set('",')


@dataclass(frozen=True, slots=True)
class Runner:
    """How PostgreSQL, which refuses to run as root, is run: programs, words before them, and as whom."""

    programs: Path
    before: tuple[str, ...] = ()
    account: Account | None = None

    def command(self, program: str) -> list[str]:
        return [*self.before, str(self.programs / program)]

    def run(self, command: Sequence[str]) -> subprocess.CompletedProcess[str]:
        """Run a command to its end (``OSError`` where that account cannot reach the program)."""
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            user=self.account.uid if self.account else None,
            group=self.account.gid if self.account else None,
            extra_groups=[] if self.account else None,
        )

    def works(self) -> bool:
        try:
            return self.run([*self.command("postgres"), "--version"]).returncode == 0
        except OSError:
            return False


def _unprivileged(root: Path, programs: Path) -> Runner:
    """As root: in a user namespace (nothing changes owner), else as nobody, if need be on a copy."""
    if os.geteuid() != 0:
        return Runner(programs)
    words = ("unshare", "--user", f"--map-user={NOBODY.uid}", f"--map-group={NOBODY.gid}", "--")
    spaced = Runner(programs, before=words)
    if sys.platform == "linux" and not os.environ.get("DAYMARK_NO_USERNS") and spaced.works():
        return spaced
    root.chmod(0o755)
    plain = Runner(programs, account=NOBODY)
    return plain if plain.works() else Runner(_readable_copy(root, programs), account=NOBODY)


def _readable_copy(root: Path, programs: Path) -> Path:
    # The wheel's programs look for their libraries in the folder beside theirs.
    package = programs.parent.parent
    for folder in (package, package.with_name(package.name + ".libs")):
        if folder.exists():
            shutil.copytree(folder, root / "bin" / folder.name, symlinks=True, dirs_exist_ok=True)
    return root / "bin" / programs.relative_to(package.parent)


def _give(folder: Path, account: Account | None) -> None:
    if account:
        os.chown(folder, account.uid, account.gid)


def _start_patiently(child: Child, launch: Callable[[], None], ready: Callable[[], bool]) -> None:
    """Launch and wait; again where it ends at once, as it does while a killed predecessor still holds on."""
    end = monotonic() + START_PATIENCE
    attempts = 5
    launch()
    while not ready():
        if not child.alive:
            attempts -= 1
            _give_up_if(attempts == 0, child, "ended at once")
            time.sleep(0.3)
            launch()
        _give_up_if(monotonic() > end, child, f"was not ready within {START_PATIENCE:.0f} s")
        time.sleep(0.02)


def _give_up_if(hopeless: bool, child: Child, what: str) -> None:
    if hopeless:
        child.kill()
        raise StartError(f"{child.name} {what}; the end of {child.log}:\n{child.last_words()}")
