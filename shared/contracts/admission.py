"""Whether an event comes in: the contract's refusals, and what is kept of an event that is admitted."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from hashlib import blake2b
from typing import Any, cast

import msgspec
import orjson
from pydantic import TypeAdapter, ValidationError

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.envelope import Attributes, Authority, Envelope, EventId, Source, Upsert, upserts, withdrawals
from shared.contracts.payloads import AuditActionRaised
from shared.contracts.streams import partition_of
from shared.domain.london import local_date

MAX_EVENT_BYTES = 64 * 1024
"""The largest event, in bytes as received."""

_NOT_CONTENT = ("traceparent", "tracestate", "datacontenttype")  # the last can only say one thing
_FIELDS = frozenset(Upsert.model_fields).union(*(row.payload.model_fields for row in CATALOGUE.values()))
_TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+"|-?[0-9][0-9.e+-]*+')
_LONG_INTEGER = re.compile(rb"[0-9]{19}")  # orjson makes a float of what 64 bits do not hold
_MAY_HOLD_FLOAT = frozenset({float, dict, list})
_MOST_ERRORS = 3
_ATTRIBUTES = TypeAdapter(Attributes)
_ID, _AUTHORITY, _SOURCE = TypeAdapter(EventId), TypeAdapter(Authority), TypeAdapter(Source)
_Problem = tuple[str, str, str]
"""The path of a field, the kind of problem, and the validator's words for it."""

_ABOUT_KIND: Mapping[str, str] = {
    "missing": "is required",
    "extra_forbidden": "is not a field of this type",
    "model_type": "should be an object",
    "none_required": "should be absent: the payload goes in data",
}
_ABOUT_ATTRIBUTE: Mapping[str, str] = {
    "authority": "should be the GSS code of an authority, e.g. E09000003",
    "source": "should be a URI-reference",
    "id": "should be 1-128 characters, none of them a control character",
    "op": "should be 'upsert' or 'withdraw'",
    "recordversion": "should be an integer from 0 to 2^53 - 1",
    "datacontenttype": "should be application/json, with no charset but utf-8",
}
_MESSAGE_START = re.compile(r"^(?:Input|String|Value error,) ")


class Reason(StrEnum):
    """Why an event is refused, as the answer and the quarantine say it."""

    NOT_JSON = "not_json"
    NOT_CLOUDEVENTS = "not_cloudevents"
    TOO_LARGE = "too_large"
    UNKNOWN_TYPE = "unknown_type"
    NOT_OWNED = "not_owned"
    BAD_PAYLOAD = "bad_payload"
    FUTURE_TIME = "future_time"
    NOT_COVERED = "not_covered"
    ID_REUSED = "id_reused"
    DUE_BEFORE_RAISED = "due_before_raised"


@dataclass(frozen=True, slots=True)
class Scope:
    """What a sender's key covers; None covers all."""

    authorities: frozenset[str] | None
    sources: frozenset[str] | None

    def covers(self, authority: str, source: str) -> bool:
        """Whether the key may send events of this authority from this source."""
        return (self.authorities is None or authority in self.authorities) and (
            self.sources is None or source in self.sources
        )


EVERYTHING = Scope(authorities=None, sources=None)
"""Covers every authority and source."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An event that does not come in. `detail` names fields and never holds what was in them."""

    reason: Reason
    detail: str
    id: str | None = None
    """None where there is none that can be printed."""
    authority: str | None = None
    """None where it is not the code of an authority."""
    source: str | None = None
    """None where it is not a URI-reference."""
    type: str | None = None
    """None where the contract does not know it, or the key does not cover the event."""


class Admitted(msgspec.Struct, frozen=True, gc=False):
    """An event that comes in, ready for the journal."""

    id: str
    source: str
    authority: str
    type: str
    stream: str
    partition: int
    key: bytes
    """16 bytes that stand for `(source, id)`."""
    content: bytes
    """16 bytes that stand for the content: equal for a duplicate, other for a reused id."""
    event: str
    """The event as received, in compact JSON."""


