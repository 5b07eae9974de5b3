"""Documents."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Request, Response
from mirage.model import DocumentStatus, MediaType


class Document(Response):
    """A document and its progress."""

    id: UUID
    project_id: UUID
    name: str
    media_type: MediaType
    size_bytes: int
    sha256: str
    status: DocumentStatus
    created_at: datetime
    updated_at: datetime
    title: str | None
    language: str | None
    """Language of the text (ISO 639-1). Null if the text is too short or its language unclear, and
    before the document was parsed."""
    page_count: int | None
    characters: int | None
    """Length of the extracted text; null before the document was parsed."""
    chunks_ready: int
    """Searchable passages, of `chunks_total`; both are 0 until the text was chunked. While a
    document is reindexed, they count its new passages, searchable once all are complete."""
    chunks_total: int
    error: str | None
    """Why indexing failed and what to do. A document that was `ready` before a failed reindex stays
    `ready`, with its former passages."""
    error_code: str | None
    """Code of that error, such as `encrypted`."""
    waiting_for: str | None
    """What indexing waits for; it resumes by itself."""
    warnings: list[str]
    """Warnings, for example about pages without text."""
    gaps: list[tuple[int, int]] | None = None
    """With `coverage=true`: character ranges of the extracted text that are in no passage (the
    first 100). Empty if every character is in a passage; null before the text was chunked."""


class DocumentList(Response):
    """Documents, by default in order of arrival."""

    documents: list[Document]
    next_cursor: str | None
    """Value of `cursor` for the next page; null on the last page."""


class RenamedDocument(Request):
    """A new name for a document."""

    name: Annotated[str, Field(examples=["pumps/manual.pdf"])]
    """New name: a relative path of 1 to 4,096 bytes (at most 255 per part), with the extension of
    the document's media type."""
