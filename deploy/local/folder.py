"""The data directory of ``up``: one owner at a time, and a note of what runs on it."""

import fcntl
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any


class FolderInUseError(Exception):
    """Another process works on the data directory."""


class Folder:
    """A data directory: ``pg/`` ``redis/`` ``logs/`` ``lock``, and ``up.json`` while something runs on it."""

    def __init__(self, path: Path) -> None:
        self.path = path.resolve()
        self.logs = self.path / "logs"
        self._note = self.path / "up.json"

    @contextmanager
    def owned(self) -> Iterator[None]:
        """Own it for a while (``FolderInUseError`` where somebody does); the system lets go when we die."""
        self.path.mkdir(parents=True, exist_ok=True)
        with (self.path / "lock").open("a") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise FolderInUseError(
                    f"{self.path} is in use by another daymark: stop that one, or choose a folder with --data"
                ) from None
            yield

    def announce(self, report: Mapping[str, Any]) -> None:
        """Leave word of what runs here; whole or not at all, for its owner's eyes."""
        fresh = self._note.with_suffix(".new")
        fresh.write_text(json.dumps(report) + "\n")
        fresh.chmod(0o600)
        fresh.rename(self._note)

    def withdraw(self) -> None:
        """Take the word back."""
        self._note.unlink(missing_ok=True)

    def running(self) -> dict[str, Any] | None:
        """What runs here, as announced; None where nothing does, whatever note a crash has left."""
        try:
            with self.owned():
                return None
        except FolderInUseError:
            return self._read_note()

    def _read_note(self) -> dict[str, Any] | None:
        try:
            report: dict[str, Any] = json.loads(self._note.read_text())
        except (FileNotFoundError, ValueError):
            return None
        return report
