"""Answers every error with `application/problem+json` (RFC 9457), a stable `type` and a remedy."""

import logging
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from mirage import mistakes
from mirage.api.http.errors import BodyTooLarge, BodyTooSlow, MethodNotAllowed, RouteNotFound
from mirage.api.http.openapi import PROBLEM_MEDIA_TYPE, methods_at
from mirage.api.wire import Problem
from mirage.errors import (
    InvalidRequest,
    MirageError,
    ShuttingDown,
    Unauthorized,
    Unavailable,
    UnknownField,
)

_log = logging.getLogger(__name__)


# Errors that Starlette and FastAPI raise with only a status.
_BY_STATUS: dict[int, type[MirageError]] = {
    error.status: error
    for error in (RouteNotFound, MethodNotAllowed, BodyTooLarge, BodyTooSlow, ShuttingDown)
}


def install(app: FastAPI) -> None:
    """Answer our errors, those of FastAPI and unexpected ones with a problem."""

    @app.exception_handler(MirageError)
    async def ours(request: Request, error: MirageError) -> JSONResponse:
        if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
            _log.error("request failed", exc_info=error, extra={"path": request.url.path})
        return problem(error)

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> JSONResponse:
        found = error.errors()
        unknown = [m for m in found if m["type"] == "extra_forbidden"]
        if unknown:
            names = ", ".join(repr(str(m["loc"][-1])) for m in unknown)
            return problem(UnknownField(f"unknown field {names}"))
        return problem(InvalidRequest("; ".join(_sentence(mistake) for mistake in found)))

    @app.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> JSONResponse:
        kind = _BY_STATUS.get(error.status_code, InvalidRequest)
        detail, headers = f"{request.method} {request.url.path}: {error.detail}", {}
        path = request.url.path.removeprefix(request.scope.get("root_path", ""))
        if kind is RouteNotFound and methods_at(app, without := path.rstrip("/")):
            detail += f"; remove the trailing slash: {without}"
        if kind is MethodNotAllowed and (methods := methods_at(app, path)):
            # Starlette names the methods of one route only; a path may have several routes.
            headers["Allow"] = ", ".join(methods)
        given = {name.title(): value for name, value in (error.headers or {}).items()}
        return problem(kind(detail), given | headers)

    @app.exception_handler(Exception)
    async def unforeseen(request: Request, error: Exception) -> JSONResponse:
        return problem(MirageError("internal error; the API's log has the traceback"))


def problem(error: MirageError, headers: dict[str, str] | None = None) -> JSONResponse:
    """Return the error as a response."""
    headers = dict(headers or {})
    if isinstance(error, Unauthorized):
        headers["WWW-Authenticate"] = "Bearer"
    if isinstance(error, Unavailable):
        headers["Retry-After"] = "5"
    return JSONResponse(
        Problem.of(error).model_dump(),
        status_code=error.status,
        media_type=PROBLEM_MEDIA_TYPE,
        headers=headers,
    )


def _sentence(mistake: dict[str, Any]) -> str:
    if mistake["type"] == "json_invalid":
        return f"the body is not JSON: {mistake['ctx']['error']} at character {mistake['loc'][-1]}"
    if mistake["loc"] == ("body",):  # Also without the header, as `curl -d` sends it.
        return "the body must be a JSON object, with the header `Content-Type: application/json`"
    place = ".".join(str(part) for part in mistake["loc"][1:]) or str(mistake["loc"][0])
    return f"{place}: {mistakes.sentence(mistake)}"
