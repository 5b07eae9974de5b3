"""The text around a passage, read from the stored sections."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.model import Section, join_sections


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring sections of one document and where each begins in its extracted text."""

    sections: tuple[Section, ...]
    starts: tuple[int, ...]

    @property
    def text(self) -> str:
        """Return the extracted text from `starts[0]` on."""
        return join_sections(self.sections)


async def load_stretch(
    connection: AsyncConnection, document_id: UUID, start: int, end: int
) -> Stretch:
    """Return the sections that hold the characters from `start` to `end`; empty when the document
    is gone.
    """
    # The inner query finds the section at `start` by offsets only, without reading any text.
    rows = (
        await connection.execute(
            text(
                """
                SELECT text, heading_path, page_number, page_label, line, start_offset
                  FROM section
                 WHERE document_id = :id AND start_offset < :end
                   AND start_offset >= (SELECT coalesce(max(start_offset), 0) FROM section
                                         WHERE document_id = :id AND start_offset <= :start)
                 ORDER BY position
                """
            ),
            {"id": document_id, "start": max(start, 0), "end": end},
        )
    ).all()
    sections = (
        Section(row.text, tuple(row.heading_path), row.page_number, row.page_label, row.line)
        for row in rows
    )
    return Stretch(tuple(sections), tuple(row.start_offset for row in rows))
