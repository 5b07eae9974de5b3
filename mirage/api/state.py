"""The parts that every request uses, and authentication."""

import hmac
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request, params
from fastapi.security import APIKeyHeader, HTTPAuthorizationCredentials, HTTPBearer

from mirage.api.http.admission import Line
from mirage.api.http.body_limit import Intake
from mirage.api.mcp.agents import Agents
from mirage.db import Connection, Database
from mirage.embed import Embedder
from mirage.errors import Forbidden, ProjectNotFound, Unauthorized
from mirage.events import Feeds
from mirage.files import Store
from mirage.health import HealthChecks
from mirage.keys import EVERYTHING, Access, find_access
from mirage.model import Project, Scope
from mirage.names import MAX_CHARACTERS
from mirage.pages import PageViewer
from mirage.projects import look_up_project
from mirage.settings import Settings


@dataclass(frozen=True, slots=True)
class State:
    """The parts that the API consists of."""

    settings: Settings
    database: Database
    store: Store
    embedder: Embedder
    feeds: Feeds
    health_checks: HealthChecks
    intake: Intake
    searches: Line
    pages: PageViewer
    agents: Agents


async def get_state(request: Request) -> State:
    """Return the application's parts."""
    state: State = request.app.state.parts
    return state


AppState = Annotated[State, Depends(get_state)]

_header = APIKeyHeader(
    name="X-API-Key",
    scheme_name="X-API-Key",
    description="The key as a header. Scopes: `read`, `write` (includes `read`), `admin` (all).",
    auto_error=False,
)
_bearer = HTTPBearer(
    scheme_name="Bearer", description="The same key as `Authorization: Bearer`.", auto_error=False
)


async def get_token(
    header: Annotated[str | None, Depends(_header)],
    bearer: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)],
) -> str:
    """Return the key in the request; empty if there is no key."""
    return header or (bearer.credentials if bearer else "")


Token = Annotated[str, Depends(get_token)]


async def is_main_key(state: AppState, token: Token) -> bool:
    """Return whether the request has the key of the settings, compared in constant time."""
    key = state.settings.api.key
    return key is not None and hmac.compare_digest(
        token.encode("latin-1", "replace"), key.get_secret_value().encode()
    )


MainKey = Annotated[bool, Depends(is_main_key)]


async def authenticate(
    request: Request, state: AppState, token: Token, main_key: MainKey
) -> Access:
    """Return what the request may do. Raises Unauthorized."""
    access = EVERYTHING if main_key else await find_access(state.database, token)
    if access is None:
        raise Unauthorized(
            "the key is not valid: it may be revoked, expired, or of another installation"
            if token
            else "the request has no key"
        )
    request.state.access = access
    return access


RequestAccess = Annotated[Access, Depends(authenticate)]


def require(scope: Scope) -> params.Depends:
    """Return a route dependency that raises Forbidden unless the key has the scope.

    Every valid key may read, so routes that only read do not need it. It runs after `authenticate`,
    and takes the token only so that the API description names the scope.
    """

    async def check(request: Request, _: Token) -> None:
        access: Access = request.state.access
        if not access.scope.includes(scope):
            raise Forbidden(
                f"this needs a key with scope {scope}; the scope of this key is {access.scope}"
            )

    return params.Security(check, scopes=[scope.value])


async def require_all_projects(access: RequestAccess) -> None:
    """Raise Forbidden if the key is limited to some projects."""
    if access.project_ids is not None:
        raise Forbidden("this needs a key for all projects; this key is limited to some")


ProjectReference = Annotated[str, Path(description="Name or id of the project.")]


async def get_project(
    project: ProjectReference,
    state: AppState,
    access: RequestAccess,
) -> Project:
    """Return the project in the path. Raises ProjectNotFound.

    A project that the key may not see is treated as missing, so that names do not leak.
    """
    async with state.database.statements() as connection:
        return await look_up_visible_project(connection, project, access)


DocumentId = Annotated[UUID, Path(description="Id of the document.")]

PathProject = Annotated[Project, Depends(get_project)]


async def look_up_visible_project(
    connection: Connection, reference: str, access: Access
) -> Project:
    """Return what `get_project` returns, using an open connection."""
    if access.project_ids is None:
        return await look_up_project(connection, reference)
    with suppress(ProjectNotFound):
        found = await look_up_project(connection, reference)
        if access.sees(found.id):
            return found
    raise ProjectNotFound(f"no project {reference[:MAX_CHARACTERS]!r} is visible to this key")
