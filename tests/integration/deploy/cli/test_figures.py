"""Figures of past days, as known on past days, from a real journal."""

import csv
import io
import json
import random
from datetime import date, datetime

import pytest
from typer.testing import CliRunner

from deploy.cli.answers import Format
from deploy.cli.asking import Question
from deploy.cli.commands import app
from deploy.cli.figures import Choice, figures, run
from deploy.local.up import UsageError
from shared.domain.london import last_instant
from tests.oracle.examples import AUTHORITY, decided, referral
from tests.oracle.histories import history
from tests.unit.services.metrics.product import Product

CLOCK = "2026-04-20T09:00:00Z"
ON = date(2026, 3, 31)
MORNING, EVENING, LATER = "2026-04-01T09:00:00Z", "2026-04-01T22:30:00Z", "2026-04-03T09:00:00Z"
OPEN = Choice(("csc_clock_open",))


def question(place, **changes):
    return Question(place, **({"on": str(ON), "clock": CLOCK} | changes))


def said(capsys, one, choice=OPEN, form=Format.CSV, zeros=False):
    run(one, choice, form, zeros)
    return capsys.readouterr().out


def product_of(*received):
    """The service's own figures at the end of the day, had it been told this and nothing else."""
    product = Product(last_instant(ON))
    for at, events in received:
        product.fold(*events, received=datetime.fromisoformat(at).timestamp())
    return {shown for shown in product.text(last_instant(ON)).splitlines() if not shown.startswith("#")}


def as_text(found):
    lines = set()
    for reading in found.readings:
        labels = ",".join(f'{name}="{value}"' for name, value in reading.labels)
        lines.add(f"{reading.family}{{{labels}}} {reading.value}" if labels else f"{reading.family} {reading.value}")
    return lines


def test_as_known_on_a_day_they_are_what_the_service_had_shown_with_what_had_come_by_then(place, inbox):
    events = history(7, ON, 120, theme="children")
    random.Random(7).shuffle(events)
    early, late = events[:80], events[80:]
    inbox.receive(MORNING, *early[:40])
    inbox.receive(LATER, *late)
    inbox.receive(EVENING, *early[40:])
    then = as_text(figures(question(place, known_on="2026-04-01"), Choice()))
    assert then == product_of((MORNING, early[:40]), (EVENING, early[40:]))
    now = as_text(figures(question(place), Choice()))
    assert now == product_of((MORNING, early[:40]), (LATER, late), (EVENING, early[40:]))
    assert then != now


@pytest.mark.parametrize("form", Format)
def test_the_same_question_gives_the_same_answer_whatever_comes_later(place, inbox, capsys, form):
    one = question(place, known_on="2026-04-02")
    inbox.receive(MORNING, referral("r1", "2026-03-31"), *history(3, ON, 60))
    first = said(capsys, one, Choice(), form)
    inbox.receive(LATER, decided("r1", "2026-03-31"), referral("r2", "2026-03-31"), *history(4, ON, 60))
    assert said(capsys, one, Choice(), form) == first
    assert said(capsys, question(place), Choice(), form) != first


def test_what_is_known_later_of_a_past_day_is_in_its_figures(place, inbox, capsys):
    inbox.receive(MORNING, referral("r1", "2026-03-31"))
    inbox.receive(LATER, referral("r2", "2026-03-31", child_id="c2"))
    inbox.receive(LATER, referral("r3", "2026-04-01", child_id="c3"))
    rows = [
        f"2026-03-31,{known},{last},csc_clock_open,{AUTHORITY},north,,clock=referral_decision,{value}"
        for known, last, value in (
            ("2026-04-01", "2026-04-01 10:00:00+01:00", 1),
            ("", "2026-04-03 10:00:00+01:00", 2),
        )
    ]
    assert rows[0] in said(capsys, question(place, known_on="2026-04-01")).splitlines()
    assert rows[1] in said(capsys, question(place)).splitlines()


