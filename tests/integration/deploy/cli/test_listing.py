"""The records behind a number, from a real journal."""

import csv
import io
import json

import pytest

from deploy.cli.answers import Format
from deploy.cli.asking import Question
from deploy.cli.figures import figures
from deploy.cli.listing import list_, parse_labels, run
from deploy.local.up import UsageError
from services.metrics.questions.readings import Choice
from tests.oracle.examples import AUTHORITY, decided, job, leads, referral
from tests.oracle.histories import history

MORNING, LATER = "2026-04-01T09:00:00Z", "2026-04-03T09:00:00Z"
OVERDUE = ("csc_clock_overdue", ["clock=referral_decision,team=north"])


def question(place, **changes):
    return Question(place, **({"on": "2026-03-31", "clock": "2026-04-20T09:00:00Z"} | changes))


@pytest.fixture
def told(inbox):
    """Two referrals overdue and one in another team; the decision on one comes later."""
    south = referral("r3", "2026-03-20", child_id="c3", team_id="south")
    inbox.receive(MORNING, referral("r1", "2026-03-25"), referral("r2", "2026-03-27", child_id="c2"), south)
    inbox.receive(LATER, decided("r1", "2026-03-26"))


def said(capsys, one, number, form):
    run(one, *number, form)
    return capsys.readouterr().out


def test_a_number_opens_to_its_records_as_known_when_it_was_asked(place, told, capsys):
    then = list(csv.DictReader(io.StringIO(said(capsys, question(place, known_on="2026-04-01"), OVERDUE, Format.CSV))))
    assert [(row["unit"], row["record"], row["adds"], row["started"], row["due"]) for row in then] == [
        ("c1", "r1", "1", "2026-03-25", "2026-03-26"),
        ("c2", "r2", "1", "2026-03-27", "2026-03-30"),
    ]
    assert {(row["on"], row["known_on"], row["owner"]) for row in then} == {("2026-03-31", "2026-04-01", "north")}
    now = json.loads(said(capsys, question(place), OVERDUE, Format.JSON))
    assert [record["record"] for record in now["records"]] == ["r2"]
    assert (now["adds_up_by"], now["labels"]) == ("sum", {"clock": "referral_decision"})
    assert now["numbers"] == [{"labels": {"authority": AUTHORITY, "team": "north"}, "value": 1}]


def test_a_table_says_the_number_first(place, told, capsys):
    table = said(capsys, question(place), OVERDUE, Format.TABLE)
    assert table.splitlines()[:2] == [
        "Of the end of 2026-03-31, as known now, the last event received 2026-04-03 10:00:00+01:00:",
        f"csc_clock_overdue authority={AUTHORITY},team=north,clock=referral_decision 1",
    ]
    assert "2026-03-30" in table
    everyone = said(capsys, question(place), ("csc_referrals", ["window=28d"]), Format.TABLE)
    assert "team=south,window=28d 1" in everyone
    assert "started" not in everyone


def test_owners_of_whom_the_number_is_0_are_counted_and_not_named(place, told, capsys):
    table = said(capsys, question(place), ("csc_clock_completed", ["clock=referral_decision,window=28d"]), Format.TABLE)
    assert "csc_clock_completed 0 for 1 others" in table


def test_a_number_that_is_not_there_and_one_that_is_a_largest_say_so(place, inbox, capsys):
    inbox.receive(MORNING, job("e1", "2026-01-01", worker_id="w1"), *leads("w1", 2))
    absent = said(capsys, question(place), ("csc_children", ["status=looked_after"]), Format.TABLE)
    assert "csc_children has no number there: nothing that it needs has come." in absent
    largest = said(capsys, question(place), ("csc_caseload_max", []), Format.TABLE)
    assert "The number is the largest of what the records add, not the sum." in largest


def test_it_is_the_number_that_figures_shows(place, inbox):
    inbox.receive(MORNING, *history(9, question(place).day().on, 150, theme="children"))
    shown = {
        dict(reading.labels)["team"]: reading.value
        for reading in figures(question(place, authority=AUTHORITY), Choice(("csc_children",))).readings
        if ("status", "looked_after") in reading.labels
    }
    listed = list_(question(place, authority=AUTHORITY), "csc_children", ["status=looked_after"])
    assert {owner[2]: str(value) for owner, value in listed.numbers.items()} == shown
    assert sum(map(int, shown.values())) == len(listed.lines) > 0


def test_labels_are_read_as_they_are_shown():
    assert parse_labels(["clock=assessment, team=north", "window=28d"]) == {
        "clock": "assessment",
        "team": "north",
        "window": "28d",
    }
    assert parse_labels([]) == {}


@pytest.mark.parametrize(
    ("family", "labels", "says"),
    [
        ("csc_referrals", ["window"], "--labels window: expected name=value,name=value"),
        ("csc_referrals", ["authority=E09000003"], "name the authority with --authority"),
        ("csc_referrals", [], "csc_referrals wants window to be one of: 28d, 91d, 365d"),
        ("csc_working_day", [], "it is what the calendar says of the day, not a count"),
    ],
)
def test_what_cannot_be_listed_is_refused_with_advice(place, family, labels, says):
    with pytest.raises(UsageError, match=says):
        list_(question(place), family, labels)
