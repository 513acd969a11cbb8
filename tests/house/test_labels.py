"""No label leads to a person: all are from closed lists, whatever was sent."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import UTC, date, datetime
from typing import Any

import asyncpg
import httpx
import orjson
import pytest
from fastapi import FastAPI
from redis.asyncio import Redis

from deploy.local.embedded import Stack
from services.metrics.app import build as build_metrics
from services.metrics.casebook import Casebook
from services.metrics.exposition import whole
from services.metrics.fact import decode
from services.metrics.indicators import strands
from services.metrics.measurement import Measurement
from services.referrals.app import build as build_referrals
from services.workforce.app import build as build_workforce
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.payloads import Payload
from shared.domain.calendar import england_and_wales
from shared.domain.policy import PolicyBook
from shared.runtime.service import end
from shared.runtime.settings import Settings
from tests.house.labels import MARK, PEOPLE_AND_RECORDS, Sent, leaks, marked, violations
from tests.oracle.histories import AUTHORITIES, SYSTEMS, TEAMS, history

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
KEY = "a-key-for-development"
SENT = Sent(
    teams=TEAMS,
    sources={f"/{authority}/{system}" for authority in AUTHORITIES for system in SYSTEMS},
    types=CATALOGUE.keys(),
    words={"Duty & Advice", "North-East 2", "Zoë's"},
    closed={
        (family.name, label): values
        for strand in strands()
        for family in strand.families
        for label, values in family.labels.items()
    },
)
EVENTS = [marked(event) for seed in range(12) for event in history(seed, NOW.date(), 150)]


def exposition(events: list[dict[str, Any]], today: date) -> str:
    casebook = Casebook(today)
    for event in events:
        casebook.fold(decode(orjson.dumps(event)), NOW.timestamp())
    measurement = Measurement(casebook, strands(), england_and_wales(), PolicyBook())
    return whole(measurement.snapshot(NOW), strands()).decode()


@pytest.fixture(scope="module")
def text() -> str:
    return exposition(EVENTS, NOW.date())


def test_the_figures_of_unkind_histories_have_labels_from_closed_lists_only(text: str) -> None:
    assert text.count("\n") > 1000
    assert violations(text, SENT) == []


def test_no_id_of_a_person_or_a_record_is_in_the_figures(text: str) -> None:
    assert list(leaks(text)) == []


def test_every_family_of_figures_was_looked_at(text: str) -> None:
    families = {family.name for strand in strands() for family in strand.families}
    assert families <= {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE")}


def test_every_field_of_a_payload_that_names_somebody_is_marked() -> None:
    fields = {name for row in CATALOGUE.values() for name in _fields(row.payload)}
    assert {name for name in fields if name.endswith("_id")} - {"team_id"} == PEOPLE_AND_RECORDS


def _fields(payload: type[Payload]) -> list[str]:
    return list(payload.model_fields)


@pytest.mark.parametrize(
    "labels",
    [
        'authority="E09000003",team="t1",child="c1"',
        'authority="E09000003",team="t9"',
        'authority="E09000003",team=""',
        'authority="Barnet",team="t1"',
        'authority="E09000003",team="t1",window="30d"',
        'authority="E09000003",team="t1",name="North & West"',
        'authority="E09000003",source="/E09000003/elsewhere"',
        'type="csc.unheard.of"',
    ],
)
def test_a_planted_label_is_found(labels: str) -> None:
    assert len(violations(f"csc_planted{{{labels}}} 1\n", SENT)) == 1


def test_a_planted_id_is_found() -> None:
    assert list(leaks(f'csc_planted{{team="{MARK}c1"}} 1\ncsc_fine 1\n')) == [f'csc_planted{{team="{MARK}c1"}} 1']


@pytest.fixture
async def settings(stack: Stack) -> AsyncIterator[Settings]:
    server = await asyncpg.connect(stack.database_url)
    await server.execute("CREATE DATABASE labels")
    async with Redis.from_url(stack.redis_url) as bus:
        await bus.flushall()
    given = {"DATABASE_URL": stack.postgres.url("labels"), "REDIS_URL": stack.redis_url}
    yield Settings.model_validate(given | {"clock": NOW.isoformat(), "dev_key": KEY})
    await server.execute("DROP DATABASE labels WITH (FORCE)")
    await server.close()


UNKIND = [
    b"nothing that can be read",
    orjson.dumps(EVENTS[0] | {"type": "csc.unheard.of"}),
    orjson.dumps(EVENTS[0] | {"type": f"{MARK}type"}),
    orjson.dumps(EVENTS[0] | {"authority": f"{MARK}authority"}),
    orjson.dumps({name: value for name, value in EVENTS[0].items() if name != "subject"} | {"subject": f"{MARK} no"}),
]


async def test_a_scrape_of_the_running_services_has_labels_from_closed_lists_only(settings: Settings) -> None:
    async with AsyncExitStack() as running:
        apps = [await _started(running, build, settings) for build in (build_referrals, build_workforce, build_metrics)]
        for app, service in zip(apps, ("referrals", "workforce"), strict=False):
            own = [orjson.dumps(event) for event in EVENTS if CATALOGUE[str(event["type"])].service == service]
            async with _client(app) as client:
                answer = await client.post("/events", content=b"\n".join([*own, *UNKIND]))
                assert answer.status_code == 202, answer.text
        async with _client(apps[-1]) as client, asyncio.timeout(60):
            while not (await client.get("/status")).json()["settled"]:
                await asyncio.sleep(0.05)
            text = (await client.get("/metrics")).text
    assert violations(text, SENT) == []
    assert list(leaks(text)) == []
    assert {"service", "result", "stream", "partition", "source", "type"} <= set(_names(text))


async def _started(running: AsyncExitStack, build: Any, settings: Settings) -> FastAPI:
    parts = await running.enter_async_context(build(settings))
    running.push_async_callback(end, [asyncio.create_task(task) for task in parts.tasks])
    app: FastAPI = parts.app
    return app


def _client(app: FastAPI) -> httpx.AsyncClient:
    headers = {"Authorization": f"Bearer {KEY}", "Content-Type": "application/x-ndjson"}
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://service", headers=headers)


def _names(text: str) -> list[str]:
    return [part.partition("=")[0] for line in text.splitlines() for part in line.partition("{")[2].split(",")]
