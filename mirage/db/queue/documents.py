"""The queue of documents: how they are claimed, kept, released and failed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import LIVE, Generation, lock_state
from mirage.db.queue import RELEASE
from mirage.db.queue.chunked import forget_chunks, is_chunked, record_chunked
from mirage.db.queue.chunks import insert_chunks
from mirage.db.queue.finish import fail, lock_documents
from mirage.db.queue.splits import forget_splits
from mirage.db.search.bm25_document import PassageWords
from mirage.db.tables import ChunkRow, DocumentRow
from mirage.model import Chunk, GenerationState, MediaType, Parsed


@dataclass(frozen=True, slots=True)
class ClaimedDocument:
    """A document that this worker alone may work on until its lease ends."""

    id: UUID
    project_id: UUID
    name: str
    media_type: MediaType
    file_key: str
    attempts: int
    token: UUID


async def claim_unparsed(connection: AsyncConnection, lease: timedelta) -> ClaimedDocument | None:
    """Claim the next document to parse: `pending` and due, or left behind by a worker that died."""
    # Index document_queue_idx.
    return await _claim_document(
        connection,
        lease,
        """not_before <= now()
                       AND (status = 'pending' OR status = 'parsing' AND leased_until < now())""",
        "parsing",
    )


async def claim_unchunked(
    connection: AsyncConnection, generation: Generation, lease: timedelta
) -> ClaimedDocument | None:
    """Claim the next document whose sections are stored but not chunked for the generation.

    Projects that have nothing to embed yet come first, so that they do not wait for all documents
    of another one. While the generation is being built, documents that are `ready` in the active
    one count, too, and projects do not.
    """
    # Index document_queue_idx for the active generation. For one that is being built it is a look
    # at every document: some milliseconds, next to seconds of chunking and embedding.
    building = generation.state is GenerationState.BUILDING
    condition = f"""status IN {"('embedding', 'ready')" if building else "('embedding')"}
                       AND not_before <= now()
                       AND (leased_until IS NULL OR leased_until < now())
                       AND NOT EXISTS (SELECT 1 FROM chunked_document k
                                        WHERE k.document_id = document.id
                                          AND k.generation_id = {generation.id})"""
    if not building:
        of_others = f"""{condition}
                       AND project_id NOT IN (
                           SELECT o.project_id FROM document o
                             JOIN chunked_document k ON k.document_id = o.id
                            WHERE o.status = 'embedding' AND k.generation_id = {generation.id})"""
        claimed = await _claim_document(connection, lease, of_others, None)
        if claimed is not None:
            return claimed
    return await _claim_document(connection, lease, condition, None)


async def extend_document_lease(
    connection: AsyncConnection, claimed: ClaimedDocument, lease: timedelta
) -> bool:
    """Keep the claim alive; return False when it is lost."""
    kept = await connection.scalar(
        update(DocumentRow)
        .where(DocumentRow.id == claimed.id, DocumentRow.lease_token == claimed.token)
        .values(leased_until=func.now() + lease)
        .returning(DocumentRow.id)
    )
    return kept is not None


async def lock_claim(connection: AsyncConnection, claimed: ClaimedDocument) -> bool:
    """Lock the claimed document's row; return False when the claim or the document is gone."""
    await lock_documents(connection, [claimed.id])
    locked = await connection.scalar(
        select(DocumentRow.id).where(
            DocumentRow.id == claimed.id, DocumentRow.lease_token == claimed.token
        )
    )
    return locked is not None


async def finish_parsing(
    connection: AsyncConnection, claimed: ClaimedDocument, parsed: Parsed
) -> None:
    """Record what parsing found and end the claim; the caller holds the row's lock."""
    await forget_chunks(connection, claimed.id)  # Those of an earlier run, before it failed.
    await forget_splits(connection, claimed.id)
    await connection.execute(
        text(
            f"""
            UPDATE document SET status = 'embedding', title = :title, page_count = :pages,
                   language = :language, warnings = :warnings, attempts = 0, {RELEASE},
                   not_before = now(), updated_at = now()
             WHERE id = :id
            """
        ),
        {
            "id": claimed.id,
            "title": parsed.title,
            "pages": parsed.page_count,
            "language": parsed.language,
            "warnings": list(parsed.warnings),
        },
    )


