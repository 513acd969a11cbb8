"""Daymark as people run it: `./daymark` in processes of its own, on a folder and ports of its own."""

import json
import os
import random
import socket
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parents[2]
KEY = "journey"
AUTHORITY = "E99000042"


def environment(**changes):
    """Ours, without settings that would reach the commands."""
    mine = {name: value for name, value in os.environ.items() if not name.startswith("DAYMARK_")}
    for name in ("DATABASE_URL", "REDIS_URL"):
        mine.pop(name, None)
    return mine | {"PYTHONPATH": str(ROOT), "PYTHONSAFEPATH": "1"} | changes


def command(*arguments):
    """The command as `./daymark` runs it once its environment is there."""
    return [sys.executable, "-m", "deploy.cli", *map(str, arguments)]


def run(*arguments, stdin=None, cwd=None, **changes):
    """Run a command to its end."""
    return subprocess.run(
        command(*arguments),
        check=False,
        input=stdin,
        capture_output=True,
        text=True,
        timeout=120,
        cwd=cwd,
        env=environment(**changes),
    )


def free_port_base():
    """A number after which three ports are free, below the range from which clients are given theirs."""
    while True:
        base = random.randrange(20_000, 32_000)
        if all(_is_free(base + offset) for offset in (1, 2, 3)):
            return base


def _is_free(port):
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


@dataclass
class Up:
    """A running `daymark up` that was ready."""

    process: subprocess.Popen
    report: dict
    errors: Path

    @property
    def data(self):
        return Path(self.report["data"])

    @property
    def urls(self):
        """The options by which other commands find it."""
        return [word for name in ("referrals", "workforce", "metrics") for word in (f"--{name}", self.report[name])]

    def note(self):
        """What it says of itself now."""
        return json.loads((self.data / "up.json").read_text())

    def figures(self):
        return httpx.get(self.report["metrics"] + "/metrics").text

    def stop(self):
        """Stop it cleanly; returns its exit code and what was left on its standard output."""
        self.process.terminate()
        rest, _ = self.process.communicate(timeout=15)
        return self.process.returncode, rest


@contextmanager
def running(data, *options, **changes):
    """`daymark up` on a folder, stopped at the end if it still runs."""
    data.mkdir(parents=True, exist_ok=True)
    errors = data.with_name(data.name + ".stderr")
    with errors.open("ab") as log:
        process = subprocess.Popen(
            command("up", "--json", "--data", data, "--port-base", free_port_base(), "--dev-key", KEY, *options),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env=environment(**changes),
        )
    try:
        line = process.stdout.readline()
        assert line, errors.read_text()
        yield Up(process, json.loads(line), errors)
    finally:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def contact(number, authority=AUTHORITY, **changes):
    """A contact received, as a line of a file."""
    event = {
        "specversion": "1.0",
        "id": f"c-{number}",
        "source": f"/{authority}/journey",
        "type": "csc.contact.received",
        "subject": f"contact-{number}",
        "time": "2026-03-02T09:00:00Z",
        "authority": authority,
        "data": {"child_id": f"child-{number}", "source_code": "1A"},
    }
    return json.dumps(event | changes)


def employment(number, authority=AUTHORITY):
    """An employment begun, which the other service owns."""
    data = {
        "worker_id": f"worker-{number}",
        "team_id": "north",
        "fte": 0.5,
        "contract": "agency",
        "role": "case_holder",
    }
    kind = {"type": "csc.employment.started", "subject": f"employment-{number}", "id": f"e-{number}", "data": data}
    return contact(number, authority, **kind)
