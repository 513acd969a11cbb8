"""Who asks: the sender behind the key in a request's ``Authorization`` header."""

from http import HTTPStatus
from typing import NoReturn

from fastapi import Request

from shared.runtime.keys import Keyring, Sender
from shared.runtime.problems import ProblemError


async def sender_of(request: Request, keyring: Keyring) -> Sender:
    """Raises ``ProblemError`` (401) without a key that is known; what the store raises comes through."""
    scheme, _, key = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not key.strip():
        _unauthorized("expected a sender's key: Authorization: Bearer KEY (see `daymark keys add`)")
    sender = await keyring.sender(key.strip())
    if sender is None:
        _unauthorized("this key is not known, or it was revoked")
    return sender


def _unauthorized(detail: str) -> NoReturn:
    raise ProblemError(HTTPStatus.UNAUTHORIZED, detail, headers={"WWW-Authenticate": "Bearer"})
