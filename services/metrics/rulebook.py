"""What the figures go by and people may change: the policy file and the calendar of working days.

Both are read at the start, where a mistake ends the service with a sentence, and again whenever a file changes, where
a mistake is said in the log and what held before goes on holding.
"""

import logging
from dataclasses import dataclass, field
from pathlib import Path

from shared.domain.calendar import WorkingCalendar, england_and_wales, parse_calendar
from shared.domain.policy import PolicyBook, parse_policy

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rulebook:
    """A calendar and the policies, with the text that they were read from."""

    calendar: WorkingCalendar = field(default_factory=england_and_wales)
    policies: PolicyBook = field(default_factory=PolicyBook)
    calendar_text: str | None = None
    """None: the calendar that the product is shipped with."""
    policy_text: str | None = None
    """None: the defaults."""


def parse_rules(calendar_text: str | None, policy_text: str | None) -> Rulebook:
    """Raises ``CalendarError`` or ``PolicyError``, which say what is wrong."""
    return Rulebook(
        england_and_wales() if calendar_text is None else parse_calendar(calendar_text),
        PolicyBook() if policy_text is None else parse_policy(policy_text),
        calendar_text,
        policy_text,
    )


class RuleFiles:
    """The files, and the rules as last read from them."""

    def __init__(self, policy: Path | None = None, calendar: Path | None = None) -> None:
        self._policy, self._calendar = policy, calendar
        self._stamps = self._look()
        self.rules = self._read()

    def changed(self) -> bool:
        """Read the files again if they are not as they were; whether the rules are new."""
        stamps = self._look()
        if stamps == self._stamps:
            return False
        self._stamps = stamps
        try:
            self.rules = self._read()
        except (ValueError, OSError) as error:
            log.error("the policy or the calendar was changed and cannot be used (%s): the one before holds", error)
            return False
        return True

    def _read(self) -> Rulebook:
        return parse_rules(_text(self._calendar), _text(self._policy))

    def _look(self) -> tuple[tuple[int, int] | None, ...]:
        return tuple(_stamp(path) for path in (self._policy, self._calendar))


def _text(path: Path | None) -> str | None:
    return path.read_text() if path else None


def _stamp(path: Path | None) -> tuple[int, int] | None:
    """What changes when a file is written or replaced."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size) if found else None
