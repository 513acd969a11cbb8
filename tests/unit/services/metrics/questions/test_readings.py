"""Rows say what /metrics says, no more and no less."""

from datetime import date
from decimal import Decimal

import orjson
import pytest

from services.metrics.exposition import Exposition
from services.metrics.indicators import strands
from services.metrics.questions.readings import Choice, counted_families, other_families, readings
from services.metrics.questions.replay import Day, replay
from tests.oracle.examples import said
from tests.oracle.histories import history
from tests.oracle.text import parse

ON = date(2026, 3, 2)
NAMED = said("team.described", "t1", "2026-01-05", name='The "North"', area="N")


def of_history(seed):
    events = [*history(seed, ON, 120), {"id": "named", **NAMED}]
    return replay(Day(ON), [(1_772_000_000_000_000, orjson.dumps(event)) for event in events])


def text_of(replayed):
    return b"".join(Exposition(strands()).write(replayed.snapshot())).decode()


@pytest.mark.parametrize("seed", range(6))
def test_every_series_of_the_text_is_a_row_and_every_row_a_series_in_the_same_order(seed):
    text = text_of(of_history(seed))
    rows = readings(of_history(seed).snapshot(), Choice())
    assert {(row.family, tuple(sorted(row.labels))): Decimal(row.value) for row in rows} == {
        key: Decimal(str(value)) for key, value in parse(text, None).items()
    }
    assert len(rows) == len(parse(text, None))
    lines = [line for line in text.splitlines() if not line.startswith(("#", "csc_team_info"))]
    assert [as_line(row) for row in rows if row.family != "csc_team_info"] == lines


def as_line(row):
    labels = ",".join(f'{name}="{value}"' for name, value in row.labels)
    return f"{row.family}{{{labels}}} {row.value}" if labels else f"{row.family} {row.value}"


def test_all_families_of_the_text_are_known():
    found = {line.split()[2] for line in text_of(of_history(0)).splitlines() if line.startswith("# TYPE")}
    assert found <= set(counted_families()) | other_families()
    assert other_families() <= found


def test_a_choice_leaves_out_all_else():
    replayed = of_history(0)
    rows = readings(replayed.snapshot(), Choice(("csc_facts", "csc_team_info")))
    assert {row.family for row in rows} == {"csc_facts", "csc_team_info"}
    rows = readings(replayed.snapshot(), Choice(team="t1"))
    assert {dict(row.labels)["team"] for row in rows} == {"t1"}
    assert {row.family for row in rows} >= {"csc_team_info"}
