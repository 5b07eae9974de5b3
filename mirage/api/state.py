"""What every request may use, and the question whether it may."""

import hmac
from dataclasses import dataclass
from typing import Annotated

from fastapi import Depends, Request
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from mirage.db import Database
from mirage.embed import Embedder
from mirage.errors import Unauthorized
from mirage.files import VolumeStore
from mirage.ingest import find_project
from mirage.model import Project
from mirage.settings import Settings


@dataclass(frozen=True, slots=True)
class State:
    """The parts that the API works with."""

    settings: Settings
    database: Database
    store: VolumeStore
    embedder: Embedder


def get_state(request: Request) -> State:
    """The application's parts."""
    state: State = request.app.state.parts
    return state


AppState = Annotated[State, Depends(get_state)]

_header = APIKeyHeader(name="X-API-Key", auto_error=False)
_bearer = HTTPBearer(auto_error=False)


def is_authorized(
    state: AppState,
    header: Annotated[str | None, Depends(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> bool:
    """Whether the request carries the key; compared in constant time."""
    key = state.settings.api.key
    given = header or (bearer.credentials if bearer else "")
    return key is not None and hmac.compare_digest(
        given.encode("latin-1", "replace"), key.get_secret_value().encode()
    )


Authorized = Annotated[bool, Depends(is_authorized)]


def require_key(authorized: Authorized) -> None:
    """Raises Unauthorized."""
    if not authorized:
        raise Unauthorized("the request carries no key, or not the right one")


async def get_project(project: str, state: AppState) -> Project:
    """The project that the path names, by name or id. Raises ProjectNotFound."""
    return await find_project(state.database, project)


PathProject = Annotated[Project, Depends(get_project)]
