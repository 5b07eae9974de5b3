"""Routes of documents."""

import asyncio
from typing import Annotated

from fastapi import APIRouter, Query, Request, Response
from pydantic import AfterValidator

from mirage.api import wire
from mirage.api.http.body_limit import streams_body
from mirage.api.http.cursors import MAX_CURSOR, decode_cursor, encode_cursor
from mirage.api.http.download import Download
from mirage.api.http.errors import RangeNotSatisfiable, WrongContentType
from mirage.api.http.multipart import FIELD, receive_file
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, DocumentId, PathProject, RequestAccess, require
from mirage.api.wire.base import storable
from mirage.coverage import find_gaps
from mirage.db import documents as rows
from mirage.db.listing import Listing, Order, list_documents
from mirage.documents import (
    delete_document,
    ingest_file,
    open_original,
    reindex_document,
    rename_document,
)
from mirage.errors import (
    DocumentExists,
    DocumentNotFound,
    EmptyFile,
    InvalidName,
    OriginalMissing,
    OriginalsAway,
    StorageFull,
    StorageUnavailable,
    UnknownField,
    UploadTooLarge,
)
from mirage.files.s3.errors import BUCKET_ERRORS
from mirage.model import DocumentStatus, Scope
from mirage.names import MAX_DOCUMENT_BYTES, to_nfc
from mirage.parse.detect import UnsupportedMediaType, WrongExtension

router = APIRouter(prefix="/projects/{project}/documents", tags=["documents"])
by_id = APIRouter(prefix="/documents", tags=["documents"])


ListedText = Annotated[str, Query(max_length=MAX_DOCUMENT_BYTES), AfterValidator(storable)]

_UPLOAD_BODY = {
    "required": True,
    "content": {
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "required": [FIELD],
                "properties": {FIELD: {"type": "string", "format": "binary"}},
            }
        }
    },
}


@router.post(
    "",
    status_code=202,
    summary="Upload a document",
    dependencies=[require(Scope.WRITE), streams_body()],
    openapi_extra={"requestBody": _UPLOAD_BODY},
    responses={
        200: {"model": wire.Document, "description": "The project already has this content"},
        **raises(
            InvalidName,
            UnknownField,
            EmptyFile,
            UploadTooLarge,
            UnsupportedMediaType,
            WrongExtension,
            WrongContentType,
            StorageUnavailable,
            *BUCKET_ERRORS,
            StorageFull,
            OriginalsAway,
        ),
    },
)
async def upload(
    project: PathProject, state: AppState, request: Request, response: Response
) -> wire.Document:
    """Answers 202 when the file is stored safely and queued for indexing, and 200 if the project
    already has a document with the same content.

    A file with the name of an existing document replaces it: searches find the old document until
    the new one is ready; then the old one is deleted.
    """
    max_bytes = state.settings.documents.max_upload_bytes
    incoming = state.store.incoming(max_bytes)
    try:
        name = await receive_file(request, incoming, max_bytes)
        ingested = await ingest_file(state.database, state.store, project, name, incoming)
    finally:
        await asyncio.to_thread(incoming.abort)
    response.status_code = 202 if ingested.queued else 200
    return wire.Document.model_validate(ingested.document)


@router.get("", summary="List documents")
async def list_page(
    project: PathProject,
    state: AppState,
    status: Annotated[
        list[DocumentStatus],
        Query(max_length=10, description="List only documents in this status; repeatable."),
    ] = [],  # noqa: B006  FastAPI copies it.
    folder: Annotated[
        ListedText, Query(description="List only names that begin so, such as `pumps/`.")
    ] = "",
    find: Annotated[
        ListedText, Query(description="List only names that contain this, in any case.")
    ] = "",
    remarks: Annotated[
        bool, Query(description="List only documents with warnings about their file.")
    ] = False,
    order: Annotated[Order, Query(description="Sort by arrival or by name.")] = Order.ARRIVAL,
    cursor: Annotated[
        str | None, Query(max_length=MAX_CURSOR, description="`next_cursor` of the previous page.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum documents per page.")] = 100,
) -> wire.DocumentList:
    """Lists documents page by page. Send the same filters and order with each `cursor`."""
    listing = Listing(tuple(status), to_nfc(folder), to_nfc(find), remarks, order)
    after = decode_cursor(cursor, order) if cursor else None
    async with state.database.transaction() as connection:
        found = await list_documents(connection, project.id, listing, after=after, limit=limit + 1)
    return wire.DocumentList(
        documents=[wire.Document.model_validate(item) for item in found[:limit]],
        next_cursor=encode_cursor(found[limit - 1], order) if len(found) > limit else None,
    )


