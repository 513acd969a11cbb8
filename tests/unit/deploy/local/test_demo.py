"""The order and the moment in which a rehearsal is played live."""

from datetime import UTC, datetime

from deploy.local.demo import Tape

DAYS = [
    [{"recordedtime": "2026-03-02T09:00:00+00:00"}, {"recordedtime": "2026-03-02T10:00:00+00:00"}],
    [],
    [{"recordedtime": "2026-03-04T09:00:00+00:00"}, {"recordedtime": "2026-03-04T10:00:00+00:00"}],
]


def test_what_is_not_recorded_yet_waits():
    tape = Tape(iter(DAYS))
    assert tape.take(9, datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) == DAYS[0][:1]
    assert tape.take(9, datetime(2026, 3, 2, 9, 30, tzinfo=UTC)) == []
    assert tape.take(9, datetime(2026, 3, 4, 9, 0, tzinfo=UTC)) == [DAYS[0][1], DAYS[2][0]]


def test_no_more_is_taken_than_asked_for():
    late = datetime(2027, 1, 1, tzinfo=UTC)
    tape = Tape(iter(DAYS))
    assert [len(tape.take(2, late)), len(tape.take(1, late))] == [2, 1]
