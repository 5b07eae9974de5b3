"""Who asks for a page, and which shelf of those that the key may see."""

import time
from typing import Annotated

from fastapi import Depends, Request

from mirage.api.state import AppState, MainKey, Token, authenticate, look_up_visible_project
from mirage.errors import Forbidden, Unauthorized
from mirage.keys import EVERYTHING, Access, find_access_by_id
from mirage.model import Project, Scope
from mirage.web.view import PageView


async def get_visitor(
    request: Request, state: AppState, view: PageView, token: Token, main_key: MainKey
) -> Access:
    """Return what the visitor may do: by the session, or by a key in a header.

    Raises Unauthorized.
    """
    if token:
        return await authenticate(request, state, token, main_key)
    sessions = view.site.sessions
    session = sessions.open(request.cookies.get(sessions.cookie, ""), time.time())
    if session is None:
        raise Unauthorized("nobody is logged in")
    access: Access | None = EVERYTHING
    if session.key_id is not None:
        access = await find_access_by_id(state.database, session.key_id)
    if access is None:
        raise Unauthorized("the key of this session was revoked or has expired")
    request.state.access = access
    return access


Visitor = Annotated[Access, Depends(get_visitor)]


async def get_writer(visitor: Visitor) -> Access:
    """Return what the visitor may do. Raises Forbidden for a key that only reads."""
    return _require(visitor, Scope.WRITE)


async def get_administrator(visitor: Visitor) -> Access:
    """Return what the visitor may do. Raises Forbidden unless the key is for administrators."""
    return _require(visitor, Scope.ADMIN)


Writer = Annotated[Access, Depends(get_writer)]
Administrator = Annotated[Access, Depends(get_administrator)]


async def get_shelf(project: str, state: AppState, visitor: Visitor) -> Project:
    """Return the project in the path. Raises ProjectNotFound, also if the key may not see it."""
    async with state.database.statements() as connection:
        return await look_up_visible_project(connection, project, visitor)


Shelf = Annotated[Project, Depends(get_shelf)]


def _require(visitor: Access, scope: Scope) -> Access:
    if not visitor.scope.includes(scope):
        raise Forbidden(
            f"this needs a key with scope {scope}; the scope of this key is {visitor.scope}"
        )
    return visitor
