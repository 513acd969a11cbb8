"""One child process: started so that it cannot outlive us, stopped politely, killed when it must be."""

import ctypes
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from shared.runtime.clock import monotonic

LONGEST_LOG = 16 * 1024 * 1024
PR_SET_PDEATHSIG = 1


@dataclass(frozen=True, slots=True)
class Account:
    """Another user to run as; only root can."""

    uid: int
    gid: int


class Child:
    """A child process in a session of its own, its output appended to a log file.

    It gets ``death_signal`` as soon as the thread that started it ends, even by SIGKILL (Linux): start it
    from a thread that lasts, as a rule the main one.
    """

    def __init__(self, name: str, log: Path, *, stop_signal: signal.Signals, death_signal: signal.Signals) -> None:
        self.name = name
        self.log = log
        self._stop_signal = stop_signal
        self._death_signal = death_signal
        self._process: subprocess.Popen[bytes] | None = None

    def start(
        self, command: Sequence[str], *, env: Mapping[str, str] | None = None, account: Account | None = None
    ) -> None:
        """Start the command; ``OSError`` where it cannot be run."""
        self.log.parent.mkdir(parents=True, exist_ok=True)
        rotate(self.log)
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=env,
                user=account.uid if account else None,
                group=account.gid if account else None,
                extra_groups=[] if account else None,
                preexec_fn=dies_with_parent(self._death_signal),  # noqa: PLW1509 - one system call, no locks
            )

    @property
    def pid(self) -> int | None:
        """The process id while there is a process, else None."""
        return self._process.pid if self._process else None

    @property
    def exit_code(self) -> int | None:
        """What the process ended with (negative: the signal that ended it); None while it runs."""
        return self._process.poll() if self._process else None

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def ask_to_stop(self) -> None:
        """Send the polite signal and do not wait."""
        if self._process and self.alive:
            self._process.send_signal(self._stop_signal)

    def stop(self, patience: float = 8.0) -> None:
        """Ask, wait for at most ``patience`` seconds, then kill."""
        self.ask_to_stop()
        try:
            if self._process:
                self._process.wait(max(patience, 0.0))
        except subprocess.TimeoutExpired:
            self.kill()

    def kill(self) -> None:
        """End it at once, as a power cut would."""
        if self._process:
            self._process.kill()
            self._process.wait()

    def last_words(self, size: int = 800) -> str:
        """The end of its log, to say why it died."""
        try:
            return self.log.read_bytes()[-size:].decode(errors="replace").strip()
        except FileNotFoundError:
            return ""


def stop_all(children: Sequence[Child], patience: float) -> None:
    """Ask all at once, then share ``patience`` seconds among them."""
    end = monotonic() + patience
    for child in children:
        child.ask_to_stop()
    for child in children:
        child.stop(end - monotonic())


def rotate(log: Path, longest: int = LONGEST_LOG) -> None:
    """Keep a log short, even while it is written to: over ``longest`` bytes it moves to NAME.log.1.

    Right only for files opened to append, as a ``Child``'s are.
    """
    if log.exists() and log.stat().st_size > longest:
        shutil.copyfile(log, log.with_name(log.name + ".1"))
        os.truncate(log, 0)


def dies_with_parent(death_signal: signal.Signals) -> Callable[[], None] | None:
    """What a child runs before its program, to get a signal when the thread that started it ends (Linux)."""
    if sys.platform != "linux":
        return None
    libc, parent = ctypes.CDLL(None), os.getpid()

    def bind() -> None:
        libc.prctl(PR_SET_PDEATHSIG, int(death_signal))
        if os.getppid() != parent:  # it died before we could ask to be told
            os._exit(1)

    return bind
