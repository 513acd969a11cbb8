from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest

from services.metrics.fact import decode
from services.metrics.questions.provenance import Provenance, Provenances, Received
from tests.oracle.examples import referral

TODAY = date(2026, 3, 2)


def told(*versions: Any, subject: str = "r1", child: str = "c1") -> Provenance | None:
    file = [Received(decode(orjson.dumps({"id": f"e{n}", **one})), 1e9 + n) for n, one in enumerate(versions)]
    return Provenances(file, TODAY).of("csc.referral.received", subject, child)


def shown(*versions: Any) -> list[tuple[str, bool, str]]:
    provenance = told(*versions)
    assert provenance
    return [(one.event_id, one.counts, one.why) for one in provenance.versions]


def test_one_event_is_the_only_version() -> None:
    assert shown(referral("r1", "2026-02-02")) == [("e0", True, "the only version")]


@pytest.mark.parametrize(
    ("loser", "winner", "decider"),
    [
        ({"recordversion": 3, "id": "z"}, {"recordversion": 4, "id": "a"}, "record version"),
        (
            {"recordedtime": "2026-02-03T09:00:00Z", "id": "z"},
            {"recordedtime": "2026-02-03T09:00:01Z", "id": "a"},
            "recorded time",
        ),
        ({"id": "a"}, {"id": "b"}, "event id"),
        ({"id": "a", "source": "/E09000003/a"}, {"id": "a", "source": "/E09000003/b"}, "source"),
    ],
)
def test_what_decided_between_two_versions_is_said(loser: Any, winner: Any, decider: str) -> None:
    lost, won = referral("r1", "2026-02-02", **loser), referral("r1", "2026-02-02", **winner)
    for order in ((lost, won), (won, lost)):
        assert shown(*order) == [
            (winner["id"], True, f"highest {decider}"),
            (loser["id"], False, f"superseded: lower {decider}"),
        ]


def test_versions_come_in_the_order_in_which_they_would_count() -> None:
    versions = [referral("r1", "2026-02-02", recordversion=number) for number in (2, 9, 1)]
    assert [event_id for event_id, _, _ in shown(*versions)] == ["e1", "e0", "e2"]


def test_a_fact_whose_winner_withdraws_does_not_stand() -> None:
    provenance = told(referral("r1", "2026-02-02"), referral("r1", "2026-02-02", recordversion=1, op="withdraw"))
    assert provenance
    assert not provenance.stands
    assert [one.withdraws for one in provenance.versions] == [True, False]


def test_what_is_dated_after_today_waits_and_does_not_count() -> None:
    versions = shown(referral("r1", "2026-02-02"), referral("r1", "2026-03-03", recordversion=1))
    assert versions == [("e0", True, "the only version"), ("e1", False, "waits for its day")]
    assert told(referral("r1", "2026-03-03")) is None


def test_siblings_with_one_record_id_have_facts_of_their_own() -> None:
    both = [referral("r1", "2026-02-02"), referral("r1", "2026-02-03", child_id="c2")]
    for child, number in (("c1", "e0"), ("c2", "e1")):
        provenance = told(*both, child=child)
        assert provenance
        assert [one.event_id for one in provenance.versions] == [number]


def test_a_version_says_when_it_happened_was_recorded_and_received() -> None:
    provenance = told(referral("r1", "2026-02-01T23:30:00-01:00", recordedtime="2026-02-03T09:00:00Z", recordversion=7))
    assert provenance
    winner = provenance.winner
    assert (winner.time, winner.local_date) == ("2026-02-01T23:30:00-01:00", date(2026, 2, 2))
    assert (winner.recordedtime, winner.recordversion) == ("2026-02-03T09:00:00Z", 7)
    assert winner.received_at == datetime(2001, 9, 9, 1, 46, 40, tzinfo=UTC)
