"""The AsyncAPI document says what travels on which stream."""

import orjson
import pytest

from shared.contracts.catalogue import CATALOGUE
from shared.contracts.streams import PRODUCERS
from shared.runtime.specification import asyncapi


@pytest.mark.parametrize("stream", PRODUCERS)
def test_a_stream_is_described_with_its_own_types_only(stream: str) -> None:
    components = asyncapi(PRODUCERS[stream])["components"]
    reference = components["messages"][f"{stream}:Message"]["payload"]["$ref"]
    payload = components["schemas"][reference.removeprefix("#/components/schemas/")]
    models = {each["$ref"].rpartition("/")[2] for either in payload["anyOf"] for each in either["oneOf"]}
    types = {components["schemas"][model]["properties"]["type"]["const"] for model in models}
    assert types == {row.name for row in CATALOGUE.values() if row.stream == stream}
    assert len(models) == 2 * len(types)


@pytest.mark.parametrize("service", ["referrals", "workforce"])
def test_every_reference_of_the_document_leads_somewhere(service: str) -> None:
    document = asyncapi(service)
    schemas = document["components"]["schemas"]
    text = orjson.dumps(document).decode()
    names = {part.partition('"')[0] for part in text.split('"#/components/schemas/')[1:]}
    assert names <= schemas.keys()
