import asyncio
import json
from collections.abc import Callable
from typing import Any

import httpx

from deploy.local.embedded import Stack
from shared.runtime.producer import build_producer
from shared.runtime.service import end
from shared.runtime.settings import Settings

Make = Callable[..., dict[str, Any]]
BATCH = {"Content-Type": "application/cloudevents-batch+json"}


async def test_without_postgresql_it_is_503_and_unready_until_it_is_back(referral: Make) -> None:
    with Stack() as stack:
        settings = Settings.model_validate(
            {"DATABASE_URL": stack.database_url, "REDIS_URL": stack.redis_url, "dev_key": "k"}
        )
        async with build_producer("referrals", settings) as parts:
            tasks = [asyncio.create_task(task) for task in parts.tasks]
            transport = httpx.ASGITransport(parts.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                client.headers["Authorization"] = "Bearer k"
                first, second = referral(), referral()
                assert (await client.post("/events", json=[first], headers=BATCH)).status_code == 202
                stack.postgres.kill()
                for key in ("k", "another"):  # the second has to be looked up
                    away = await client.post(
                        "/events", json=[second], headers=BATCH | {"Authorization": f"Bearer {key}"}
                    )
                    assert (away.status_code, away.headers["content-type"]) == (503, "application/problem+json")
                    assert int(away.headers["retry-after"]) > 0
                assert (await client.get("/health/ready")).status_code == 503
                assert (await client.get("/health/live")).status_code == 200
                stack.postgres.start()
                answer = await client.post("/events", json=[first, second], headers=BATCH)
                assert (answer.json()["accepted"], answer.json()["duplicate"]) == (1, 1)
                assert (await client.get("/health/ready")).status_code == 200
            await end(tasks)


async def test_without_redis_events_are_taken_in_and_follow_later(referral: Make) -> None:
    with Stack() as stack:
        stack.redis.kill()
        settings = Settings.model_validate(
            {"DATABASE_URL": stack.database_url, "REDIS_URL": stack.redis_url, "dev_key": "k"}
        )
        async with build_producer("referrals", settings) as parts:
            tasks = [asyncio.create_task(task) for task in parts.tasks]
            transport = httpx.ASGITransport(parts.app, raise_app_exceptions=False)
            async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
                client.headers["Authorization"] = "Bearer k"
                for _ in range(3):
                    assert (await client.post("/events", json=[referral()], headers=BATCH)).status_code == 202
                assert (await client.get("/health/ready")).status_code == 200
            stack.redis.start()
            from redis.asyncio import Redis

            async with Redis.from_url(stack.redis_url) as bus, asyncio.timeout(15):
                while not (found := await bus.keys("csc.referral.*")) or await bus.xlen(found[0]) < 3:
                    await asyncio.sleep(0.05)
            await end(tasks)


async def test_what_is_accepted_is_on_the_bus_within_a_second(referrals: Any, bus: Any, referral: Make) -> None:
    event = referral()
    assert (await referrals.send(event)).status_code == 202
    async with asyncio.timeout(1):
        while not (found := await bus.keys("csc.referral.*")):
            await asyncio.sleep(0.01)
    [(entry_id, fields)] = await bus.xrange(found[0])
    assert (entry_id, json.loads(fields[b"event"])) == (b"1-0", event)
