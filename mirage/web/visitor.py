"""Who asks for a page, and which shelf of those that the key may see."""

import binascii
import time
from base64 import b64decode
from ipaddress import IPv6Address, ip_address
from typing import Annotated

from fastapi import Depends, Request

from mirage.api.state import (
    AppState,
    MainKey,
    Token,
    authenticate,
    is_main_key,
    look_up_visible_project,
)
from mirage.config import Web
from mirage.errors import Forbidden, Unauthorized
from mirage.keys import EVERYTHING, Access, find_access_by_id
from mirage.model import Project, Scope
from mirage.web.view import PageView


async def get_visitor(
    request: Request, state: AppState, view: PageView, token: Token, main_key: MainKey
) -> Access:
    """Return what the visitor may do: by a key in a header, the session, or the proxy in front.

    Raises Unauthorized.
    """
    if token:
        return await authenticate(request, state, token, main_key)
    sessions = view.site.sessions
    session = sessions.open(request.cookies.get(sessions.cookie, ""), time.time())
    access: Access | None = None
    if session is None:
        access = _named_by_proxy(request, state.settings.web)
    elif session.key_id is None:
        access = EVERYTHING
    else:
        access = await find_access_by_id(state.database, session.key_id)
    if access is None:
        raise Unauthorized("you are not logged in, or your key was revoked or has expired")
    request.state.access = access
    return access


Visitor = Annotated[Access, Depends(get_visitor)]


async def get_link_reader(
    request: Request, state: AppState, view: PageView, token: Token, main_key: MainKey
) -> Access:
    """Return what `get_visitor` does, or what the password of HTTP Basic may do.

    A proxy in front may have a password of its own, so it counts last. Raises Unauthorized.
    """
    try:
        return await get_visitor(request, state, view, token, main_key)
    except Unauthorized:
        password = _password(request)
        if token or not password:
            raise
        is_main = await is_main_key(state, password)
        return await authenticate(request, state, password, is_main)


LinkReader = Annotated[Access, Depends(get_link_reader)]


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


def _named_by_proxy(request: Request, web: Web) -> Access | None:
    """Return the access of a user whom a trusted proxy names in its header.

    The address of the connection decides, which a header such as X-Forwarded-For cannot change.
    """
    if web.user_header is None or request.client is None:
        return None
    if not request.headers.get(web.user_header, "").strip():
        return None
    try:
        peer = ip_address(request.client.host)
    except ValueError:  # A Unix socket has no address.
        return None
    if isinstance(peer, IPv6Address) and peer.ipv4_mapped:
        peer = peer.ipv4_mapped
    if not any(peer in network for network in web.networks):
        return None
    return Access(Scope(web.user_scope), by_proxy=True)


def _require(visitor: Access, scope: Scope) -> Access:
    if not visitor.scope.includes(scope):
        raise Forbidden(
            f"this needs a key with scope {scope}; the scope of this key is {visitor.scope}"
        )
    return visitor


def _password(request: Request) -> str:
    """Return the password of HTTP Basic, or an empty text."""
    scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return ""
    try:
        return b64decode(encoded, validate=True).decode().partition(":")[2]
    except (binascii.Error, UnicodeDecodeError):
        return ""
