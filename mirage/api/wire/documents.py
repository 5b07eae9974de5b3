"""Documents."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from mirage.api.wire.base import Request, Response
from mirage.model import DocumentStatus, MediaType


class Document(Response):
    """A document and how far it is."""

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
    """Of its text, as ISO 639-1; null when that is too short or unclear, and until it was read."""
    page_count: int | None
    chunks_ready: int
    """Passages that can be found, of `chunks_total`; both are 0 until the text was cut. Of one that
    is indexed anew: passages of the new run, which are found once all are there."""
    chunks_total: int
    error: str | None
    """Why it failed, or why it could not be indexed anew and is `ready` as before; and what can be
    done."""
    waiting_for: str | None
    """What has to come back before the work goes on; nothing is lost meanwhile."""
    warnings: list[str]
    """What a reader should know, such as pages that carry no text."""
    gaps: list[tuple[int, int]] | None = None
    """With `coverage=true`: where extracted text lies in no passage, as character spans, the first
    100; empty when every character can be found. Null otherwise, and until the text was cut."""


class DocumentList(Response):
    """Documents in order of arrival."""

    documents: list[Document]
    next_cursor: str | None
    """Hand it over as `cursor` to get the next page; null on the last one."""


class RenamedDocument(Request):
    """What is to change in a document."""

    name: Annotated[str, Field(examples=["pumps/manual.pdf"])]
    """The new name: a relative path of 1 to 4,096 bytes, 255 per part, with the extension of its
    media type."""
