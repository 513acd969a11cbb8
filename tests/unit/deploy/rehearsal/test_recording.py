from collections import Counter
from datetime import date, datetime
from random import Random
from typing import Any

import pytest

from deploy.rehearsal.recording import Recorder, Stamps
from deploy.rehearsal.rhythm import almanac

MONDAY = date(2025, 6, 2).toordinal()


def recorded(kind: str, data: dict[str, Any], times: int = 4000, day: int = MONDAY) -> list[dict[str, Any]]:
    recorder = Recorder(Random(1), "E99000001", almanac())
    for number in range(times):
        recorder.put(kind, f"r{number}", day, data)
    return list(recorder.give_out_before(day + 400))


def test_local_times_carry_the_offset_of_their_day() -> None:
    stamps = Stamps()
    assert stamps.write(date(2025, 1, 15).toordinal(), 9 * 3600 + 61) == "2025-01-15T09:01:01+00:00"
    assert stamps.write(MONDAY, 86_399) == "2025-06-02T23:59:59+01:00"


def test_the_clocks_change_between_midnight_and_morning() -> None:
    stamps, spring = Stamps(), date(2026, 3, 29).toordinal()
    assert stamps.midnight(spring) == "2026-03-29T00:00:00+00:00"
    assert stamps.write(spring, 7200) == "2026-03-29T02:00:00+01:00"


def test_one_visit_in_three_is_recorded_on_its_day_and_some_take_weeks() -> None:
    firsts = [e for e in recorded("csc.visit.recorded", {"child_id": "c1", "seen": True}) if "recordversion" not in e]
    late = [(datetime.fromisoformat(e["recordedtime"]).date() - date(2025, 6, 2)).days for e in firsts]
    assert sum(days == 0 for days in late) / len(late) == pytest.approx(0.36, abs=0.04)
    assert sum(days > 14 for days in late) / len(late) == pytest.approx(0.05, abs=0.03)


def test_a_slip_is_put_right_by_a_later_version() -> None:
    events = recorded("csc.contact.received", {"child_id": "c1", "source_code": "6"})
    upserts = [event for event in events if "op" not in event]
    latest = {event["subject"]: event for event in sorted(upserts, key=lambda e: e.get("recordversion", 0))}
    assert {event["data"]["source_code"] for event in latest.values()} == {"6"}
    assert {event["data"]["source_code"] for event in upserts} > {"6"}
    corrected = [event for event in upserts if event.get("recordversion") == 1]
    assert len(corrected) / 4000 == pytest.approx(0.02, abs=0.008)


def test_a_record_made_twice_is_withdrawn_with_its_time_and_child() -> None:
    events = recorded("csc.visit.recorded", {"child_id": "c1", "purpose": "cp", "seen": True})
    withdrawn = [event for event in events if event.get("op") == "withdraw"]
    assert withdrawn
    for event in withdrawn:
        twin = next(e for e in events if e["subject"] == event["subject"] and "op" not in e)
        assert (event["time"], event["data"]) == (twin["time"], {"child_id": "c1"})
        assert event["recordversion"] > twin.get("recordversion", 0)


def test_offices_record_on_working_days_only() -> None:
    events = recorded("csc.case.closed", {"child_id": "c1", "reason": "RC7"}, day=date(2025, 12, 25).toordinal())
    days = Counter(datetime.fromisoformat(event["recordedtime"]).date() for event in events)
    assert min(days) == date(2025, 12, 29)
    assert all(almanac().works(day.toordinal()) for day in days)


def test_the_front_door_records_at_any_hour_of_any_day() -> None:
    recorder = Recorder(Random(1), "E99000001", almanac())
    for number in range(100):
        recorder.put("csc.contact.received", f"r{number}", MONDAY - 1, {"child_id": "c"}, minute=1430)
    assert len(recorder.give_out(MONDAY - 1)) > 80
