"""What can be asked, of what, and what is said while it takes its time."""

import asyncio

import pytest

from deploy.cli import asking
from deploy.cli.asking import Progress, Question, ask, instant, newest
from deploy.cli.keyring import Place
from deploy.local.embedded import Stack
from deploy.local.folder import Folder
from deploy.local.up import UsageError
from services.metrics.questions.replay import Replay
from shared.contracts.streams import partition_of
from shared.runtime import journal
from shared.runtime.database import connect, migrate
from tests.integration.deploy.cli.receiving import Inbox
from tests.oracle.examples import AUTHORITY, referral

CLOCK = "2026-04-20T09:00:00Z"


def question(place, **changes):
    return Question(place, **({"on": "2026-03-31", "clock": CLOCK} | changes))


def answer(one):
    day = one.day()
    return ask(one.place, one.extent(), lambda: Replay(day), lambda replay: replay.taken)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"on": "2026-04-21"}, "--on 2026-04-21 is to come: today is 2026-04-20"),
        ({"on": "soon"}, "--on soon: expected a date like 2026-03-31"),
        ({"known_on": "2026-04-21"}, "--known-on 2026-04-21 is to come"),
        ({"known_on": "2026-03-30"}, "--known-on 2026-03-30 is before 2026-03-31: .* ask for --on 2026-03-30"),
        ({"clock": "noon"}, "--clock noon: expected an instant"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_advice(place, changes, says):
    one = question(place, **changes)
    with pytest.raises(UsageError, match=says):
        one.extent(), one.day()


def test_today_can_be_asked_and_is_what_is_asked_without_a_day(place):
    assert str(question(place, on="2026-04-20", known_on="2026-04-20").day().on) == "2026-04-20"
    assert str(question(place, on="").day().on) == "2026-04-20"


def test_a_policy_that_cannot_be_read_is_one_line(place, tmp_path):
    bad = tmp_path / "policy.toml"
    bad.write_text("[caseload]\nred = -1\n")
    with pytest.raises(UsageError, match=r"the policy or the calendar cannot be used: .*red"):
        question(place, policy=bad).day()


def test_a_day_of_knowledge_ends_at_midnight_in_england(place, inbox):
    inbox.receive("2026-04-10T22:59:59.999999+00:00", referral("r1", "2026-03-05"))
    inbox.receive("2026-04-10T23:00:00+00:00", referral("r2", "2026-03-05"))
    assert sum(answer(question(place, known_on="2026-04-10"))) == 1
    assert sum(answer(question(place, known_on="2026-04-11"))) == 2


def test_one_authority_costs_one_partition(place, inbox):
    inbox.receive("2026-04-01T09:00:00Z", referral("r1", "2026-03-05"))
    assert answer(question(place, authority=AUTHORITY)) == [1]
    assert len(answer(question(place))) == 16


def test_a_database_and_a_folder_without_anything_are_named(place, tmp_path):
    with pytest.raises(UsageError, match="this database has no figures yet"):
        answer(question(place))
    with pytest.raises(UsageError, match=r"nothing is kept in .*nowhere: choose the folder of `daymark up`"):
        answer(question(Place(tmp_path / "nowhere", None)))
    assert not (tmp_path / "nowhere").exists()


def test_a_folder_on_which_nothing_runs_and_one_on_which_up_runs_give_the_same_answer(tmp_path):
    data = tmp_path / "d"
    stack = Stack(data, durable=False)
    stack.postgres.start()
    try:
        Inbox(stack.database_url).receive("2026-04-01T09:00:00Z", referral("r1", "2026-03-05"))
        folder = Folder(data)
        with folder.owned():
            folder.announce({"database_url": stack.database_url})
            running = answer(question(Place(data, None)))
    finally:
        stack.stop()
    assert answer(question(Place(data, None))) == running
    assert sum(running) == 1


def test_events_that_were_accepted_and_have_not_come_are_said(place, inbox, capsys):
    inbox.receive("2026-04-01T09:00:00Z", referral("r1", "2026-03-05"))
    accept(place.database_url, partition_of(AUTHORITY), 4)
    answer(question(place))
    assert capsys.readouterr().err == (
        "daymark: 3 accepted events are not in the figures yet; they may change the answer\n"
    )


def accept(url, partition, position):
    """A producer's journal that has come so far."""

    async def go():
        await migrate(url, "referrals", journal.MIGRATIONS)
        connection = await connect(url, "referrals")
        await connection.execute("INSERT INTO journal_head VALUES ('csc.referral', $1, $2)", partition, position)
        await connection.close()

    asyncio.run(go())


def test_what_takes_long_says_how_far_it_is(monkeypatch, capsys):
    monkeypatch.setattr(asking, "PATIENCE", 0)
    Progress("events read").count(1200)
    assert capsys.readouterr().err == "daymark: 1,200 events read\n"
    monkeypatch.setattr(asking, "PATIENCE", 60)
    Progress("events read").count(1200)
    assert capsys.readouterr().err == ""


def test_instants_are_those_of_england():
    assert instant(1_775_034_000_000_001) == "2026-04-01 10:00:00+01:00"
    assert newest(None, 1_775_034_000_000_000, 5) == "2026-04-01 10:00:00+01:00"
    assert newest(None) == ""
