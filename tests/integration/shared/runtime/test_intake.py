import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

import asyncpg
import httpx
import pytest
from cloudevents.core.bindings.http import to_binary_event, to_structured_event
from cloudevents.core.v1.event import CloudEvent

from shared.runtime import keys

STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
Make = Callable[..., dict[str, Any]]


def lines(*events: dict[str, Any]) -> bytes:
    return b"\n".join(json.dumps(event).encode() for event in events)


async def post(running: Any, body: bytes, content_type: str, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value.encode("latin-1") for name, value in headers.items()}
    response = await running.client.post("/events", content=body, headers={"Content-Type": content_type, **named})
    assert isinstance(response, httpx.Response)
    return response


def assert_problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """An RFC 9457 problem of that status; gives its body."""
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body: dict[str, Any] = response.json()
    assert body["status"] == status
    assert body["type"] == "about:blank"
    assert body["title"]
    assert body["detail"]
    return body


async def stored(database: Any, service: str = "referrals") -> list[Any]:
    rows = await database.fetch(f"SELECT event FROM {service}.journal ORDER BY stream, partition, position")  # noqa: S608
    return [json.loads(row["event"]) for row in rows]


# --- What is taken in


@pytest.mark.parametrize("content_type", [STRUCTURED, f"{STRUCTURED}; charset=utf-8", "Application/CloudEvents+JSON"])
async def test_one_structured_event_is_accepted_and_in_the_journal(
    referrals: Any, database: Any, referral: Make, content_type: str
) -> None:
    event = referral()
    response = await post(referrals, json.dumps(event).encode(), content_type)
    assert (response.status_code, response.json()) == (202, {"accepted": 1, "duplicate": 0, "refused": []})
    assert await stored(database) == [event]


@pytest.mark.parametrize("content_type", [BATCH, NDJSON])
async def test_many_events_are_answered_one_by_one(
    referrals: Any, database: Any, referral: Make, content_type: str
) -> None:
    first, bad, last = referral(), referral(data={"child_id": "C1"}), referral()
    body = json.dumps([first, bad, first, last]).encode() if content_type == BATCH else lines(first, bad, first, last)
    response = await post(referrals, body, content_type)
    answer = response.json()
    assert (response.status_code, answer["accepted"], answer["duplicate"]) == (202, 2, 1)
    [refused] = answer["refused"]
    assert (refused["index"], refused["id"], refused["reason"]) == (1, bad["id"], "bad_payload")
    assert "source_code" in refused["detail"]
    assert await stored(database) == [first, last]


async def test_blank_lines_are_neither_events_nor_counted(referrals: Any, referral: Make) -> None:
    body = b"\n\r\n  \n" + lines(referral()) + b"\r\n\n" + b"{not json}\n\n"
    answer = (await post(referrals, body, NDJSON)).json()
    assert (answer["accepted"], [one["index"] for one in answer["refused"]]) == (1, [1])
    assert answer["refused"][0] == {**answer["refused"][0], "id": None, "reason": "not_json"}


async def test_binary_mode_puts_the_event_together_from_headers(referrals: Any, database: Any, referral: Make) -> None:
    event = referral(
        source="/E09000003/caf%C3%A9", id="€ 5%", recordversion=7, traceparent="00-" + "1" * 32 + "-" + "2" * 16 + "-01"
    )
    data = event.pop("data")
    headers = {f"ce-{name}": str(value) for name, value in event.items()}
    headers |= {"ce-id": "%E2%82%AC%205%25", "ce-source": "/E09000003/caf%25C3%25A9"}
    response = await post(referrals, json.dumps(data).encode(), "application/json; charset=utf-8", **headers)
    assert (response.status_code, response.json()["accepted"]) == (202, 1)
    expected = {**event, "datacontenttype": "application/json; charset=utf-8", "data": data}
    assert await stored(database) == [expected]


async def test_binary_mode_takes_quoted_headers_and_no_data(workforce: Any, database: Any, referral: Make) -> None:
    event = referral(type="csc.absence.ended", subject="A1", data=None, id="an id")
    headers = {f"ce-{name}": f'"{value}"' for name, value in event.items()}
    response = await post(workforce, b"", "application/json", **headers)
    assert response.status_code == 202
    [kept] = await stored(database, "workforce")
    assert (kept["id"], kept["subject"], "data" in kept) == ("an id", "A1", False)


