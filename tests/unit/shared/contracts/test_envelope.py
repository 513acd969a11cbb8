"""Attributes are read to the letter: times, versions, and what tells an upsert from a withdrawal."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta, timezone
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from shared.contracts.catalogue import CATALOGUE, EventType, types_of
from shared.contracts.envelope import (
    Authority,
    ContentType,
    EventId,
    Source,
    event_schema,
    events_of,
    parse_time,
    type_schema,
    upserts,
)
from shared.contracts.examples import EXAMPLES
from shared.contracts.streams import PRODUCERS

OFFSETS = st.integers(-(24 * 60 - 1), 24 * 60 - 1).map(lambda minutes: timezone(timedelta(minutes=minutes)))
MOMENTS = st.datetimes(datetime(2, 1, 1), datetime(9998, 12, 31), timezones=OFFSETS)  # noqa: DTZ001


def takes(kind: Any, value: object) -> bool:
    try:
        TypeAdapter(kind).validate_python(value, strict=True)
    except ValidationError:
        return False
    return True


def references(schema: object) -> set[str]:
    if isinstance(schema, dict):
        own = {schema["$ref"]} if "$ref" in schema else set()
        return own.union(*map(references, schema.values()))
    return set[str]().union(*map(references, schema)) if isinstance(schema, list) else set()


@given(MOMENTS)
def test_a_time_with_any_offset_is_the_instant_that_it_names(moment: datetime) -> None:
    assert parse_time(moment.isoformat()) == moment


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-03-31T09:30:00Z", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31t09:30:00z", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T09:30:00-00:00", datetime(2026, 3, 31, 9, 30, tzinfo=UTC)),
        ("2026-03-31T00:30:00+01:00", datetime(2026, 3, 30, 23, 30, tzinfo=UTC)),
        ("2026-03-31T09:30:00.5Z", datetime(2026, 3, 31, 9, 30, 0, 500_000, tzinfo=UTC)),
        ("2026-03-31T09:30:00.12345699999999Z", datetime(2026, 3, 31, 9, 30, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_rfc_3339_in_its_spellings_is_read(text: str, instant: datetime) -> None:
    assert parse_time(text) == instant


@pytest.mark.parametrize(
    "value",
    [
        "2024-05-31T09:30:00",
        "2024-05-31 09:30:00Z",
        "2024-05-31",
        "20260331T093000Z",
        "2024-05-31T09:30Z",
        "",
        "2024-05-31T09:30:00+01",
        "2024-05-31T09:30:00+0100",
        "2024-05-31T09:30:00+24:00",
        "2024-05-31T09:30:00+01:60",
        "2024-05-31T09:30:00.Z",
        "2024-05-31T09:30:00,5Z",
        "2024-05-31T09:30:00Z\n",
        "٢٠٢٤-05-31T09:30:00Z",
        "2026-02-29T09:30:00Z",
        "2024-05-31T24:00:00Z",
        "2026-06-30T23:59:60Z",
        "2024-05-31T09:60:00Z",
        "0000-01-01T00:00:00Z",
        "0001-01-01T00:00:00+01:00",
        "9999-12-31T23:59:59-01:00",
        "1743413400",
        1743413400,
        1743413400.0,
        True,
        None,
        [],
        {},
    ],
)
def test_any_other_time_is_refused_without_being_repeated(value: object) -> None:
    with pytest.raises(ValueError, match=r"^should be ") as caught:
        parse_time(value)
    assert not value or str(value) not in str(caught.value)


@pytest.mark.parametrize(
    "text", ["/E09000003/mosaic", "urn:x:y", "https://a.example/b?c=d#e", "a%20b", "x", "//[::1]/"]
)
def test_a_source_is_a_uri_reference(text: str) -> None:
    assert takes(Source, text)


@pytest.mark.parametrize("text", ["", "a b", "a\n", "é", "a%2", "a%zz", "<a>", "a\\b", "a|b", 7, None])
def test_no_other_source_is_taken(text: object) -> None:
    assert not takes(Source, text)


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("a", True),
        ("é ß/😀", True),
        ("a" * 128, True),
        ("", False),
        ("a" * 129, False),
        ("a\tb", False),
        ("\x85", False),
        ("a\n", False),
        ("\x00", False),
    ],
)
def test_an_event_id_has_1_to_128_characters_and_no_control(text: str, taken: bool) -> None:
    assert takes(EventId, text) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [("E09000003", True), ("E0900003", False), ("e09000003", False), ("W06000001", False), ("E09000003\n", False)],
)
def test_an_authority_is_a_code_of_england(text: str, taken: bool) -> None:
    assert takes(Authority, text) is taken


@pytest.mark.parametrize(
    ("text", "taken"),
    [
        ("application/json", True),
        ("Application/JSON; charset=UTF-8", True),
        ('application/json;charset="utf-8"', True),
        ("application/json; charset=latin1", False),
        ("application/json; profile=x", False),
        ("application/xml", False),
        ("application/jsonx", False),
        ("text/json", False),
    ],
)
def test_data_is_json_in_utf_8_whatever_the_case(text: str, taken: bool) -> None:
    assert takes(ContentType, text) is taken


@pytest.mark.parametrize("service", ["referrals", "workforce"])
def test_the_schema_of_a_service_tells_all_its_types_apart(service: str) -> None:
    schema = event_schema(service)
    names = {row.name for row in types_of(service)}
    assert [set(either["discriminator"]["mapping"]) for either in schema["anyOf"]] == [names, names]
    assert references(schema) == {f"#/$defs/{name}" for name in schema["$defs"]}


def test_the_schema_of_an_openapi_document_refers_to_its_components() -> None:
    schema = event_schema("workforce", ref_template="#/components/schemas/{model}")
    assert references(schema) == {f"#/components/schemas/{name}" for name in schema["$defs"]}


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_schema_of_a_type_is_what_the_schema_of_its_service_says_of_it(name: str) -> None:
    row = CATALOGUE[name]
    of_type, of_service = type_schema(row), event_schema(row.service)["$defs"]
    model = row.payload.__name__
    assert of_type["anyOf"] == [{"$ref": f"#/$defs/{model}{each}"} for each in ("Upsert", "Withdrawal")]
    assert of_type["$defs"] == {each: of_service[each] for each in of_type["$defs"]}
    assert references(of_type) == {f"#/$defs/{each}" for each in of_type["$defs"]}


def test_the_schema_is_open_for_attributes_and_closed_for_payloads() -> None:
    definitions = event_schema("referrals")["$defs"]
    assert definitions["VisitRecorded"]["additionalProperties"] is False
    assert "additionalProperties" not in definitions["VisitRecordedUpsert"]
    assert definitions["VisitRecordedUpsert"]["properties"]["time"]["format"] == "date-time"
    assert definitions["AuditActionRaised"]["properties"]["due"]["format"] == "date"


def test_an_event_reads_as_its_attributes_and_its_payload() -> None:
    event = upserts("workforce").validate_python(EXAMPLES["csc.employment.started"])
    assert (event.time, event.recordversion) == (datetime(2026, 3, 31, 8, 30, tzinfo=UTC), 1)
    assert event.data.fte == 0.8


# The schema, read as JSON Schema has it


KINDS: Mapping[str, tuple[type, ...]] = {
    "object": (dict,),
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "null": (type(None),),
}
CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "const": lambda limit, value: bool(value == limit),
    "enum": lambda limit, value: value in limit,
    "type": lambda limit, value: isinstance(value, KINDS[limit]) and (limit == "boolean" or type(value) is not bool),
    "required": lambda limit, value: set(limit) <= value.keys(),
    "minLength": lambda limit, value: len(value) >= limit,
    "maxLength": lambda limit, value: len(value) <= limit,
    "minimum": lambda limit, value: bool(value >= limit),
    "maximum": lambda limit, value: bool(value <= limit),
    "exclusiveMinimum": lambda limit, value: bool(value > limit),
    "pattern": lambda limit, value: bool(re.search(limit.replace(r"\p{L}\p{Nd}", r"\w"), value)),
}
NOTES = {"title", "description", "default", "format", "discriminator", "$defs", "properties", "additionalProperties"}


schema_of = cache(event_schema)


def fits(value: Any, schema: dict[str, Any], root: dict[str, Any]) -> bool:
    """Whether a value fits a schema; fails on a keyword that it does not know."""
    if isinstance(value, dict) and not fit_properties(value, schema, root):
        return False
    words = sorted(schema.keys() - NOTES, key=lambda word: word != "type")  # the others take a value of that type
    return all(fits_keyword(value, word, schema[word], root) for word in words)


def fits_keyword(value: Any, word: str, limit: Any, root: dict[str, Any]) -> bool:
    if word == "$ref":
        return fits(value, root["$defs"][limit.removeprefix("#/$defs/")], root)
    if word in ("anyOf", "oneOf"):
        matches = sum(fits(value, each, root) for each in limit)
        return matches == 1 if word == "oneOf" else matches > 0
    return not fits(value, limit, root) if word == "not" else CHECKS[word](limit, value)


def fit_properties(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any]) -> bool:
    properties = schema.get("properties", {})
    closed = schema.get("additionalProperties", True) is False
    return not (closed and value.keys() - properties.keys()) and all(
        fits(each, properties[name], root) for name, each in value.items() if name in properties
    )


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.name)
def test_an_example_and_its_withdrawal_fit_the_schema(row: EventType) -> None:
    schema, example = schema_of(row.service), EXAMPLES[row.name]
    assert fits(example, schema, schema)
    assert fits(example | {"op": "withdraw", "data": {"child_id": "c", "more": 1}, "extra": [1]}, schema, schema)


@pytest.mark.parametrize("row", CATALOGUE.values(), ids=lambda row: row.name)
def test_what_breaks_the_contract_does_not_fit_the_schema(row: EventType) -> None:
    schema, example = schema_of(row.service), EXAMPLES[row.name]
    broken: list[dict[str, Any]] = [{"subject": "unassigned"}, {"op": "delete"}, {"authority": "W06000001"}]
    broken += [{"data": example["data"] | {"more": 1}}, {"recordversion": -1}, {"time": 1}, {"type": "csc.other"}]
    broken += [{"data": example["data"] | {name: []}} for name in example["data"]]
    assert not any(fits(example | change, schema, schema) for change in broken)
    assert fits(example | {"data": None}, schema, schema) is not row.data_required


@pytest.mark.parametrize("stream", PRODUCERS)
def test_a_stream_has_the_events_of_its_own_types_only(stream: str) -> None:
    events: TypeAdapter[Any] = TypeAdapter(events_of(stream))
    names = {row.name for row in CATALOGUE.values() if row.stream == stream}
    mappings = [either["discriminator"]["mapping"] for either in events.json_schema()["anyOf"]]
    assert [set(mapping) for mapping in mappings] == [names, names]
    for name in names:
        assert events.validate_python(EXAMPLES[name]).op is None
        assert events.validate_python(EXAMPLES[name] | {"op": "withdraw"}).op == "withdraw"


def test_a_stream_that_is_not_in_the_contract_has_no_events() -> None:
    with pytest.raises(ValueError, match="no stream"):
        events_of("csc.other")
