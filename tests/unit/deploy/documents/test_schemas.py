"""The schemas say of an event what the intake says of it, to a validator that is not ours."""

import json
import re
from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from functools import cache
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator, FormatChecker, ValidationError
from jsonschema.validators import extend

from deploy.documents.schemas import file_name, index, schema, text
from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.examples import EXAMPLES

Event = dict[str, Any]
TODAY = date(2026, 4, 1)


def fits_pattern(_validator: Any, pattern: str, value: Any, _schema: Any) -> Iterator[ValidationError]:
    """Python's own expressions do not know the classes of ECMA-262."""
    pattern = pattern.replace(r"[\p{L}\p{Nd} ", r"(?:[^\W\d_]|[\d ").replace(r"&'\-]+", r"&'\-])+")
    if isinstance(value, str) and not re.search(pattern, value):
        yield ValidationError(f"does not match {pattern}")


Validator = extend(Draft202012Validator, {"pattern": fits_pattern})


@cache
def validator(name: str) -> Any:
    return Validator(schema(name), format_checker=FormatChecker(["date"]))


def changed(name: str, **attributes: Any) -> Event:
    return {**deepcopy(EXAMPLES[name]), **attributes}


def without(event: Event, field: str) -> Event:
    return {key: value for key, value in event.items() if key != field}


def right(name: str) -> Iterator[Event]:
    """The example, and the same said otherwise."""
    example, row = EXAMPLES[name], CATALOGUE[name]
    yield example
    yield changed(name, traceparent="00-1", anything=[1], op="upsert")
    yield without(without(changed(name, recordedtime=None, op=None), "recordversion"), "datacontenttype")
    yield changed(name, op="withdraw", data={**example["data"], "planted": 1})
    if not row.per_child:
        yield without(changed(name, op="withdraw"), "data")
    for field, about in row.payload.model_fields.items():
        if not about.is_required():
            yield changed(name, data=without(example["data"], field))
            yield changed(name, data={**example["data"], field: None})


def wrong(name: str) -> Iterator[Event]:
    """The example with one thing about it that is not allowed."""
    example, row = EXAMPLES[name], CATALOGUE[name]
    for attribute in ("specversion", "id", "source", "type", "subject", "time", "authority"):
        yield without(example, attribute)
        yield changed(name, **{attribute: None})
    yield changed(name, specversion="2.0")
    yield changed(name, subject="unassigned")
    yield changed(name, authority="Barnet")
    yield changed(name, recordversion=-1)
    yield changed(name, op="delete")
    yield changed(name, data_base64="e30=")
    yield changed(name, data=[])
    yield changed(name, data={**example["data"], "planted": "x"})
    if row.per_child:
        yield changed(name, op="withdraw", data={})
    for field, about in row.payload.model_fields.items():
        yield changed(name, data={**example["data"], field: "not, allowed!" * 9})
        yield changed(name, data={**example["data"], field: {}})
        if about.is_required():
            yield changed(name, data=without(example["data"], field))
            yield changed(name, data={**example["data"], field: None})


def comes_in(name: str, event: Event) -> bool:
    verdict = admit(orjson.dumps(event), service=CATALOGUE[name].service, scope=EVERYTHING, today=TODAY)
    return isinstance(verdict, Admitted)


@pytest.mark.parametrize("name", CATALOGUE)
def test_a_schema_is_one_and_says_whose_it_is(name: str) -> None:
    own = json.loads(text(name))
    Validator(Draft202012Validator.META_SCHEMA).validate(own)
    assert own["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert (own["$id"], own["title"]) == (f"{name}.json", name)
    assert own["description"].startswith(CATALOGUE[name].doc)
    assert own["examples"] == [EXAMPLES[name]]


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_example_and_all_its_allowed_variants_fit_and_come_in(name: str) -> None:
    for event in right(name):
        assert list(validator(name).iter_errors(event)) == [], event
        assert comes_in(name, event), event


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_lacks_a_field_or_has_an_unknown_one_or_a_wrong_value_fits_no_more_than_it_comes_in(name: str) -> None:
    for event in wrong(name):
        assert not validator(name).is_valid(event), event
        assert not comes_in(name, event), event


def test_an_event_fits_the_schema_of_its_own_type_alone() -> None:
    fitting = {(name, of) for name in CATALOGUE for of in CATALOGUE if validator(name).is_valid(EXAMPLES[of])}
    assert fitting == {(name, name) for name in CATALOGUE}


def test_every_attribute_and_field_is_described() -> None:
    for name in CATALOGUE:
        own = schema(name)
        parts = [own, *own["anyOf"], *own["$defs"].values()]
        assert all(about["description"] for part in parts for about in part["properties"].values())


def test_words_of_any_alphabet_fit_and_signs_do_not() -> None:
    team = validator("csc.team.described")
    assert team.is_valid(changed("csc.team.described", data={"name": "Tîm Gogledd-Orllewin & O'r Môr 2"}))
    assert not team.is_valid(changed("csc.team.described", data={"name": "North_West"}))


def test_the_index_names_every_schema() -> None:
    assert [name for name in CATALOGUE if f"[`{name}`]({file_name(name)})" not in index()] == []
