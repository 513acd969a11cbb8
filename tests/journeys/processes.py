"""Looking at processes from outside."""

import os
import time
from pathlib import Path

from shared.runtime.clock import monotonic


def await_true(condition, seconds=20.0, what="it"):
    """Wait until something holds; fails where it never does."""
    end = monotonic() + seconds
    while not condition():
        assert monotonic() < end, f"{what} did not come about in {seconds} s"
        time.sleep(0.05)


def is_gone(pid):
    """Whether a process has ended (one that nobody has fetched yet has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


def of_folder(folder):
    """The processes, ours not counted, that have a folder in their command or environment."""
    return [pid for pid in _all() if pid != os.getpid() and _mentions(pid, os.fsencode(folder))]


def _all():
    return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdecimal()]


def _mentions(pid, folder):
    try:
        said = Path(f"/proc/{pid}/cmdline").read_bytes() + Path(f"/proc/{pid}/environ").read_bytes()
    except OSError:
        return False
    return folder in said and not is_gone(pid)
