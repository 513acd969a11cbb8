"""A JSON Schema (2020-12) for every event type, and the page that lists them: `docs/schemas/`."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from deploy.documents.meanings import ATTRIBUTES, of_field
from shared.contracts.catalogue import CATALOGUE, EventType
from shared.contracts.envelope import type_schema
from shared.contracts.examples import EXAMPLES

DIALECT = "https://json-schema.org/draft/2020-12/schema"
Schema = dict[str, Any]

INDEX = """\
# Schemas of the events

One [JSON Schema](https://json-schema.org/draft/2020-12) for each event type: the whole CloudEvent, attributes and
payload, as an upsert or as a withdrawal. Written from the code by `./daymark generate`; change the code instead.
What the types mean, and how events are sent, is in [the events](../events.md).

A schema cannot say everything. That `time` is not in the future, that an action is not due before it was raised, and
that `source` and `id` were not used for something else is found out when the event is sent. Patterns are those of
ECMA-262 with its `u` flag: `\\p{L}` is a letter of any alphabet, and a validator for Python may have to be told so.
Dates and times are `format`s, which a validator may have to be told to look at.
"""


def schema(type: str) -> Schema:
    """The schema of one type: what upsert and withdrawal share comes first, what differs in one branch each."""
    row = CATALOGUE[type]
    whole = type_schema(row)
    definitions: Schema = whole["$defs"]
    upsert, withdrawal = (definitions.pop(f"{row.payload.__name__}{each}") for each in ("Upsert", "Withdrawal"))
    shared = {name: each for name, each in upsert["properties"].items() if withdrawal["properties"].get(name) == each}
    required = [name for name in upsert["required"] if name in shared]
    return {
        "$schema": DIALECT,
        "$id": file_name(type),
        "title": type,
        "description": f"{row.doc} The subject is the {row.subject}.",
        "type": "object",
        "properties": _described(shared, ATTRIBUTES.__getitem__),
        "required": required,
        "anyOf": [_branch("upsert", upsert, shared), _branch("withdrawal", withdrawal, shared)],
        "$defs": {name: _definition(row, each) for name, each in definitions.items()},
        "examples": [EXAMPLES[type]],
    }


def file_name(type: str) -> str:
    """The schema's file, which is its id too."""
    return f"{type}.json"


def text(type: str) -> str:
    """The schema of one type as its file says it."""
    return json.dumps(schema(type), indent=2, ensure_ascii=False) + "\n"


def index() -> str:
    """The page that lists them."""
    rows = [f"| [`{row.name}`]({file_name(row.name)}) | {row.service} | {row.doc} |" for row in CATALOGUE.values()]
    return "\n".join([INDEX, "| type | service | |", "|---|---|---|", *rows]) + "\n"


def _branch(title: str, model: Schema, shared: Schema) -> Schema:
    own = {name: each for name, each in model["properties"].items() if name not in shared}
    required = [name for name in model["required"] if name in own]
    return {"title": title, "properties": _described(own, ATTRIBUTES.__getitem__), "required": required}


def _definition(row: EventType, model: Schema) -> Schema:
    properties = _described(model["properties"], lambda field: of_field(row.name, field))
    return {name: each for name, each in model.items() if name != "title"} | {"properties": properties}


def _described(properties: Mapping[str, Schema], meaning: Callable[[str], str]) -> Schema:
    """Properties with what they mean instead of titles; null as a default says no more than null does."""
    return {
        name: {"description": meaning(name), **{key: each for key, each in said.items() if key not in _UNTOLD}}
        for name, said in properties.items()
    }


_UNTOLD = ("title", "default")
