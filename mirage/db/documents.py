"""Documents, as their owner sees them; the queue's side is in `queue/documents.py`."""

from dataclasses import dataclass
from dataclasses import fields as fields_of
from typing import Any
from uuid import UUID, uuid5

from sqlalchemy import ColumnElement, RowMapping, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.model_notes import model_notes
from mirage.db.queue.blockers import CURRENT, PASSING
from mirage.db.tables import DocumentRow
from mirage.errors import GenerationRetired
from mirage.model import Document, DocumentStatus, MediaType

STATUS = "coalesce(n.status, d.status)"
"""SQL of a document's status; while it is being reindexed, the status of its draft row `n`."""
_ITS_CHUNK = "c.document_id = coalesce(n.id, d.id) AND c.generation_id = g.id"

_MOST_COUNTED = 1000

# Chunks are counted per document (chunk_document_idx), so a page of a list counts only its own. The
# chunks of a ready document are not read for their status: 100,000 of them take 20 ms and not 300.
# Only a document that waits shows what it waits for.
SELECT = f"""
SELECT d.id, d.project_id, d.name, d.media_type, d.size_bytes, d.sha256, {STATUS} AS status,
       d.created_at, greatest(d.updated_at, n.updated_at) AS updated_at, d.title, d.language,
       d.page_count, d.error, d.error_code, d.warnings,
       (SELECT s.start_offset + length(s.text) FROM section s WHERE s.document_id = d.id
         ORDER BY s.position DESC LIMIT 1) AS characters,
       -- About the model of the active generation, so a switch to another one ends it.
       d.status IN ('embedding', 'ready') AND d.language IS NOT NULL AND g.languages <> '{{}}'
           AND NOT g.languages && ARRAY['*', d.language] AS is_foreign,
       g.languages AS known_languages,
       d.status IN ('embedding', 'ready') AND g.asked_chunk_size > g.chunk_size AS is_limited,
       g.model, g.chunk_size, g.chunk_overlap, g.asked_chunk_size, g.asked_chunk_overlap,
       p.chunks_total,
       CASE {STATUS} WHEN 'ready' THEN p.chunks_total
            ELSE (SELECT count(*) FROM chunk c WHERE {_ITS_CHUNK} AND c.status = 'ready')
       END AS chunks_ready,
       CASE WHEN {STATUS} IN ('pending', 'embedding')
            THEN coalesce(
                (SELECT string_agg(o.detail, '; ' ORDER BY o.kind) FROM blocker o
                  WHERE o.{CURRENT} AND o.{PASSING} AND o.kind <> '{GenerationRetired.code}'),
                CASE b.passages WHEN 0 THEN NULL WHEN 1 THEN 'behind 1 passage of other documents'
                     WHEN {_MOST_COUNTED}
                     THEN 'behind {_MOST_COUNTED:,} or more passages of other documents'
                     ELSE format('behind %s passages of other documents', b.passages)
                END)
       END AS waiting_for
  FROM document d
       LEFT JOIN document n ON n.draft_of = d.id
       LEFT JOIN generation g ON g.state = 'active'
       CROSS JOIN LATERAL (SELECT count(*) AS chunks_total FROM chunk c WHERE {_ITS_CHUNK}) p
       -- Passages whose turn comes before this document's last one (chunk_queue_idx).
       CROSS JOIN LATERAL (
           SELECT count(*) AS passages FROM (
               SELECT FROM chunk o
                WHERE {STATUS} = 'embedding' AND o.generation_id = g.id AND o.status = 'pending'
                  AND o.document_id <> coalesce(n.id, d.id)
                  AND o.turn <= (SELECT max(c.turn) FROM chunk c
                                  WHERE {_ITS_CHUNK} AND c.status = 'pending')
                LIMIT {_MOST_COUNTED}) ahead) b
 WHERE d.draft_of IS NULL
"""
"""SQL that selects documents `d`; conditions can follow, each with `AND`."""

_FIELDS = tuple(field.name for field in fields_of(Document))


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A file that is durable, and the name and type of its document."""

    name: str
    media_type: MediaType
    size_bytes: int
    sha256: bytes
    file_key: str


def document_id(project_id: UUID, sha256: bytes) -> UUID:
    """Return the document's id: the same bytes in a project are the same document."""
    return uuid5(project_id, sha256.hex())


async def insert_document(
    connection: AsyncConnection, project_id: UUID, stored: StoredFile
) -> UUID | None:
    """Add a document as `pending`; return None when these bytes are in the project already.

    Then the document that has them is locked until the transaction ends.
    """
    while True:
        inserted = await _insert(connection, project_id, stored)
        if inserted is not None:
            return inserted
        # This waits for a transaction that deletes the document, which then has to be added.
        there = await connection.scalar(
            select(DocumentRow.id)
            .where(DocumentRow.id == document_id(project_id, stored.sha256))
            .with_for_update()
        )
        if there is not None:
            return None


