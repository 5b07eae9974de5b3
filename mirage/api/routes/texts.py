"""Routes of the text of documents."""

from typing import Annotated

from fastapi import APIRouter, Query

from mirage.api import wire
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, DocumentId, PathProject
from mirage.errors import DocumentNotFound, InvalidRequest
from mirage.model import Span
from mirage.reading import (
    MAX_CHARACTERS,
    Excerpt,
    PageNotFound,
    TextMissing,
    find_document,
    read_around,
    read_outline,
    read_page,
    read_span,
)

router = APIRouter(prefix="/projects/{project}/documents/{document}", tags=["texts"])


MAX_OFFSET = 2**31 - 1
_MAX_HEADINGS = 1000


@router.get(
    "/text",
    summary="Read a document",
    responses=raises(DocumentNotFound, TextMissing, PageNotFound),
)
async def read(
    project: PathProject,
    document: DocumentId,
    state: AppState,
    start: Annotated[
        int | None, Query(ge=0, le=MAX_OFFSET, description="First character; by default 0.")
    ] = None,
    end: Annotated[
        int | None,
        Query(
            ge=1,
            le=MAX_OFFSET,
            description=f"Character after the last; at most {MAX_CHARACTERS:,} after `start`.",
        ),
    ] = None,
    page: Annotated[
        int | None, Query(ge=1, le=MAX_OFFSET, description="Page to read instead, from 1.")
    ] = None,
    around: Annotated[
        str | None,
        Query(
            pattern=r"^\d{1,9}-\d{1,9}$",
            description="Passage to read with its surroundings instead: `start-end`.",
        ),
    ] = None,
    tokens: Annotated[
        int, Query(ge=0, le=2000, description="Tokens to add on each side, with `around`.")
    ] = 200,
) -> wire.DocumentText:
    """Returns a part of a document's extracted text, to which the spans of passages refer.

    Compare `end` with `characters` to see whether more follows.
    """
    if sum((start is not None or end is not None, page is not None, around is not None)) > 1:
        raise InvalidRequest("give only one of `start` and `end`, `page`, and `around`")
    found: Excerpt | None
    if page is not None:
        found = await read_page(state.database, project, document, page)
        if found is None:
            return wire.DocumentText.empty(await find_document(state.database, project, document))
    elif around is not None:
        found = await read_around(
            state.database, state.embedder, project, document, _span(around), tokens, tokens
        )
    else:
        found = await read_span(state.database, project, document, start or 0, end)
    return wire.DocumentText.of(found)


@router.get(
    "/outline",
    summary="Get the outline of a document",
    responses=raises(DocumentNotFound, TextMissing),
)
async def outline(
    project: PathProject,
    document: DocumentId,
    state: AppState,
    start: Annotated[
        int, Query(ge=0, le=MAX_OFFSET, description="`next_start` of the previous answer.")
    ] = 0,
) -> wire.Outline:
    """Lists the headings of a document with their places, at most 1,000 per answer."""
    found = await read_outline(state.database, project, document)
    headings = [heading for heading in found.headings if heading.start >= start]
    shown = headings[:_MAX_HEADINGS]
    if len(headings) > len(shown):  # Headings at one place stay together.
        following = headings[len(shown)].start
        together = [heading for heading in shown if heading.start < following]
        # More at one place than an answer has: the next answer begins behind it.
        shown = together or [heading for heading in headings if heading.start == following]
    return wire.Outline(
        document_id=document,
        document_name=found.document.name,
        headings=[wire.Heading.model_validate(heading) for heading in shown],
        next_start=headings[len(shown)].start if len(headings) > len(shown) else None,
    )


def _span(around: str) -> Span:
    start, _, end = around.partition("-")
    return int(start), int(end)
