"""The examples in the documents of the services are events that come in."""

from datetime import date

import orjson
import pytest
from cloudevents.core.formats.json import JSONFormat
from cloudevents.core.v1.event import CloudEvent

from shared.contracts.admission import EVERYTHING, Admitted, admit
from shared.contracts.catalogue import CATALOGUE
from shared.contracts.examples import EXAMPLES

TODAY = date(2026, 4, 1)


def test_every_type_has_an_example_in_the_order_of_the_catalogue() -> None:
    assert list(EXAMPLES) == list(CATALOGUE)


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_example_of_a_type_is_admitted_as_that_type(name: str) -> None:
    row = CATALOGUE[name]
    verdict = admit(orjson.dumps(EXAMPLES[name]), service=row.service, scope=EVERYTHING, today=TODAY)
    assert isinstance(verdict, Admitted), verdict
    assert (verdict.type, verdict.stream) == (name, row.stream)
    assert orjson.loads(verdict.event) == EXAMPLES[name]


@pytest.mark.parametrize("name", CATALOGUE)
def test_the_example_of_a_type_shows_every_field(name: str) -> None:
    shown, fields = set(EXAMPLES[name]["data"]), set(CATALOGUE[name].payload.model_fields)
    assert shown == fields - {"notification_id"}  # a conference follows an enquiry or a transfer, not both


@pytest.mark.parametrize("name", CATALOGUE)
def test_what_is_published_is_a_cloudevent_to_the_official_library(name: str) -> None:
    example = EXAMPLES[name]
    verdict = admit(orjson.dumps(example), service=CATALOGUE[name].service, scope=EVERYTHING, today=TODAY)
    assert isinstance(verdict, Admitted)
    event = JSONFormat().read(CloudEvent, verdict.event)
    assert (event.get_id(), event.get_source(), event.get_type()) == (example["id"], example["source"], name)
    assert event.get_extension("authority") == example["authority"]
    assert event.get_data() == example["data"]
