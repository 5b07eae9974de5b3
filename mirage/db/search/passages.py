"""Reads passages with what their citations name."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.model import TABLE_HEADER, CitedSection, Passage

# Few tables are joined, and the rest is read per row: the planner takes longer to find the best
# order of seven tables than the search takes.
_PASSAGES = text(
    """
    SELECT c.id, c.document_id, d.name AS document_name, d.language AS document_language,
           c.text, c.start_offset AS start, c.end_offset AS "end", c.tokens, c.heading,
           (SELECT jsonb_agg(jsonb_build_object(
                       'start', s.start_offset, 'heading_path', s.heading_path,
                       'page_number', s.page_number, 'page_label', s.page_label,
                       'line', s.line) ORDER BY s.position)
              FROM section s
             WHERE s.document_id = c.document_id
               AND s.position BETWEEN c.first_section AND c.last_section) AS sections
      FROM chunk c JOIN document d ON d.id = c.document_id
     WHERE c.id = ANY(:ids)
    """
)


async def load_passages(connection: AsyncConnection, ids: Sequence[UUID]) -> dict[UUID, Passage]:
    """Return passages by id, without scores. Deleted passages are missing."""
    rows = await connection.execute(_PASSAGES, {"ids": list(ids)})
    return {row.id: _passage(row._mapping) for row in rows}


def _passage(row: RowMapping) -> Passage:
    fields = dict(row)
    sections = tuple(
        CitedSection(**{**section, "heading_path": tuple(section["heading_path"])})
        for section in fields.pop("sections")
    )
    first = sections[0]
    header = fields.pop("heading").partition(TABLE_HEADER)[2]
    return Passage(
        **fields,
        table_header=header or None,
        heading_path=first.heading_path,
        page_number=first.page_number,
        page_label=first.page_label,
        line=first.line,
        last_page_number=sections[-1].page_number,
        sections=sections,
    )
