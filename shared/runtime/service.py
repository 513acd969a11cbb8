"""What every service process shares: logging, health, running the server beside its tasks, stopping cleanly."""

import asyncio
import logging
import signal
import sys
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, contextmanager
from typing import Any, NoReturn, Protocol

import uvicorn
import uvloop
from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse
from pydantic import ValidationError

from shared.runtime.settings import Settings

log = logging.getLogger(__name__)

SHUTDOWN_SECONDS = 4
Check = Callable[[], Awaitable[bool]]


class Parts(Protocol):
    """What a service's ``build`` gives: the app, and what runs beside the server."""

    @property
    def app(self) -> FastAPI: ...

    @property
    def tasks(self) -> tuple[Coroutine[Any, Any, None], ...]: ...


Build = Callable[[Settings], AbstractAsyncContextManager[Parts]]


def run(name: str, build: Build) -> NoReturn:
    """Run a service until SIGTERM or SIGINT (exit 0), or until one of its tasks fails (exit 1)."""
    settings = _settings(name)
    logging.basicConfig(
        stream=sys.stderr, level=settings.log_level, format=f"%(asctime)s {name} %(levelname)s %(message)s"
    )
    sys.exit(uvloop.run(_main(build, settings)))


async def _main(build: Build, settings: Settings) -> int:
    try:
        async with build(settings) as parts:
            await serve(parts.app, settings, *parts.tasks)
    except Exception as error:
        log.critical("stopping, to be started again: %s", _why(error), exc_info=error)
        return 1
    return 0


async def serve(app: FastAPI, settings: Settings, *tasks: Coroutine[Any, Any, None]) -> None:
    """Serve HTTP beside background tasks; ends on a signal, and with a task's error where one fails."""
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    server = _Server(config)
    running = [asyncio.create_task(task) for task in tasks]
    serving = asyncio.create_task(server.serve())
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, server.stop)
    await asyncio.wait([serving, *running], return_when=asyncio.FIRST_COMPLETED)
    server.stop()
    await asyncio.wait([serving], timeout=SHUTDOWN_SECONDS + 1)
    ended = [task for task in (serving, *running) if task.done()]
    await end([serving, *running])
    for task in ended:
        if not task.cancelled() and (error := task.exception()):
            raise error


async def end(tasks: Sequence["asyncio.Task[None]"]) -> None:
    """Cancel tasks until they have ended, however they end.

    Once is not enough: where a statement is cut off, the driver may put an error of its own in place of the
    cancellation, and whoever tries again after such errors goes on.
    """
    while unfinished := [task for task in tasks if not task.done()]:
        for task in unfinished:
            task.cancel()
        done, _ = await asyncio.wait(unfinished, timeout=0.2)
        for task in done:
            if not task.cancelled() and (error := task.exception()):
                log.warning("a task ended with %s as it was stopped", type(error).__name__)


class _Server(uvicorn.Server):
    """Leaves signals to us: they stop the tasks too."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    def stop(self) -> None:
        self.should_exit = True


def health_router(checks: Mapping[str, Check]) -> APIRouter:
    """``GET /health/live`` (the process answers) and ``/health/ready`` (each check holds, else 503 and which not)."""
    router = APIRouter(tags=["health"])

    @router.get("/health/live", summary="Whether the process answers")
    async def live() -> dict[str, str]:
        return {"status": "live"}

    @router.get("/health/ready", summary="Whether the service can do its work")
    async def ready() -> Response:
        results = {name: await _holds(check) for name, check in checks.items()}
        return JSONResponse({"ready": all(results.values()), "checks": results}, 200 if all(results.values()) else 503)

    return router


async def _holds(check: Check) -> bool:
    try:
        return await check()
    except Exception as error:
        log.warning("a readiness check failed: %s", type(error).__name__)
        return False


def _settings(name: str) -> Settings:
    try:
        return Settings()  # filled from the environment
    except ValidationError as error:
        for problem in error.errors(include_input=False, include_url=False):
            field = ".".join(map(str, problem["loc"])) or "settings"
            sys.stderr.write(f"{name}: {field}: {problem['msg']}\n")
        sys.exit(2)


def _why(error: BaseException) -> str:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {error}"
