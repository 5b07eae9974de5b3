"""Chunks that were split because the embedder found them too long, and when it is asked again.

A server that refuses texts by mistake makes chunks split that it would take. So the text of each
split chunk is kept, and the embedder is asked for it again, later and later. Once it takes the text
the document is reindexed in a draft (`requeue.py`). How often it was asked stays with the document,
so that a server that changes its mind costs less and less.
"""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import delete, text, update
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation
from mirage.db.queue import OPEN
from mirage.db.tables import SplitRow
from mirage.model import Chunk

# Pause between two questions about a document; each question about the same chunk doubles it, up to
# 2^12 times (two weeks).
_PAUSE = "interval '5 minutes'"  # guess
_DOUBLINGS = 12


@dataclass(frozen=True, slots=True)
class Split:
    """A chunk as it was before it was split. `text` is what the model saw."""

    project_id: UUID
    document_id: UUID
    text: str


async def record_split(
    connection: AsyncConnection, document: UUID, generation: Generation, chunk: Chunk
) -> None:
    """Record that a chunk was split; a part of a chunk that was split before is not recorded.

    The caller holds the document's lock.
    """
    await connection.execute(
        text(
            """
            INSERT INTO split (document_id, generation_id, start_offset, end_offset, text)
            SELECT :document, :generation, :start, :end, :text
             WHERE NOT EXISTS (
                SELECT 1 FROM split s
                 WHERE s.document_id = :document AND s.generation_id = :generation
                   AND s.start_offset <= :start AND s.end_offset >= :end)
            """
        ),
        {
            "document": document,
            "generation": generation.id,
            "start": chunk.start,
            "end": chunk.end,
            "text": chunk.embedded_text,
        },
    )


async def claim_split(connection: AsyncConnection, generation: Generation) -> Split | None:
    """Claim the split chunk that is due to be asked for again; None while a document is open.

    It is a chunk of a `ready` document without a draft. Neither it nor another chunk of its
    document is claimed again before the pause is over.
    """
    row = (
        await connection.execute(
            text(
                f"""
                WITH due AS (
                    SELECT s.document_id, s.start_offset, s.end_offset
                      FROM split s JOIN document d ON d.id = s.document_id
                     WHERE s.generation_id = :generation AND s.not_before <= now()
                       AND d.status = 'ready' AND d.draft_of IS NULL
                       AND NOT EXISTS (SELECT 1 FROM document o
                                        WHERE o.status IN {OPEN})
                     ORDER BY s.not_before LIMIT 1 FOR NO KEY UPDATE OF d SKIP LOCKED),
                asked AS (
                    UPDATE split s SET asked = s.asked + 1,
                           not_before = now() + {_PAUSE} * power(2, least(s.asked, {_DOUBLINGS}))
                      FROM due WHERE s.document_id = due.document_id
                       AND s.generation_id = :generation
                       AND s.start_offset = due.start_offset AND s.end_offset = due.end_offset
                    RETURNING s.document_id, s.text)
                SELECT d.project_id, asked.document_id, asked.text
                  FROM asked JOIN document d ON d.id = asked.document_id
                """
            ),
            {"generation": generation.id},
        )
    ).one_or_none()
    if row is None:
        return None
    await connection.execute(
        text(
            f"""
            UPDATE split SET not_before = greatest(not_before, now() + {_PAUSE})
             WHERE document_id = :document AND generation_id = :generation
            """
        ),
        {"document": row.document_id, "generation": generation.id},
    )
    return Split(row.project_id, row.document_id, row.text)


async def move_splits(connection: AsyncConnection, document: UUID, draft: UUID) -> None:
    """Replace a document's split chunks by those of its draft.

    A chunk that had to be split again is asked for as late as if it had never been whole.
    """
    await connection.execute(
        text(
            f"""
            UPDATE split n SET asked = o.asked,
                   not_before = now() + {_PAUSE} * power(2, least(o.asked, {_DOUBLINGS}))
              FROM (SELECT generation_id, max(asked) AS asked FROM split
                     WHERE document_id = :document GROUP BY generation_id) o
             WHERE n.document_id = :draft AND n.generation_id = o.generation_id
            """
        ),
        {"document": document, "draft": draft},
    )
    await forget_splits(connection, document)
    await connection.execute(
        update(SplitRow).where(SplitRow.document_id == draft).values(document_id=document)
    )


async def forget_splits(connection: AsyncConnection, document: UUID) -> None:
    """Delete a document's split chunks."""
    await connection.execute(delete(SplitRow).where(SplitRow.document_id == document))
