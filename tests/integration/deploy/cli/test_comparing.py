"""What was learnt of a day between two others, from a real journal."""

import csv
import io
import json
from collections import defaultdict
from fractions import Fraction

import pytest

from deploy.cli.answers import Format
from deploy.cli.asking import Question
from deploy.cli.comparing import compare, run
from deploy.cli.figures import figures
from deploy.local.up import UsageError
from services.metrics.questions.readings import Choice, counted_families
from tests.oracle.examples import AUTHORITY, decided, referral
from tests.oracle.histories import history

KNOWN, LATER = "2026-04-01", "2026-04-03"


def question(place, **changes):
    return Question(place, **({"on": "2026-03-31", "known_on": KNOWN, "clock": "2026-04-20T09:00:00Z"} | changes))


@pytest.fixture
def told(inbox):
    """A referral known at first; then its decision, and another referral."""
    inbox.receive("2026-04-01T09:00:00Z", referral("r1", "2026-03-30"))
    inbox.receive("2026-04-02T09:00:00Z", decided("r1", "2026-03-31"))
    inbox.receive("2026-04-03T09:00:00Z", referral("r2", "2026-03-31", child_id="c2"), referral("r3", "2026-04-01"))


def said(capsys, place, choice=Choice(), form=Format.CSV):
    run(question(place), LATER, choice, form)
    return capsys.readouterr().out


def test_facts_come_in_the_order_of_their_receipt_with_what_they_moved(place, told, capsys):
    rows = list(csv.DictReader(io.StringIO(said(capsys, place, Choice(("csc_clock_open",))))))
    assert [tuple(row[name] for name in ("how", "type", "subject", "child", "before", "after")) for row in rows] == [
        ("arrived", "csc.referral.decided", "r1", "c1", "1", "0"),
        ("arrived", "csc.referral.received", "r2", "c2", "0", "1"),
    ]
    assert {(row["on"], row["known_on"], row["and"]) for row in rows} == {("2026-03-31", KNOWN, LATER)}
    assert (rows[0]["received"], rows[0]["authority"], rows[0]["labels"]) == (
        "2026-04-02 10:00:00+01:00",
        AUTHORITY,
        "team=north,clock=referral_decision",
    )


def test_json_says_the_same_and_counts_what_is_of_later_days(place, told, capsys):
    answer = json.loads(said(capsys, place, form=Format.JSON))
    assert answer["events_of_later_days"] == 1
    assert [fact["subject"] for fact in answer["facts"]] == ["r1", "r2"]
    moves = {(move["family"], move["before"], move["after"]) for move in answer["facts"][0]["moves"]}
    assert {("csc_clock_open", 1, 0), ("csc_children", None, 1)} <= moves


def test_a_table_leaves_out_what_every_fact_moves_unless_it_is_asked_for(place, told, capsys):
    table = said(capsys, place, form=Format.TABLE)
    assert table.startswith(
        "What was learnt of 2026-03-31 after the end of 2026-04-01 and by the end of 2026-04-03:\n"
        "facts 2; events of later days, left aside, 1.\n"
    )
    assert "csc_children" in table
    assert "csc_facts" not in table
    assert "csc_facts" in said(capsys, place, Choice(("csc_facts",)), Format.TABLE)


def test_the_moves_add_up_to_the_difference_between_the_two_answers(place, inbox):
    events = history(11, question(place).day().on, 150, theme="front door")
    inbox.receive("2026-04-01T09:00:00Z", *events[:90])
    inbox.receive("2026-04-02T09:00:00Z", *events[90:])
    moved = defaultdict(Fraction)
    for change in compare(question(place), LATER, Choice()).changes:
        for move in change.moves:
            moved[move.family, move.labels] += Fraction(move.moved)
    for (family, labels), value in known(place, KNOWN).items():
        moved[family, labels] += value
    assert {series: value for series, value in moved.items() if value} == known(place, LATER)


def known(place, day):
    found = figures(question(place, known_on=day), Choice(tuple(counted_families())))
    values = {(reading.family, reading.labels): Fraction(reading.value) for reading in found.readings}
    return {series: value for series, value in values.items() if value}


def test_the_same_comparison_gives_the_same_answer_whatever_comes_later(place, told, inbox, capsys):
    first = said(capsys, place)
    inbox.receive("2026-04-05T09:00:00Z", referral("r1", "2026-03-20", recordversion=9))
    assert said(capsys, place) == first


@pytest.mark.parametrize(
    ("later", "choice", "says"),
    [
        ("2026-03-31", Choice(), "--and 2026-03-31 is before --known-on 2026-04-01: put the earlier day first"),
        ("2026-03-30", Choice(), "--and 2026-03-30 is before 2026-03-31"),
        ("2026-04-21", Choice(), "--and 2026-04-21 is to come"),
        (LATER, Choice(("csc_working_day",)), "csc_working_day is not counted from facts: no fact moves it"),
        (LATER, Choice(("csc_x",)), "there is no family csc_x"),
    ],
)
def test_what_cannot_be_compared_is_refused_with_advice(place, later, choice, says):
    with pytest.raises(UsageError, match=says):
        compare(question(place), later, choice)


def test_between_a_day_and_itself_nothing_was_learnt(place, told, capsys):
    run(question(place), KNOWN, Choice(), Format.TABLE)
    assert capsys.readouterr().out.endswith("\nfacts 0; events of later days, left aside, 0.\n")
