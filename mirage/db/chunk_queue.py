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

from mirage.db.cutting import chunk_id, forget_chunks, record_cutting
from mirage.db.finishing import fail, finish_documents, lock_documents
from mirage.db.generations import LIVE, Generation, lock_state
from mirage.db.tables import TERM_DIMENSIONS
from mirage.db.text_search import configuration, term
from mirage.db.vectors import vector_literal
from mirage.model import Chunk, GenerationState

# BM25 (Robertson and Zaragoza 2009, The Probabilistic Relevance Framework). Of the usual range of
# k1, 1.2 to 2.0, the upper end ranks Cranfield best (nDCG@10 0.376 at 1.2, 0.388 at 2.0). Chunks
# are cut to one size, so the length that it lets one expect stands for the average: a constant,
# where the true average would change every weight with every document.
_K1 = 2.0
_B = 0.75
_LEXEMES_PER_TOKEN_OF_SIZE = 0.35  # Cranfield 0.34: chunks are 2/3 full, half the tokens are words
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
    """Queue chunks with their lexemes and BM25 term weights; one that is there already stays.

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
            text(_INSERT_CHUNK),
            {
                "rows": json.dumps(rows[at : at + _ROWS]),
                "generation": generation.id,
                "document": document,
                "average": generation.chunk_size * _LEXEMES_PER_TOKEN_OF_SIZE,
            },
        )


_INSERT_CHUNK = f"""
INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset, first_section,
                   last_section, heading, text, tokens, turn, lexemes, terms)
SELECT c.id, :generation, :document, c.start, c."end", c.first_section,
       c.last_section, c.heading, c.text, c.tokens,
       now() + c.at * interval '{_TURN_SECONDS} seconds', v.lexemes, CAST(t.terms AS sparsevec)
  FROM (SELECT {configuration("language")} AS configuration
          FROM document WHERE id = :document) k,
       jsonb_to_recordset(CAST(:rows AS jsonb)) AS c(id uuid, start int, "end" int,
           first_section int, last_section int, heading text, text text, tokens int, at int),
       -- OFFSET keeps it from being worked out anew wherever it is named.
       LATERAL (SELECT to_tsvector(k.configuration, c.heading || ' ' || c.text) AS lexemes
                OFFSET 0) v,
       LATERAL (SELECT sum(cardinality(positions)) AS length FROM unnest(v.lexemes)) l,
       LATERAL (
           SELECT '{{' || coalesce(string_agg(term || ':' || weight, ','), '')
                  || '}}/{TERM_DIMENSIONS}' AS terms
             FROM (SELECT {term("lexeme")} AS term,
                          sum(cardinality(positions) * {_K1 + 1}::float8 / (cardinality(positions)
                              + {_K1} * ({1 - _B} + {_B} * l.length::float8 / :average)))::real
                              AS weight
                     FROM unnest(v.lexemes) GROUP BY 1) w
       ) t
ON CONFLICT (id) DO NOTHING
"""


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
            """
            WITH given AS (
                SELECT * FROM unnest(CAST(:ids AS uuid[]), CAST(:vectors AS text[]))
                         AS g(id, vector)
            ), done AS (
                UPDATE chunk SET status = 'ready', lease_token = NULL, leased_until = NULL
                 WHERE id IN (SELECT id FROM given) AND lease_token = :token
                RETURNING id, document_id
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
) -> None:
    """Put the parts of a chunk that the model found too long in its place."""
    await lock_state(connection, generation.id)
    await lock_documents(connection, [claimed.document_id])
    deleted = await connection.scalar(
        text("DELETE FROM chunk WHERE id = :id AND lease_token = :token RETURNING id"),
        {"id": claimed.id, "token": token},
    )
    if deleted is not None:
        await insert_chunks(connection, claimed.document_id, generation, parts)


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
