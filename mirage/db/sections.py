"""The extracted text of documents, in sections, and the spans of the chunks in it."""

import json
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import delete, select, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.engine import ROWS_PER_STATEMENT
from mirage.db.tables import SectionRow
from mirage.model import Section, section_starts


async def replace_sections(
    connection: AsyncConnection, document: UUID, sections: Iterable[Section]
) -> None:
    """Store a document's extracted text in the place of its present one."""
    await connection.execute(delete(SectionRow).where(SectionRow.document_id == document))
    sections = list(sections)
    starts = section_starts(sections)
    rows = [
        {
            "position": position,
            "start_offset": starts[position],
            "heading_path": list(section.heading_path),
            "page_number": section.page_number,
            "page_label": section.page_label,
            "line": section.line,
            "text": section.text,
        }
        for position, section in enumerate(sections)
    ]
    # Not `executemany`, because in asyncpg it does not end when its worker is cancelled.
    for at in range(0, len(rows), ROWS_PER_STATEMENT):
        await connection.execute(
            text(
                """
                INSERT INTO section (document_id, position, heading_path, page_number, page_label,
                                     line, start_offset, text)
                SELECT :document_id, position,
                       ARRAY(SELECT jsonb_array_elements_text(heading_path)),
                       page_number, page_label, line, start_offset, text
                  FROM jsonb_to_recordset(CAST(:rows AS jsonb))
                       AS s(position int, heading_path jsonb, page_number int, page_label text,
                            line int, start_offset int, text text)
                """
            ),
            {"document_id": document, "rows": json.dumps(rows[at : at + ROWS_PER_STATEMENT])},
        )


async def load_sections(connection: AsyncConnection, document: UUID) -> list[Section]:
    """Return the extracted text in reading order."""
    rows = await connection.execute(
        select(
            SectionRow.text,
            SectionRow.heading_path,
            SectionRow.page_number,
            SectionRow.page_label,
            SectionRow.line,
        )
        .where(SectionRow.document_id == document)
        .order_by(SectionRow.position)
    )
    return [
        Section(row.text, tuple(row.heading_path), row.page_number, row.page_label, row.line)
        for row in rows
    ]


async def load_spans(
    connection: AsyncConnection, document: UUID
) -> tuple[list[str], list[tuple[int, int]]] | None:
    """Return the texts of the sections in order, and start and end of each chunk; None before the
    document is chunked.

    One statement reads both, so that both are of the same moment.
    """
    row = (
        await connection.execute(
            text(
                """
                SELECT ARRAY(SELECT s.text FROM section s WHERE s.document_id = d.id
                              ORDER BY s.position) AS texts,
                       ARRAY(SELECT ARRAY[c.start_offset, c.end_offset] FROM chunk c
                              WHERE c.document_id = d.id AND c.generation_id = k.generation_id
                                AND c.status <> 'failed') AS spans
                  FROM document d
                       JOIN chunked_document k ON k.document_id = d.id AND k.error IS NULL
                       JOIN generation g ON g.id = k.generation_id AND g.state = 'active'
                 WHERE d.id = :id
                """
            ),
            {"id": document},
        )
    ).one_or_none()
    return (row.texts, [(start, end) for start, end in row.spans]) if row else None
