"""Routes of the page: their errors are pages too, and each answer has the same headers."""

import logging
from collections.abc import Callable, Coroutine
from http import HTTPStatus
from typing import Any

from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.routing import Match
from starlette.types import Scope

from mirage.api.http.problems import problem
from mirage.api.wire import Problem
from mirage.errors import InvalidRequest, MirageError, Unauthorized, Unavailable
from mirage.web.addresses import local
from mirage.web.headers import HEADERS, require_same_origin
from mirage.web.view import View, view_of

_log = logging.getLogger(__name__)


class PageRoute(APIRoute):
    """A route that answers a browser."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, wrapped."""
        handle = super().get_route_handler()

        async def answer(request: Request) -> Response:
            try:
                require_same_origin(request)
                response = await handle(request)
            except MirageError as error:
                response = _refuse(request, error)
            except RequestValidationError:
                response = _refuse(request, InvalidRequest("the form or the address is malformed"))
            except HTTPException:
                raise
            except Exception as error:  # A person gets a page, not the text of a defect.
                unforeseen = MirageError("internal error; the API's log has the traceback")
                response = _refuse(request, unforeseen, cause=error)
            response.headers.update(HEADERS)
            return response

        return answer


class FirstPageRoute(PageRoute):
    """Matches only requests that ask for HTML; programs are told that there is nothing."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return the match of the path, if the client takes HTML."""
        if scope["method"] == "GET" and "text/html" not in Headers(scope=scope).get("accept", ""):
            return Match.NONE, {}
        return super().matches(scope)


def wants_data(request: Request) -> bool:
    """Return whether a script asks, not a person."""
    return "text/html" not in request.headers.get("accept", "text/html")


def _refuse(request: Request, error: MirageError, cause: Exception | None = None) -> Response:
    if error.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not isinstance(error, Unavailable):
        _log.error("the page failed", exc_info=cause or error, extra={"path": request.url.path})
    view = view_of(request)
    if wants_data(request):
        return _problem(view, error)
    if isinstance(error, Unauthorized):
        return view.go(view.url("login", next=_way_back(request)))
    passing = isinstance(error, Unavailable)
    again = passing and request.method == "GET"
    response = view.render(
        "error.html",
        error.status,
        error=error,
        passing=passing,
        again=again,
        back=None if request.method == "GET" else local(view.site.root, _way_back(request)),
    )
    if passing:
        response.headers["Retry-After"] = "5"
    return response


def _problem(view: View, error: MirageError) -> Response:
    """Return what the API returns, with a sentence in the language of the page as `said`."""
    answer = problem(error)
    key = f"errors.{error.code}"
    said = view.words.say(key) if view.words.has(key) else None
    body = {**Problem.of(error).model_dump(), "said": said}
    headers = {k: v for k, v in answer.headers.items() if k in {"retry-after", "www-authenticate"}}
    return JSONResponse(body, error.status, headers, answer.media_type)


def _way_back(request: Request) -> str:
    """Return where to go after login: to this page, or to the one whose form was sent."""
    view = view_of(request)
    if request.method == "GET":
        return view.here
    _, _, path = request.headers.get("referer", "").partition("://")
    return "/" + path.partition("/")[2]
