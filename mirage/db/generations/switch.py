"""Which generation answers: the switch to a built one, the way back, and what becomes of others."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import COMPLETE, drop_partition, lock_states
from mirage.db.queue import LOCK_ORDER
from mirage.db.queue.finish import fail, finish_documents, lock_documents
from mirage.errors import GenerationIncomplete, GenerationInUse, GenerationNotFound
from mirage.model import GenerationState

_DOCUMENTS_PER_BATCH = 10

# A document that failed in the new generation does not hold up all others.
_MISSING = f"""
SELECT count(*) FROM document d WHERE d.status = 'ready' AND NOT ({COMPLETE})
   AND NOT (:building AND EXISTS (SELECT 1 FROM cutting f WHERE f.document_id = d.id
                                     AND f.generation_id = :generation AND f.error IS NOT NULL))
"""


@dataclass(frozen=True, slots=True)
class GenerationStatus:
    """A generation and how much of what is served now it covers. Sizes are tokens."""

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
    """In the order they were made; those that were dropped are left out."""
    rows = await connection.execute(
        text(
            f"""
            SELECT g.id, g.state, g.model, g.digest, g.dimensions, g.chunk_size, g.chunk_overlap,
                   g.created_at, n.chunks_total, n.chunks_ready,
                   (SELECT count(*) FROM document WHERE status = 'ready') AS documents_total,
                   (SELECT count(*) FROM document d WHERE d.status = 'ready'
                       AND NOT ({COMPLETE.replace(":generation", "g.id")})) AS documents_missing
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
    """Make the built generation the active one, once every document that is served is in it.

    Gives the keys of files that are not needed any more; None when it is not that far.
    """
    if await _missing(connection, generation_id, building=True):
        return None
    await lock_states(connection)
    if await _lock_rows(connection, generation_id) is not GenerationState.BUILDING:
        return None
    # Nothing is stored from here on; what was stored since the first look counts.
    if await _missing(connection, generation_id, building=True):
        return None
    return await _make_active(connection, generation_id)


async def activate(connection: AsyncConnection, generation_id: int) -> list[str]:
    """Answer from this generation, also if it does already; one that is being built is retired.

    Gives the keys of files that are not needed any more. Raises GenerationNotFound,
    GenerationInUse for one that is dropped, and GenerationIncomplete.
    """
    await lock_states(connection)
    state = await _lock_rows(connection, generation_id)
    if state is GenerationState.ACTIVE:
        await connection.execute(
            text("UPDATE generation SET state = 'retired' WHERE state = 'building'")
        )
        return []
    if state in {GenerationState.DROPPING, GenerationState.DROPPED}:
        raise GenerationInUse(f"generation {generation_id} is {state}")
    if missing := await _missing(connection, generation_id, building=False):
        total = await connection.scalar(
            text("SELECT count(*) FROM document WHERE status = 'ready'")
        )
        raise GenerationIncomplete(
            f"generation {generation_id} lacks {missing} of the {total} documents that are served"
        )
    return await _make_active(connection, generation_id)


async def drop(connection: AsyncConnection, generation_id: int) -> None:
    """Give a generation up; an indexer frees its space.

    Raises GenerationNotFound, and GenerationInUse for the active one.
    """
    await lock_states(connection)
    state = await _lock_rows(connection, generation_id)
    if state is GenerationState.ACTIVE:
        raise GenerationInUse(
            f"generation {generation_id} is active: searches are answered from it"
        )
    await connection.execute(
        text("UPDATE generation SET state = 'dropping' WHERE id = :id AND state <> 'dropped'"),
        {"id": generation_id},
    )


async def free_dropped(connection: AsyncConnection) -> bool:
    """Delete a part of what dropped generations left; False when nothing is left.

    Raises DatabaseUnavailable when the vectors are in use just now.
    """
    generation_id = await connection.scalar(
        text(
            "SELECT id FROM generation WHERE state = 'dropping'"
            " ORDER BY id LIMIT 1 FOR NO KEY UPDATE SKIP LOCKED"
        )
    )
    if generation_id is None:
        return False
    await drop_partition(connection, generation_id)
    # Documents before their chunks, as everybody locks them.
    documents = list(
        await connection.scalars(
            text(
                "SELECT d.id FROM document d JOIN cutting k ON k.document_id = d.id"
                f" WHERE k.generation_id = :id ORDER BY {LOCK_ORDER} LIMIT :limit FOR UPDATE OF d"
            ),
            {"id": generation_id, "limit": _DOCUMENTS_PER_BATCH},
        )
    )
    for table in ("chunk", "split", "cutting"):
        await connection.execute(
            text(
                f"DELETE FROM {table} WHERE generation_id = :id AND document_id = ANY(:documents)"
            ),
            {"id": generation_id, "documents": documents},
        )
    if not documents:
        await connection.execute(
            text("UPDATE generation SET state = 'dropped' WHERE id = :id"), {"id": generation_id}
        )
    return True


async def _missing(connection: AsyncConnection, generation_id: int, *, building: bool) -> int:
    counted: int = await connection.scalar(
        text(_MISSING.replace(":building", str(building).lower())), {"generation": generation_id}
    )
    return counted


async def _lock_rows(connection: AsyncConnection, generation_id: int) -> GenerationState:
    """Wait for those who store work for a generation, and hold up others."""
    rows = await connection.execute(
        text(
            "SELECT id, state FROM generation WHERE id = :id OR state IN ('active', 'building')"
            " ORDER BY id FOR NO KEY UPDATE"
        ),
        {"id": generation_id},
    )
    for row in rows:
        if row.id == generation_id:
            return GenerationState(row.state)
    raise GenerationNotFound(f"there is no generation {generation_id}")


async def _make_active(connection: AsyncConnection, generation_id: int) -> list[str]:
    await connection.execute(
        text("UPDATE generation SET state = 'retired' WHERE state IN ('active', 'building')")
    )
    await connection.execute(
        text("UPDATE generation SET state = 'active' WHERE id = :id"), {"id": generation_id}
    )
    await connection.execute(
        text(
            "UPDATE document d SET status = 'failed', error_code = k.error_code, error = k.error,"
            " lease_token = NULL, leased_until = NULL, updated_at = now() FROM cutting k"
            " WHERE k.document_id = d.id AND k.generation_id = :id AND k.error IS NOT NULL"
            " AND d.status IN ('embedding', 'ready') AND d.draft_of IS NULL"
        ),
        {"id": generation_id},
    )
    await _fail_drafts(connection, generation_id)
    # On the way back: what failed in the other generation alone.
    await connection.execute(
        text(
            "UPDATE document d SET status = 'embedding', error_code = NULL, error = NULL"
            f" WHERE d.status = 'failed' AND {COMPLETE}"
        ),
        {"generation": generation_id},
    )
    return await finish_documents(connection, generation_id)


async def _fail_drafts(connection: AsyncConnection, generation_id: int) -> None:
    """Give up those that cannot be in the generation."""
    drafts = (
        await connection.execute(
            text(
                "SELECT d.id, k.error_code, k.error FROM document d"
                " JOIN cutting k ON k.document_id = d.id AND k.generation_id = :id"
                " WHERE d.draft_of IS NOT NULL AND d.status = 'embedding' AND k.error IS NOT NULL"
            ),
            {"id": generation_id},
        )
    ).all()
    await lock_documents(connection, [draft.id for draft in drafts])
    for draft in drafts:
        await fail(connection, draft.id, draft.error_code, draft.error)