async def store_chunks(
    connection: AsyncConnection,
    claimed: ClaimedDocument,
    generation: Generation,
    chunks: Sequence[Chunk],
    words: Sequence[PassageWords],
) -> None:
    """Queue a document's chunks with their words, and end the claim.

    The caller holds the row's lock.

    Nothing is queued for a generation that was retired meanwhile, and nothing twice.
    """
    live = await lock_state(connection, generation.id) in LIVE
    wanted = live and not await is_chunked(connection, claimed.id, generation.id)
    if wanted:
        await connection.execute(
            delete(ChunkRow).where(
                ChunkRow.document_id == claimed.id, ChunkRow.generation_id == generation.id
            )
        )
        await insert_chunks(connection, claimed.id, generation, chunks, words)
        await record_chunked(connection, claimed.id, generation.id)
    await connection.execute(
        text(f"UPDATE document SET {RELEASE}, attempts = 0, updated_at = now() WHERE id = :id"),
        {"id": claimed.id},
    )


async def release_document(
    connection: AsyncConnection, claimed: ClaimedDocument, pause: timedelta, *, counted: bool
) -> None:
    """End a claim so that the work is due again after a pause; `counted` uses up an attempt."""
    await connection.execute(
        text(
            f"""
            UPDATE document SET {RELEASE}, not_before = now() + :pause,
                   status = CASE status WHEN 'parsing' THEN 'pending' ELSE status END,
                   attempts = attempts + :counted, updated_at = now()
             WHERE id = :id AND lease_token = :token
            """
        ),
        {"id": claimed.id, "token": claimed.token, "pause": pause, "counted": int(counted)},
    )


async def fail_document(
    connection: AsyncConnection, claimed: ClaimedDocument, code: str, sentence: str
) -> None:
    """Fail a document with the reason; do nothing when the claim is lost."""
    if await lock_claim(connection, claimed):
        await fail(connection, claimed.id, code, sentence)


async def fail_chunking(
    connection: AsyncConnection,
    claimed: ClaimedDocument,
    generation: Generation,
    code: str,
    sentence: str,
) -> None:
    """Fail a document that cannot be chunked; for a generation that is being built, only in it."""
    state = await lock_state(connection, generation.id)
    if not await lock_claim(connection, claimed):
        return
    wanted = state in LIVE and not await is_chunked(connection, claimed.id, generation.id)
    if wanted and state is GenerationState.ACTIVE:
        await fail_document(connection, claimed, code, sentence)
        return
    if wanted:
        await record_chunked(connection, claimed.id, generation.id, code, sentence)
    await release_document(connection, claimed, timedelta(0), counted=False)


async def _claim_document(
    connection: AsyncConnection, lease: timedelta, condition: str, status: str | None
) -> ClaimedDocument | None:
    row = (
        await connection.execute(
            text(
                f"""
                UPDATE document SET status = coalesce(:status, status), lease_token = :token,
                       leased_until = now() + :lease, updated_at = now()
                 WHERE id = (
                    SELECT id FROM document
                     WHERE {condition}
                     ORDER BY not_before LIMIT 1 FOR UPDATE SKIP LOCKED)
                RETURNING id, project_id, name, media_type, file_key, attempts
                """
            ),
            {"status": status, "token": (token := uuid4()), "lease": lease},
        )
    ).one_or_none()
    if row is None:
        return None
    return ClaimedDocument(
        row.id,
        row.project_id,
        row.name,
        MediaType(row.media_type),
        row.file_key,
        row.attempts,
        token,
    )
