"""Every error leaves as `application/problem+json` (RFC 9457) with a stable `type` and a remedy."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from mirage.errors import InvalidRequest, MirageError, Unauthorized, Unavailable, UnknownField

TYPE_PREFIX = "urn:mirage:problem:"

_log = logging.getLogger(__name__)


def install(app: FastAPI) -> None:
    """Turn our errors, FastAPI's and any that nobody foresaw into problems."""

    @app.exception_handler(MirageError)
    async def ours(request: Request, error: MirageError) -> JSONResponse:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
            _log.error("request failed", exc_info=error, extra={"path": request.url.path})
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        mistakes = error.errors()
        unknown = [m for m in mistakes if m["type"] == "extra_forbidden"]
        if unknown:
            names = ", ".join(repr(str(m["loc"][-1])) for m in unknown)
            return problem(UnknownField(f"unknown field {names}"))
        return problem(InvalidRequest("; ".join(_sentence(mistake) for mistake in mistakes)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        phrase = HTTPStatus(error.status_code).phrase
        return _response(
            error.status_code,
            phrase.lower().replace(" ", "-"),
            f"{request.method} {request.url.path}: {error.detail}",
            "Compare the request with the API's description at /docs.",
            dict(error.headers or {}),
        )

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return problem(MirageError("an error that nobody foresaw; its trace is in the API's log"))


def problem(error: MirageError) -> JSONResponse:
    """The error as a response."""
    headers = {}
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
    return _response(error.status, error.code, str(error), error.remedy(), headers)


def _response(
    status: int, code: str, detail: str, remedy: str, headers: dict[str, str]
) -> JSONResponse:
    body: dict[str, Any] = {
        "type": TYPE_PREFIX + code,
        "title": code.replace("-", " ").capitalize(),
        "status": status,
        "detail": detail,
        "remedy": remedy,
    }
    return JSONResponse(
        body, status_code=status, media_type="application/problem+json", headers=headers
    )


def _sentence(mistake: dict[str, Any]) -> str:
    place = ".".join(str(part) for part in mistake["loc"][1:]) or str(mistake["loc"][0])
    return f"{place}: {mistake['msg']}"
