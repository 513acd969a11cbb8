from datetime import UTC, datetime, timedelta, timezone
from itertools import pairwise, permutations
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import orjson
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from services.metrics.fact import UNASSIGNED, Fact, decode, fact_of, later_of, moment
from tests.oracle.examples import contact, decided, lead, said
from tests.oracle.facts import local_date as oracle_date
from tests.oracle.facts import seconds as oracle_seconds

LONDON = ZoneInfo("Europe/London")
OFFSETS = st.integers(-24 * 60 + 1, 24 * 60 - 1) | st.sampled_from([0, 60, 330, 345, -210, -570, 840])
# The nights on which the clocks change, and any other time.
INSTANTS = st.datetimes(*map(datetime.fromisoformat, ("1900-01-01", "2099-12-31"))) | st.builds(
    lambda day, minutes, micros: day + timedelta(minutes=minutes, microseconds=micros),
    st.sampled_from(["2026-03-28T22:00", "2026-10-24T22:00", "2026-06-30T22:00"]).map(datetime.fromisoformat),
    st.integers(0, 300),
    st.sampled_from([0, 1, 250_000, 999_999]),
)


@given(INSTANTS, OFFSETS, st.booleans(), st.booleans())
@example(datetime.fromisoformat("2026-06-30T23:00"), 0, True, False)
@example(datetime.fromisoformat("2026-06-30T22:59:59.999999"), 330, False, False)
@example(datetime.fromisoformat("2026-10-25T00:30"), 60, False, True)
def test_a_moment_is_what_the_standard_library_makes_of_it(
    instant: datetime, minutes: int, zulu: bool, lower: bool
) -> None:
    aware = instant.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes)))
    text = aware.isoformat()
    if zulu and minutes == 0:
        text = text.replace("+00:00", "Z")
    day, seconds = moment(text.lower() if lower else text)
    assert day == aware.astimezone(LONDON).date()
    assert seconds == aware.timestamp()


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T10:00:00.5Z",
        "2026-03-01T10:00:00.123456789Z",
        "2026-03-01T15:30:00.000001+05:30",
        "2026-03-01T10:00:00-00:00",
        "0002-01-01T00:00:00+00:00",
        "9998-12-31T23:59:59Z",
    ],
)
def test_a_moment_is_that_of_the_oracle(text: str) -> None:
    day, seconds = moment(text)
    assert day == oracle_date(oracle_seconds(text))
    assert seconds == pytest.approx(float(oracle_seconds(text)), abs=1e-6)


@given(st.lists(st.tuples(INSTANTS, OFFSETS), min_size=2, max_size=6))
def test_moments_are_in_order_however_they_are_written(instants: list[tuple[datetime, int]]) -> None:
    aware = [
        instant.replace(tzinfo=UTC).astimezone(timezone(timedelta(minutes=minutes))) for instant, minutes in instants
    ]
    assert sorted(aware, key=lambda one: moment(one.isoformat())[1]) == sorted(aware)


def fact(event: dict[str, Any]) -> Fact:
    return fact_of(decode(orjson.dumps({"id": "e1", **event})))


def test_a_fact_is_what_its_event_says() -> None:
    one = fact(contact("k1", "2026-02-27T23:59:59.5Z", recordversion=3, recordedtime="2026-03-01T00:00:00Z"))
    assert (one.type, one.subject, one.stands, one.team) == ("csc.contact.received", "k1", True, "north")
    assert one.day.isoformat() == "2026-02-27"
    assert one.time == 1772236799.5
    assert one.order == (3, 1772323200.0, "e1", "/E09000003/mosaic")


def test_without_recordedtime_an_event_is_recorded_at_its_own_time() -> None:
    one = fact(contact("k1", "2026-02-27T10:00:00Z"))
    null = fact(contact("k1", "2026-02-27T10:00:00Z", recordedtime=None, recordversion=None))
    assert one.order == null.order == (0, 1772186400.0, "e1", "/E09000003/mosaic")


@pytest.mark.parametrize("data", [None, [1], "c1", 5, {"team_id": "never"}])
def test_a_withdrawal_may_carry_anything_and_falls_nowhere(data: Any) -> None:
    event = said("audit.completed", "u1", "2026-03-01", op="withdraw")
    one = fact({**event, "data": data})
    assert not one.stands
    assert one.places == ()


def test_what_is_not_an_event_is_an_error() -> None:
    for document in (b"", b"{}", b"[]", b'{"id": 5}', b"\xff"):
        with pytest.raises(msgspec.MsgspecError):
            decode(document)