def test_a_table_leaves_zeros_out_unless_they_are_asked_for(place, inbox, capsys):
    inbox.receive(MORNING, referral("r1", "2026-03-31"), decided("r1", "2026-03-31"))
    choice = Choice(("csc_clock_open", "csc_referrals"))
    table = said(capsys, question(place), choice, Format.TABLE)
    assert table.startswith("Figures of the end of 2026-03-31, as known now.\nEvents known: 2, the last received")
    assert "window=28d" in table
    assert "csc_clock_open" not in table
    assert "csc_clock_open" in said(capsys, question(place), choice, Format.TABLE, zeros=True)


def test_a_table_says_where_nothing_had_come_yet(place, inbox, capsys):
    inbox.receive(LATER, referral("r1", "2026-03-31"))
    table = said(capsys, question(place, known_on="2026-04-01"), OPEN, Format.TABLE)
    assert table == (
        "Figures of the end of 2026-03-31, as known at the end of 2026-04-01.\nNothing had been received by then.\n"
    )


def test_csv_and_json_say_the_same_and_say_of_when(place, inbox, capsys):
    inbox.receive(MORNING, *history(5, ON, 80))
    one = question(place, known_on="2026-04-02")
    rows = list(csv.DictReader(io.StringIO(said(capsys, one, Choice()))))
    answer = json.loads(said(capsys, one, Choice(), Format.JSON))
    assert (answer["on"], answer["known_on"]) == ("2026-03-31", "2026-04-02")
    assert answer["as_of"] == "2026-03-31T23:59:59.999999+01:00"
    assert [(row["family"], float(row["value"])) for row in rows] == [
        (figure["family"], figure["value"]) for figure in answer["figures"]
    ]
    assert {row["known_on"] for row in rows} == {"2026-04-02"}


def test_one_authority_alone_has_the_figures_that_it_has_among_all(place, inbox):
    histories = (history(seed, ON, 90) for seed in range(20))
    events = next(events for events in histories if len({event["authority"] for event in events}) == 2)
    inbox.receive(MORNING, *events)
    whole = set(figures(question(place), Choice()).readings)
    assert len(whole) == len(figures(question(place), Choice()).readings), "a series is there twice"
    alone = set(figures(question(place, authority=AUTHORITY), Choice()).readings)
    other = {reading for reading in whole if ("authority", AUTHORITY) not in reading.labels and reading.labels}
    assert whole - other == alone
    assert other


def test_entries_that_cannot_be_read_are_said_and_change_nothing(place, inbox, capsys):
    inbox.receive(MORNING, referral("r1", "2026-03-31"), b"nonsense")
    run(question(place), OPEN, Format.CSV, zeros=False)
    assert "1 entries cannot be read and are in no figure; they are parked" in capsys.readouterr().err


def test_the_command_takes_its_options_to_where_they_belong(place, inbox):
    inbox.receive(MORNING, referral("r1", "2026-03-31"), referral("r2", "2026-03-31", team_id="south", child_id="c2"))
    options = {"--on": "2026-03-31", "--known-on": "2026-04-01", "--authority": AUTHORITY, "--team": "south"}
    options |= {"--family": "csc_referrals", "--clock": CLOCK, "--database-url": place.database_url, "--format": "csv"}
    done = CliRunner().invoke(app, ["figures", *(word for pair in options.items() for word in pair)])
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 4)
    assert "csc_referrals,E09000003,south,,window=28d,1" in done.stdout
    options |= {"--known-on": "2026-03-31"}
    done = CliRunner().invoke(app, ["figures", *(word for pair in options.items() for word in pair)])
    assert (done.exit_code, len(done.stdout.splitlines())) == (0, 1)
    done = CliRunner().invoke(app, ["figures", "--on", "soon"])
    assert (done.exit_code, done.stderr) == (2, "daymark: --on soon: expected a date like 2026-03-31\n")


def test_a_family_that_there_is_not_is_refused(place):
    with pytest.raises(UsageError, match="there is no family csc_x"):
        figures(question(place), Choice(("csc_x",)))
