"""The metrics service, put together: ``build`` is the one constructor."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from typing import Any

import asyncpg
from fastapi import FastAPI, Response
from redis.asyncio import Redis

from services.metrics.bookkeeping import Bookkeeping
from services.metrics.consumer import Consumer
from services.metrics.exposition import CONTENT_TYPE
from services.metrics.figures import Figures
from services.metrics.inbox import MIGRATIONS, SCHEMA
from services.metrics.lease import Lease
from shared.domain.policy import PolicyBook, parse_policy
from shared.runtime import problems
from shared.runtime.appender import STORE_AWAY
from shared.runtime.clock import clock_from
from shared.runtime.database import migrate, open_pool
from shared.runtime.problems import ProblemError
from shared.runtime.service import health_router
from shared.runtime.settings import Settings


@dataclass(frozen=True, slots=True)
class Metrics:
    """The service's parts, ready to run."""

    app: FastAPI
    tasks: tuple[Coroutine[Any, Any, None], ...]
    """What runs beside the server for as long as it does."""


@asynccontextmanager
async def build(settings: Settings) -> AsyncIterator[Metrics]:
    """Connect, bring the schema up to date and put the parts together; everything is closed again at the end."""
    await migrate(settings.database_url, SCHEMA, MIGRATIONS)
    pool = await open_pool(settings.database_url, SCHEMA)
    redis: Redis = Redis.from_url(settings.redis_url)
    lease = Lease(settings.database_url)
    figures = Figures(clock_from(settings.clock), read_policies(settings.policy))
    consumer = Consumer(pool, redis, figures, lease)
    books = Bookkeeping(pool, consumer, figures)
    try:
        yield Metrics(_app(pool, figures, books), (_work(figures, consumer), books.keep_forever()))
    finally:
        await lease.give_back()
        await redis.aclose()
        pool.terminate()


def read_policies(path: Path | None) -> PolicyBook:
    """The policies of a file, or the defaults; ``PolicyError`` says what is wrong with it."""
    return parse_policy(path.read_text()) if path else PolicyBook()


async def _work(figures: Figures, consumer: Consumer) -> None:
    """Recover, show the figures, and from then on consume and measure."""
    await consumer.begin()
    await figures.measure()
    async with asyncio.TaskGroup() as both:
        both.create_task(consumer.consume_forever())
        both.create_task(figures.measure_forever())


def _app(pool: "asyncpg.Pool[asyncpg.Record]", figures: Figures, books: Bookkeeping) -> FastAPI:
    app = FastAPI(title="Daymark metrics", version="1", docs_url=None, redoc_url=None)
    problems.install(app)

    async def has_figures() -> bool:
        return figures.as_of is not None

    async def store_is_there() -> bool:
        return bool(await pool.fetchval("SELECT true", timeout=2))

    app.include_router(health_router({"figures": has_figures, "postgresql": store_is_there}))

    @app.get("/metrics", response_class=Response, summary="The figures, in Prometheus text format 0.0.4")
    async def metrics() -> Response:
        return Response(figures.text + books.text, media_type=CONTENT_TYPE)

    @app.get("/status", summary="Whether everything accepted so far is in the figures")
    async def status() -> dict[str, Any]:
        try:
            return await books.status()
        except STORE_AWAY as error:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "PostgreSQL is away: ask again", headers={"Retry-After": "2"}
            ) from error

    return app