async def test_one_event_is_a_duplicate_of_itself_in_every_mode(referrals: Any, referral: Make) -> None:
    event = referral(recordversion=3)
    headers = {f"ce-{name}": str(value) for name, value in event.items() if name != "data"}
    data = json.dumps(event["data"]).encode()
    answers = [
        await post(referrals, data, "application/json", **headers),
        await post(referrals, json.dumps(event).encode(), STRUCTURED),
        await post(referrals, json.dumps([event], indent=3).encode(), BATCH),
        await post(referrals, lines({**event, "traceparent": "00-1-2-01"}), NDJSON),
    ]
    assert [(answer.json()["accepted"], answer.json()["duplicate"]) for answer in answers] == [(1, 0)] + 3 * [(0, 1)]


@pytest.mark.parametrize("write", [to_structured_event, to_binary_event])
async def test_what_the_cloudevents_sdk_sends_is_understood(
    referrals: Any, referral: Make, write: Callable[[CloudEvent], Any]
) -> None:
    from datetime import UTC, datetime

    event = referral()
    data = event.pop("data")
    attributes = {**event, "time": datetime(2026, 2, 2, 10, tzinfo=UTC), "datacontenttype": "application/json"}
    message = write(CloudEvent(attributes, data))
    response = await referrals.client.post("/events", content=message.body, headers=message.headers)
    assert (response.status_code, response.text) == (202, '{"accepted":1,"duplicate":0,"refused":[]}')


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip", "identity, gzip"])
async def test_gzip_is_unpacked_members_and_all(referrals: Any, referral: Make, encoding: str) -> None:
    body = gzip.compress(lines(referral(), referral()) + b"\n") + gzip.compress(lines(referral()))
    response = await post(referrals, body, NDJSON, Content_Encoding=encoding)
    assert (response.status_code, response.json()["accepted"]) == (202, 3)


# --- What is not


async def test_without_a_key_nothing_is_read(referrals: Any, referral: Make, database: Any) -> None:
    for header in ("", "Basic YTpi", "Bearer", "Bearer  ", "Bearer wrong", "Bearer caf\u00e9"):
        response = await post(referrals, lines(referral()), NDJSON, Authorization=header)
        assert_problem(response, 401)
        assert response.headers["www-authenticate"] == "Bearer"
    assert await stored(database) == []
    assert await database.fetchval("SELECT count(*) FROM referrals.quarantine") == 0


async def test_a_key_covers_its_authorities_and_sources_only(referrals: Any, referral: Make, database: Any) -> None:
    _, key = await keys.add_key(database, "Barnet", ["E09000003"], ["/E09000003/mosaic"])
    ours, theirs = referral(), referral(authority="E09000004")
    other = referral(source="/E09000003/liquidlogic")
    bearer = {"Authorization": f"Bearer {key}"}
    assert (await post(referrals, lines(ours), NDJSON, **bearer)).status_code == 202
    mixed = (await post(referrals, lines(theirs, referral(), other), NDJSON, **bearer)).json()
    assert (mixed["accepted"], [(r["index"], r["reason"]) for r in mixed["refused"]]) == (
        1,
        [(0, "not_covered"), (2, "not_covered")],
    )
    nothing = assert_problem(await post(referrals, lines(theirs, other), NDJSON, **bearer), 403)
    assert [one["reason"] for one in nothing["refused"]] == ["not_covered", "not_covered"]
    partly = await post(referrals, lines(theirs, {"nothing": 1}), NDJSON, **bearer)
    assert [one["reason"] for one in assert_problem(partly, 422)["refused"]] == ["not_covered", "not_cloudevents"]
    assert {event["id"] for event in await stored(database)} == {ours["id"], "event-4"}


async def test_a_key_may_cover_everything_and_be_revoked(referrals: Any, referral: Make, database: Any) -> None:
    number, key = await keys.add_key(database, "all", ["*"], ["*"])
    bearer = {"Authorization": f"bearer {key}"}
    assert (await post(referrals, lines(referral(authority="E06000001")), NDJSON, **bearer)).status_code == 202
    assert await keys.revoke_key(database, number)
    for _ in range(100):
        response = await post(referrals, lines(referral()), NDJSON, **bearer)
        if response.status_code == 401:
            break
        await asyncio.sleep(0.1)
    assert_problem(response, 401)


