"""``POST /events``: who asks, what was sent, what of it comes in; answered when it is stored."""

import asyncio
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, NoReturn

import orjson
from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse

from shared.contracts.admission import Admitted, Reason, Refusal, admit
from shared.runtime.appender import STORE_AWAY, Appender, StoreAwayError
from shared.runtime.bearer import sender_of
from shared.runtime.body import BINARY, MEDIA_TYPES, Document, Room, read_body, split
from shared.runtime.clock import Clock, today
from shared.runtime.journal import Receipt, Refused, Submission
from shared.runtime.keys import Keyring, Rates, Sender
from shared.runtime.problems import ProblemError

A_TURN = 250
"""Events judged before other requests have a turn."""
RETRY_AFTER_STORE = "2"


@dataclass(frozen=True, slots=True)
class Intake:
    """Takes events in for one service."""

    service: str
    clock: Clock
    keyring: Keyring
    rates: Rates
    appender: Appender
    room: Room = field(default_factory=Room)

    async def take(self, request: Request) -> Response:
        """One request, from its headers to its answer; raises ``ProblemError``."""
        sender = await self._sender(request)
        media_type = _media_type(request)
        encoding = ",".join(request.headers.getlist("content-encoding"))
        with self.room.for_one() as take:
            body = await read_body(request.stream(), encoding, take)
            documents = split(body, media_type, request.headers)
            if not documents:
                raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "there is no event in this request", refused=[])
            self._respect_rate(sender, len(documents))
            receipt = await self._submit(await self._judge(documents, sender))
        return _answer(receipt)

    async def _sender(self, request: Request) -> Sender:
        try:
            return await sender_of(request, self.keyring)
        except STORE_AWAY as error:
            _away(error)

    def _respect_rate(self, sender: Sender, events: int) -> None:
        if wait := self.rates.wait(sender, events):
            raise ProblemError(
                HTTPStatus.TOO_MANY_REQUESTS,
                f"this key may send {sender.rate} events a second",
                headers={"Retry-After": str(math.ceil(wait))},
            )

    async def _judge(self, documents: Sequence[Document], sender: Sender) -> Submission:
        now, date = self.clock.now(), today(self.clock)
        judged: list[Admitted | Refused] = []
        for number, document in enumerate(documents, 1):
            if isinstance(document, Refused):
                judged.append(document)
                continue
            verdict = admit(document, service=self.service, scope=sender.scope, today=date)
            judged.append(Refused(verdict, _as_bytes(document)) if isinstance(verdict, Refusal) else verdict)
            if number % A_TURN == 0:
                await asyncio.sleep(0)
        return Submission(sender.name, sender.scope, now, judged)

    async def _submit(self, submission: Submission) -> Receipt:
        try:
            return await self.appender.submit(submission)
        except StoreAwayError as error:
            _away(error)


def _media_type(request: Request) -> str:
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in MEDIA_TYPES:
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, f"Content-Type: expected one of {', '.join(MEDIA_TYPES)}")
    if media_type == BINARY and not any(name.startswith("ce-") for name in request.headers):
        raise ProblemError(
            HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
            "application/json carries an event in binary mode only: its attributes are missing from the ce- headers",
        )
    return media_type


def _answer(receipt: Receipt) -> Response:
    refused = [_shown(index, refusal) for index, refusal in receipt.refused]
    if receipt.accepted or receipt.duplicate:
        body = {"accepted": receipt.accepted, "duplicate": receipt.duplicate, "refused": refused}
        return JSONResponse(body, HTTPStatus.ACCEPTED)
    if all(refusal.reason is Reason.NOT_COVERED for _, refusal in receipt.refused):
        raise ProblemError(HTTPStatus.FORBIDDEN, "nothing in the request is covered by the key", refused=refused)
    raise ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "nothing in the request could be accepted", refused=refused)


def _shown(index: int, refusal: Refusal) -> dict[str, Any]:
    return {"index": index, "id": refusal.id, "reason": refusal.reason.value, "detail": refusal.detail}


def _as_bytes(document: bytes | dict[str, Any]) -> bytes:
    if isinstance(document, bytes):
        return document
    try:
        return orjson.dumps(document)
    except orjson.JSONEncodeError:  # nested deeper than it can be written again
        return orjson.dumps({name: value for name, value in document.items() if name != "data"})


def _away(error: Exception) -> NoReturn:
    raise ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "the store is away or does not keep up; nothing of this request was promised: send it again",
        headers={"Retry-After": RETRY_AFTER_STORE},
    ) from error


def intake_router(intake: Intake, document: dict[str, Any]) -> APIRouter:
    """The route, with its part of the OpenAPI document."""
    router = APIRouter(tags=["events"])

    @router.post("/events", status_code=202, summary="Take events in", openapi_extra=document)
    async def events(request: Request) -> Response:
        return await intake.take(request)

    return router
