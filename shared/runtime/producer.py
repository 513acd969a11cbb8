"""A service that takes events in, put together: intake, journal, relay. Each such service is this, with its name."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import asyncpg
from fastapi import FastAPI
from redis.asyncio import Redis

from shared.contracts.envelope import upserts, withdrawals
from shared.runtime import journal, keys, problems
from shared.runtime.appender import Appender
from shared.runtime.clock import clock_from
from shared.runtime.database import migrate, open_pool
from shared.runtime.intake import Intake, intake_router
from shared.runtime.keys import Keyring, Rates
from shared.runtime.relay import Relay
from shared.runtime.service import health_router
from shared.runtime.settings import Settings
from shared.runtime.specification import asyncapi, complete_openapi, events_operation


@dataclass(frozen=True, slots=True)
class Producer:
    """The service's parts, ready to run."""

    app: FastAPI
    tasks: tuple[Coroutine[Any, Any, None], ...]
    """What runs beside the server for as long as it does."""


@asynccontextmanager
async def build_producer(service: str, settings: Settings) -> AsyncIterator[Producer]:
    """Connect, bring the schemas up to date and put the parts together; everything is closed again at the end."""
    await migrate(settings.database_url, service, journal.MIGRATIONS)
    await migrate(settings.database_url, keys.SCHEMA, keys.MIGRATIONS)
    pool = await open_pool(settings.database_url, service)
    redis = Redis.from_url(settings.redis_url, socket_timeout=10, socket_connect_timeout=5)
    appender = Appender(pool)
    intake = Intake(service, clock_from(settings.clock), Keyring(pool, settings.dev_key), Rates(), appender)
    relay = Relay(pool, redis, service, appender.appended)
    for validator in (upserts, withdrawals):
        validator(service)  # built once, before the first sender waits for it
    try:
        yield Producer(_app(service, pool, intake), (appender.append_forever(), relay.relay_forever()))
    finally:
        await redis.aclose()
        pool.terminate()


def _app(service: str, pool: "asyncpg.Pool[asyncpg.Record]", intake: Intake) -> FastAPI:
    app = FastAPI(title=f"Daymark {service}", version="1", docs_url=None, redoc_url=None)
    problems.install(app)

    async def store_is_there() -> bool:
        return bool(await pool.fetchval("SELECT true", timeout=2))

    app.include_router(health_router({"postgresql": store_is_there}))
    app.include_router(intake_router(intake, events_operation(service)))

    @app.get("/asyncapi.json", summary="The AsyncAPI 3 document of the service's streams")
    async def streams() -> dict[str, Any]:
        return await asyncio.to_thread(asyncapi, service)

    complete_openapi(app, service)
    return app
