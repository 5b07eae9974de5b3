"""Where the pages and headings of a document are in its extracted text."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.model import CitedSection, Span


async def find_page(connection: AsyncConnection, document: UUID, page: int) -> Span | None:
    """Return the characters of a page, from 1; None if it has no text."""
    row = (
        await connection.execute(
            text(
                """
                SELECT min(start_offset) AS start, max(start_offset + length(text)) AS "end"
                  FROM section WHERE document_id = :id AND page_number = :page
                """
            ),
            {"id": document, "page": page},
        )
    ).one()
    return None if row.start is None else (row.start, row.end)


async def find_page_number(connection: AsyncConnection, document: UUID, page: str) -> int | None:
    """Return the number of the page that is labelled so, or that has this number; None if none."""
    found: int | None = await connection.scalar(
        text(
            """
            SELECT page_number FROM section
             WHERE document_id = :id AND page_number IS NOT NULL
               AND (lower(page_label) = lower(:page) OR page_number::text = :page)
             ORDER BY lower(page_label) IS NOT DISTINCT FROM lower(:page) DESC, position LIMIT 1
            """
        ),
        {"id": document, "page": page},
    )
    return found


async def find_section_start(connection: AsyncConnection, document: UUID, span: Span) -> int | None:
    """Return where the first section that begins in a span begins; None if no section does."""
    found: int | None = await connection.scalar(
        text(
            """
            SELECT min(start_offset) FROM section
             WHERE document_id = :id AND start_offset >= :start AND start_offset < :end
            """
        ),
        {"id": document, "start": span[0], "end": span[1]},
    )
    return found


async def load_section_heads(connection: AsyncConnection, document: UUID) -> list[CitedSection]:
    """Return the sections of a document without their texts, in reading order.

    Of neighbours under one heading only the first is returned.
    """
    rows = await connection.execute(
        text(
            """
            SELECT start_offset, heading_path, page_number, page_label, line
              FROM (SELECT *, lag(heading_path) OVER (ORDER BY position) AS before
                      FROM section WHERE document_id = :id) s
             WHERE heading_path IS DISTINCT FROM before
             ORDER BY position
            """
        ),
        {"id": document},
    )
    return [
        CitedSection(
            row.start_offset, tuple(row.heading_path), row.page_number, row.page_label, row.line
        )
        for row in rows
    ]
