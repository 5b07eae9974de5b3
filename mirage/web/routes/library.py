"""The library of a shelf: its documents with their states, and the way to add more."""

import shlex
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import JSONResponse, StreamingResponse

from mirage.api.http.answers import NO_STORE
from mirage.api.http.body_limit import streams_body
from mirage.api.http.cursors import decode_cursor, encode_cursor
from mirage.api.http.multipart import receive_file
from mirage.api.routes.events import write
from mirage.api.routes.mcp import public_address
from mirage.api.state import AppState
from mirage.api.wire.base import storable
from mirage.db.listing import Listing, Order, Summary, list_documents, summarise
from mirage.documents import ingest_file
from mirage.errors import InvalidRequest
from mirage.events import Stream
from mirage.model import DocumentStatus
from mirage.names import MAX_DOCUMENT_BYTES, to_nfc
from mirage.parse.formats import EXTENSIONS
from mirage.web.addresses import address
from mirage.web.answering import PageRoute, wants_data
from mirage.web.documents import Shown
from mirage.web.view import PageView
from mirage.web.visitor import Shelf, Visitor, Writer

router = APIRouter(route_class=PageRoute)

_ROWS = 50
_FOLDERS = 100
_WORKING = (DocumentStatus.PENDING, DocumentStatus.PARSING, DocumentStatus.EMBEDDING)
_TABS: dict[str, tuple[DocumentStatus, ...]] = {
    "all": (),
    "working": _WORKING,
    "failed": (DocumentStatus.FAILED,),
    "remarks": (),
}


@dataclass(frozen=True, slots=True)
class Library:
    """What a library is asked for, as it stands in its address."""

    path: str
    state: str
    sort: str
    find: str
    cursor: str

    @property
    def order(self) -> Order:
        """Return the order of the rows."""
        return Order.ARRIVAL if self.sort == "arrival" else Order.NAME

    @property
    def listing(self) -> Listing:
        """Return the documents that are shown."""
        remarks = self.state == "remarks"
        return Listing(_TABS[self.state], self.path, self.find, remarks, self.order)

    def address(self, **changes: Any) -> dict[str, Any]:
        """Return the fields of the same view, from its beginning, with some of them changed."""
        state = "" if self.state == "all" else self.state
        same = {"path": self.path, "state": state, "sort": self.sort, "find": self.find}
        return {**same, **changes}

    @property
    def folders(self) -> list[tuple[str, str]]:
        """Return the folders on the way to this one, each with its whole name."""
        parts = self.path.rstrip("/").split("/") if self.path else []
        return [(part, "/".join(parts[: at + 1]) + "/") for at, part in enumerate(parts)]


_Text = Annotated[str, Query(max_length=2 * MAX_DOCUMENT_BYTES)]


async def get_library(
    path: _Text = "", state: _Text = "", sort: _Text = "", find: _Text = "", cursor: _Text = ""
) -> Library:
    """Return what the address asks for. Raises InvalidRequest."""
    try:
        path, find = to_nfc(storable(path)), to_nfc(storable(find)).strip()
    except ValueError as error:
        raise InvalidRequest(str(error)) from error
    folder = f"{path}/" if path and not path.endswith("/") else path
    return Library(folder, state if state in _TABS else "all", sort, find, cursor)


AskedLibrary = Annotated[Library, Depends(get_library)]


@router.get("/p/{project}/library")
async def show(
    request: Request,
    view: PageView,
    state: AppState,
    shelf: Shelf,
    library: AskedLibrary,
) -> Response:
    """Show the documents of a folder and below."""
    after = decode_cursor(library.cursor, library.order) if library.cursor else None
    async with state.database.transaction() as connection:
        counts = await summarise(connection, shelf.id, library.path)
        found = await list_documents(
            connection, shelf.id, library.listing, after=after, limit=_ROWS + 1
        )
    following = encode_cursor(found[_ROWS - 1], library.order) if len(found) > _ROWS else None
    return view.render(
        "library.html",
        current="library",
        shelf=shelf,
        library=library,
        rows=[Shown.of(document) for document in found[:_ROWS]],
        following=following,
        counts=_counts(counts),
        folders=counts.folders[:_FOLDERS],
        more_folders=max(len(counts.folders) - _FOLDERS, 0),
        max_bytes=state.settings.documents.max_upload_bytes,
        endings=sorted(EXTENSIONS),
        shelf_argument=shlex.quote(shelf.name),
        uploads=public_address(request, state)
        + address("", "api", "v1", "projects", shelf.name, "documents"),
    )


@router.post("/p/{project}/library", dependencies=[streams_body()])
async def add(
    request: Request,
    view: PageView,
    state: AppState,
    shelf: Shelf,
    library: AskedLibrary,
    _: Writer,
) -> Response:
    """Add one file to a folder, and show the library; a script gets the document's name.

    Raises what the upload of the API raises.
    """
    most = state.settings.documents.max_upload_bytes
    incoming = state.store.incoming(most)
    try:
        name = await receive_file(request, incoming, most)
        added = await ingest_file(
            state.database, state.store, shelf, f"{library.path}{name}", incoming
        )
    finally:
        incoming.abort()
    if wants_data(request):
        return JSONResponse({"name": added.document.name, "known": not added.queued})
    return view.go(view.url("p", shelf.name, "library", **library.address()))


async def _open_stream(state: AppState, shelf: Shelf, visitor: Visitor) -> AsyncIterator[Stream]:
    async with state.feeds.open(shelf, visitor.key_id) as stream:
        yield stream


@router.get("/p/{project}/events")
async def follow(stream: Annotated[Stream, Depends(_open_stream)]) -> StreamingResponse:
    """Send an event for each change, upon which the page gets its rows again."""
    headers = {"Cache-Control": NO_STORE, "X-Accel-Buffering": "no"}
    return StreamingResponse(write(stream), media_type="text/event-stream", headers=headers)


def _counts(summary: Summary) -> dict[str, int]:
    total = sum(summary.statuses.values())
    return {
        "all": total,
        "ready": summary.statuses.get(DocumentStatus.READY, 0),
        "working": sum(summary.statuses.get(status, 0) for status in _WORKING),
        "failed": summary.statuses.get(DocumentStatus.FAILED, 0),
        "remarks": summary.with_remarks,
    }
