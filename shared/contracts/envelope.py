"""The CloudEvents envelope: the attributes of an event, and a model of every type built from the catalogue.

Attributes that the contract does not name are no concern of it, whatever they hold.
"""

import re
from datetime import datetime
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal, cast

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainValidator,
    StringConstraints,
    TypeAdapter,
    create_model,
)

from shared.contracts.catalogue import CATALOGUE, EventType, types_of
from shared.contracts.payloads import Id

_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]+)?"
    r"(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)


def parse_time(value: Any) -> datetime:
    """An RFC 3339 text as an aware instant; digits of the second beyond the sixth are dropped.

    Raises ValueError, whose message says what was expected and never what was there.
    """
    if not isinstance(value, str) or not _TIME.fullmatch(text := value.upper()):
        raise ValueError("should be an RFC 3339 time with an offset, e.g. 2025-03-31T09:30:00+01:00")
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("should be a time of the calendar and the clock (no hour 24, no second 60)") from None
    if not 1 < instant.year < 9999:  # so that every zone can show it
        raise ValueError("should be a time of the years 2 to 9998")
    return instant


Instant = Annotated[datetime, PlainValidator(parse_time, json_schema_input_type=datetime)]
"""An RFC 3339 time with offset."""

EventId = Annotated[str, StringConstraints(min_length=1, max_length=128, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$")]
"""1-128 characters, none of them a control character."""

Source = Annotated[str, StringConstraints(pattern=r"^(?:[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=]|%[0-9A-Fa-f]{2})+$")]
"""A URI-reference, not empty."""

Authority = Annotated[str, StringConstraints(pattern=r"^E[0-9]{8}$")]
"""The GSS code of a local authority in England."""

RecordVersion = Annotated[int, Field(ge=0, le=2**53 - 1)]

ContentType = Annotated[
    str,
    StringConstraints(
        pattern=r"^[Aa][Pp][Pp][Ll][Ii][Cc][Aa][Tt][Ii][Oo][Nn]/[Jj][Ss][Oo][Nn][ \t]*"
        r'(?:;[ \t]*[Cc][Hh][Aa][Rr][Ss][Ee][Tt]=(?:[Uu][Tt][Ff]-8|"[Uu][Tt][Ff]-8")[ \t]*)?$'
    ),
]
"""application/json, perhaps with the charset utf-8."""


class Attributes(BaseModel):
    """What makes a JSON object one of our CloudEvents, whatever its type."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    specversion: Literal["1.0"]
    id: EventId
    source: Source
    type: str
    authority: Authority


class Envelope(Attributes):
    """The attributes of an event of a known type."""

    subject: Id
    time: Instant
    recordedtime: Instant | None = None
    recordversion: RecordVersion | None = None
    datacontenttype: ContentType | None = None
    op: Literal["upsert", "withdraw"] | None = None
    data: Any = None


class Upsert(Envelope):
    """A fact is so, with its data."""

    op: Literal["upsert"] | None = None
    data_base64: None = None


class Withdrawal(Envelope):
    """A fact is taken back; its data identifies it and is otherwise ignored."""

    op: Literal["withdraw"]


class ChildOnly(BaseModel):
    """All that counts in the data of a withdrawal."""

    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)

    child_id: Id


def _model(base: type[Envelope], row: EventType, data: Any) -> type[Envelope]:
    name = f"{row.payload.__name__}{base.__name__}"
    fields: dict[str, Any] = {"type": (Literal[row.name], ...)} | ({} if data is None else {"data": data})
    return create_model(name, __base__=base, __doc__=row.doc, __module__=__name__, **fields)


@cache
def _upsert(row: EventType) -> type[Envelope]:
    payload = row.payload
    return _model(Upsert, row, (payload, ...) if row.data_required else (payload | None, None))


@cache
def _withdrawal(row: EventType) -> type[Envelope]:
    return _model(Withdrawal, row, (ChildOnly, ...) if row.per_child else None)


def _union(models: list[type[Envelope]]) -> Any:
    return Annotated[reduce(or_, cast("list[Any]", models)), Field(discriminator="type")]


@cache
def upserts(service: str) -> TypeAdapter[Envelope]:
    """What validates any upsert that a service owns, by its `type`."""
    return TypeAdapter(_union([_upsert(row) for row in types_of(service)]))


@cache
def withdrawals(service: str) -> TypeAdapter[Envelope]:
    """What validates any withdrawal that a service owns, by its `type`."""
    return TypeAdapter(_union([_withdrawal(row) for row in types_of(service)]))


def events_of(stream: str) -> Any:
    """The type, as pydantic reads it, of any event on a stream: an upsert or a withdrawal of one of its types.

    Raises ValueError where there is no such stream.
    """
    rows = [row for row in CATALOGUE.values() if row.stream == stream]
    if not rows:
        raise ValueError(f"no stream {stream!r} in the contract")
    return _union([_upsert(row) for row in rows]) | _union([_withdrawal(row) for row in rows])


def event_schema(service: str, ref_template: str = "#/$defs/{model}") -> dict[str, Any]:
    """The JSON Schema (2020-12) of one event that a service takes: an upsert or a withdrawal, by its `type`.

    All definitions are in `$defs`; `ref_template` says where the references look for them, e.g.
    `#/components/schemas/{model}` in an OpenAPI document.
    """
    schemas, schema = TypeAdapter.json_schemas(
        [("upsert", "validation", upserts(service)), ("withdrawal", "validation", withdrawals(service))],
        ref_template=ref_template,
    )
    return {"title": f"Event of {service}", "anyOf": list(schemas.values()), **schema}


def type_schema(row: EventType) -> dict[str, Any]:
    """The JSON Schema (2020-12) of one event of one type: an upsert or a withdrawal, all definitions in `$defs`."""
    either: Any = _upsert(row) | _withdrawal(row)
    schema: dict[str, Any] = TypeAdapter(either).json_schema()
    return schema
