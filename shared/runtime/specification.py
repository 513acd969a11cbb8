"""The machine-readable contracts of a service that takes events in: OpenAPI 3.1 and AsyncAPI 3."""

from functools import cache
from typing import Any

from fastapi import FastAPI
from faststream.redis import RedisBroker
from faststream.specification import AsyncAPI

from shared.contracts.catalogue import types_of
from shared.contracts.envelope import event_schema, events_of
from shared.contracts.examples import EXAMPLES
from shared.contracts.streams import PARTITIONS, PRODUCERS
from shared.runtime.body import BATCH, BINARY, NDJSON, STRUCTURED

EVENT = {"$ref": "#/components/schemas/Event"}
PROBLEM = {
    "type": "object",
    "description": "RFC 9457",
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "refused": {"type": "array", "items": {"$ref": "#/components/schemas/Refused"}},
    },
    "required": ["type", "title", "status", "detail"],
}
REFUSED = {
    "type": "object",
    "properties": {
        "index": {"type": "integer", "description": "position in the request, from 0; blank lines are not counted"},
        "id": {"type": ["string", "null"], "description": "null where it could not be read"},
        "reason": {"type": "string"},
        "detail": {"type": "string", "description": "the field, and what was expected there"},
    },
    "required": ["index", "id", "reason", "detail"],
}
TAKEN = {
    "type": "object",
    "properties": {
        "accepted": {"type": "integer", "description": "stored; each will reach the indicators"},
        "duplicate": {"type": "integer", "description": "known already, with the same content"},
        "refused": {"type": "array", "items": {"$ref": "#/components/schemas/Refused"}},
    },
    "required": ["accepted", "duplicate", "refused"],
}
ANSWERS = {
    "401": "no key, or one that is not known",
    "403": "nothing in the request is covered by the key",
    "413": "over 16 MiB or 10,000 events",
    "415": "another content type",
    "422": "nothing in the request could be accepted",
    "429": "over the sender's rate: send again after Retry-After seconds",
    "503": "the store is away: send again after Retry-After seconds",
}


def events_operation(service: str) -> dict[str, Any]:
    """The part of the OpenAPI document about ``POST /events``."""
    examples = {row.name: {"value": EXAMPLES[row.name]} for row in types_of(service)}
    first = next(iter(EXAMPLES[row.name] for row in types_of(service)))
    problems = {
        status: {
            "description": when,
            "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, when in ANSWERS.items()
    }
    return {
        "security": [{"key": []}],
        "requestBody": {
            "required": True,
            "content": {
                STRUCTURED: {"schema": EVENT, "examples": examples},
                BINARY: {"schema": {"description": "the data of one event; its attributes are in ce- headers"}},
                BATCH: {"schema": {"type": "array", "items": EVENT}, "example": [first]},
                NDJSON: {"schema": {"type": "string", "description": "an event a line"}},
            },
        },
        "responses": {
            "202": {
                "description": "stored, and on its way to the indicators",
                "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Taken"}}},
            },
            **problems,
        },
    }


def complete_openapi(app: FastAPI, service: str) -> None:
    """Have the app add the events of a service and its answers to its OpenAPI document, once it is asked for."""
    plain = app.openapi

    def openapi() -> dict[str, Any]:
        return app.openapi_schema or _with_components(plain(), service)

    app.openapi = openapi  # type: ignore[method-assign]  # FastAPI's own way to extend the document


def _with_components(document: dict[str, Any], service: str) -> dict[str, Any]:
    schema = event_schema(service, ref_template="#/components/schemas/{model}")
    components = document.setdefault("components", {})
    components.setdefault("schemas", {}).update(
        {**schema.pop("$defs"), "Event": schema, "Problem": PROBLEM, "Refused": REFUSED, "Taken": TAKEN}
    )
    components["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    return document


@cache
def asyncapi(service: str) -> dict[str, Any]:
    """The AsyncAPI 3 document of the streams that a service publishes."""
    broker = RedisBroker("redis://bus:6379")
    for stream, producer in PRODUCERS.items():
        if producer == service:
            broker.publisher(
                stream=f"{stream}.{{partition}}",
                title=stream,
                description=(
                    f"One Redis Stream a partition, {stream}.{{0}} to {stream}.{{{PARTITIONS - 1}}}, the braces"
                    " included. The entry id is the position in the journal; the field `event` holds the CloudEvent."
                ),
                schema=events_of(stream),
            )
    document = AsyncAPI(broker, title=f"Daymark {service}", version="1", schema_version="3.0.0")
    jsonable: dict[str, Any] = document.to_specification().to_jsonable()
    return jsonable