async def lock_document(
    connection: AsyncConnection, project_id: UUID, document: UUID
) -> DocumentStatus | None:
    """Lock a document until the transaction ends and return its status; None when it is gone."""
    status = await connection.scalar(
        select(DocumentRow.status).where(*_is(project_id, document)).with_for_update()
    )
    return None if status is None else DocumentStatus(status)


async def supersede_others(connection: AsyncConnection, document: UUID, name: str) -> list[str]:
    """Make a document that is sent again the newest of its name.

    A `ready` document replaces the others at once; return the keys of their files. Any other does
    so when it is ready. Sent under another name, nothing changes.
    """
    status = await connection.scalar(
        text(
            """
            UPDATE document d SET created_at = now()
             WHERE id = :id AND name = :name
               AND EXISTS (SELECT 1 FROM document o
                            WHERE o.project_id = d.project_id AND o.name = d.name
                              AND o.created_at >= d.created_at AND o.id <> d.id)
            RETURNING status
            """
        ),
        {"id": document, "name": name},
    )
    if status != DocumentStatus.READY:
        return []
    keys = await connection.scalars(
        text(
            """
            DELETE FROM document o USING document d
             WHERE d.id = :id AND o.id <> d.id AND o.project_id = d.project_id AND o.name = d.name
            RETURNING o.file_key
            """
        ),
        {"id": document},
    )
    return list(keys)


async def find_file(
    connection: AsyncConnection, project_id: UUID, document: UUID
) -> StoredFile | None:
    """Return the file of a document; None when the document is gone."""
    row = (
        await connection.execute(
            select(
                DocumentRow.name,
                DocumentRow.media_type,
                DocumentRow.size_bytes,
                DocumentRow.sha256,
                DocumentRow.file_key,
            ).where(*_is(project_id, document))
        )
    ).one_or_none()
    if row is None:
        return None
    return StoredFile(row.name, MediaType(row.media_type), row.size_bytes, row.sha256, row.file_key)


async def find_document(
    connection: AsyncConnection, project_id: UUID, document: UUID
) -> Document | None:
    """Return one document of a project; None when it is gone."""
    row = (
        await connection.execute(
            text(f"{SELECT} AND d.project_id = :project AND d.id = :id"),
            {"project": project_id, "id": document},
        )
    ).one_or_none()
    return to_document(row._mapping) if row else None


async def find_document_by_id(connection: AsyncConnection, document: UUID) -> Document | None:
    """Return a document of any project; None when it is gone."""
    row = (
        await connection.execute(text(f"{SELECT} AND d.id = :id"), {"id": document})
    ).one_or_none()
    return to_document(row._mapping) if row else None


async def find_by_name(connection: AsyncConnection, project_id: UUID, name: str) -> UUID | None:
    """Return the newest document of that name; None when the name is free."""
    found: UUID | None = await connection.scalar(
        select(DocumentRow.id)
        .where(
            DocumentRow.project_id == project_id,
            DocumentRow.name == name,
            DocumentRow.draft_of.is_(None),
        )
        .order_by(DocumentRow.created_at.desc())
        .limit(1)
    )
    return found


async def delete_document(
    connection: AsyncConnection, project_id: UUID, document: UUID
) -> str | None:
    """Delete a document, its text and its vectors; return the key of the file to remove."""
    key: str | None = await connection.scalar(
        delete(DocumentRow).where(*_is(project_id, document)).returning(DocumentRow.file_key)
    )
    return key


def to_document(row: RowMapping) -> Document:
    """Return a row of `SELECT` as a document."""
    fields: dict[str, Any] = {name: row[name] for name in _FIELDS}
    fields["sha256"] = fields["sha256"].hex()
    fields["status"] = DocumentStatus(fields["status"])
    fields["media_type"] = MediaType(fields["media_type"])
    fields["warnings"] = (*row["warnings"], *model_notes(row))
    return Document(**fields)


def _is(project_id: UUID, document: UUID) -> tuple[ColumnElement[bool], ...]:
    """Return conditions of a document of a project, which a draft is not."""
    return (
        DocumentRow.project_id == project_id,
        DocumentRow.id == document,
        DocumentRow.draft_of.is_(None),
    )


async def _insert(connection: AsyncConnection, project_id: UUID, stored: StoredFile) -> UUID | None:
    inserted: UUID | None = await connection.scalar(
        insert(DocumentRow)
        .values(
            id=document_id(project_id, stored.sha256),
            project_id=project_id,
            name=stored.name,
            media_type=stored.media_type,
            size_bytes=stored.size_bytes,
            sha256=stored.sha256,
            file_key=stored.file_key,
        )
        .on_conflict_do_nothing(index_elements=["id"])
        .returning(DocumentRow.id)
    )
    return inserted
