"""How the work on a document ends: it becomes `ready`, or it fails.

A `ready` document is reindexed in a draft: a row of its own that passes through the queue like any
other, and that nothing shows or finds. Once the draft is complete it replaces what the document
had, in one transaction; when it fails, everything stays as it was, with the reason.
"""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import ROWS_PER_STATEMENT
from mirage.db.generations import Generation, complete, current_generations
from mirage.db.queue import LOCK_ORDER, RELEASE
from mirage.db.queue.chunked import chunk_id, forget_chunks
from mirage.db.queue.splits import move_splits
from mirage.db.tables import ChunkedDocumentRow, ChunkRow, DocumentRow, SectionRow

_KEPT = "It could not be reindexed, so it keeps its present passages. "


async def lock_documents(connection: AsyncConnection, documents: Sequence[UUID]) -> None:
    """Lock documents, and with drafts also the documents they belong to.

    The order is `LOCK_ORDER`, before any of their chunks.
    """
    await connection.execute(
        text(
            f"""
            SELECT 1 FROM document
             WHERE id = ANY(CAST(:ids AS uuid[]) || ARRAY(
                       SELECT draft_of FROM document
                        WHERE id = ANY(CAST(:ids AS uuid[])) AND draft_of IS NOT NULL))
             ORDER BY {LOCK_ORDER} FOR UPDATE
            """
        ),
        {"ids": list(documents)},
    )


async def finish_documents(
    connection: AsyncConnection, generation_id: int, documents: Sequence[UUID] | None = None
) -> list[str]:
    """Make documents `ready` that have all their vectors in the active generation (None: of all).

    Each replaces older ones of its name; return the keys of their files. The caller holds the locks
    of `documents`.
    """
    given = "true" if documents is None else "d.id = ANY(CAST(:ids AS uuid[]))"
    values: dict[str, object] = {"generation": generation_id} | (
        {} if documents is None else {"ids": documents}
    )
    reindexed = await _finish_drafts(connection, given, values, lock=documents is None)
    if documents is not None:
        values["ids"] = [*documents, *reindexed]
    finished = await connection.execute(
        text(
            f"""
            UPDATE document d SET status = 'ready', updated_at = now()
             WHERE d.status = 'embedding' AND d.draft_of IS NULL
               AND {complete("d.id", ":generation")} AND {given}
            RETURNING d.id, d.project_id, d.name, d.created_at
            """
        ),
        values,
    )
    replaced: list[str] = []
    for row in finished.all():
        replaced += await connection.scalars(
            delete(DocumentRow)
            .where(
                DocumentRow.project_id == row.project_id,
                DocumentRow.name == row.name,
                DocumentRow.id != row.id,
                DocumentRow.created_at < row.created_at,
            )
            .returning(DocumentRow.file_key)
        )
    return replaced


async def fail(connection: AsyncConnection, document: UUID, code: str, sentence: str) -> None:
    """Fail a document with the reason; only a person can help now. The caller holds its lock.

    A draft is deleted, and its document stays as it was.
    """
    original = await connection.scalar(
        delete(DocumentRow)
        .where(DocumentRow.id == document, DocumentRow.draft_of.is_not(None))
        .returning(DocumentRow.draft_of)
    )
    if original is None:
        change = f"status = 'failed', {RELEASE}, error = :error"
    else:
        change = f"error = CASE status WHEN 'ready' THEN '{_KEPT}' ELSE '' END || :error"
    await connection.execute(
        text(
            f"""
            UPDATE document SET {change}, error_code = :code, updated_at = now() WHERE id = :id
            """
        ),
        {"id": original or document, "code": code, "error": sentence},
    )


async def _finish_drafts(
    connection: AsyncConnection, given: str, values: dict[str, object], *, lock: bool
) -> list[UUID]:
    """Replace what documents had by their complete drafts; return these documents."""
    whole = text(
        f"""
        SELECT d.id, d.draft_of FROM document d
         WHERE d.status = 'embedding' AND d.draft_of IS NOT NULL
           AND {complete("d.id", ":generation")} AND {given}
        """
    )
    drafts = (await connection.execute(whole, values)).all()
    if drafts and lock:
        await lock_documents(connection, [draft.id for draft in drafts])
        drafts = (await connection.execute(whole, values)).all()
    for draft in drafts:
        await _replace_by_draft(connection, draft.draft_of, draft.id)
    return [draft.draft_of for draft in drafts]


async def _replace_by_draft(connection: AsyncConnection, document: UUID, draft: UUID) -> None:
    await move_splits(connection, document, draft)
    await forget_chunks(connection, document)
    await connection.execute(delete(SectionRow).where(SectionRow.document_id == document))
    # Other generations get no work; what the draft has in them is deleted with it.
    for generation in await current_generations(connection):
        await _move_chunks(connection, generation, draft, document)
        await connection.execute(
            update(ChunkedDocumentRow)
            .where(
                ChunkedDocumentRow.document_id == draft,
                ChunkedDocumentRow.generation_id == generation.id,
            )
            .values(document_id=document)
        )
    await connection.execute(
        update(SectionRow).where(SectionRow.document_id == draft).values(document_id=document)
    )
    # It becomes `embedding` for the rest of this transaction, in which `finish_documents` makes it
    # `ready`. A worker that chunks the old text for another generation loses its claim.
    await connection.execute(
        text(
            f"""
            UPDATE document d
               SET status = 'embedding', title = n.title, language = n.language,
                   page_count = n.page_count, warnings = n.warnings, error = NULL,
                   error_code = NULL, attempts = 0, not_before = now(), {RELEASE},
                   updated_at = now()
              FROM document n WHERE d.id = :document AND n.id = :draft
            """
        ),
        {"document": document, "draft": draft},
    )
    await connection.execute(delete(DocumentRow).where(DocumentRow.id == draft))


async def _move_chunks(
    connection: AsyncConnection, generation: Generation, draft: UUID, document: UUID
) -> None:
    """Move a draft's chunks to its document, with the ids that a first run would make."""
    chunks = await connection.execute(
        select(ChunkRow.id, ChunkRow.start_offset, ChunkRow.end_offset).where(
            ChunkRow.document_id == draft, ChunkRow.generation_id == generation.id
        )
    )
    moves = [
        (row.id, chunk_id(document, generation, row.start_offset, row.end_offset)) for row in chunks
    ]
    for at in range(0, len(moves), ROWS_PER_STATEMENT):
        part = moves[at : at + ROWS_PER_STATEMENT]
        # One statement, because no vector may be without its chunk at the end of a statement.
        await connection.execute(
            text(
                f"""
                WITH move AS (
                    SELECT * FROM unnest(CAST(:old AS uuid[]), CAST(:new AS uuid[])) AS m(old, new)
                ), vectors AS (
                    UPDATE embedding e SET chunk_id = move.new, document_id = :document FROM move
                     WHERE e.chunk_id = move.old AND e.generation_id = :generation
                )
                UPDATE chunk c SET id = move.new, document_id = :document, {RELEASE}
                  FROM move WHERE c.id = move.old
                """
            ),
            {
                "old": [old for old, _ in part],
                "new": [new for _, new in part],
                "document": document,
                "generation": generation.id,
            },
        )
