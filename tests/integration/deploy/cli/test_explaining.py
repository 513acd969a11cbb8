"""``daymark explain`` on the database of services that run."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest
from typer.testing import CliRunner, Result

from deploy.cli.commands import app
from deploy.cli.explaining import skipped_lines
from services.metrics.questions.day_count import Skipped
from tests.integration.conftest import NOW, Running
from tests.oracle.examples import AUTHORITY, referral, said

Explain = Callable[..., Awaitable[Result]]


@pytest.fixture
async def explain(referrals: Running, tmp_path: Path) -> Explain:
    """Runs the command; the journals hold a few facts of one child."""
    events = [
        referral("r1", "2026-01-05"),
        said("assessment.started", "a1", "2026-01-06", referral_id="r1"),
        referral("r1", "2025-12-18", recordversion=1, source="/E09000003/[bold]"),
        said("cp_plan.started", "p1", "2026-01-05"),
        said("visit.recorded", "y1", "2026-01-30", purpose="cp", record_id="p1", seen=True),
        said("cp_plan.ended", "p1", "2026-02-20"),
        said("contact.decided", "k1", "2026-02-20", outcome="advice"),
        said("missing.returned", "h1", "2026-02-27T10:30:00Z"),
    ]
    sent = await referrals.send(*({"id": f"e{number}", **event} for number, event in enumerate(events)))
    assert sent.json()["accepted"] == len(events)

    async def run(clock: str, subject: str, *more: str, **environment: str) -> Result:
        place = ["--data", str(tmp_path), "--database-url", referrals.settings.database_url]
        asked = ["explain", "--authority", AUTHORITY, "--clock", clock, "--subject", subject]
        env = {"DAYMARK_CLOCK": NOW} | environment
        return await asyncio.to_thread(CliRunner().invoke, app, [*asked, *place, *more], env=env)

    return run


async def test_an_overdue_assessment_is_told_in_words(explain: Explain) -> None:
    answer = await explain("assessment", "a1")
    assert answer.exit_code == 0, answer.output
    told = " ".join(answer.stdout.split())
    for words in (
        "assessment of a1, authority E09000003, on Mon 2 Mar 2026",
        "child c1",
        "1. OVERDUE, running now: a1, team north",
        "due Tue 24 Feb 2026; late from Wed 25 Feb 2026",
        "49 of 45 working days, so far",
        "rule 45 working days; Working Together",
        "start csc.referral.received r1 on Thu 18 Dec 2025",
        "✓ 2025-12-18T00:00:00+00:00, version 1, /E09000003/[bold] e2, received 2 Mar 2026 09:00:00: highest record "
        "version",
        "version 0, /E09000003/mosaic e0, received 2 Mar 2026 09:00:00: superseded: lower record version",
        "stop none yet",
        "Thu 25 Dec 2025 to Sun 28 Dec 2025: Christmas Day, Boxing Day, Saturday, Sunday",
        "Thu 1 Jan 2026: New Year's Day",
    ):
        assert words in told, words


async def test_each_visit_and_what_took_the_last_one_away_is_told(explain: Explain, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text("[clocks]\ncp_visit = 20\n")
    told = " ".join((await explain("cp_visit", "y1", "--policy", str(policy))).stdout.split())
    assert "1. COMPLETED ON TIME: p1, team unassigned" in told
    assert "19 of 20 working days, to the stop on Fri 30 Jan 2026" in told
    assert "policy clocks.cp_visit = 20, general" in told
    assert "2. GONE: p1, team unassigned" in told
    assert "gone Fri 20 Feb 2026: The plan ended." in told
    assert "taken by csc.cp_plan.ended p1 on Fri 20 Feb 2026" in told


async def test_hours_are_told_to_the_second(explain: Explain) -> None:
    told = " ".join((await explain("return_interview", "h1")).stdout.split())
    assert "DUE SOON" in told
    assert "due Mon 2 Mar 2026 10:30:00 in England; late from the next second on" in told
    assert "70:30:00 of 72:00:00 hours, so far" in told


async def test_what_has_not_started_says_what_it_lacks(explain: Explain) -> None:
    told = " ".join((await explain("contact_decision", "k1")).stdout.split())
    assert "NOT YET: this clock has not started" in told
    assert "lacking csc.contact.received k1: not received" in told
    assert "known csc.contact.decided k1 on Fri 20 Feb 2026" in told


async def test_programs_get_what_the_service_answers_over_http(explain: Explain) -> None:
    answer = orjson.loads((await explain("assessment", "a1", "--format", "json")).stdout)
    assert answer["as_of"] == NOW
    assert answer["histories"][0]["intervals"][0]["count"]["due"] == "2026-02-24"


async def test_a_past_day_as_known_on_another_is_asked_for_by_options(explain: Explain) -> None:
    told = (await explain("assessment", "a1", "--on", "2026-02-24", "--known-on", "2026-03-02")).stdout
    assert "on Tue 24 Feb 2026, as known at the end of Mon 2 Mar 2026" in " ".join(told.split())
    assert "DUE SOON" in told
    unknown = await explain("assessment", "a1", "--known-on", "2026-03-01")
    assert (unknown.exit_code, unknown.stdout) == (1, "")


@pytest.mark.parametrize(
    ("clock", "subject", "more", "says"),
    [
        ("assessment", "a9", (), "daymark: nothing is known of that subject on that clock"),
        ("assesment", "a1", (), "daymark: --clock: there is no such clock; expected one of allocation, "),
        ("assessment", "a1", ("--known-on", "soon"), "daymark: --known-on: expected a date"),
        ("assessment", "a1", ("--on", "2026-03-03"), "daymark: --on: expected today or an earlier date"),
    ],
)
async def test_what_cannot_be_answered_says_why(
    explain: Explain, clock: str, subject: str, more: tuple[str, ...], says: str
) -> None:
    answer = await explain(clock, subject, *more)
    assert answer.exit_code == (1 if subject == "a9" else 2)
    assert answer.stderr.startswith(says)


@pytest.mark.parametrize(
    ("file", "option"), [("[clocks]\ncp_visits = 1\n", "--policy"), ("horizon soon\n", "--calendar")]
)
async def test_a_file_that_cannot_be_used_says_why(explain: Explain, tmp_path: Path, file: str, option: str) -> None:
    (tmp_path / "file").write_text(file)
    answer = await explain("assessment", "a1", option, str(tmp_path / "file"))
    assert answer.exit_code == 2
    assert "Traceback" not in answer.output
    assert answer.stderr.startswith("daymark: ")


async def test_a_clock_without_an_offset_is_refused(explain: Explain) -> None:
    answer = await explain("assessment", "a1", DAYMARK_CLOCK="2026-03-02T09:00:00")
    assert (answer.exit_code, answer.stderr[:22]) == (2, "daymark: DAYMARK_CLOCK")


def test_days_that_follow_each_other_are_told_together() -> None:
    first = date(2026, 4, 3)
    reasons: Any = ("Good Friday", "Saturday", "Sunday", "Easter Monday")
    days = [Skipped(first + timedelta(days=n), why) for n, why in enumerate(reasons)]
    assert list(skipped_lines((*days, Skipped(date(2026, 4, 11), "Saturday")))) == [
        "Fri 3 Apr 2026 to Mon 6 Apr 2026: Good Friday, Saturday, Sunday, Easter Monday",
        "Sat 11 Apr 2026: Saturday",
    ]