async def test_over_the_rate_is_429_with_when_to_come_back(referrals: Any, referral: Make, database: Any) -> None:
    _, key = await keys.add_key(database, "slow", ["*"], ["*"], rate=1)
    bearer = {"Authorization": f"Bearer {key}"}
    assert (await post(referrals, lines(*(referral() for _ in range(10))), NDJSON, **bearer)).status_code == 202
    response = await post(referrals, lines(referral(), referral(), referral()), NDJSON, **bearer)
    assert_problem(response, 429)
    assert 1 <= int(response.headers["retry-after"]) <= 3
    assert len(await stored(database)) == 10


@pytest.mark.parametrize(
    ("content_type", "headers"),
    [
        ("text/plain", {}),
        ("application/xml", {}),
        ("", {}),
        ("application/json", {}),
        (STRUCTURED, {"Content_Encoding": "br"}),
        (STRUCTURED, {"Content_Encoding": "gzip, gzip"}),
    ],
)
async def test_another_content_type_or_encoding_is_415(
    referrals: Any, referral: Make, content_type: str, headers: dict[str, str]
) -> None:
    assert_problem(await post(referrals, json.dumps(referral()).encode(), content_type, **headers), 415)


@pytest.mark.parametrize("content_type", [STRUCTURED, BATCH, NDJSON])
async def test_over_16_mib_is_413_packed_or_not(referrals: Any, referral: Make, content_type: str) -> None:
    event = lines(referral())
    full = b" " * (16 * 1024 * 1024 - len(event)) + event
    assert (await post(referrals, full, NDJSON)).status_code != 413
    assert_problem(await post(referrals, b" " + full, content_type), 413)
    packed = gzip.compress(b" " + full)
    assert len(packed) < 100_000
    assert_problem(await post(referrals, packed, content_type, Content_Encoding="gzip"), 413)


@pytest.mark.parametrize("content_type", [BATCH, NDJSON])
async def test_over_10_000_events_is_413_and_none_is_stored(
    referrals: Any, referral: Make, database: Any, content_type: str
) -> None:
    many = [referral() for _ in range(10_001)]
    body = json.dumps(many).encode() if content_type == BATCH else lines(*many)
    assert_problem(await post(referrals, body, content_type), 413)
    assert await stored(database) == []
    body = json.dumps(many[1:]).encode() if content_type == BATCH else lines(*many[1:])
    assert (await post(referrals, body, content_type)).json()["accepted"] == 10_000


@pytest.mark.parametrize(("content_type", "body"), [(BATCH, b"[]"), (NDJSON, b""), (NDJSON, b"\n \r\n")])
async def test_an_empty_batch_is_422(referrals: Any, content_type: str, body: bytes) -> None:
    assert assert_problem(await post(referrals, body, content_type), 422)["refused"] == []


@pytest.mark.parametrize("body", [b"{}", b"null", b"[1,", b"", b'["a" "b"]', b"\xff"])
async def test_a_batch_that_is_no_array_is_422_and_kept(referrals: Any, database: Any, body: bytes) -> None:
    [refused] = assert_problem(await post(referrals, body, BATCH), 422)["refused"]
    assert (refused["index"], refused["id"], refused["reason"]) == (0, None, "not_json")
    assert await database.fetchval("SELECT document FROM referrals.quarantine") == body


@pytest.mark.parametrize("body", [b"no gzip at all", gzip.compress(b"cut off")[:-4], gzip.compress(b"{}") + b"tail"])
async def test_a_body_that_cannot_be_unpacked_is_422(referrals: Any, body: bytes) -> None:
    assert assert_problem(await post(referrals, body, NDJSON, Content_Encoding="gzip"), 422)["refused"] == []


DEEP = b'{"a":' * 300 + b"1" + b"}" * 300


