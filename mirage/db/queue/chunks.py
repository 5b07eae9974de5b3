"""The queue of chunks: how they get in, are claimed, embedded, given back and given up.

Its rules are those of queue.py. Statements lock the generation's row, then the documents in their
order (finishing.py), then chunks.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import LIVE, Generation, lock_state
from mirage.db.queue.chunked import chunk_id, forget_chunks, record_cutting
from mirage.db.queue.finish import fail, finish_documents, lock_documents
from mirage.db.search.bm25_document import words_of
from mirage.db.vectors import vector_literal
from mirage.model import Chunk, GenerationState

# A chunk's turn is this much later than that of the chunk before it, about what its embedding takes
# on two cores. So a document that comes later waits as long as it would for as much work as was
# done since, and not for all of a book before it.
_TURN_SECONDS = 0.25
_ROWS = 500  # A statement: some 0.5 s, far from `database.statement_timeout_seconds`.


@dataclass(frozen=True, slots=True)
class ClaimedChunk:
    """A chunk that this worker alone may embed until its lease ends."""

    id: UUID
    document_id: UUID
    attempts: int
    chunk: Chunk


async def insert_chunks(
    connection: AsyncConnection, document: UUID, generation: Generation, chunks: Iterable[Chunk]
) -> None:
    """Queue chunks, as yet without words (terms.py); one that is there already stays.

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
            "at": at,
        }
        for at, chunk in enumerate(chunks)
    ]
    # Not `executemany`: in asyncpg it does not end when it is cancelled, and so nor would a worker.
    for at in range(0, len(rows), _ROWS):
        await connection.execute(
            text(
                f"""
                INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset,
                                   first_section, last_section, heading, text, tokens, turn)
                SELECT id, :generation, :document, start, "end", first_section, last_section,
                       heading, text, tokens, now() + at * interval '{_TURN_SECONDS} seconds'
                  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS c(id uuid, start int, "end" int,
                       first_section int, last_section int, heading text, text text, tokens int,
                       at int)
                ON CONFLICT (id) DO NOTHING
                """
            ),
            {
                "rows": json.dumps(rows[at : at + _ROWS]),
                "generation": generation.id,
                "document": document,
            },
        )


async def claim_chunks(
    connection: AsyncConnection, generation_id: int, lease: timedelta, limit: int
) -> tuple[UUID, list[ClaimedChunk]]:
    """At most `limit` pending chunks whose turn is first, and the token of the claim."""
    token = uuid4()
    # Index chunk_queue_idx gives the order; leased rows are skipped by the condition, rows that
    # another worker is just now claiming by SKIP LOCKED.
    rows = await connection.execute(
        text(
            """
            UPDATE chunk SET lease_token = :token, leased_until = now() + :lease
             WHERE id IN (
                 SELECT id FROM chunk
                  WHERE generation_id = :generation AND status = 'pending'
                    AND not_before <= now() AND (leased_until IS NULL OR leased_until < now())
                  ORDER BY turn, document_id, start_offset
                  LIMIT :limit FOR UPDATE SKIP LOCKED)
            RETURNING id, document_id, attempts, start_offset, end_offset, first_section,
                      last_section, heading, text, tokens
            """
        ),
        {"token": token, "lease": lease, "generation": generation_id, "limit": limit},
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
    # A row that is locked is just being stored or deleted: to wait for it could be a deadlock,
    # and nobody else can claim it meanwhile.
    await connection.execute(
        text(
            "UPDATE chunk SET leased_until = now() + :lease"
            " WHERE id IN (SELECT id FROM chunk WHERE id = ANY(:ids) AND lease_token = :token"
            " FOR UPDATE SKIP LOCKED)"
        ),
        {"ids": list(chunks), "token": token, "lease": lease},
    )


async def store_vectors(
    connection: AsyncConnection,
    generation_id: int,
    token: UUID,
    vectors: Sequence[tuple[ClaimedChunk, Iterable[float]]],
) -> list[str]:
    """Store vectors, and finish each document that got its last one in the active generation.

    A document that is finished replaces older ones of its name. Gives the keys of their files.
    Nothing is stored for a generation that was retired meanwhile.
    """
    state = await lock_state(connection, generation_id)
    if state not in LIVE:
        return []
    documents = sorted({chunk.document_id for chunk, _ in vectors})
    await lock_documents(connection, documents)
    await connection.execute(
        text(
            f"""
            WITH given AS (
                SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:vectors AS text[]))
                         AS g(id, vector)
            ), done AS (
                UPDATE chunk SET status = 'ready', lease_token = NULL, leased_until = NULL,
                       lexemes = w.lexemes, terms = w.terms
                  FROM ({words_of("SELECT id FROM given")}) w
                 WHERE chunk.id = w.id AND lease_token = :token
                RETURNING chunk.id, document_id
            )
            INSERT INTO embedding (generation_id, chunk_id, document_id, embedding)
            SELECT :generation, done.id, done.document_id, CAST(given.vector AS halfvec)
              FROM done JOIN given USING (id)
            """
        ),
        {
            "ids": [chunk.id for chunk, _ in vectors],
            "vectors": [vector_literal(vector) for _, vector in vectors],
            "token": token,
            "generation": generation_id,
        },
    )
    if state is not GenerationState.ACTIVE:
        return []
    return await finish_documents(connection, generation_id, documents)


async def replace_chunk(
    connection: AsyncConnection,
    generation: Generation,
    token: UUID,
    claimed: ClaimedChunk,
    parts: Sequence[Chunk],
) -> bool:
    """Put the parts of a chunk that the model found too long in its place; False when the claim
    is lost.
    """
    await lock_state(connection, generation.id)
    await lock_documents(connection, [claimed.document_id])
    deleted = await connection.scalar(
        text("DELETE FROM chunk WHERE id = :id AND lease_token = :token RETURNING id"),
        {"id": claimed.id, "token": token},
    )
    if deleted is None:
        return False
    await insert_chunks(connection, claimed.document_id, generation, parts)
    return True


async def release_chunks(
    connection: AsyncConnection,
    token: UUID,
    chunks: Iterable[UUID],
    pause: timedelta,
    *,
    counted: bool,
) -> None:
    """Give claims back to be taken up again after a pause; `counted` uses up an attempt."""
    await connection.execute(
        text(
            "UPDATE chunk SET lease_token = NULL, leased_until = NULL,"
            " not_before = CASE WHEN :pause > interval '0' THEN now() + :pause"
            " ELSE not_before END, attempts = attempts + :counted"
            " WHERE id = ANY(:ids) AND lease_token = :token"
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
    """A passage that cannot be embedded fails its document: nothing is left out in silence.

    Its other chunks go, for nobody can find them and embedding the rest would be for nothing. In a
    generation that is being built it fails only there, and is found in the active one until then.
    """
    state = await lock_state(connection, generation.id)
    await lock_documents(connection, [claimed.document_id])
    failed = await connection.scalar(
        text(
            "UPDATE chunk SET status = 'failed', lease_token = NULL, leased_until = NULL"
            " WHERE id = :id AND lease_token = :token RETURNING id"
        ),
        {"id": claimed.id, "token": token},
    )
    if failed is None:
        return
    if state is not GenerationState.ACTIVE:
        await connection.execute(
            text("DELETE FROM chunk WHERE document_id = :id AND generation_id = :generation"),
            {"id": claimed.document_id, "generation": generation.id},
        )
        await record_cutting(connection, claimed.document_id, generation.id, code, sentence)
        return
    await forget_chunks(connection, claimed.document_id, but=claimed.id)
    await fail(connection, claimed.document_id, code, sentence)
