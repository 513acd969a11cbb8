"""Errors over HTTP, as RFC 9457 problems, whoever raises them."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

MEDIA_TYPE = "application/problem+json"


class ProblemError(Exception):
    """Ends a request with a problem."""

    def __init__(
        self, status: HTTPStatus, detail: str, *, headers: Mapping[str, str] | None = None, **members: Any
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.headers = dict(headers or {})
        self.members = members


def install(app: FastAPI) -> None:
    """Have the app answer with problems."""
    app.add_exception_handler(ProblemError, _of_problem)
    app.add_exception_handler(HTTPException, _of_framework)
    app.add_exception_handler(Exception, _of_fault)


def problem(status: HTTPStatus, detail: str, headers: Mapping[str, str] | None = None, **members: Any) -> JSONResponse:
    """The response to a request that ends with a problem."""
    body = {"type": "about:blank", "title": status.phrase, "status": status.value, "detail": detail, **members}
    return JSONResponse(body, status.value, dict(headers or {}), MEDIA_TYPE)


async def _of_problem(_request: Request, error: Any) -> JSONResponse:
    return problem(error.status, error.detail, error.headers, **error.members)


async def _of_framework(_request: Request, error: Any) -> JSONResponse:
    return problem(HTTPStatus(error.status_code), str(error.detail), error.headers)


async def _of_fault(_request: Request, _error: Exception) -> JSONResponse:
    return problem(HTTPStatus.INTERNAL_SERVER_ERROR, "something went wrong here; nothing of this request is promised")