@pytest.mark.parametrize(
    ("headers", "body", "reason"),
    [
        ({}, b"not json", "not_json"),
        ({}, DEEP, "not_json"),
        ({"ce-id": "%FF"}, b"{}", "not_cloudevents"),
        ({"ce-id": ""}, b"{}", "not_cloudevents"),
        ({"ce-recordversion": "1.5"}, b"{}", "not_cloudevents"),
        ({"ce-recordversion": "9" * 5000}, b"{}", "not_cloudevents"),
        ({"ce-recordversion": "-1"}, b"{}", "not_cloudevents"),
        ({"ce-recordversion": "\u00b3".encode().decode("latin-1")}, b"{}", "not_cloudevents"),
        ({}, b'{"child_id":"C1","source_code":"1A"},"authority":"E09000009"', "not_json"),
    ],
)
async def test_binary_mode_refuses_what_it_cannot_read(
    referrals: Any, referral: Make, headers: dict[str, str], body: bytes, reason: str
) -> None:
    event = {f"ce-{name}": str(value) for name, value in referral(data=None).items()}
    response = await post(referrals, body, "application/json", **(event | headers))
    assert [one["reason"] for one in assert_problem(response, 422)["refused"]] == [reason]


async def test_data_comes_from_the_body_and_never_from_a_header(referrals: Any, referral: Make) -> None:
    event = referral(type="csc.audit_action.completed", data=None)
    headers = {f"ce-{name}": str(value) for name, value in event.items()}
    assert (await post(referrals, b"", "application/json", **headers, **{"ce-data": "{}"})).status_code == 202


async def test_a_header_given_twice_is_refused(referrals: Any, referral: Make) -> None:
    headers = [(f"ce-{name}", str(value)) for name, value in referral(data=None).items()]
    headers += [("ce-authority", "E09000004"), ("content-type", "application/json")]
    response = await referrals.client.post("/events", content=b"{}", headers=headers)
    assert [one["reason"] for one in assert_problem(response, 422)["refused"]] == ["not_cloudevents"]


REFUSALS: list[tuple[dict[str, Any], str]] = [
    ({"id": None}, "not_cloudevents"),
    ({"specversion": "0.3"}, "not_cloudevents"),
    ({"type": "csc.referral.imagined"}, "unknown_type"),
    ({"type": "csc.case.allocated", "data": {"child_id": "C", "worker_id": "W", "role": "lead"}}, "not_owned"),
    ({"data": {"child_id": "C1", "source_code": "1A", "name": "Somebody"}}, "bad_payload"),
    ({"time": "2026-03-03T00:00:00Z"}, "future_time"),
    ({"subject": "x" * 64, "note": "n" * 65_536}, "too_large"),
    (
        {
            "type": "csc.audit_action.raised",
            "data": {"team_id": "T1", "due": "2026-02-01"},
        },
        "due_before_raised",
    ),
]


@pytest.mark.parametrize(("changes", "reason"), REFUSALS, ids=[reason for _, reason in REFUSALS])
async def test_a_refused_event_is_answered_kept_and_counted_but_not_known(
    referrals: Any, database: Any, referral: Make, changes: dict[str, Any], reason: str
) -> None:
    event = referral(**changes)
    for _ in range(2):
        [refused] = assert_problem(await post(referrals, lines(event), NDJSON), 422)["refused"]
        assert (refused["index"], refused["id"], refused["reason"]) == (0, event.get("id"), reason)
    row = await database.fetchrow("SELECT * FROM referrals.quarantine")
    assert (row["reason"], row["times"], json.loads(row["document"])) == (reason, 2, event)
    assert await stored(database) == []
    if "id" in event:
        assert (await post(referrals, lines(referral(id=event["id"])), NDJSON)).json()["accepted"] == 1


async def test_a_reused_id_is_refused_and_the_first_stays(referrals: Any, database: Any, referral: Make) -> None:
    first = referral()
    second = {**first, "subject": "R-other"}
    assert (await referrals.send(first)).status_code == 202
    [refused] = assert_problem(await referrals.send(second), 422)["refused"]
    assert (refused["id"], refused["reason"]) == (first["id"], "id_reused")
    assert await stored(database) == [first]
    assert json.loads(await database.fetchval("SELECT document FROM referrals.quarantine")) == second


async def test_within_a_batch_the_first_valid_occurrence_wins(referrals: Any, database: Any, referral: Make) -> None:
    good = referral()
    invalid, other = {**good, "time": "soon"}, {**good, "subject": "R-other"}
    answer = (await referrals.send(invalid, good, other, good)).json()
    assert (answer["accepted"], answer["duplicate"]) == (1, 1)
    assert [(one["index"], one["reason"]) for one in answer["refused"]] == [(0, "not_cloudevents"), (2, "id_reused")]
    assert await stored(database) == [good]


