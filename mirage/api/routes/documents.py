"""Routes of documents."""

import base64
import binascii
from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path, Query, Request, Response

from mirage.api import wire
from mirage.api.http.body_limit import streams_body
from mirage.api.http.download import Download
from mirage.api.http.errors import RangeNotSatisfiable, WrongContentType
from mirage.api.http.multipart import FIELD, receive_file
from mirage.api.http.openapi import raises
from mirage.api.state import AppState, PathProject, require
from mirage.coverage import find_gaps
from mirage.db import documents as rows
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
    InvalidRequest,
    OriginalMissing,
    OriginalsAway,
    StorageFull,
    StorageUnavailable,
    UnknownField,
    UploadTooLarge,
)
from mirage.model import Document, DocumentStatus, Scope
from mirage.parse.detect import UnsupportedMediaType, WrongExtension

router = APIRouter(prefix="/projects/{project}/documents", tags=["documents"])

DocumentId = Annotated[UUID, Path(description="Id of the document.")]

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
        incoming.abort()
    response.status_code = 202 if ingested.queued else 200
    return wire.Document.model_validate(ingested.document)


@router.get("", summary="List documents")
async def list_page(
    project: PathProject,
    state: AppState,
    status: Annotated[
        DocumentStatus | None, Query(description="List only documents in this status.")
    ] = None,
    cursor: Annotated[
        str | None, Query(max_length=200, description="`next_cursor` of the previous page.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=1000, description="Maximum documents per page.")] = 100,
) -> wire.DocumentList:
    """Lists documents in order of arrival, page by page."""
    after = _decode(cursor) if cursor else None
    async with state.database.transaction() as connection:
        found = await rows.list_documents(
            connection, project.id, status=status, after=after, limit=limit + 1
        )
    return wire.DocumentList(
        documents=[wire.Document.model_validate(item) for item in found[:limit]],
        next_cursor=_encode(found[limit - 1]) if len(found) > limit else None,
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
        **raises(DocumentNotFound, StorageUnavailable, OriginalMissing, RangeNotSatisfiable),
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
    responses=raises(DocumentNotFound, StorageUnavailable, OriginalMissing),
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


def _encode(document: Document) -> str:
    return base64.urlsafe_b64encode(
        f"{document.created_at.isoformat()} {document.id}".encode()
    ).decode()


def _decode(cursor: str) -> tuple[datetime, UUID]:
    try:
        created_at, document = base64.urlsafe_b64decode(cursor).decode().split(" ")
        # Convert to UTC here: the driver raises an error for dates at the ends of its range.
        return datetime.fromisoformat(created_at).astimezone(UTC), UUID(document)
    except (binascii.Error, ValueError, OverflowError) as error:
        raise InvalidRequest("cursor: must be a `next_cursor` that this API returned") from error
