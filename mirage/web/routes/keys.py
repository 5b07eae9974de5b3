"""Keys: list, create and revoke them, and connect an agent with a new one."""

from datetime import UTC, datetime, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from mirage import keys
from mirage.api.routes.mcp import public_address
from mirage.api.state import AppState, State, require_all_projects
from mirage.db.projects import list_projects
from mirage.errors import InvalidRequest, KeyNotFound
from mirage.model import ApiKey, Project, Scope
from mirage.projects import find_project
from mirage.web.agents import recipes
from mirage.web.answering import PageRoute
from mirage.web.view import PageView
from mirage.web.visitor import Administrator


async def _sees_all(visitor: Administrator) -> None:
    # A key for some projects could otherwise create a key for all.
    await require_all_projects(visitor)


router = APIRouter(prefix="/keys", route_class=PageRoute, dependencies=[Depends(_sees_all)])

_MOST = 1000
_LIVES = {"": None, "30": timedelta(days=30), "90": timedelta(days=90), "365": timedelta(days=365)}


@router.get("")
async def show(view: PageView, state: AppState) -> Response:
    """Show the keys, without their tokens, and the form for a new one."""
    found, shelves = await _load(state)
    return view.render(
        "keys.html",
        current="keys",
        keys=found,
        shelves=shelves,
        names={shelf.id: shelf.name for shelf in shelves},
        scopes=list(Scope),
        lives=list(_LIVES),
        now=datetime.now(UTC),
    )


@router.post("")
async def create(
    request: Request,
    view: PageView,
    state: AppState,
    name: Annotated[str, Form(max_length=_MOST)] = "",
    scope: Annotated[Scope, Form()] = Scope.READ,
    shelf: Annotated[str, Form(max_length=_MOST)] = "",
    days: Annotated[str, Form(max_length=10)] = "",
) -> Response:
    """Create a key, and show its token once, with recipes for agents.

    Raises InvalidName, KeyExists, ProjectNotFound, InvalidRequest.
    """
    if days not in _LIVES:
        raise InvalidRequest(f"days: must be one of {', '.join(filter(None, _LIVES))}, or empty")
    life = _LIVES[days]
    project = await find_project(state.database, shelf) if shelf else None
    key, token = await keys.create_key(
        state.database,
        name.strip(),
        scope,
        [project.id] if project else None,
        datetime.now(UTC) + life if life else None,
    )
    base = public_address(request, state)
    only = project.name if project else None
    return view.render(
        "new_key.html", current="keys", key=key, token=token, recipes=recipes(base, only, token)
    )


@router.get("/{key}/revoke")
async def ask_to_revoke(view: PageView, state: AppState, key: UUID) -> Response:
    """Ask whether to revoke a key. Raises KeyNotFound."""
    found, _ = await _load(state)
    for one in found:
        if one.id == key:
            return view.render("revoke_key.html", current="keys", key=one)
    raise KeyNotFound(f"key {key} does not exist")


@router.post("/{key}/revoke")
async def revoke(view: PageView, state: AppState, key: UUID) -> Response:
    """Revoke a key at once: its programs and sessions end. Raises KeyNotFound."""
    await keys.revoke_key(state.database, key)
    return view.go(view.url("keys"))


async def _load(state: State) -> tuple[list[ApiKey], list[Project]]:
    found = await keys.list_keys(state.database)
    async with state.database.statements() as connection:
        return found, await list_projects(connection)
