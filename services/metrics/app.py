"""The metrics service, put together: ``build`` is the one constructor."""

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from http import HTTPStatus
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
from services.metrics.questions.asking import Desk, asking_router
from services.metrics.reconciliation import Reconciliation
from services.metrics.rulebook import RuleFiles
from shared.runtime import keys, problems
from shared.runtime.appender import STORE_AWAY
from shared.runtime.clock import clock_from
from shared.runtime.database import migrate, open_pool
from shared.runtime.keys import Keyring
from shared.runtime.problems import ProblemError
from shared.runtime.service import health_router
from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

RULES_EVERY = 2.0
"""Seconds between two looks at whether the policy or the calendar was changed."""


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
    await migrate(settings.database_url, keys.SCHEMA, keys.MIGRATIONS)
    pool = await open_pool(settings.database_url, SCHEMA)
    redis: Redis = Redis.from_url(settings.redis_url)
    lease = Lease(settings.database_url)
    files = RuleFiles(settings.policy, settings.calendar)
    clock = clock_from(settings.clock)
    figures = Figures(clock, files.rules)
    consumer = Consumer(pool, redis, figures, lease)
    reconciliation = Reconciliation(figures, settings.database_url, settings.reconcile_every)
    books = Bookkeeping(pool, consumer, figures, reconciliation)
    desk = Desk(pool, Keyring(pool, settings.dev_key), clock, lambda: files.rules)
    tasks = (
        _work(figures, consumer),
        _follow(files, figures),
        books.keep_forever(),
        reconciliation.check_forever(),
    )
    try:
        yield Metrics(_app(pool, figures, books, desk), tasks)
    finally:
        await lease.give_back()
        await redis.aclose()
        pool.terminate()


async def _follow(files: RuleFiles, figures: Figures) -> None:
    """Go by the policy and the calendar as they are changed."""
    while True:
        await asyncio.sleep(RULES_EVERY)
        if files.changed():
            await figures.adopt(files.rules)
            log.info("the policy or the calendar was changed: the figures go by it from now on")


async def _work(figures: Figures, consumer: Consumer) -> None:
    """Recover, show the figures, and from then on consume and measure."""
    await consumer.begin()
    await figures.measure()
    gc.freeze()  # what is known is no garbage: with 1,000,000 facts a look through it all takes 0.8 s
    async with asyncio.TaskGroup() as both:
        both.create_task(consumer.consume_forever())
        both.create_task(figures.measure_forever())


def _app(pool: "asyncpg.Pool[asyncpg.Record]", figures: Figures, books: Bookkeeping, desk: Desk) -> FastAPI:
    app = FastAPI(title="Daymark metrics", version="1", docs_url=None, redoc_url=None)
    problems.install(app)

    async def has_figures() -> bool:
        return figures.as_of is not None

    async def store_is_there() -> bool:
        return bool(await pool.fetchval("SELECT true", timeout=2))

    app.include_router(health_router({"figures": has_figures, "postgresql": store_is_there}))
    app.include_router(asking_router(desk))

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