@router.get("/{document}", summary="Get a document", responses=raises(DocumentNotFound))
async def get(
    project: PathProject,
    document: DocumentId,
    state: AppState,
    coverage: Annotated[bool, Query(description="Also check for text in no passage.")] = False,
) -> wire.Document:
    """Returns one document with its progress."""
    async with state.database.transaction() as connection:
        found = await rows.find_document(connection, project.id, document)
    if found is None:
        raise DocumentNotFound(f"project {project.name!r} has no document {document}")
    answer = wire.Document.model_validate(found)
    if coverage:
        answer.gaps = await find_gaps(state.database, document)
    return answer


@by_id.get(
    "/{document}", summary="Get a document of any project", responses=raises(DocumentNotFound)
)
async def get_by_id(document: DocumentId, state: AppState, access: RequestAccess) -> wire.Document:
    """Returns a document whose project is not known, as in a citation."""
    async with state.database.statements() as connection:
        found = await rows.find_document_by_id(connection, document)
    if found is None or not access.sees(found.project_id):
        raise DocumentNotFound(f"no document {document} is visible to this key")
    return wire.Document.model_validate(found)


@router.patch(
    "/{document}",
    summary="Rename a document",
    dependencies=[require(Scope.WRITE)],
    responses=raises(InvalidName, WrongExtension, DocumentExists, DocumentNotFound),
)
async def rename(
    project: PathProject, document: DocumentId, body: wire.RenamedDocument, state: AppState
) -> wire.Document:
    """Answers 409 if another document has the name. Id, text and passages do not change.

    All versions of the document are renamed together.
    """
    renamed = await rename_document(state.database, project, document, body.name)
    return wire.Document.model_validate(renamed)


@router.get(
    "/{document}/file",
    summary="Download a document",
    response_class=Download,
    responses={
        200: {"content": {"application/octet-stream": {}}, "description": "The file"},
        206: {"content": {"application/octet-stream": {}}, "description": "The requested range"},
        **raises(
            DocumentNotFound,
            StorageUnavailable,
            *BUCKET_ERRORS,
            OriginalMissing,
            RangeNotSatisfiable,
        ),
    },
)
async def download(project: PathProject, document: DocumentId, state: AppState) -> Download:
    """Returns the original file, under the last part of its name."""
    stored, file = await open_original(state.database, state.store, project, document)
    # Browsers must not display it: a document may be hostile HTML. Its encoding is unknown here.
    headers = {"Content-Type": stored.media_type.value, "X-Content-Type-Options": "nosniff"}
    return Download(file, filename=stored.name.rpartition("/")[2], headers=headers)


@router.post(
    "/{document}/reindex",
    status_code=202,
    summary="Reindex a document",
    dependencies=[require(Scope.WRITE)],
    responses=raises(DocumentNotFound, StorageUnavailable, *BUCKET_ERRORS, OriginalMissing),
)
async def reindex(project: PathProject, document: DocumentId, state: AppState) -> wire.Document:
    """Reindexes a document from its file. Searches find its present passages until the new ones
    are complete.

    If the document was `ready` and reindexing fails, it stays `ready`, with the reason in `error`.
    """
    queued = await reindex_document(state.database, state.store, project, document)
    return wire.Document.model_validate(queued)


@router.delete(
    "/{document}",
    status_code=204,
    summary="Delete a document",
    dependencies=[require(Scope.WRITE)],
    responses=raises(DocumentNotFound),
)
async def delete(project: PathProject, document: DocumentId, state: AppState) -> None:
    """Deletes a document with its file, text and vectors."""
    await delete_document(state.database, state.store, project, document)
