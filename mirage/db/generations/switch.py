"""Which generation answers: the switch to a built one, the way back, and dropping others."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import LIVE, complete, drop_partition, lock_states
from mirage.db.queue import LOCK_ORDER, RELEASE
from mirage.db.queue.finish import fail, finish_documents, lock_documents
from mirage.db.tables import ChunkedDocumentRow, ChunkRow, DocumentRow, GenerationRow, SplitRow
from mirage.errors import GenerationIncomplete, GenerationInUse, GenerationNotFound
from mirage.model import DocumentStatus, GenerationState

_DOCUMENTS_PER_BATCH = 10


@dataclass(frozen=True, slots=True)
class GenerationStatus:
    """A generation and how many of the `ready` documents are in it. Sizes are in tokens."""

    id: int
    state: GenerationState
    model: str
    digest: str
    dimensions: int
    chunk_size: int
    chunk_overlap: int
    created_at: datetime
    documents_total: int
    documents_missing: int
    chunks_total: int
    chunks_ready: int


async def list_generations(connection: AsyncConnection) -> list[GenerationStatus]:
    """Return generations in the order they were begun, without those that were dropped."""
    rows = await connection.execute(
        text(
            f"""
            SELECT g.id, g.state, g.model, g.digest, g.dimensions, g.chunk_size, g.chunk_overlap,
                   g.created_at, n.chunks_total, n.chunks_ready,
                   (SELECT count(*) FROM document WHERE status = 'ready') AS documents_total,
                   (SELECT count(*) FROM document d WHERE d.status = 'ready'
                       AND NOT {complete("d.id", "g.id")}) AS documents_missing
              FROM generation g
                   CROSS JOIN LATERAL (
                       SELECT count(*) AS chunks_total,
                              count(*) FILTER (WHERE c.status = 'ready') AS chunks_ready
                         FROM chunk c WHERE c.generation_id = g.id) n
             WHERE g.state <> 'dropped' ORDER BY g.id
            """
        )
    )
    return [
        GenerationStatus(**{**row._mapping, "state": GenerationState(row.state)}) for row in rows
    ]


async def switch_when_built(connection: AsyncConnection, generation_id: int) -> list[str] | None:
    """Activate the generation that is being built, once every `ready` document is in it.

    Return the keys of files that are not needed any more; None when it is not built yet.
    """
    if await _missing(connection, generation_id, building=True):
        return None
    await lock_states(connection)
    if await _lock_rows(connection, generation_id) is not GenerationState.BUILDING:
        return None
    # The lock holds up further work, so this count is final.
    if await _missing(connection, generation_id, building=True):
        return None
    return await _make_active(connection, generation_id)


async def activate(connection: AsyncConnection, generation_id: int) -> list[str]:
    """Activate a generation; retire the one that is being built, also if this one is active.

    Return the keys of files that are not needed any more. Raise GenerationNotFound,
    GenerationInUse for a dropped generation, and GenerationIncomplete.
    """
    await lock_states(connection)
    state = await _lock_rows(connection, generation_id)
    if state is GenerationState.ACTIVE:
        await connection.execute(
            update(GenerationRow)
            .where(GenerationRow.state == GenerationState.BUILDING)
            .values(state=GenerationState.RETIRED)
        )
        return []
    if state in {GenerationState.DROPPING, GenerationState.DROPPED}:
        raise GenerationInUse(f"generation {generation_id} is {state}")
    if missing := await _missing(connection, generation_id, building=False):
        total = await connection.scalar(
            select(func.count())
            .select_from(DocumentRow)
            .where(DocumentRow.status == DocumentStatus.READY)
        )
        raise GenerationIncomplete(
            f"generation {generation_id} lacks {missing} of the {total} documents that are served"
        )
    return await _make_active(connection, generation_id)


async def drop(connection: AsyncConnection, generation_id: int) -> None:
    """Drop a generation; an indexer frees its space.

    Raise GenerationNotFound, and GenerationInUse for the active one.
    """
    await lock_states(connection)
    state = await _lock_rows(connection, generation_id)
    if state is GenerationState.ACTIVE:
        raise GenerationInUse(
            f"generation {generation_id} is active: searches are answered from it"
        )
    await connection.execute(
        update(GenerationRow)
        .where(GenerationRow.id == generation_id, GenerationRow.state != GenerationState.DROPPED)
        .values(state=GenerationState.DROPPING)
    )


async def free_dropped(connection: AsyncConnection) -> bool:
    """Delete a part of what dropped generations left; return False when nothing is left.

    Raise DatabaseUnavailable while the vectors are in use.
    """
    generation_id = await connection.scalar(
        text(
            """
            SELECT id FROM generation WHERE state = 'dropping'
             ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED
            """
        )
    )
    if generation_id is None:
        return False
    await drop_partition(connection, generation_id)
    # Documents before their chunks, as every transaction locks them.
    documents = list(
        await connection.scalars(
            text(
                f"""
                SELECT d.id FROM document d JOIN chunked_document k ON k.document_id = d.id
                 WHERE k.generation_id = :id ORDER BY {LOCK_ORDER} LIMIT :limit FOR UPDATE OF d
                """
            ),
            {"id": generation_id, "limit": _DOCUMENTS_PER_BATCH},
        )
    )
    for table in (ChunkRow, SplitRow, ChunkedDocumentRow):
        await connection.execute(
            delete(table).where(
                table.generation_id == generation_id, table.document_id == func.any(documents)
            )
        )
    if not documents:
        await _set_state(connection, generation_id, GenerationState.DROPPED)
    return True


async def _missing(connection: AsyncConnection, generation_id: int, *, building: bool) -> int:
    """Count `ready` documents that are not complete in a generation.

    A document that failed in a generation that is being built does not hold up the others.
    """
    counted: int = await connection.scalar(
        text(
            f"""
            SELECT count(*) FROM document d
             WHERE d.status = 'ready' AND NOT {complete("d.id", ":generation")}
               AND NOT (CAST(:building AS boolean)
                        AND EXISTS (SELECT 1 FROM chunked_document f
                                     WHERE f.document_id = d.id AND f.generation_id = :generation
                                       AND f.error IS NOT NULL))
            """
        ),
        {"generation": generation_id, "building": building},
    )
    return counted


async def _set_state(
    connection: AsyncConnection, generation_id: int, state: GenerationState
) -> None:
    await connection.execute(
        update(GenerationRow).where(GenerationRow.id == generation_id).values(state=state)
    )


async def _lock_rows(connection: AsyncConnection, generation_id: int) -> GenerationState:
    """Wait for transactions that store work for a generation, and hold up further ones."""
    rows = await connection.execute(
        text(
            """
            SELECT id, state FROM generation WHERE id = :id OR state IN ('active', 'building')
             ORDER BY id FOR NO KEY UPDATE
            """
        ),
        {"id": generation_id},
    )
    for row in rows:
        if row.id == generation_id:
            return GenerationState(row.state)
    raise GenerationNotFound(f"there is no generation {generation_id}")


async def _make_active(connection: AsyncConnection, generation_id: int) -> list[str]:
    await connection.execute(
        update(GenerationRow)
        .where(GenerationRow.state.in_(LIVE))
        .values(state=GenerationState.RETIRED)
    )
    await _set_state(connection, generation_id, GenerationState.ACTIVE)
    await connection.execute(
        text(
            f"""
            UPDATE document d SET status = 'failed', error_code = k.error_code, error = k.error,
                   {RELEASE}, updated_at = now()
              FROM chunked_document k
             WHERE k.document_id = d.id AND k.generation_id = :id AND k.error IS NOT NULL
               AND d.status IN ('embedding', 'ready') AND d.draft_of IS NULL
            """
        ),
        {"id": generation_id},
    )
    await _fail_drafts(connection, generation_id)
    # On the way back: documents that failed in the other generation only.
    await connection.execute(
        text(
            f"""
            UPDATE document d SET status = 'embedding', error_code = NULL, error = NULL
             WHERE d.status = 'failed' AND {complete("d.id", ":generation")}
            """
        ),
        {"generation": generation_id},
    )
    return await finish_documents(connection, generation_id)


async def _fail_drafts(connection: AsyncConnection, generation_id: int) -> None:
    """Fail drafts that cannot be in the generation."""
    drafts = (
        await connection.execute(
            text(
                """
                SELECT d.id, k.error_code, k.error
                  FROM document d
                       JOIN chunked_document k ON k.document_id = d.id AND k.generation_id = :id
                 WHERE d.draft_of IS NOT NULL AND d.status = 'embedding' AND k.error IS NOT NULL
                """
            ),
            {"id": generation_id},
        )
    ).all()
    await lock_documents(connection, [draft.id for draft in drafts])
    for draft in drafts:
        await fail(connection, draft.id, draft.error_code, draft.error)
