"""``GET /explain``: why a clock stands as it does for one record, for whoever holds a key to its authority."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from http import HTTPStatus

import asyncpg
import msgspec
from fastapi import APIRouter, Request, Response

from services.metrics.questions.case_file import file_of
from services.metrics.questions.explanation import SUBJECT, Explanation, Question, clock_named, explain
from services.metrics.rulebook import Rulebook
from shared.domain.calendar import BeyondHorizonError
from shared.domain.london import last_instant
from shared.domain.policy import AUTHORITY
from shared.runtime.appender import STORE_AWAY
from shared.runtime.bearer import sender_of
from shared.runtime.clock import Clock, today
from shared.runtime.keys import Keyring, Sender
from shared.runtime.problems import ProblemError

NEVER_KEPT = {"Cache-Control": "no-store"}
"""The answer names a child: no cache on the way has any business with it."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Answers questions about single records, one at a time: each reads through a partition of the journals."""

    pool: "asyncpg.Pool[asyncpg.Record]"
    keyring: Keyring
    clock: Clock
    rules: Callable[[], Rulebook]
    """The calendar and the policies that the figures go by now."""
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))

    async def answer(self, request: Request) -> Response:
        """One request, from its headers to its answer; raises ``ProblemError``."""
        try:
            sender = await sender_of(request, self.keyring)
            explanation = await self._explain(question_of(request.query_params, self.clock), sender)
        except STORE_AWAY as error:
            raise ProblemError(
                HTTPStatus.SERVICE_UNAVAILABLE, "PostgreSQL is away: ask again", headers={"Retry-After": "2"}
            ) from error
        return Response(msgspec.json.encode(explanation), media_type="application/json", headers=NEVER_KEPT)

    async def _explain(self, question: Question, sender: Sender) -> Explanation:
        _require_cover(sender, question.authority)
        rules = self.rules()
        async with self.turn, self.pool.acquire() as connection:
            file = await file_of(connection, question)
        try:
            explanation = await asyncio.to_thread(explain, question, file, rules.calendar, rules.policies)
        except BeyondHorizonError as error:
            raise _unprocessable(str(error)) from None
        if not explanation.histories:
            raise ProblemError(HTTPStatus.NOT_FOUND, "nothing is known of that subject on that clock")
        return explanation


def question_of(asked: Mapping[str, str], clock: Clock) -> Question:
    """What the parameters of a request ask; ``ProblemError`` (422) names the one that cannot be understood."""
    authority, subject = asked.get("authority", ""), asked.get("subject", "")
    if not AUTHORITY.fullmatch(authority):
        raise _unprocessable("authority: expected the GSS code of an authority, e.g. E09000003")
    if not SUBJECT.fullmatch(subject):
        raise _unprocessable("subject: expected a record's id, 1-64 characters from A-Z a-z 0-9 . _ : -")
    try:
        named = clock_named(asked.get("clock", ""))
    except LookupError as error:
        raise _unprocessable(f"clock: {error.args[0]}") from None
    on, known_on = _day(asked, "on"), _day(asked, "known_on")
    if on and on > today(clock):
        raise _unprocessable("on: expected today or an earlier date in England")
    return Question(authority, named, subject, last_instant(on) if on else clock.now(), known_on)


def _day(asked: Mapping[str, str], name: str) -> date | None:
    text = asked.get(name)
    try:
        day = date.fromisoformat(text) if text else None
    except ValueError:
        day = date.max
    if day and not 1 < day.year < 9999:  # so that every zone can show it
        raise _unprocessable(f"{name}: expected a date such as 2026-03-31")
    return day


def _require_cover(sender: Sender, authority: str) -> None:
    authorities = sender.scope.authorities
    if authorities is not None and authority not in authorities:
        raise ProblemError(HTTPStatus.FORBIDDEN, "authority: expected one that the key covers")


def _unprocessable(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail)


def asking_router(desk: Desk) -> APIRouter:
    """The route."""
    router = APIRouter(tags=["asking"])

    @router.get("/explain", summary="Why a clock stands as it does for one record", openapi_extra=PARAMETERS)
    async def explanation(request: Request) -> Response:
        return await desk.answer(request)

    return router


def _parameter(name: str, says: str, example: str, required: bool) -> dict[str, object]:
    schema = {"type": "string", "examples": [example]}
    return {"name": name, "in": "query", "required": required, "description": says, "schema": schema}


PARAMETERS = {
    "parameters": [
        _parameter("authority", "the GSS code of the authority", "E09000003", True),
        _parameter("clock", "the clock", "assessment", True),
        _parameter("subject", "the id of the record, or of what started or stopped it", "A-2026-17", True),
        _parameter("on", "as of the end of this day; without it as of now", "2026-03-31", False),
        _parameter("known_on", "only what was received by the end of this day", "2026-04-02", False),
    ]
}