class _Refused(Exception):  # noqa: N818  (a verdict of admission, no error of the program)
    def __init__(self, reason: Reason, detail: str) -> None:
        self.reason = reason
        self.detail = detail


def admit(document: bytes | dict[str, Any], *, service: str, scope: Scope, today: date) -> Admitted | Refusal:
    """Judge one event, in structured JSON or (binary mode) put together from its headers and body.

    `service` is the one that was asked to take it in and `today` the date in London. Pure, and never raises
    whatever the document is. Whether the id is known already is for the journal to say.
    """
    attributes: dict[str, Any] = {}
    try:
        raw = document if isinstance(document, bytes) else _dumped(document)
        small = len(raw) <= MAX_EVENT_BYTES
        attributes = _object(raw) if small else _object_or_nothing(raw)
        _require_size(small)
        _require_cover(attributes, scope)
        envelope = _validated(attributes, service)
        _require_time(envelope, today)
        return _admitted(envelope, attributes, raw)
    except _Refused as refused:
        return _refusal(refused, attributes)


def _require_size(small: bool) -> None:
    if not small:
        raise _Refused(Reason.TOO_LARGE, f"an event has at most {MAX_EVENT_BYTES} bytes")


def _require_cover(attributes: Mapping[str, Any], scope: Scope) -> None:
    authority, source = attributes.get("authority"), attributes.get("source")
    if isinstance(authority, str) and isinstance(source, str) and not scope.covers(authority, source):
        raise _Refused(Reason.NOT_COVERED, "authority, source: expected some that the key covers")


def _require_time(envelope: Envelope, today: date) -> None:
    happened = local_date(envelope.time)
    if happened > today:
        raise _Refused(Reason.FUTURE_TIME, "time: expected today or an earlier date in England")
    if isinstance(envelope.data, AuditActionRaised) and envelope.data.due < happened:
        raise _Refused(Reason.DUE_BEFORE_RAISED, "data.due: expected the day on which it was raised or a later one")


def _object(raw: bytes) -> dict[str, Any]:
    try:
        attributes = orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise _Refused(Reason.NOT_JSON, "expected JSON in UTF-8") from None
    if not isinstance(attributes, dict):
        raise _Refused(Reason.NOT_CLOUDEVENTS, "expected a JSON object with the attributes of a CloudEvent")
    return attributes


def _object_or_nothing(raw: bytes) -> dict[str, Any]:
    """What can be read of an event that is refused anyway."""
    try:
        return _object(raw)
    except _Refused:
        return {}


def _dumped(attributes: dict[str, Any], option: int = 0) -> bytes:
    try:
        return orjson.dumps(attributes, option=option)
    except (orjson.JSONEncodeError, RecursionError):
        raise _too_deep() from None


def _too_deep() -> _Refused:
    return _Refused(Reason.NOT_JSON, "expected JSON with less nesting, in Unicode")


def _validated(attributes: dict[str, Any], service: str) -> Envelope:
    row = CATALOGUE.get(kind) if isinstance(kind := attributes.get("type"), str) else None
    if row is None or row.service != service:
        _validate(_ATTRIBUTES, attributes)
        if row is None:
            raise _Refused(Reason.UNKNOWN_TYPE, "type: expected one of the contract's event types")
        raise _Refused(Reason.NOT_OWNED, f"type: this one goes to the {row.service} service")
    known = withdrawals(service) if attributes.get("op") == "withdraw" else upserts(service)
    return cast("Envelope", _validate(known, attributes))


def _validate(adapter: TypeAdapter[Any], attributes: dict[str, Any]) -> object:
    try:
        return adapter.validator.validate_python(attributes)
    except ValidationError as error:
        raise _refused_for(error) from None


def _refused_for(error: ValidationError) -> _Refused:
    problems: list[_Problem] = [
        (_path(problem["loc"]), problem["type"], problem["msg"])
        for problem in error.errors(include_url=False, include_input=False, include_context=False)
    ]
    envelope = [problem for problem in problems if not _is_of_data(problem)]
    reason = Reason.NOT_CLOUDEVENTS if envelope else Reason.BAD_PAYLOAD
    return _Refused(reason, "; ".join(map(_sentence, (envelope or problems)[:_MOST_ERRORS])))


