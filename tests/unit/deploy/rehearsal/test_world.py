import gzip
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from deploy.rehearsal.world import authority_codes, children, events, write
from shared.contracts.admission import EVERYTHING, Refusal, admit
from shared.contracts.catalogue import CATALOGUE
from shared.domain.london import local_date

SMALL = {"size": 0.05, "days": 60}


def some(seed: int = 7, **other: Any) -> bytes:
    return b"\n".join(map(orjson.dumps, events(seed=seed, **(SMALL | other))))


def test_the_same_seed_gives_the_same_bytes() -> None:
    assert some() == some()


def test_another_seed_gives_other_events() -> None:
    assert some(seed=7) != some(seed=8)


def test_a_longer_rehearsal_only_adds_to_a_shorter_one() -> None:
    assert some(days=90).startswith(some(days=60))
    assert len(some(days=90)) > len(some(days=60))


def test_every_event_is_admitted_on_the_day_it_is_recorded(rehearsed: Any) -> None:
    refused = []
    for event in rehearsed.events[::7]:
        today = local_date(datetime.fromisoformat(event["recordedtime"]))
        service = CATALOGUE[event["type"]].service
        verdict = admit(orjson.dumps(event), service=service, scope=EVERYTHING, today=today)
        if isinstance(verdict, Refusal):
            refused.append((event["type"], verdict.reason, verdict.detail))
    assert refused == []


def test_every_type_of_the_contract_takes_part(rehearsed: Any) -> None:
    assert {event["type"] for event in rehearsed.events} == set(CATALOGUE)


def test_events_come_in_the_order_in_which_they_are_recorded() -> None:
    times = [datetime.fromisoformat(event["recordedtime"]) for event in events(seed=3, authorities=3, **SMALL)]
    assert times == sorted(times)


def test_nothing_is_recorded_before_it_happened(rehearsed: Any) -> None:
    early = [
        event["type"]
        for event in rehearsed.events
        if datetime.fromisoformat(event["recordedtime"]) < datetime.fromisoformat(event["time"])
    ]
    assert early == []


def test_no_id_is_used_twice(rehearsed: Any) -> None:
    assert len({(event["source"], event["id"]) for event in rehearsed.events}) == len(rehearsed.events)


def test_authorities_do_not_share_children_or_workers() -> None:
    seen: dict[str, set[str]] = {}
    for event in events(seed=1, authorities=2, **SMALL):
        seen.setdefault(event["authority"], set()).update(
            event["data"][key] for key in ("child_id", "worker_id") if key in event["data"]
        )
    first, second = (seen[code] for code in authority_codes(2))
    assert first
    assert second
    assert not first & second


def test_nothing_is_recorded_outside_the_days_asked_for() -> None:
    last = max(event["recordedtime"] for event in events(seed=1, start=date(2024, 2, 1), days=30, size=0.05))
    assert last[:10] == "2024-03-01"


def test_size_and_profile_scale_the_children() -> None:
    assert [children(1), children(1, 0.5), children(2)] == [60_000, 30_000, 42_000]


def test_a_file_holds_an_event_a_line_and_can_be_gzipped(tmp_path: Path) -> None:
    stream = list(islice(events(seed=1, **SMALL), 50))
    assert write(tmp_path / "a.ndjson", stream) == 50
    assert write(tmp_path / "a.ndjson.gz", stream) == 50
    plain = (tmp_path / "a.ndjson").read_bytes()
    assert [orjson.loads(line) for line in plain.splitlines()] == stream
    assert gzip.decompress((tmp_path / "a.ndjson.gz").read_bytes()) == plain


def test_a_packed_file_is_the_same_bytes_again(tmp_path: Path) -> None:
    for name in ("a.gz", "b.gz"):
        write(tmp_path / name, events(seed=1, size=0.05, days=5))
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()
