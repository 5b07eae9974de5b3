"""The queue of documents: how they are claimed, kept, given back and given up."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import LIVE, Generation, lock_state
from mirage.db.queue.chunked import forget_chunks, is_cut, record_cutting
from mirage.db.queue.chunks import insert_chunks
from mirage.db.queue.finish import fail, lock_documents
from mirage.db.queue.splits import forget_splits
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
    """The next document to parse: `pending` and due, or left behind by a worker that died."""
    # Index document_queue_idx.
    return await _claim_document(
        connection,
        lease,
        "status IN ('pending', 'parsing', 'embedding') AND not_before <= now()"
        " AND (status = 'pending' OR status = 'parsing' AND leased_until < now())",
        "parsing",
    )


async def claim_unchunked(
    connection: AsyncConnection, generation: Generation, lease: timedelta
) -> ClaimedDocument | None:
    """The next document whose sections are stored but not cut for the generation.

    While one is being built these are also the documents that are served from the active one.
    """
    # Index document_queue_idx for the active generation. For one that is being built it is a look
    # at every document, some milliseconds beside the seconds that the cutting and embedding take.
    open_ones = "status IN ('pending', 'parsing', 'embedding') AND status = 'embedding'"
    building = generation.state is GenerationState.BUILDING
    return await _claim_document(
        connection,
        lease,
        ("status IN ('embedding', 'ready')" if building else open_ones) + " AND not_before <= now()"
        " AND (leased_until IS NULL OR leased_until < now())"
        " AND NOT EXISTS (SELECT 1 FROM cutting k WHERE k.document_id = document.id"
        f"                   AND k.generation_id = {generation.id})",
        None,
    )


async def extend_document_lease(
    connection: AsyncConnection, claimed: ClaimedDocument, lease: timedelta
) -> bool:
    """Keep the claim alive; False when it is lost."""
    kept = await connection.scalar(
        text(
            "UPDATE document SET leased_until = now() + :lease"
            " WHERE id = :id AND lease_token = :token RETURNING id"
        ),
        {"id": claimed.id, "token": claimed.token, "lease": lease},
    )
    return kept is not None


async def lock_claim(connection: AsyncConnection, claimed: ClaimedDocument) -> bool:
    """Lock the claimed document's row; False when the claim is lost or the document is gone."""
    await lock_documents(connection, [claimed.id])
    locked = await connection.scalar(
        text("SELECT id FROM document WHERE id = :id AND lease_token = :token"),
        {"id": claimed.id, "token": claimed.token},
    )
    return locked is not None


async def finish_parsing(
    connection: AsyncConnection, claimed: ClaimedDocument, parsed: Parsed
) -> None:
    """Record what parsing found and let go; the caller holds the row's lock."""
    await forget_chunks(connection, claimed.id)  # Those of an earlier life, before it failed.
    await forget_splits(connection, claimed.id)
    await connection.execute(
        text(
            "UPDATE document SET status = 'embedding', title = :title, page_count = :pages,"
            " language = :language, warnings = :warnings, attempts = 0, lease_token = NULL,"
            " leased_until = NULL, not_before = now(), updated_at = now() WHERE id = :id"
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
    warnings: Iterable[str] = (),
) -> None:
    """Queue a document's chunks and let go of it; the caller holds the row's lock.

    Nothing is queued for a generation that was retired meanwhile, and nothing twice.
    """
    live = await lock_state(connection, generation.id) in LIVE
    wanted = live and not await is_cut(connection, claimed.id, generation.id)
    if wanted:
        await connection.execute(
            text("DELETE FROM chunk WHERE document_id = :id AND generation_id = :generation"),
            {"id": claimed.id, "generation": generation.id},
        )
        await insert_chunks(connection, claimed.id, generation, chunks)
        await record_cutting(connection, claimed.id, generation.id)
    await connection.execute(
        text(
            "UPDATE document SET lease_token = NULL, leased_until = NULL, attempts = 0,"
            " updated_at = now(), warnings = warnings || ARRAY("
            "   SELECT w FROM unnest(CAST(:warnings AS text[])) w WHERE w <> ALL (warnings))"
            " WHERE id = :id"
        ),
        {"id": claimed.id, "warnings": list(warnings) if wanted else []},
    )


async def release_document(
    connection: AsyncConnection, claimed: ClaimedDocument, pause: timedelta, *, counted: bool
) -> None:
    """Give a claim back to be taken up again after a pause; `counted` uses up an attempt."""
    await connection.execute(
        text(
            "UPDATE document SET status = CASE status WHEN 'parsing' THEN 'pending' ELSE status"
            " END, lease_token = NULL, leased_until = NULL, not_before = now() + :pause,"
            " attempts = attempts + :counted, updated_at = now()"
            " WHERE id = :id AND lease_token = :token"
        ),
        {"id": claimed.id, "token": claimed.token, "pause": pause, "counted": int(counted)},
    )


async def fail_document(
    connection: AsyncConnection, claimed: ClaimedDocument, code: str, sentence: str
) -> None:
    """Keep the reason; nothing when the claim is lost."""
    if await lock_claim(connection, claimed):
        await fail(connection, claimed.id, code, sentence)


async def fail_cutting(
    connection: AsyncConnection,
    claimed: ClaimedDocument,
    generation: Generation,
    code: str,
    sentence: str,
) -> None:
    """A document that cannot be cut fails; in a generation that is being built, only in that."""
    state = await lock_state(connection, generation.id)
    if not await lock_claim(connection, claimed):
        return
    wanted = state in LIVE and not await is_cut(connection, claimed.id, generation.id)
    if wanted and state is GenerationState.ACTIVE:
        await fail_document(connection, claimed, code, sentence)
        return
    if wanted:
        await record_cutting(connection, claimed.id, generation.id, code, sentence)
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
                 WHERE id = (SELECT id FROM document WHERE {condition}
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
