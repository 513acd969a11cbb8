import re
from typing import Any

import pytest

from shared.contracts.catalogue import types_of
from shared.contracts.examples import EXAMPLES
from shared.contracts.streams import PRODUCERS

AFTER_THE_EXAMPLES = max(example["time"] for example in EXAMPLES.values())
SERVICES = ("referrals", "workforce")
MEDIA_TYPES = {
    "application/cloudevents+json",
    "application/json",
    "application/cloudevents-batch+json",
    "application/x-ndjson",
}


@pytest.fixture(params=SERVICES)
def service(request: pytest.FixtureRequest) -> str:
    name = request.param
    assert isinstance(name, str)
    return name


async def document(request: pytest.FixtureRequest, start: Any, service: str, path: str) -> dict[str, Any]:
    async with start(service) as running:
        response = await running.client.get(path)
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def references(node: Any) -> set[str]:
    """Every ``$ref`` below a node."""
    if isinstance(node, dict):
        own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
        return own.union(*map(references, node.values()))
    return set().union(*map(references, node)) if isinstance(node, list) else set()


def resolve(document: dict[str, Any], reference: str) -> Any:
    node: Any = document
    for step in reference.removeprefix("#/").split("/"):
        node = node[step.replace("~1", "/").replace("~0", "~")]
    return node


async def test_openapi_describes_every_body_and_answer(
    request: pytest.FixtureRequest, start: Any, service: str
) -> None:
    openapi = await document(request, start, service, "/openapi.json")
    assert openapi["openapi"].startswith("3.1.")
    operation = openapi["paths"]["/events"]["post"]
    assert set(operation["requestBody"]["content"]) == MEDIA_TYPES
    assert set(operation["responses"]) == {"202", "401", "403", "413", "415", "422", "429", "503"}
    found = references(openapi)
    assert all(resolve(openapi, reference) for reference in found)
    event = openapi["components"]["schemas"]["Event"]
    types = set(re.findall(r"csc\.[a-z0-9_.]+", str([event, *(openapi["components"]["schemas"].values())])))
    assert {row.name for row in types_of(service)} <= types


async def test_the_examples_are_accepted_as_they_stand(
    request: pytest.FixtureRequest, start: Any, service: str
) -> None:
    async with start(service, clock=AFTER_THE_EXAMPLES) as running:
        openapi = (await running.client.get("/openapi.json")).json()
        examples = openapi["paths"]["/events"]["post"]["requestBody"]["content"]["application/cloudevents+json"][
            "examples"
        ]
        assert set(examples) == {row.name for row in types_of(service)}
        answer = (await running.send(*(example["value"] for example in examples.values()))).json()
    assert (answer["accepted"] + answer["duplicate"], answer["refused"]) == (len(examples), [])


async def test_asyncapi_describes_the_streams_and_their_events(
    request: pytest.FixtureRequest, start: Any, service: str
) -> None:
    asyncapi = await document(request, start, service, "/asyncapi.json")
    assert asyncapi["asyncapi"] == "3.0.0"
    titles = str(asyncapi["channels"])
    for stream, producer in PRODUCERS.items():
        assert (stream in titles) == (producer == service)
    assert all(resolve(asyncapi, reference) for reference in references(asyncapi))
    types = set(re.findall(r"csc\.[a-z0-9_.]+", str(asyncapi["components"])))
    assert {row.name for row in types_of(service)} <= types
    [server] = asyncapi["servers"].values()
    assert server["host"] == "bus:6379"
