import os
from datetime import date
from pathlib import Path

import pytest

from services.metrics.rulebook import RuleFiles, parse_rules
from shared.domain.calendar import CalendarError, england_and_wales
from shared.domain.policy import PolicyError

CALENDAR = "2026-03-06\nhorizon 2026-12-31\n"


def rewrite(path: Path, text: str) -> None:
    """As an editor does: another file in its place, at another time."""
    new = path.with_suffix(".new")
    new.write_text(text)
    os.utime(new, ns=(0, path.stat().st_mtime_ns + 1))
    new.replace(path)


def test_without_files_the_shipped_calendar_and_the_defaults_hold() -> None:
    rules = RuleFiles().rules
    assert rules.calendar is england_and_wales()
    assert rules.policies.general.clocks.cp_visit == 10
    assert (rules.calendar_text, rules.policy_text) == (None, None)


def test_the_texts_are_kept_with_what_was_read_from_them() -> None:
    rules = parse_rules(CALENDAR, "[clocks]\ncp_visit = 15\n")
    assert parse_rules(rules.calendar_text, rules.policy_text).policies == rules.policies
    assert not rules.calendar.is_working_day(date(2026, 3, 6))


@pytest.mark.parametrize(
    ("calendar", "policy", "error", "words"),
    [
        ("2026-03-06\n", None, CalendarError, "horizon"),
        ("2026-03-66\nhorizon 2026-12-31\n", None, CalendarError, "line 1"),
        ("2027-03-05\nhorizon 2026-12-31\n", None, CalendarError, "2027-03-05"),
        (None, "[clocks]\ncp_visti = 1\n", PolicyError, "cp_visti"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_its_place(
    calendar: str | None, policy: str | None, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        parse_rules(calendar, policy)


def test_a_file_that_was_changed_is_read_again_once(tmp_path: Path) -> None:
    policy, calendar = tmp_path / "policy.toml", tmp_path / "days.txt"
    policy.write_text("[clocks]\ncp_visit = 15\n")
    calendar.write_text(CALENDAR)
    files = RuleFiles(policy, calendar)
    assert not files.changed()
    rewrite(policy, "[clocks]\ncp_visit = 12\n")
    assert files.changed()
    assert files.rules.policies.general.clocks.cp_visit == 12
    assert not files.changed()
    rewrite(calendar, "2026-03-09\nhorizon 2026-12-31\n")
    assert files.changed()
    assert files.rules.calendar.is_working_day(date(2026, 3, 6))


@pytest.mark.parametrize("text", ["[clocks]\ncp_visit = -1\n", "no = toml = at all"])
def test_a_change_that_cannot_be_used_is_said_and_what_held_before_holds(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[clocks]\ncp_visit = 15\n")
    files = RuleFiles(policy)
    rewrite(policy, text)
    assert not files.changed()
    assert files.rules.policies.general.clocks.cp_visit == 15
    assert "the one before holds" in caplog.text
    policy.unlink()
    assert not files.changed()
    assert files.rules.policies.general.clocks.cp_visit == 15
