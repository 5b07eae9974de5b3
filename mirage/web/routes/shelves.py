"""The shelves: all projects that the key may see."""

from collections.abc import Mapping
from typing import Annotated

from fastapi import APIRouter, Form, Response

from mirage.api.state import AppState, require_all_projects
from mirage.db.listing import count_by_project
from mirage.db.projects import list_projects
from mirage.keys import Access
from mirage.model import DocumentStatus, Project
from mirage.projects import create_project, delete_project
from mirage.web.answering import FirstPageRoute, PageRoute
from mirage.web.view import PageView
from mirage.web.visitor import Administrator, Shelf, Visitor, Writer

first = APIRouter(route_class=FirstPageRoute)
router = APIRouter(route_class=PageRoute)

_MOST_NAME = 1000


@first.get("/")
async def begin(view: PageView, state: AppState, visitor: Visitor) -> Response:
    """Show the shelves; a single shelf is shown itself."""
    shelves = await _list(state, visitor)
    if len(shelves) == 1:
        return view.go(view.url("p", shelves[0][0].name))
    return view.render("shelves.html", current="shelves", shelves=shelves)


@router.get("/shelves")
async def show(view: PageView, state: AppState, visitor: Visitor) -> Response:
    """Show the shelves, also a single one."""
    shelves = await _list(state, visitor)
    return view.render("shelves.html", current="shelves", shelves=shelves)


@router.post("/shelves")
async def create(
    view: PageView,
    state: AppState,
    visitor: Writer,
    name: Annotated[str, Form(max_length=_MOST_NAME)] = "",
) -> Response:
    """Create a shelf, and show its library. Raises InvalidName, ProjectExists, Forbidden."""
    await require_all_projects(visitor)
    made = await create_project(state.database, name.strip())
    return view.go(view.url("p", made.name, "library"))


@router.get("/p/{project}/delete")
async def ask_to_delete(
    view: PageView, state: AppState, shelf: Shelf, _: Administrator
) -> Response:
    """Ask whether to delete a shelf with its documents."""
    async with state.database.statements() as connection:
        counts = (await count_by_project(connection, [shelf.id])).get(shelf.id, {})
    return view.render("delete_shelf.html", shelf=shelf, documents=sum(counts.values()))


@router.post("/p/{project}/delete")
async def delete(view: PageView, state: AppState, shelf: Shelf, _: Administrator) -> Response:
    """Delete a shelf with its documents, their files and vectors."""
    await delete_project(state.database, state.store, shelf)
    return view.go(view.url("shelves"))


async def _list(state: AppState, visitor: Access) -> list[tuple[Project, Mapping[str, int]]]:
    """Return the visible projects by name, with counts of ready, working and failed documents."""
    async with state.database.transaction() as connection:
        shelves = [item for item in await list_projects(connection) if visitor.sees(item.id)]
        counts = await count_by_project(connection, [item.id for item in shelves])
    return [(item, _groups(counts.get(item.id, {}))) for item in shelves]


def _groups(counts: Mapping[DocumentStatus, int]) -> dict[str, int]:
    ready = counts.get(DocumentStatus.READY, 0)
    failed = counts.get(DocumentStatus.FAILED, 0)
    return {
        "ready": ready,
        "working": sum(counts.values()) - ready - failed,
        "failed": failed,
    }
