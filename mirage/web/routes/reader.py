"""The reader: the page or the text to which a citation leads, with the passage marked."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Request, Response

from mirage.api.routes import pages
from mirage.api.state import AppState
from mirage.citations import Cited, find_cited
from mirage.citing import citation_address
from mirage.db.documents import find_document_by_id
from mirage.db.projects import find_project
from mirage.errors import DocumentNotFound
from mirage.keys import Access
from mirage.model import Document, Project
from mirage.reading import Part, read_outline
from mirage.web.answering import PageRoute
from mirage.web.flow import flow, shorten
from mirage.web.leaf import Leaf, turn_to
from mirage.web.view import PageView, View
from mirage.web.visitor import LinkReader, Visitor

router = APIRouter(route_class=PageRoute)

_MOST = 2**31 - 1


@router.get("/d/{document}")
async def show(
    document: str,
    view: PageView,
    state: AppState,
    reader: LinkReader,
    at: Annotated[str, Query(max_length=50)] = "",
    page: Annotated[int | None, Query(ge=1, le=_MOST)] = None,
    start: Annotated[int | None, Query(alias="from", ge=0, le=_MOST)] = None,
) -> Response:
    """Show a document where a citation leads, at a page, or from a character on.

    Raises DocumentNotFound, TextMissing, PageNotFound.
    """
    shown, shelf = await _find(state, document, reader)
    cited = await find_cited(state.database, shelf, shown, at) if at else None
    leaf = await turn_to(state, shelf, shown, cited, page, start)
    outline = await read_outline(state.database, shelf, shown.id)
    return view.render(
        "reader.html",
        shelf=shelf,
        document=shown,
        at=at,
        cited=cited,
        leaf=leaf,
        stretches=flow(leaf.excerpt, cited.span if cited else None) if leaf.excerpt else [],
        where=_where(leaf, cited),
        link=_link(view, shown, leaf, cited),
        headings=shorten(outline.headings),
    )


@router.get("/d/{document}/pages/{page}/image")
async def image(
    document: str,
    page: pages.PageNumber,
    state: AppState,
    visitor: Visitor,
    request: Request,
    width: pages.PictureWidth = pages.PictureWidth.NORMAL,
) -> Response:
    """Return a picture of a page as WebP. Raises what the route of the API raises."""
    shown, shelf = await _find(state, document, visitor)
    return await pages.image(shelf, shown.id, page, state, request, width)


async def _find(state: AppState, document: str, access: Access) -> tuple[Document, Project]:
    """Return a document and its project. Raises DocumentNotFound, also if the key sees neither."""
    try:
        identity = UUID(document)
    except ValueError:
        raise DocumentNotFound("a document's address has its id") from None
    async with state.database.statements() as connection:
        found = await find_document_by_id(connection, identity)
        shelf = None
        if found is not None and access.sees(found.project_id):
            shelf = await find_project(connection, str(found.project_id))
    if found is None or shelf is None:
        raise DocumentNotFound(f"no document {identity} is visible to this key")
    return found, shelf


def _where(leaf: Leaf, cited: Cited | None) -> Part | None:
    """Return the part whose page and headings a citation names."""
    parts = cited.parts if cited and cited.span else leaf.excerpt.parts if leaf.excerpt else ()
    return parts[0] if parts else None


def _link(view: View, document: Document, leaf: Leaf, cited: Cited | None) -> str:
    """Return the address of the passage, or of what is shown."""
    if cited and cited.span:
        return citation_address(view.site.root, document.id, cited.span, cited.text)
    if leaf.is_page:
        return view.url("d", document.id, page=leaf.number)
    return view.url("d", document.id, **{"from": leaf.excerpt.start if leaf.excerpt else None})