def _is_of_data(problem: _Problem) -> bool:
    return problem[0].partition(".")[0] in ("data", "data_base64")


def _sentence(problem: _Problem) -> str:
    path, kind, message = problem
    expected = _ABOUT_KIND.get(kind) or _ABOUT_ATTRIBUTE.get(path) or _MESSAGE_START.sub("", message)
    return f"{path}: {expected}"


def _path(location: tuple[int | str, ...]) -> str:
    """The field as the contract names it: the union's tag left out, and no name of the sender's making."""
    names = location[1:] if location[:1] and location[0] in CATALOGUE else location
    return (
        ".".join(name if isinstance(name, str) and name in _FIELDS else "(another field)" for name in names) or "event"
    )


def _admitted(envelope: Envelope, attributes: dict[str, Any], raw: bytes) -> Admitted:
    row = CATALOGUE[envelope.type]
    event, content = _kept(attributes, raw)
    return Admitted(
        id=envelope.id,
        source=envelope.source,
        authority=envelope.authority,
        type=envelope.type,
        stream=row.stream,
        partition=partition_of(envelope.authority),
        key=_digest(f"{envelope.source}\0{envelope.id}".encode()),
        content=_digest(content),
        event=event.decode(),
    )


def _kept(attributes: dict[str, Any], raw: bytes) -> tuple[bytes, bytes]:
    """The event in compact JSON, and its content as one text: keys in order, whole numbers without a point."""
    event = _dumped(attributes)
    if not (_may_hold_float(attributes) and _perhaps_whole(event)):
        return event, _content(attributes)
    if _LONG_INTEGER.search(raw):
        attributes = _exact(raw)
        event = _dumped(attributes)
    return event, _TOKEN.sub(_without_point, _content(attributes))


def _may_hold_float(attributes: dict[str, Any]) -> bool:
    rest = attributes.copy()
    data = rest.pop("data", None)
    kinds = set(map(type, rest.values()))
    kinds.update(map(type, data.values()) if isinstance(data, dict) else (type(data),))
    return not kinds.isdisjoint(_MAY_HOLD_FLOAT)


def _perhaps_whole(event: bytes) -> bool:
    """Whether there may be a float without a fraction, as orjson writes 1.0 and 1e16."""
    return b".0," in event or b".0}" in event or b".0]" in event or b"e+" in event


def _content(attributes: dict[str, Any]) -> bytes:
    content = attributes.copy()
    for name in _NOT_CONTENT:
        content.pop(name, None)
    return _dumped(content, orjson.OPT_SORT_KEYS)


def _without_point(token: re.Match[bytes]) -> bytes:
    text = token[0]
    if text.startswith(b'"') or text.lstrip(b"-").isdigit():
        return text
    return b"%d" % number if (number := float(text)).is_integer() else text


def _exact(raw: bytes) -> dict[str, Any]:
    """The event with integers of any length to their last digit."""
    try:
        attributes: dict[str, Any] = json.loads(raw, parse_int=_integer)
    except RecursionError:
        raise _too_deep() from None
    return attributes


def _integer(text: str) -> int | orjson.Fragment:
    return int(text) if len(text) < 19 else orjson.Fragment(text)


def _digest(text: bytes) -> bytes:
    return blake2b(text, digest_size=16).digest()


def _refusal(refused: _Refused, attributes: Mapping[str, Any]) -> Refusal:
    kind = attributes.get("type")
    covered = refused.reason is not Reason.NOT_COVERED
    return Refusal(
        refused.reason,
        refused.detail,
        id=_if_it_is(_ID, attributes.get("id")),
        authority=_if_it_is(_AUTHORITY, attributes.get("authority")),
        source=_if_it_is(_SOURCE, attributes.get("source")),
        type=kind if covered and isinstance(kind, str) and kind in CATALOGUE else None,
    )


def _if_it_is(kind: TypeAdapter[str], value: Any) -> str | None:
    try:
        return kind.validate_python(value, strict=True)
    except ValidationError:
        return None
