"""Shows what a citation's link leads to: the text around a span, with the span marked."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response

from mirage.api.state import AppState
from mirage.citing import mark_of, parse_at
from mirage.db.documents import find_document_by_id
from mirage.db.projects import find_project
from mirage.errors import DocumentNotFound
from mirage.reading import read_span
from mirage.web.answering import PageRoute
from mirage.web.view import PageView
from mirage.web.visitor import Visitor

router = APIRouter(route_class=PageRoute)

_AROUND = 1500  # Characters on each side, so that the passage is on the first screen.


@router.get("/d/{document}")
async def show(
    document: UUID,
    view: PageView,
    state: AppState,
    visitor: Visitor,
    at: Annotated[str, Query(max_length=50)] = "",
) -> Response:
    """Show a document's text around a span. Raises DocumentNotFound, TextMissing."""
    async with state.database.statements() as connection:
        found = await find_document_by_id(connection, document)
        shelf = None
        if found is not None and visitor.sees(found.project_id):
            shelf = await find_project(connection, str(found.project_id))
    if found is None or shelf is None:
        raise DocumentNotFound(f"no document {document} is visible to this key")
    meant = parse_at(at)
    if meant is not None and meant[0][0] >= (found.characters or 0):
        meant = None
    start, end = meant[0] if meant else (0, 0)
    excerpt = await read_span(
        state.database, shelf, document, max(start - _AROUND, 0), end + _AROUND
    )
    first, last = start - excerpt.start, min(end, excerpt.end) - excerpt.start
    span = excerpt.text[first:last]
    fits = meant is not None and meant[1] in (None, mark_of(span))
    return view.render(
        "reader.html",
        shelf=shelf,
        document=found,
        before=excerpt.text[:first] if fits else "",
        marked=span if fits else "",
        after=excerpt.text[last:] if fits else excerpt.text,
        has_moved=bool(at) and not fits,
    )
