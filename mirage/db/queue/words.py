"""Words of passages that are out of date: of an older analysis, or of an earlier name.

They are rewritten in the background, a document after the other; searches find the old words until
then. `chunked_document.words_version` says which analysis made a document's words.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.search.bm25_document import passage_words
from mirage.words import VERSION, PassageText

STALE = 0
"""A version that every analysis follows."""
_UNDER_WAY = -1

# A transaction rewrites so many passages, in less than a second.
_BATCH = 500


@dataclass(frozen=True, slots=True)
class StaleWords:
    """A document of a generation whose words have to be rewritten."""

    document_id: UUID
    generation_id: int
    chunk_size: int
    language: str | None
    title: str | None
    name: str

    def passage(self, heading: str, text: str) -> PassageText:
        """Return what one of its passages is found by."""
        return PassageText(self.language, text, heading, self.title or "", self.name)


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


async def next_stale(connection: AsyncConnection) -> StaleWords | None:
    """Return a document to rewrite the words of, and mark it; None if there is none.

    A document that is renamed meanwhile loses the mark, and is rewritten once more.
    """
    row = (
        await connection.execute(
            text(
                """
                UPDATE chunked_document k SET words_version = :under_way
                  FROM generation g, document d LEFT JOIN document o ON o.id = d.draft_of
                 WHERE g.id = k.generation_id AND d.id = k.document_id
                   AND (k.document_id, k.generation_id) = (
                       SELECT s.document_id, s.generation_id
                         FROM chunked_document s JOIN generation c ON c.id = s.generation_id
                        WHERE s.words_version < :version AND s.error IS NULL
                          AND c.state IN ('active', 'building')
                        LIMIT 1 FOR UPDATE OF s SKIP LOCKED)
                RETURNING k.document_id, k.generation_id, g.chunk_size, d.language, d.title,
                          coalesce(o.name, d.name) AS name
                """
            ),
            {"under_way": _UNDER_WAY, "version": VERSION},
        )
    ).one_or_none()
    return None if row is None else StaleWords(**row._mapping)


async def rewrite_batch(
    connection: AsyncConnection, stale: StaleWords, after: UUID | None
) -> UUID | None:
    """Rewrite the words of the next passages after an id; return the last one, None at the end.

    A passage that waits for its vector gets its words with it.
    """
    rows = (
        await connection.execute(
            text(
                f"""
                SELECT id, heading, text FROM chunk
                 WHERE document_id = :document AND generation_id = :generation
                   AND status = 'ready' AND (CAST(:after AS uuid) IS NULL OR id > :after)
                 ORDER BY id LIMIT {_BATCH} FOR UPDATE
                """
            ),
            {"document": stale.document_id, "generation": stale.generation_id, "after": after},
        )
    ).all()
    if not rows:
        await _record_rewritten(connection, stale)
        return None
    words = [passage_words(stale.passage(row.heading, row.text), stale.chunk_size) for row in rows]
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
    last: UUID = rows[-1].id
    return last


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
