"""Which documents were chunked for which generation, and why others cannot be in it."""

from uuid import UUID, uuid5

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation
from mirage.db.tables import ChunkedDocumentRow, ChunkRow
from mirage.words import VERSION


def chunk_id(document: UUID, generation: Generation, start: int, end: int) -> UUID:
    """Return the chunk's id: the same in every run over the same text, and in every database."""
    return uuid5(document, f"{generation.recipe}:{start}:{end}")


async def is_chunked(connection: AsyncConnection, document: UUID, generation_id: int) -> bool:
    """Return whether a document was chunked for a generation already.

    Then a claim came too late: it saw the document as it was before another worker's commit.
    """
    found = await connection.scalar(
        select(ChunkedDocumentRow.document_id).where(
            ChunkedDocumentRow.document_id == document,
            ChunkedDocumentRow.generation_id == generation_id,
        )
    )
    return found is not None


async def record_chunked(
    connection: AsyncConnection,
    document: UUID,
    generation_id: int,
    code: str | None = None,
    sentence: str | None = None,
) -> None:
    """Record that a document was chunked for a generation, or why it cannot be in it."""
    row = insert(ChunkedDocumentRow).values(
        document_id=document,
        generation_id=generation_id,
        error_code=code,
        error=sentence,
        words_version=VERSION,
    )
    await connection.execute(
        row.on_conflict_do_update(
            index_elements=["document_id", "generation_id"],
            set_={
                "error_code": row.excluded.error_code,
                "error": row.excluded.error,
                "words_version": row.excluded.words_version,
            },
        )
    )


async def forget_chunks(
    connection: AsyncConnection, document: UUID, but: UUID | None = None
) -> None:
    """Delete a document's chunks of every generation, except the chunk `but`."""
    await connection.execute(
        delete(ChunkRow).where(ChunkRow.document_id == document, ChunkRow.id.is_distinct_from(but))
    )
    await connection.execute(
        delete(ChunkedDocumentRow).where(ChunkedDocumentRow.document_id == document)
    )
