"""Supervision of real processes."""

import signal
import sys
import time

import pytest

from deploy.local.process import Child
from deploy.local.supervisor import Supervisor
from shared.runtime.clock import monotonic


class Sleeper:
    """A process that does nothing, until it is ended."""

    def __init__(self, log):
        self.child = Child("sleeper", log, stop_signal=signal.SIGTERM, death_signal=signal.SIGKILL)

    def start(self):
        self.child.start([sys.executable, "-c", "import time; time.sleep(60)"])


@pytest.fixture
def sleeper(tmp_path):
    sleeper = Sleeper(tmp_path / "logs" / "sleeper.log")
    sleeper.start()
    yield sleeper
    sleeper.child.kill()


def look_until(supervisor, condition):
    end = monotonic() + 10
    while not condition():
        assert monotonic() < end
        supervisor.look()
        time.sleep(0.02)


def test_what_dies_is_started_again_and_both_are_said(sleeper):
    said, changes = [], []
    supervisor = Supervisor(
        {"sleeper": (sleeper, lambda: True)}, said.append, lambda: changes.append(sleeper.child.pid)
    )
    supervisor.look()
    assert said == []
    first = sleeper.child.pid
    sleeper.child.kill()
    look_until(supervisor, lambda: said[-1:] == ["sleeper is ready again"])
    supervisor.look()
    assert len(said) == 2
    assert said[0] == "sleeper was ended by SIGKILL; starting it again in 0.2 s"
    assert changes == [sleeper.child.pid] != [first]
    assert sleeper.child.alive


def test_a_stop_that_is_not_heeded_becomes_a_kill(tmp_path):
    child = Child("deaf", tmp_path / "deaf.log", stop_signal=signal.SIGTERM, death_signal=signal.SIGKILL)
    deaf = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
    )
    child.start([sys.executable, "-c", deaf])
    while "deaf" not in child.last_words():
        time.sleep(0.02)
    child.stop(patience=0.2)
    assert child.exit_code == -signal.SIGKILL