async def test_no_refusal_repeats_what_was_sent(referrals: Any, referral: Make) -> None:
    secret = "JaneRoe19"
    bad = [
        referral(data={"child_id": secret + "!", "source_code": secret, secret: secret}),
        referral(type=secret),
        referral(time=secret, recordversion=secret, op=secret),
        referral(authority=secret, source=f"<{secret}>", specversion=secret, datacontenttype=secret),
        {secret: secret},
    ]
    response = await referrals.send(*bad)
    assert len(assert_problem(response, 422)["refused"]) == len(bad)
    assert secret not in response.text


async def test_every_event_is_counted_once_under_labels_that_the_key_covers(
    referrals: Any, database: Any, referral: Make
) -> None:
    from shared.runtime.journal import read_intake_counts

    _, key = await keys.add_key(database, "Barnet", ["E09000003"], ["/E09000003/mosaic"])
    event = referral()
    batch = [event, event, {**event, "subject": "R-other"}, referral(authority="E09000004"), referral(time="soon")]
    batch += [referral(authority="E09000004", source=5), referral(authority="E09000004", note="n" * 70_000)]
    await referrals.send(*batch, Authorization=f"Bearer {key}")
    ours = ("referrals", "E09000003", "/E09000003/mosaic", "csc.referral.received")
    assert sorted(await read_intake_counts(database)) == sorted(
        [
            (*ours, "accepted", 1),
            (*ours, "duplicate", 1),
            (*ours, "refused", 2),
            ("referrals", "", "", "", "refused", 1),
            ("referrals", "", "", "csc.referral.received", "refused", 2),
        ]
    )


async def test_a_source_too_long_for_an_index_is_counted_too(referrals: Any, referral: Make) -> None:
    import random

    source = "/" + "".join(random.Random(1).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=20_000))
    assert (await referrals.send(referral(source=source))).json()["accepted"] == 1
    assert (await referrals.send(referral(source=source, data={}))).status_code == 422


async def test_other_paths_and_methods_answer_with_problems(referrals: Any) -> None:
    assert_problem(await referrals.client.get("/nothing"), 404)
    response = await referrals.client.get("/events")
    assert_problem(response, 405)
    assert response.headers["allow"] == "POST"


async def test_a_request_that_cannot_be_stored_is_500_and_harms_no_other(
    referrals: Any, database: Any, referral: Make
) -> None:
    await database.execute("ALTER TABLE referrals.journal ADD CHECK (event NOT LIKE '%poison%')")
    outcomes = await asyncio.gather(
        *(referrals.send(referral(subject="poison" if number == 5 else f"R{number}")) for number in range(10))
    )
    assert [outcome.status_code for outcome in outcomes] == [202] * 5 + [500] + [202] * 4
    assert_problem(outcomes[5], 500)
    assert len(await stored(database)) == 9
    assert (await referrals.send(referral())).status_code == 202


async def test_a_full_house_is_503_and_clears_again(referrals: Any, referral: Make) -> None:
    from shared.runtime.body import MAX_BODY_BYTES, MOST_IN_WORK

    read, release = asyncio.Semaphore(0), asyncio.Event()

    async def slowly() -> Any:
        yield b" " * MAX_BODY_BYTES
        read.release()
        await release.wait()

    headers = {"Content-Type": NDJSON}
    slow = [
        asyncio.create_task(referrals.client.post("/events", content=slowly(), headers=headers))
        for _ in range(MOST_IN_WORK // MAX_BODY_BYTES)
    ]
    for _ in slow:
        await read.acquire()
    response = await post(referrals, lines(referral()), NDJSON)
    assert_problem(response, 503)
    assert response.headers["retry-after"] == "1"
    release.set()
    assert [answer.status_code for answer in await asyncio.gather(*slow)] == [422] * len(slow)
    assert (await post(referrals, lines(referral()), NDJSON)).status_code == 202


async def test_health_says_whether_the_journal_is_there(referrals: Any) -> None:
    assert (await referrals.client.get("/health/live")).status_code == 200
    response = await referrals.client.get("/health/ready")
    assert (response.status_code, response.json()["checks"]) == (200, {"postgresql": True})


async def test_an_accepted_event_is_there_for_another_connection_at_once(
    referrals: Any, referral: Make, database_url: str
) -> None:
    connection = await asyncpg.connect(database_url)
    for number in range(1, 30):
        await referrals.send(referral())
        assert await connection.fetchval("SELECT count(*) FROM referrals.journal") == number
    await connection.close()
