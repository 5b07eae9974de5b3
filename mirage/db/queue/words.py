"""Words of passages that are out of date: of an older analysis, or of an earlier name.

They are rewritten in the background, a document after the other; searches find the old words until
then. `chunked_document.words_version` says which analysis made a document's words.
"""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.search.bm25_document import passage_words
from mirage.db.sections import load_sections
from mirage.model import Chunk, join_sections
from mirage.words import VERSION, Description, DocumentWords

STALE = 0
"""A version that every analysis follows."""
_UNDER_WAY = -1

# The analysis of so many passages holds up other work of the process for less than 0.1 s.
_BATCH = 100


@dataclass(frozen=True, slots=True)
class StaleWords:
    """A document of a generation whose words have to be rewritten."""

    document_id: UUID
    generation_id: int
    chunk_size: int


async def describe(connection: AsyncConnection, document: UUID) -> Description:
    """Return what is known about a document; a draft has the name of its document."""
    row = (
        await connection.execute(
            text(
                """
                SELECT d.language, d.title, coalesce(o.name, d.name) AS name
                  FROM document d LEFT JOIN document o ON o.id = d.draft_of WHERE d.id = :id
                """
            ),
            {"id": document},
        )
    ).one_or_none()
    return Description(**row._mapping) if row else Description()


async def load_words(connection: AsyncConnection, document: UUID) -> DocumentWords:
    """Return the words of a document's text."""
    sections = await load_sections(connection, document)
    return DocumentWords(join_sections(sections), await describe(connection, document))


async def mark_stale(connection: AsyncConnection, documents: list[UUID]) -> None:
    """Have the words of documents rewritten, because their names changed."""
    await connection.execute(
        text(
            """
            UPDATE chunked_document SET words_version = :stale WHERE document_id = ANY(:documents)
            """
        ),
        {"stale": STALE, "documents": documents},
    )


async def count_stale(connection: AsyncConnection) -> int:
    """Count the documents with words that have to be rewritten."""
    counted = await connection.scalar(
        text(
            """
            SELECT count(DISTINCT k.document_id)
              FROM chunked_document k JOIN generation g ON g.id = k.generation_id
             WHERE k.words_version < :version AND k.error IS NULL
               AND g.state IN ('active', 'building')
            """
        ),
        {"version": VERSION},
    )
    return int(counted or 0)


async def next_stale(
    connection: AsyncConnection, leave_out: Collection[UUID] = ()
) -> StaleWords | None:
    """Mark a document whose words are out of date, and return it; None if there is none.

    Documents in `leave_out` are not returned. A document that is renamed meanwhile loses the mark,
    and is rewritten once more.
    """
    row = (
        await connection.execute(
            text(
                """
                UPDATE chunked_document k SET words_version = :under_way
                  FROM generation g
                 WHERE g.id = k.generation_id
                   AND (k.document_id, k.generation_id) = (
                       SELECT s.document_id, s.generation_id
                         FROM chunked_document s JOIN generation c ON c.id = s.generation_id
                        WHERE s.words_version < :version AND s.error IS NULL
                          AND c.state IN ('active', 'building')
                          AND s.document_id <> ALL(:leave_out)
                        LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
                RETURNING k.document_id, k.generation_id, g.chunk_size
                """
            ),
            {"under_way": _UNDER_WAY, "version": VERSION, "leave_out": list(leave_out)},
        )
    ).one_or_none()
    return StaleWords(**row._mapping) if row else None


async def rewrite_batch(
    connection: AsyncConnection,
    stale: StaleWords,
    document: DocumentWords,
    after: tuple[int, UUID] | None,
) -> tuple[int, UUID] | None:
    """Rewrite the words of the passages after the start and id of another one.

    `document` has the words of the document's text (`load_words`). Return the start and id of the
    last passage, and None after the end of the document.
    """
    start, last = after or (-1, UUID(int=0))
    rows = (
        await connection.execute(
            text(
                f"""
                SELECT id, start_offset, end_offset, heading, tokens FROM chunk
                 WHERE document_id = :document AND generation_id = :generation
                   AND (start_offset, id) > (:start, :last)
                 ORDER BY start_offset, id LIMIT {_BATCH} FOR UPDATE
                """
            ),
            {
                "document": stale.document_id,
                "generation": stale.generation_id,
                "start": start,
                "last": last,
            },
        )
    ).all()
    if not rows:
        await _record_rewritten(connection, stale)
        return None
    chunks = [
        Chunk(0, row.start_offset, row.end_offset, 0, 0, "", row.heading, row.tokens)
        for row in rows
    ]
    words = passage_words(document, chunks, stale.chunk_size)
    await connection.execute(
        text(
            """
            UPDATE chunk c SET lexemes = CAST(g.lexemes AS tsvector),
                               terms = CAST(g.terms AS sparsevec)
              FROM unnest(CAST(:ids AS uuid[]), CAST(:lexemes AS text[]), CAST(:terms AS text[]))
                   AS g(id, lexemes, terms)
             WHERE c.id = g.id
            """
        ),
        {
            "ids": [row.id for row in rows],
            "lexemes": [each.lexemes for each in words],
            "terms": [each.terms for each in words],
        },
    )
    return rows[-1].start_offset, rows[-1].id


async def _record_rewritten(connection: AsyncConnection, stale: StaleWords) -> None:
    await connection.execute(
        text(
            """
            UPDATE chunked_document SET words_version = :version
             WHERE document_id = :document AND generation_id = :generation
               AND words_version = :under_way
            """
        ),
        {
            "version": VERSION,
            "document": stale.document_id,
            "generation": stale.generation_id,
            "under_way": _UNDER_WAY,
        },
    )
