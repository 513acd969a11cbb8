from http import HTTPStatus

import httpx
import pytest
from fastapi import FastAPI

from shared.runtime.problems import ProblemError, install


def app() -> FastAPI:
    app = FastAPI()
    install(app)

    @app.get("/full")
    async def full() -> None:
        raise ProblemError(HTTPStatus.SERVICE_UNAVAILABLE, "full", headers={"Retry-After": "3"}, refused=[1])

    @app.get("/fault")
    async def fault() -> None:
        raise LookupError("the name of a child")

    return app


async def get(path: str, method: str = "GET") -> httpx.Response:
    transport = httpx.ASGITransport(app(), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://service") as client:
        return await client.request(method, path)


@pytest.mark.parametrize(
    ("method", "path", "status", "title"),
    [
        ("GET", "/full", 503, "Service Unavailable"),
        ("GET", "/fault", 500, "Internal Server Error"),
        ("GET", "/none", 404, "Not Found"),
        ("PUT", "/full", 405, "Method Not Allowed"),
    ],
)
async def test_every_error_is_a_problem_with_its_status(method: str, path: str, status: int, title: str) -> None:
    response = await get(path, method)
    assert (response.status_code, response.headers["content-type"]) == (status, "application/problem+json")
    body = response.json()
    assert (body["type"], body["title"], body["status"]) == ("about:blank", title, status)
    assert body["detail"]


async def test_members_and_headers_of_a_problem_are_sent() -> None:
    response = await get("/full")
    assert (response.json()["refused"], response.headers["retry-after"]) == ([1], "3")


async def test_a_fault_does_not_tell_what_it_was_about() -> None:
    assert "child" not in (await get("/fault")).text
