"""Which documents were cut for which generation, and why others cannot be in it."""

from uuid import UUID, uuid5

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation


def chunk_id(document: UUID, generation: Generation, start: int, end: int) -> UUID:
    """The same in every run over the same text, and in every database."""
    return uuid5(document, f"{generation.recipe}:{start}:{end}")


async def is_cut(connection: AsyncConnection, document: UUID, generation_id: int) -> bool:
    """Whether a claim came too late: it saw the document as it was before another one's commit."""
    return bool(
        await connection.scalar(
            text(
                "SELECT EXISTS (SELECT 1 FROM cutting"
                " WHERE document_id = :document AND generation_id = :generation)"
            ),
            {"document": document, "generation": generation_id},
        )
    )


async def record_cutting(
    connection: AsyncConnection,
    document: UUID,
    generation_id: int,
    code: str | None = None,
    sentence: str | None = None,
) -> None:
    """Note that a document was cut for a generation, or why it cannot be in it."""
    await connection.execute(
        text(
            "INSERT INTO cutting VALUES (:document, :generation, :code, :error)"
            " ON CONFLICT (document_id, generation_id)"
            " DO UPDATE SET error_code = excluded.error_code, error = excluded.error"
        ),
        {"document": document, "generation": generation_id, "code": code, "error": sentence},
    )


async def forget_chunks(
    connection: AsyncConnection, document: UUID, but: UUID | None = None
) -> None:
    """Delete the chunks of every generation, but for one."""
    await connection.execute(
        text("DELETE FROM chunk WHERE document_id = :document AND id IS DISTINCT FROM :but"),
        {"document": document, "but": but},
    )
    await connection.execute(
        text("DELETE FROM cutting WHERE document_id = :document"), {"document": document}
    )
