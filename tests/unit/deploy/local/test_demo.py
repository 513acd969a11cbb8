"""The order and the date in which a rehearsal is played live."""

from datetime import date

from deploy.local.demo import Tape

TODAY = date(2026, 3, 2)


def event(id, day):
    return {"id": id, "time": f"{day}T08:00:00+00:00", "recordedtime": f"{day}T09:00:00+00:00"}


DAYS = [[event("a", "2026-03-02"), event("b", "2026-03-02")], [], [event("c", "2026-03-04")]]


def test_today_comes_as_it_is():
    assert Tape(iter(DAYS)).take(2, TODAY) == DAYS[0]


def test_a_later_day_is_dated_today_under_an_id_of_its_own():
    assert Tape(iter(DAYS)).take(9, TODAY)[2:] == [event("c-live", "2026-03-02")]


def test_no_more_is_taken_than_asked_for():
    tape = Tape(iter(DAYS))
    assert [len(tape.take(2, TODAY)), len(tape.take(1, TODAY))] == [2, 1]
