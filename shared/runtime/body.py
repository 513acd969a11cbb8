"""The body of a request: read within its limits, unpacked, and split into events."""

import re
import zlib
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import islice
from typing import Any
from urllib.parse import unquote_to_bytes

import orjson
from starlette.datastructures import Headers

from shared.contracts.admission import Reason, Refusal
from shared.contracts.documents import NotAnArrayError, documents
from shared.runtime.journal import Refused
from shared.runtime.problems import ProblemError

MAX_BODY_BYTES = 16 * 1024 * 1024
MAX_EVENTS = 10_000
MOST_IN_WORK = 8 * MAX_BODY_BYTES
"""Bytes of bodies that a process works on at once; whoever does not fit in is asked to come back."""

BINARY = "application/json"
STRUCTURED = "application/cloudevents+json"
BATCH = "application/cloudevents-batch+json"
NDJSON = "application/x-ndjson"
MEDIA_TYPES = (STRUCTURED, BINARY, BATCH, NDJSON)

_GZIP = 16 + zlib.MAX_WBITS
_UNPACK_STEP = 256 * 1024
_INTEGER = re.compile(r"-?[0-9]{1,18}")
_ESCAPED = re.compile(rb"\\(.)")

Document = bytes | dict[str, Any] | Refused


class Room:
    """The memory for bodies in work."""

    def __init__(self, size: int = MOST_IN_WORK) -> None:
        self._left = size

    @contextmanager
    def for_one(self) -> Iterator[Callable[[int], None]]:
        """What takes so many bytes of the room, and gives them back at the end; ``ProblemError`` where it is full."""
        taken = 0

        def take(size: int) -> None:
            nonlocal taken
            if size > self._left:
                raise ProblemError(
                    HTTPStatus.SERVICE_UNAVAILABLE, "too much at once: send it again", headers={"Retry-After": "1"}
                )
            self._left -= size
            taken += size

        try:
            yield take
        finally:
            self._left += taken


async def read_body(chunks: AsyncIterable[bytes], encoding: str, take: Callable[[int], None]) -> bytes:
    """The body, unpacked; the limit holds for what is unpacked, and unpacking stops there."""
    parts = _unpacked(chunks) if _is_gzip(encoding) else chunks
    body = bytearray()
    async for part in parts:
        if len(body) + len(part) > MAX_BODY_BYTES:
            raise _too_large("16 MiB, unpacked")
        take(len(part))
        body += part
    return bytes(body)


def _is_gzip(encoding: str) -> bool:
    names = [name for part in encoding.lower().split(",") if (name := part.strip()) not in ("", "identity")]
    if names not in ([], ["gzip"], ["x-gzip"]):
        raise ProblemError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "Content-Encoding: expected gzip or none")
    return bool(names)


async def _unpacked(chunks: AsyncIterable[bytes]) -> AsyncIterator[bytes]:
    """A little at a time, so that a bomb is noticed when it goes off; of several gzip members all count."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        async for chunk in chunks:
            while chunk:
                if unpacker.eof:
                    unpacker = zlib.decompressobj(_GZIP)
                yield unpacker.decompress(chunk, _UNPACK_STEP)
                chunk = unpacker.unused_data if unpacker.eof else unpacker.unconsumed_tail
    except zlib.error:
        raise _unreadable("the body is not gzip, as its Content-Encoding says") from None
    if not unpacker.eof:
        raise _unreadable("the gzip body ends too early: it was cut off on its way")


def _unreadable(detail: str) -> ProblemError:
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, detail, refused=[])


def _too_large(limit: str) -> ProblemError:
    return ProblemError(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, f"a request has at most {limit}: send it in parts")


def split(body: bytes, media_type: str, headers: Headers) -> list[Document]:
    """The events of a request, each as it came; a body that is not what its type says is one refused event."""
    if media_type == STRUCTURED:
        return [body]
    if media_type == BINARY:
        return [_from_headers(body, headers)]
    try:
        events: list[Document] = list(islice(documents(body, media_type), MAX_EVENTS + 1))
    except NotAnArrayError:
        return [_refused(Reason.NOT_JSON, body, "expected a JSON array of events")]
    if len(events) > MAX_EVENTS:
        raise _too_large(f"{MAX_EVENTS} events")
    return events


def _refused(reason: Reason, body: bytes, detail: str) -> Refused:
    return Refused(Refusal(reason, detail), body)


def _from_headers(body: bytes, headers: Headers) -> Document:
    """Binary mode: attributes in ``ce-`` headers, percent-encoded; the body is the data."""
    event: dict[str, Any] = {}
    for raw_name, raw_value in headers.raw:
        name = raw_name.decode("latin-1")
        if name.startswith("ce-"):
            value = _header_text(raw_value)
            if value is None or name[3:] in event:
                return _refused(Reason.NOT_CLOUDEVENTS, body, "expected each ce- header once, percent-encoded UTF-8")
            event[name[3:]] = value
    if _INTEGER.fullmatch(version := event.get("recordversion", "")):
        event["recordversion"] = int(version)
    event["datacontenttype"] = headers["content-type"]
    event.pop("data", None)
    return _with_data(event, body)


def _with_data(event: dict[str, Any], body: bytes) -> Document:
    if not body.strip():
        return event
    try:
        return {**event, "data": orjson.loads(body)}
    except orjson.JSONDecodeError:
        return _refused(Reason.NOT_JSON, body, "expected the data as JSON in the body")


def _header_text(raw: bytes) -> str | None:
    """A header's text, as the HTTP binding of CloudEvents encodes it: perhaps quoted, then percent-encoded."""
    if len(raw) > 1 and raw[:1] == raw[-1:] == b'"':
        raw = _ESCAPED.sub(rb"\1", raw[1:-1])
    try:
        return unquote_to_bytes(raw).decode()
    except UnicodeDecodeError:
        return None
