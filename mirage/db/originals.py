"""Which document an original file belongs to. Drafts share the file of their document."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.tables import DocumentRow, ProjectRow
from mirage.errors import OriginalMissing
from mirage.model import DocumentStatus


@dataclass(frozen=True, slots=True)
class KnownOriginal:
    """A document's file, with what the note next to it says."""

    key: str
    document_id: UUID
    name: str
    project: str
    project_id: UUID
    size_bytes: int
    sha256: bytes
    created_at: datetime


_LOCK_KEY = 0x6D69_7261_6767  # one above that of generations

_SELECT = (
    select(
        DocumentRow.file_key.label("key"),
        DocumentRow.id.label("document_id"),
        DocumentRow.name,
        ProjectRow.name.label("project"),
        DocumentRow.project_id,
        DocumentRow.size_bytes,
        DocumentRow.sha256,
        DocumentRow.created_at,
    )
    .join(ProjectRow, ProjectRow.id == DocumentRow.project_id)
    .where(DocumentRow.draft_of.is_(None))
)


async def find_originals(
    connection: AsyncConnection, keys: Iterable[str]
) -> dict[str, KnownOriginal]:
    """Return those of the keys that a document names, by key."""
    rows = await connection.execute(_SELECT.where(DocumentRow.file_key == func.any(list(keys))))
    return {row.key: KnownOriginal(**row._mapping) for row in rows}


async def list_originals(
    connection: AsyncConnection, *, after: str = "", limit: int = 1000
) -> list[KnownOriginal]:
    """Return the originals of all documents, ordered by key, after the key `after`."""
    rows = await connection.execute(
        _SELECT.where(DocumentRow.file_key > after).order_by(DocumentRow.file_key).limit(limit)
    )
    return [KnownOriginal(**row._mapping) for row in rows]


async def find_key(connection: AsyncConnection, document: UUID) -> str | None:
    """Return the key of a document's file; None when the document is gone."""
    key: str | None = await connection.scalar(
        select(DocumentRow.file_key).where(DocumentRow.id == document)
    )
    return key


async def replace_original(connection: AsyncConnection, old: str, new: str) -> bool:
    """Point a document and its draft to another file with the same bytes; return False when no
    document has the old one.

    A document that waits for its file is due at once.
    """
    changed = await connection.execute(
        update(DocumentRow)
        .where(DocumentRow.file_key == old)
        .values(file_key=new, not_before=func.now())
        .returning(DocumentRow.id)
    )
    return changed.first() is not None


async def list_without_original(connection: AsyncConnection) -> list[KnownOriginal]:
    """Return the documents that failed because their original was missing."""
    rows = await connection.execute(
        _SELECT.where(
            DocumentRow.status == DocumentStatus.FAILED.value,
            DocumentRow.error_code == OriginalMissing.code,
        )
    )
    return [KnownOriginal(**row._mapping) for row in rows]


async def requeue_documents(connection: AsyncConnection, documents: Iterable[UUID]) -> None:
    """Make documents `pending` again if their original was missing."""
    await connection.execute(
        update(DocumentRow)
        .where(
            DocumentRow.id == func.any(list(documents)),
            DocumentRow.error_code == OriginalMissing.code,
        )
        .values(
            status=DocumentStatus.PENDING.value,
            attempts=0,
            not_before=func.now(),
            updated_at=func.now(),
            error=None,
            error_code=None,
        )
    )


async def lock_originals(connection: AsyncConnection) -> bool:
    """Return whether this connection is the only one that may move originals, until it closes."""
    return bool(await connection.scalar(select(func.pg_try_advisory_lock(_LOCK_KEY))))
