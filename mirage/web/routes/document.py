"""A document: its facts, outline and remarks, and what can be done with it."""

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Form, Request, Response

from mirage.api.http.body_limit import streams_body
from mirage.api.http.download import Download
from mirage.api.http.multipart import receive_file
from mirage.api.state import AppState
from mirage.db.documents import find_document
from mirage.documents import (
    delete_document,
    ingest_file,
    open_original,
    reindex_document,
    rename_document,
)
from mirage.errors import DocumentNotFound
from mirage.model import Document
from mirage.names import MAX_DOCUMENT_BYTES
from mirage.reading import TextMissing, read_outline
from mirage.web.answering import PageRoute
from mirage.web.documents import Shown, link_pages
from mirage.web.view import PageView
from mirage.web.visitor import Shelf, Writer

router = APIRouter(prefix="/p/{project}/d/{document}", route_class=PageRoute)

_HEADINGS = 500


async def get_document(document: UUID, state: AppState, shelf: Shelf) -> Document:
    """Return the document in the path. Raises DocumentNotFound."""
    async with state.database.statements() as connection:
        found = await find_document(connection, shelf.id, document)
    if found is None:
        raise DocumentNotFound(f"project {shelf.name!r} has no document {document}")
    return found


PathDocument = Annotated[Document, Depends(get_document)]


@router.get("")
async def show(view: PageView, state: AppState, shelf: Shelf, found: PathDocument) -> Response:
    """Show a document."""
    try:
        headings = (await read_outline(state.database, shelf, found.id)).headings
    except TextMissing:
        headings = ()
    return view.render(
        "document.html",
        shelf=shelf,
        row=Shown.of(found),
        document=found,
        headings=headings[:_HEADINGS],
        more_headings=max(len(headings) - _HEADINGS, 0),
        link_pages=link_pages,
    )


@router.get("/file")
async def download(state: AppState, shelf: Shelf, found: PathDocument) -> Download:
    """Send the original as an attachment: a browser must not show it, because it may be hostile."""
    stored, file = await open_original(state.database, state.store, shelf, found.id)
    headers = {"Content-Type": stored.media_type.value}
    return Download(file, filename=stored.name.rpartition("/")[2], headers=headers)


@router.post("/reindex")
async def reindex(
    view: PageView, state: AppState, shelf: Shelf, document: UUID, _: Writer
) -> Response:
    """Queue a document again from its file."""
    await reindex_document(state.database, state.store, shelf, document)
    return view.go(view.url("p", shelf.name, "d", document))


@router.post("/rename")
async def rename(
    view: PageView,
    state: AppState,
    shelf: Shelf,
    document: UUID,
    _: Writer,
    name: Annotated[str, Form(max_length=MAX_DOCUMENT_BYTES)] = "",
) -> Response:
    """Rename a document. Raises InvalidName, WrongExtension, DocumentExists, DocumentNotFound."""
    await rename_document(state.database, shelf, document, name.strip())
    return view.go(view.url("p", shelf.name, "d", document))


@router.get("/replace")
async def ask_for_file(view: PageView, shelf: Shelf, found: PathDocument, _: Writer) -> Response:
    """Ask for another file in place of this one."""
    return view.render("replace.html", shelf=shelf, document=found)


@router.post("/replace", dependencies=[streams_body()])
async def replace(
    request: Request,
    view: PageView,
    state: AppState,
    shelf: Shelf,
    found: PathDocument,
    _: Writer,
) -> Response:
    """Store another file under the name of this one. Raises what the upload of the API raises."""
    most = state.settings.documents.max_upload_bytes
    incoming = state.store.incoming(most)
    try:
        await receive_file(request, incoming, most)
        added = await ingest_file(state.database, state.store, shelf, found.name, incoming)
    finally:
        incoming.abort()
    return view.go(view.url("p", shelf.name, "d", added.document.id))


@router.get("/delete")
async def ask_to_delete(view: PageView, shelf: Shelf, found: PathDocument, _: Writer) -> Response:
    """Ask whether to delete a document."""
    return view.render("delete_document.html", shelf=shelf, document=found)


@router.post("/delete")
async def delete(
    view: PageView, state: AppState, shelf: Shelf, found: PathDocument, _: Writer
) -> Response:
    """Delete a document with its file, text and vectors, and show the folder in which it was."""
    await delete_document(state.database, state.store, shelf, found.id)
    folder = found.name.rpartition("/")[0]
    return view.go(view.url("p", shelf.name, "library", path=f"{folder}/" if folder else ""))
