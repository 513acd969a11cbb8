"""The page about events: what can be sent, how, and what is made of it: `docs/events.md`."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from deploy.documents.meanings import ATTRIBUTES, REASONS, of_field
from deploy.documents.schemas import file_name
from deploy.documents.schemas import schema as schema_of
from shared.contracts.admission import MAX_EVENT_BYTES, Reason
from shared.contracts.catalogue import CATALOGUE, EventType, types_of
from shared.contracts.envelope import Upsert
from shared.contracts.examples import EXAMPLES
from shared.contracts.streams import PARTITIONS, PRODUCERS, STREAMS
from shared.runtime.body import BATCH, BINARY, MAX_BODY_BYTES, MAX_EVENTS, NDJSON, STRUCTURED
from shared.runtime.specification import ANSWERS

FIRST = "csc.referral.received"
KILO = 1024
PATTERNS = {
    "^[A-Za-z0-9._:-]+$": "an id",
    r"^[\p{L}\p{Nd} &'\-]+$": "1-64 letters, digits, spaces, `&`, `-` and `'`",
}
"""What a pattern asks for, in words."""
FORMATS = {"date": "a date, `YYYY-MM-DD`", "date-time": "a time with its offset"}
BOUNDS = {"minimum": "at least", "exclusiveMinimum": "over", "maximum": "at most", "exclusiveMaximum": "under"}

HEAD = """\
# Events

What recording systems send. This page is written from the code by `./daymark generate`; change the code instead.
The same for a program to read: a JSON Schema for [each type](schemas/README.md), and `/openapi.json` and
`/asyncapi.json` of the services.

A type may gain optional fields, and there may be new types. What stands here keeps its meaning.
"""

ENVELOPE = """\
## The envelope