ORDERED = [
    {"recordversion": 0, "recordedtime": "2026-03-01T12:00:00Z", "id": "z", "source": "/b"},
    {"recordversion": 1, "recordedtime": "2026-02-01T12:00:00+01:00", "id": "z", "source": "/b"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:00.000001Z", "id": "Z", "source": "/b"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:01Z", "id": "Z9", "source": "/b"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:01Z", "id": "a10", "source": "/b"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:01Z", "id": "a9", "source": "/a"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:01Z", "id": "a9", "source": "/b"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:01Z", "id": "\uff5e", "source": "/a"},
    {"recordversion": 1, "recordedtime": "2026-02-01T11:00:01Z", "id": "\U0001f5d2", "source": "/a"},
]


@pytest.mark.parametrize(("lower", "higher"), list(pairwise(ORDERED)))
def test_the_highest_version_recordedtime_id_and_source_wins(lower: dict[str, Any], higher: dict[str, Any]) -> None:
    old, new = (contact("k1", "2026-03-01", team_id=team, **how) for team, how in (("old", lower), ("new", higher)))
    assert later_of(fact(old), fact(new)).team == "new"
    assert later_of(fact(new), fact(old)).team == "new"


def test_the_winner_remembers_where_every_version_fell() -> None:
    versions = [
        contact("k1", "2026-03-01", team_id="b", recordversion=1),
        contact("k1", "2026-03-01", team_id="a", recordversion=2),
        said("contact.received", "k1", "2026-03-01", op="withdraw", recordversion=3, team_id="never"),
        said("contact.received", "k1", "2026-03-01", recordversion=4),
        contact("k1", "2026-03-01", team_id="b", recordversion=0),
    ]
    for order in permutations(versions):
        known = fact(order[0])
        for event in order[1:]:
            known = later_of(known, fact(event))
        assert known.order[0] == 4
        assert known.places == ((None, "k1"), ("a", "k1"), ("b", "k1"))


@pytest.mark.parametrize(
    ("event", "place"),
    [
        (contact("k1", "2026-03-01"), ("north", "k1")),
        (decided("r1", "2026-03-01"), (None, "r1")),
        (said("assessment.started", "a1", "2026-03-01", referral_id="r1"), (None, "r1")),
        (said("section47.started", "s1", "2026-03-01"), (None, None)),
        (said("section47.started", "s1", "2026-03-01", referral_id="r2", team_id="t"), ("t", "r2")),
        (lead("q1", "2026-03-01"), ("north", "w1")),
        (said("absence.started", "b1", "2026-03-01"), (None, "w1")),
    ],
)
def test_an_event_falls_under_its_team_and_what_it_hangs_on(event: dict[str, Any], place: Any) -> None:
    assert fact(event).places == (place,)


def test_the_word_for_no_team_is_that_of_the_contract() -> None:
    assert UNASSIGNED == "unassigned"


def test_the_delay_is_from_when_it_happened_to_when_it_was_recorded() -> None:
    when = "2026-03-28T12:00:00Z"
    assert fact(contact("k1", when)).delay is None
    assert fact(contact("k1", when, recordedtime="2026-03-29T13:00:00+01:00")).delay == 86_400
    assert fact(contact("k1", when, recordedtime="2026-03-28T11:59:59.5Z")).delay == -0.5


def test_the_winner_brings_its_own_source_and_delay_and_counts_all_versions() -> None:
    versions = [
        contact("k1", "2026-03-01T10:00:00Z", recordversion=1, source="/a", recordedtime="2026-03-01T11:00:00Z"),
        contact("k1", "2026-03-01T10:00:00Z", recordversion=2, source="/b"),
        contact("k1", "2026-03-01T10:00:00Z", recordversion=0, source="/c", recordedtime="2026-03-01T12:00:00Z"),
    ]
    for order in permutations(versions):
        known = fact(order[0])
        for event in order[1:]:
            known = later_of(known, fact(event))
        assert (known.versions, known.source, known.delay) == (3, "/b", None)


def test_a_fact_is_told_from_the_others_by_type_and_subject() -> None:
    assert fact(decided("r1", "2026-03-01")).named == ("csc.referral.decided", "r1")


def test_the_child_of_a_fact_is_that_of_its_unit_and_not_kept_twice() -> None:
    assert "child_id" not in fact(contact("k1", "2026-03-01")).data
    assert fact(lead("q1", "2026-03-01")).data["worker_id"] == "w1"
    assert "child_id" in fact(said("audit.completed", "u1", "2026-03-01", child_id="c1")).data
