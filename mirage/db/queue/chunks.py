"""The queue of chunks: how they are added, claimed, embedded, released and failed."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from pgvector import HalfVector
from sqlalchemy import delete, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import ROWS_PER_STATEMENT
from mirage.db.generations import LIVE, Generation, lock_state
from mirage.db.queue import RELEASE
from mirage.db.queue.chunked import chunk_id, forget_chunks, record_chunked
from mirage.db.queue.finish import fail, finish_documents, lock_documents
from mirage.db.search.bm25_document import PassageWords
from mirage.db.tables import ChunkRow
from mirage.db.vectors import send_vectors_in_binary
from mirage.model import Chunk, GenerationState

# Turns are a virtual clock that stands at the turn of the first waiting chunk, so it is as fast as
# the embedder (start-time fair queueing, Goyal et al. 1996). A document begins one step after the
# front, and each of its chunks comes a step later: from then on, documents take turns. If new
# documents began at the front itself, a stream of them could hold up the chunks that are there.
_STEP = "interval '1 second'"
_CLAIMABLE = """status = 'pending' AND not_before <= now()
                    AND (leased_until IS NULL OR leased_until < now())"""


@dataclass(frozen=True, slots=True)
class ClaimedChunk:
    """A chunk that this worker alone may embed until its lease ends."""

    id: UUID
    document_id: UUID
    attempts: int
    chunk: Chunk


async def insert_chunks(
    connection: AsyncConnection,
    document: UUID,
    generation: Generation,
    chunks: Iterable[Chunk],
    words: Iterable[PassageWords],
) -> None:
    """Queue chunks with their words; a chunk that is there already stays.

    Halves of two chunks that overlap by half have the same span, and so the same id.
    """
    rows = [
        {
            "id": str(chunk_id(document, generation, chunk.start, chunk.end)),
            "start": chunk.start,
            "end": chunk.end,
            "first_section": chunk.first_section,
            "last_section": chunk.last_section,
            "heading": chunk.heading,
            "text": chunk.text,
            "tokens": chunk.tokens,
            "lexemes": of_chunk.lexemes,
            "terms": of_chunk.terms,
            "at": at,
        }
        for at, (chunk, of_chunk) in enumerate(zip(chunks, words, strict=True))
    ]
    front = await connection.scalar(
        text(
            # Index chunk_queue_idx. A chunk that pauses after an error does not hold the clock.
            f"""
            SELECT turn + {_STEP} FROM chunk
             WHERE generation_id = :generation AND status = 'pending' AND not_before <= now()
             ORDER BY turn LIMIT 1
            """
        ),
        {"generation": generation.id},
    )
    # Not `executemany`, because in asyncpg it does not end when its worker is cancelled.
    for at in range(0, len(rows), ROWS_PER_STATEMENT):
        await connection.execute(
            text(
                f"""
                INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset,
                                   first_section, last_section, heading, text, tokens,
                                   lexemes, terms, turn)
                SELECT id, :generation, :document, start, "end", first_section, last_section,
                       heading, text, tokens, CAST(lexemes AS tsvector), CAST(terms AS sparsevec),
                       coalesce(:front, now()) + at * {_STEP}
                  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS c(id uuid, start int, "end" int,
                       first_section int, last_section int, heading text, text text, tokens int,
                       lexemes text, terms text, at int)
                ON CONFLICT (id) DO NOTHING
                """
            ),
            {
                "rows": json.dumps(rows[at : at + ROWS_PER_STATEMENT]),
                "generation": generation.id,
                "document": document,
                "front": front,
            },
        )


async def projects_in_turn(connection: AsyncConnection, generation: Generation) -> list[UUID]:
    """Return the projects that have chunks to claim, for the active generation."""
    # Index document_queue_idx finds the open documents.
    rows = await connection.execute(
        text(
            f"""
            SELECT DISTINCT project_id FROM document d
             WHERE status = 'embedding'
               AND EXISTS (SELECT FROM chunk
                            WHERE document_id = d.id AND generation_id = :generation
                              AND {_CLAIMABLE})
            """
        ),
        {"generation": generation.id},
    )
    return list(rows.scalars())


async def claim_chunks(
    connection: AsyncConnection,
    generation_id: int,
    lease: timedelta,
    limit: int,
    project: UUID | None = None,
) -> tuple[UUID, list[ClaimedChunk]]:
    """Claim at most `limit` pending chunks, by their turn; return the claim's token and them.

    `project` limits them to its documents.
    """
    token = uuid4()
    of_project = "AND document_id IN (SELECT id FROM document WHERE project_id = :project)"
    # Index chunk_queue_idx has the order. The condition skips rows with a lease, SKIP LOCKED skips
    # rows that another worker is claiming at this moment.
    rows = await connection.execute(
        text(
            f"""
            UPDATE chunk SET lease_token = :token, leased_until = now() + :lease
             WHERE id IN (
                 SELECT id FROM chunk
                  WHERE generation_id = :generation AND {_CLAIMABLE}
                        {of_project if project else ""}
                  ORDER BY turn, document_id, start_offset
                  LIMIT :limit FOR UPDATE SKIP LOCKED)
            RETURNING id, document_id, attempts, start_offset, end_offset, first_section,
                      last_section, heading, text, tokens
            """
        ),
        {"token": token, "lease": lease, "generation": generation_id, "limit": limit}
        | ({"project": project} if project else {}),
    )
    claimed = [
        ClaimedChunk(
            row.id,
            row.document_id,
            row.attempts,
            Chunk(
                position=0,
                start=row.start_offset,
                end=row.end_offset,
                first_section=row.first_section,
                last_section=row.last_section,
                text=row.text,
                heading=row.heading,
                tokens=row.tokens,
            ),
        )
        for row in rows
    ]
    return token, claimed


async def extend_chunk_leases(
    connection: AsyncConnection, token: UUID, chunks: Iterable[UUID], lease: timedelta
) -> None:
    """Keep claims alive while the embedder works on them."""
    # A locked row is being stored or deleted: waiting for it could be a deadlock, and no other
    # worker can claim it meanwhile.
    await connection.execute(
        text(
            """
            UPDATE chunk SET leased_until = now() + :lease
             WHERE id IN (SELECT id FROM chunk WHERE id = ANY(:ids) AND lease_token = :token
                             FOR UPDATE SKIP LOCKED)
            """
        ),
        {"ids": list(chunks), "token": token, "lease": lease},
    )


async def store_vectors(
    connection: AsyncConnection,
    generation: Generation,
    token: UUID,
    vectors: Sequence[tuple[ClaimedChunk, Sequence[float]]],
) -> list[str]:
    """Store vectors, and finish each document that got its last one in the active generation.

    A finished document replaces older ones of its name; return the keys of their files. Nothing is
    stored for a generation that was retired meanwhile.
    """
    state = await lock_state(connection, generation.id)
    if state not in LIVE:
        return []
    documents = sorted({chunk.document_id for chunk, _ in vectors})
    await lock_documents(connection, documents)
    await send_vectors_in_binary(connection)
    await connection.execute(
        text(
            f"""
            WITH given AS (
                SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:vectors AS halfvec[]))
                         AS g(id, vector)
            ), done AS (
                -- The words of a chunk that an older release queued are written later (`words.py`).
                UPDATE chunk SET status = 'ready', {RELEASE}, lexemes = coalesce(lexemes, '')
                  FROM given
                 WHERE chunk.id = given.id AND lease_token = :token
                RETURNING chunk.id, document_id
            )
            INSERT INTO embedding (generation_id, chunk_id, document_id, embedding)
            SELECT :generation, done.id, done.document_id, given.vector
              FROM done JOIN given USING (id)
            """
        ),
        {
            "ids": [chunk.id for chunk, _ in vectors],
            "vectors": [HalfVector(list(vector)) for _, vector in vectors],
            "token": token,
            "generation": generation.id,
        },
    )
    if state is not GenerationState.ACTIVE:
        return []
    return await finish_documents(connection, generation.id, documents)


async def replace_chunk(
    connection: AsyncConnection,
    generation: Generation,
    token: UUID,
    claimed: ClaimedChunk,
    parts: Sequence[Chunk],
    words: Sequence[PassageWords],
) -> bool:
    """Replace a chunk that the model found too long by its parts; return False when the claim is
    lost.
    """
    await lock_state(connection, generation.id)
    await lock_documents(connection, [claimed.document_id])
    deleted = await connection.scalar(
        delete(ChunkRow)
        .where(ChunkRow.id == claimed.id, ChunkRow.lease_token == token)
        .returning(ChunkRow.id)
    )
    if deleted is None:
        return False
    await insert_chunks(connection, claimed.document_id, generation, parts, words)
    return True


async def release_chunks(
    connection: AsyncConnection,
    token: UUID,
    chunks: Iterable[UUID],
    pause: timedelta,
    *,
    counted: bool,
) -> None:
    """End claims so that the work is due again after a pause; `counted` uses up an attempt."""
    await connection.execute(
        text(
            f"""
            UPDATE chunk SET {RELEASE}, attempts = attempts + :counted,
                   not_before = CASE WHEN :pause > interval '0' THEN now() + :pause
                                     ELSE not_before END
             WHERE id = ANY(:ids) AND lease_token = :token
            """
        ),
        {"ids": list(chunks), "token": token, "pause": pause, "counted": int(counted)},
    )


async def fail_chunk(
    connection: AsyncConnection,
    generation: Generation,
    token: UUID,
    claimed: ClaimedChunk,
    code: str,
    sentence: str,
) -> None:
    """Fail the document of a chunk that cannot be embedded, so that no passage is left out unsaid.

    Its other chunks are deleted, because they cannot be found and need no embedding. In a
    generation that is being built it fails only there, and is found in the active one until then.
    """
    state = await lock_state(connection, generation.id)
    await lock_documents(connection, [claimed.document_id])
    failed = await connection.scalar(
        text(
            f"""
            UPDATE chunk SET status = 'failed', {RELEASE}
             WHERE id = :id AND lease_token = :token RETURNING id
            """
        ),
        {"id": claimed.id, "token": token},
    )
    if failed is None:
        return
    if state is not GenerationState.ACTIVE:
        await connection.execute(
            delete(ChunkRow).where(
                ChunkRow.document_id == claimed.document_id,
                ChunkRow.generation_id == generation.id,
            )
        )
        await record_chunked(connection, claimed.document_id, generation.id, code, sentence)
        return
    await forget_chunks(connection, claimed.document_id, but=claimed.id)
    await fail(connection, claimed.document_id, code, sentence)