An event is a [CloudEvent](https://cloudevents.io) 1.0 in JSON. Beside `authority`, `recordedtime`, `recordversion` and
`op`, which are ours, any further attribute may be there: it is stored with the event and otherwise left alone, such as
`traceparent` and `tracestate`.
"""

IDS = """\
**An id** of a record, child, worker or team has 1 to 64 characters out of `A-Z a-z 0-9 . _ : -`, and means nothing to
anybody but its system: it is pseudonymised before it is sent. The word `unassigned` is taken. No type has room for a
name of a person, a date of birth, an address or free text.

**An optional field** may be left out or be `null`, which is the same. A field that a type does not have is refused.
"""

ORDER = """\
## Facts, corrections and order

**What is one fact.** Events are about the same fact if authority, type and `subject` agree and, where the type requires
a child, `child_id` too: brothers and sisters may share a record's id. A record's id must be unique for its type within
the authority. Nothing is linked from one authority to another.

**Which event counts.** Send a correction as a new event about the same fact, with a higher `recordversion`. Compared
are first `recordversion`, then `recordedtime`, then `id`, then `source`; the event that is highest counts, the rest are
kept as its history. When they arrive plays no part.

**Taking back.** `"op": "withdraw"` says that the fact never was: the event carries the `time` of what it takes back and
`child_id` where the type requires it, and nothing else in it is looked at. If it is the highest, the fact is gone until
a higher upsert brings it back.

**Reports of a state.** {reports} is not corrected by version alone: for each `time` the highest report stands, and of
the times that are left the latest is the state.

**Sending again** is safe. An event whose `source` and `id` are known already is a duplicate and changes nothing; if it
says something else than the first time, it is refused. `traceparent` and `tracestate` may differ. An event that was
refused leaves its id free.

**Hence order does not matter.** A decision may come before its referral, an end before its start, a correction before
what it corrects. The same events give the same figures, in whatever order and however often they were delivered.

**Days.** Timescales run on the date in England of `time`; only the 72 hours of the return interview run to the second.
Where the earliest or latest of several facts of one date is asked for, their ids decide: the smaller one is earlier.
"""

SENDING = """\
## Sending

`POST /events` with `Authorization: Bearer KEY`. A key names the authorities and sources that its sender may speak for.

| Content-Type | body |
|---|---|
| `{structured}` | one event |
| `{binary}` | the `data` of one event, whose attributes are in `ce-` headers |
| `{batch}` | a JSON array of events |
| `{ndjson}` | an event a line; blank lines are passed over |

At most {megabytes} MiB and {events:,} events a request and {kilobytes} KiB an event. `Content-Encoding: gzip` is
welcome; the limits are those of the unpacked text. Files go in with `./daymark import`.

| status | when |
|---|---|
| 202 | at least one event was accepted, or was known already |
"""

TAKEN = """\
The answer to 202 counts: `{"accepted": 2, "duplicate": 0, "refused": []}`. What is accepted is on disk and will be in
the figures, whatever breaks. Every other answer is a problem (RFC 9457), `application/problem+json`; that of 422 has
the list `refused` too. Each entry there has `index`, the place in the request from 0, `id` (null where there was none
to read), `reason` and `detail`, which names the field and never repeats what was in it.
"""

REFUSED = """\
## What is refused

Each event is judged by itself: one that is refused spoils no other. It is kept for a person to look at.

| reason | when |
|---|---|
"""

BUS = """\
## On the bus

What is accepted is published on Redis Streams, named after the stream and the partition: `{streams}`, each from `{{0}}`
to `{{{last}}}`, as in `{first}.{{0}}`, braces included. The partition follows from the authority, so that all of one
authority on one stream is in one place. The entry's field `event` holds the CloudEvent in JSON.
"""


def page() -> str:
    """The whole page."""
    return "\n".join([HEAD, *_envelope(), *_order(), *_sending(), *_refused(), *_types(), _bus()])


def _envelope() -> Iterator[str]:
    yield ENVELOPE
    yield _table(("attribute", "", "meaning"), map(_attribute, filter(_is_sent, Upsert.model_fields)))
    yield _json(EXAMPLES[FIRST])
    yield IDS


def _is_sent(attribute: str) -> bool:
    return attribute != "data_base64"


def _attribute(name: str) -> tuple[str, str, str]:
    needed = "in an upsert" if name == "data" else _needed(Upsert.model_fields[name].is_required())
    return f"`{name}`", needed, ATTRIBUTES[name]


def _needed(required: bool) -> str:
    return "required" if required else "optional"


def _order() -> Iterator[str]:
    reports = ", ".join(f"`{row.name}`" for row in CATALOGUE.values() if row.state_report)
    yield ORDER.format(reports=reports)


def _sending() -> Iterator[str]:
    sending = SENDING.format(
        structured=STRUCTURED,
        binary=BINARY,
        batch=BATCH,
        ndjson=NDJSON,
        megabytes=MAX_BODY_BYTES // KILO**2,
        events=MAX_EVENTS,
        kilobytes=MAX_EVENT_BYTES // KILO,
    )
    yield sending + "".join(f"| {status} | {when} |\n" for status, when in ANSWERS.items())
    yield TAKEN


def _refused() -> Iterator[str]:
    yield REFUSED + "".join(f"| `{reason}` | {REASONS[reason]} |\n" for reason in Reason)


def _types() -> Iterator[str]:
    for service in dict.fromkeys(PRODUCERS.values()):
        yield f"## Types that the {service} service takes\n"
        for stream in (stream for stream, producer in PRODUCERS.items() if producer == service):
            yield f"### Stream `{stream}`\n"
            for row in types_of(service):
                if row.stream == stream:
                    yield from _type(row)


def _type(row: EventType) -> Iterator[str]:
    yield f"#### `{row.name}`\n"
    yield f"{row.doc} Subject: the {row.subject}. [Schema](schemas/{file_name(row.name)}).\n"
    payload = schema_of(row.name)["$defs"][row.payload.__name__]
    if fields := payload["properties"]:
        required = payload.get("required", ())
        rows = (
            (f"`{name}`", _needed(name in required), allowed(each), of_field(row.name, name))
            for name, each in fields.items()
        )
        yield _table(("field", "", "value", "meaning"), rows)
        yield _json(EXAMPLES[row.name]["data"])
    else:
        yield "No field: `{}`, or no `data` at all.\n"


def _bus() -> str:
    streams = "`, `".join(STREAMS)
    return BUS.format(streams=streams, last=PARTITIONS - 1, first=STREAMS[0])


def allowed(field: Mapping[str, Any]) -> str:
    """The values that a field may have, in words, from its schema; ``KeyError`` where there are no words for it."""
    said = next((each for each in field.get("anyOf", ()) if each.get("type") != "null"), field)
    if codes := said.get("enum"):
        return " ".join(f"`{code}`" for code in codes)
    match said["type"]:
        case "boolean":
            return "`true` `false`"
        case "number" | "integer":
            return "a number, " + ", ".join(f"{words} {said[key]:g}" for key, words in BOUNDS.items() if key in said)
        case _ if "format" in said:
            return FORMATS[said["format"]]
        case _:
            return PATTERNS.get(said["pattern"]) or f"`{said['pattern'].strip('^$')}`"


def _table(head: tuple[str, ...], rows: Iterator[tuple[str, ...]]) -> str:
    lines = [head, ("---",) * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace("|  |", "| |")


def _json(value: Any) -> str:
    return f"```json\n{json.dumps(value, indent=2 if 'specversion' in value else None)}\n```\n"
