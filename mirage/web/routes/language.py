"""The switch between languages."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from mirage.api.http.errors import RouteNotFound
from mirage.web.answering import PageRoute
from mirage.web.headers import is_secure
from mirage.web.view import LANGUAGE_COOKIE, PageView
from mirage.web.words import PLURALS

router = APIRouter(route_class=PageRoute)

_YEAR_SECONDS = 365 * 24 * 3600


@router.get("/language/{language}")
async def switch(
    language: str, view: PageView, back: Annotated[str, Query(max_length=8192)] = ""
) -> Response:
    """Answer in this language from now on, and go back."""
    if language not in PLURALS:
        raise RouteNotFound("the page has no such language")
    response = view.go(back)
    response.set_cookie(
        LANGUAGE_COOKIE,
        language,
        max_age=_YEAR_SECONDS,
        path=view.cookie_path,
        secure=is_secure(view.request),
        httponly=True,
        samesite="lax",
    )
    return response
