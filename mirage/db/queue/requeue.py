"""Queueing documents again that went through the queue before."""

from uuid import UUID, uuid4

from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.documents import StoredFile, lock_document
from mirage.db.queue import RELEASE
from mirage.db.tables import DocumentRow
from mirage.model import DocumentStatus

_REQUEUED = """
attempts = 0, not_before = now(), updated_at = now(), error = NULL, error_code = NULL,
lease_token = CASE document.status WHEN 'parsing' THEN document.lease_token END,
leased_until = CASE document.status WHEN 'parsing' THEN document.leased_until END,
status = CASE document.status WHEN 'parsing' THEN 'parsing' ELSE 'pending' END
"""


async def requeue_document(connection: AsyncConnection, project_id: UUID, document: UUID) -> bool:
    """Queue a document again from its file, whatever its status; return False when it is gone.

    A document that is being parsed at the moment stays with its parser. A `ready` document is
    reindexed in a draft, and found as it is until the draft is done; any other document loses what
    it has with its next parse.
    """
    status = await lock_document(connection, project_id, document)
    if status is None:
        return False
    if status is DocumentStatus.READY:
        await connection.execute(
            text(
                f"""
                INSERT INTO document
                       (id, project_id, name, media_type, size_bytes, sha256, file_key, draft_of)
                SELECT :draft, project_id, '', media_type, size_bytes, sha256, file_key, id
                  FROM document WHERE id = :id
                ON CONFLICT (draft_of) DO UPDATE SET {_REQUEUED}
                """
            ),
            {"draft": uuid4(), "id": document},
        )
        change = "updated_at = now(), error = NULL, error_code = NULL"
    else:
        await _drop_draft(connection, document)
        change = _REQUEUED
    await connection.execute(text(f"UPDATE document SET {change} WHERE id = :id"), {"id": document})
    return True


async def requeue_failed(
    connection: AsyncConnection, document: UUID, stored: StoredFile
) -> str | None:
    """Queue a failed document again with the file that was sent now.

    Return the key of the file that it had; None when it had not failed.
    """
    key: str | None = await connection.scalar(
        text(
            f"""
            UPDATE document d
               SET status = 'pending', attempts = 0, not_before = now(), error = NULL,
                   error_code = NULL, {RELEASE}, name = :name, media_type = :media_type,
                   file_key = :file_key, created_at = now(), updated_at = now()
              FROM (SELECT id, file_key FROM document WHERE id = :id FOR UPDATE) old
             WHERE d.id = old.id AND d.status = 'failed' RETURNING old.file_key
            """
        ),
        {
            "id": document,
            "name": stored.name,
            "media_type": stored.media_type.value,
            "file_key": stored.file_key,
        },
    )
    if key is not None:
        await _drop_draft(connection, document)
    return key


async def _drop_draft(connection: AsyncConnection, document: UUID) -> None:
    """Delete a document's draft. A document that is not served is reindexed in place."""
    await connection.execute(delete(DocumentRow).where(DocumentRow.draft_of == document))
