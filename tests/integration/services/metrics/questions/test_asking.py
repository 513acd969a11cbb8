"""``GET /explain``, as whoever has a key meets it."""

import logging
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest

from services.metrics.app import build
from services.metrics.questions.asking import question_of
from shared.runtime.clock import FixedClock
from shared.runtime.keys import add_key
from shared.runtime.problems import ProblemError
from tests.integration.conftest import KEY, NOW, Running
from tests.oracle.examples import AUTHORITY, job, referral, said

OTHER = "E06000052"
ASKED = {"authority": AUTHORITY, "clock": "assessment", "subject": "a1"}
EVENTS = [
    {"id": f"e{number}", **event}
    for number, event in enumerate(
        [
            referral("r1", "2025-12-18"),
            said("assessment.started", "a1", "2025-12-19", referral_id="r1"),
            referral("r1", "2025-12-19", recordversion=1),
            said("cp_plan.started", "p1", "2026-02-02"),
        ]
    )
]


@pytest.fixture
async def client(referrals: Running, workforce: Running) -> AsyncIterator[httpx.AsyncClient]:
    """Asks a metrics service; the journals hold a few facts of one authority."""
    assert (await referrals.send(*EVENTS)).json()["accepted"] == len(EVENTS)
    assert (await workforce.send({"id": "w", **job("m1", "2026-02-02")})).json()["accepted"] == 1
    async with build(referrals.settings) as metrics:
        transport = httpx.ASGITransport(metrics.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://metrics") as client:
            yield client
        for task in metrics.tasks:
            task.close()


async def get(client: httpx.AsyncClient, key: str | None = KEY, **changes: str) -> httpx.Response:
    headers = {} if key is None else {"Authorization": f"Bearer {key}"}
    return await client.get("/explain", params=ASKED | changes, headers=headers)


def is_problem(answer: httpx.Response, status: int) -> bool:
    kind = answer.headers["content-type"]
    return answer.status_code == status == answer.json()["status"] and kind == "application/problem+json"


async def test_a_record_is_explained_to_whoever_has_a_key(client: httpx.AsyncClient) -> None:
    answer = await get(client)
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    (history,) = answer.json()["histories"]
    (interval,) = history["intervals"]
    assert (history["id"], interval["state"], interval["count"]["due"]) == ("c1", "overdue", "2026-02-25")
    assert [version["event_id"] for version in interval["start"]["versions"]] == ["e2", "e0"]
    assert answer.json()["as_of"] == NOW
    received = datetime.fromisoformat(interval["start"]["versions"][0]["received_at"])
    assert received == datetime.fromisoformat(NOW)


async def test_workers_are_explained_too(client: httpx.AsyncClient) -> None:
    answer = await get(client, clock="supervision", subject="w1")
    assert answer.json()["histories"][0]["intervals"][0]["start"]["subject"] == "m1"


async def test_without_a_known_key_nothing_is_said(client: httpx.AsyncClient) -> None:
    for key in (None, "unheard-of"):
        answer = await get(client, key)
        assert is_problem(answer, 401)
        assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_key_opens_its_own_authority_and_no_other(client: httpx.AsyncClient, database: Any) -> None:
    _, own = await add_key(database, "Mosaic", [AUTHORITY], ["*"])
    _, others = await add_key(database, "Others", [OTHER], ["*"])
    assert (await get(client, own)).status_code == 200
    assert is_problem(await get(client, others), 403)
    nothing = await get(client, others, authority=OTHER)
    assert is_problem(nothing, 404)
    assert "c1" not in nothing.text


async def test_of_what_is_not_known_on_a_clock_nothing_is_found(client: httpx.AsyncClient) -> None:
    for changes in ({"subject": "a9"}, {"clock": "cp_visit"}, {"clock": "supervision"}, {"known_on": "2026-03-01"}):
        assert is_problem(await get(client, **changes), 404), changes


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"clock": "assesment"}, "clock: there is no such clock; expected one of allocation, "),
        ({"clock": ""}, "clock: "),
        ({"authority": "Barnet"}, "authority: "),
        ({"subject": "a b"}, "subject: "),
        ({"subject": "x" * 65}, "subject: "),
        ({"on": "yesterday"}, "on: expected a date"),
        ({"on": "2026-03-03"}, "on: expected today or an earlier date"),
        ({"on": "0001-01-01"}, "on: expected a date"),
        ({"known_on": "2026-02-30"}, "known_on: expected a date"),
        ({"known_on": "9999-12-31"}, "known_on: expected a date"),
    ],
)
async def test_what_cannot_be_understood_is_named(
    client: httpx.AsyncClient, changes: dict[str, str], says: str
) -> None:
    answer = await get(client, **changes)
    assert is_problem(answer, 422)
    assert answer.json()["detail"].startswith(says)


async def test_the_past_is_explained_as_it_stood_at_the_end_of_its_day(client: httpx.AsyncClient) -> None:
    states = {}
    for on in ("2025-12-20", "2026-02-18", "2026-02-25", "2026-02-26"):
        states[on] = (await get(client, on=on)).json()["histories"][0]["intervals"][0]["state"]
    assert list(states.values()) == ["open", "due soon", "due soon", "overdue"]
    assert is_problem(await get(client, on="2025-12-18"), 404)
    before = (await get(client, on="2025-12-18", subject="r1")).json()["histories"][0]
    assert before["not_yet"]["lacking"][0]["type"] == "csc.assessment.started"


async def test_no_id_is_ever_logged(client: httpx.AsyncClient, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    for changes in ({}, {"subject": "a9"}, {"on": "yesterday"}):
        await get(client, **changes)
    logged = [record.getMessage() for record in caplog.records if record.name.split(".")[0] in ("services", "shared")]
    assert logged == []


async def test_the_parameters_are_in_the_service_s_own_document(client: httpx.AsyncClient) -> None:
    document = (await client.get("/openapi.json")).json()
    names = [parameter["name"] for parameter in document["paths"]["/explain"]["get"]["parameters"]]
    assert names == ["authority", "clock", "subject", "on", "known_on"]


def test_now_is_the_clock_s_and_a_day_is_its_last_instant() -> None:
    clock = FixedClock(datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert question_of(ASKED, clock).as_of == clock.now()
    assert question_of(ASKED | {"on": "2026-03-02"}, clock).as_of.isoformat() == "2026-03-02T23:59:59.999999+00:00"
    with pytest.raises(ProblemError):
        question_of({}, clock)
