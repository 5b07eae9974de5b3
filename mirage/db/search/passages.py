"""Reads passages with what their citations name."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.model import Passage


async def load_passages(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Passage]:
    """Return passages by their ids, without scores; one that is gone is left out."""
    # Few tables are joined, and the rest is read per row: the planner takes longer to find the best
    # order of seven tables than the search takes.
    rows = await connection.execute(
        text(
            """
            SELECT c.id, c.document_id, d.name AS document_name, d.language AS document_language,
                   c.text, c.start_offset AS start, c.end_offset AS "end",
                   s.heading_path, s.page_number, s.page_label, s.line,
                   (SELECT z.page_number FROM section z
                     WHERE z.document_id = c.document_id AND z.position = c.last_section
                   ) AS last_page_number, c.tokens
              FROM chunk c
              JOIN document d ON d.id = c.document_id
              JOIN section s ON s.document_id = c.document_id AND s.position = c.first_section
             WHERE c.id = ANY(:ids)
            """
        ),
        {"ids": list(ids)},
    )
    return {
        row.id: Passage(**(dict(row._mapping) | {"heading_path": tuple(row.heading_path)}))
        for row in rows
    }
