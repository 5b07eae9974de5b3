"""Log in with a key, and log out."""

import time
from typing import Annotated

from fastapi import APIRouter, Form, Query, Request, Response

from mirage.api.state import AppState, is_main_key
from mirage.keys import find_access
from mirage.web.answering import PageRoute
from mirage.web.headers import is_secure
from mirage.web.session import LIFE_SECONDS, Session
from mirage.web.view import PageView

router = APIRouter(route_class=PageRoute)

_MOST = 8192


@router.get("/login")
async def ask(view: PageView, next: Annotated[str, Query(max_length=_MOST)] = "") -> Response:  # noqa: A002
    """Ask for a key."""
    return view.render("login.html", next=next, wrong=False)


@router.post("/login")
async def log_in(
    request: Request,
    view: PageView,
    state: AppState,
    key: Annotated[str, Form(max_length=_MOST)] = "",
    next: Annotated[str, Form(max_length=_MOST)] = "",  # noqa: A002
) -> Response:
    """Begin a session, and go where the visitor wanted to go.

    Raises TooManyTries. The key is only in the body, which no log has.
    """
    address = request.client.host if request.client else ""
    token = key.strip()
    attempts = view.site.attempts
    async with attempts.turn(address):
        session = await _session(state, token)
        if session is None:
            attempts.wrong(address)
            return view.render("login.html", 401, next=next, wrong=True)
    response = view.go(next)
    sessions = view.site.sessions
    response.set_cookie(
        sessions.cookie,
        sessions.seal(session, time.time()),
        max_age=LIFE_SECONDS,
        path=view.cookie_path,
        secure=is_secure(request),
        httponly=True,
        samesite="lax",
    )
    return response


@router.post("/logout")
async def log_out(view: PageView) -> Response:
    """End the session in this browser."""
    response = view.go(view.url("login"))
    response.delete_cookie(view.site.sessions.cookie, path=view.cookie_path)
    return response


async def _session(state: AppState, token: str) -> Session | None:
    if await is_main_key(state, token):
        return Session(None)
    access = await find_access(state.database, token)
    return Session(access.key_id) if access else None
