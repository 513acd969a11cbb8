"""Keeps a set of processes running: what dies is started again, later each time, with a line that says so."""

import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from deploy.local.embedded import StartError
from deploy.local.process import LONGEST_LOG, Child, rotate
from shared.runtime.clock import monotonic

FIRST_PAUSE = 0.2
LONGEST_PAUSE = 10.0
STEADY = 30.0
"""Seconds of life after which a death counts as a first one again."""
LOOK_EVERY = 0.1


class Unit(Protocol):
    """Something that can be started and looked after."""

    @property
    def child(self) -> Child: ...

    def start(self) -> None:
        """Start it; ``StartError`` or ``OSError`` where that fails."""
        ...


class Patience:
    """How long to wait before the next start: twice as long each time, and anew after a steady life."""

    def __init__(self) -> None:
        self._next = FIRST_PAUSE

    def pause(self, lived: float) -> float:
        """Seconds to wait after a life of so many seconds."""
        if lived >= STEADY:
            self._next = FIRST_PAUSE
        pause, self._next = self._next, min(self._next * 2, LONGEST_PAUSE)
        return pause


@dataclass(slots=True)
class Watch:
    """One unit under supervision."""

    unit: Unit
    ready: Callable[[], bool]
    started: float
    patience: Patience = field(default_factory=Patience)
    start_at: float | None = None
    awaited: bool = False

    @property
    def name(self) -> str:
        return self.unit.child.name


class Supervisor:
    """Looks after units until it is interrupted; ``say`` takes the lines for the person who watches."""

    def __init__(
        self,
        units: Mapping[str, tuple[Unit, Callable[[], bool]]],
        say: Callable[[str], None],
        changed: Callable[[], None],
    ) -> None:
        self._watches = [Watch(unit, ready, monotonic()) for unit, ready in units.values()]
        self._say = say
        self._changed = changed

    def run(self) -> None:
        """Look after them for ever; ends by ``KeyboardInterrupt`` only."""
        while True:
            self.look()
            time.sleep(LOOK_EVERY)

    def look(self) -> None:
        """One round: notice deaths, start what is due, notice what is ready again."""
        for watch in self._watches:
            if watch.start_at is not None:
                self._start_if_due(watch)
            elif not watch.unit.child.alive:
                self._mourn(watch)
            elif watch.awaited:
                self._notice_if_ready(watch)
            rotate(watch.unit.child.log, LONGEST_LOG)

    def _mourn(self, watch: Watch) -> None:
        now = monotonic()
        pause = watch.patience.pause(now - watch.started)
        watch.start_at = now + pause
        self._say(f"{watch.name} {ending(watch.unit.child.exit_code)}; starting it again in {pause:.1f} s")

    def _start_if_due(self, watch: Watch) -> None:
        if watch.start_at is None or monotonic() < watch.start_at:
            return
        watch.start_at, watch.started, watch.awaited = None, monotonic(), True
        try:
            watch.unit.start()
        except (StartError, OSError) as error:
            self._say(f"{watch.name} could not be started: {error}")
        self._changed()

    def _notice_if_ready(self, watch: Watch) -> None:
        if watch.ready():
            watch.awaited = False
            self._say(f"{watch.name} is ready again")


def ending(code: int | None) -> str:
    """How a process ended, in words."""
    if code is None:
        return "has not started"
    if code < 0:
        return f"was ended by {signal.Signals(-code).name}"
    return f"ended with exit code {code}"


def interrupt_on(signals: Sequence[signal.Signals]) -> None:
    """Let the first of these signals raise ``KeyboardInterrupt`` in the main thread, and ignore the rest."""

    def interrupt(*_: object) -> None:
        for number in signals:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in signals:
        signal.signal(number, interrupt)
