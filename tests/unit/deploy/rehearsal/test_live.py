from datetime import date
from itertools import islice
from typing import Any

from deploy.rehearsal.live import Rehearsal, history, live
from deploy.rehearsal.world import events

TODAY = date(2026, 3, 4)
SMALL: dict[str, Any] = {"size": 0.05}


def test_history_ends_yesterday_after_fourteen_months() -> None:
    days = [event["recordedtime"][:10] for event in history(TODAY, 1, **SMALL)]
    assert max(days) == "2026-03-03"
    in_full = [day for day in days if day >= "2025-01-04"]
    assert len(in_full) > len(days) / 2


def test_history_is_the_rehearsal_from_fourteen_months_ago() -> None:
    past = list(history(TODAY, 4, **SMALL))
    assert past == list(events(seed=4, start=date(2025, 1, 4), days=424, **SMALL))


def test_live_goes_on_where_history_ends() -> None:
    rehearsal = Rehearsal(TODAY, 1, **SMALL)
    past = list(rehearsal.history())
    coming = list(islice(rehearsal.live(), 400))
    assert not {event["id"] for event in past} & {event["id"] for event in coming}
    assert coming == list(islice(live(TODAY, 1, **SMALL), 400))


def test_live_never_lies_later_than_today() -> None:
    coming = list(islice(live(TODAY, 1, **SMALL), 1500))
    assert len(coming) == 1500
    assert {event["recordedtime"][:10] for event in coming} == {"2026-03-04"}
    assert max(event["time"][:10] for event in coming) == "2026-03-04"


def test_what_is_dated_today_keeps_its_time_and_gets_todays_offset() -> None:
    coming = islice(live(date(2026, 10, 24), 1, **SMALL), 1500)
    assert {event["recordedtime"][-6:] for event in coming} == {"+01:00"}
