"""The extracted text of documents, and its outline."""

from typing import Self
from uuid import UUID

from mirage import reading
from mirage.api.wire.base import Response
from mirage.model import Document, Span


class TextPart(Response):
    """The part of a section that a text has; offsets are those of the document."""

    start: int
    end: int
    heading_path: list[str]
    page_number: int | None
    page_label: str | None
    """Label of that page, such as `xii`."""
    line: int | None
    """Line of the source file on which the section begins, from 1."""


class DocumentText(Response):
    """Characters `start` to `end` of a document's extracted text."""

    document_id: UUID
    document_name: str
    characters: int
    """Length of the whole extracted text."""
    start: int
    end: int
    text: str
    parts: list[TextPart]
    """The sections that the text has a part of, in order."""

    @classmethod
    def of(cls, excerpt: reading.Excerpt) -> Self:
        """Return the excerpt in wire format."""
        return cls.empty(excerpt.document, (excerpt.start, excerpt.end)).model_copy(
            update={
                "text": excerpt.text,
                "parts": [TextPart.model_validate(part) for part in excerpt.parts],
            }
        )

    @classmethod
    def empty(cls, document: Document, span: Span = (0, 0)) -> Self:
        """Return a text of the document without characters."""
        return cls(
            document_id=document.id,
            document_name=document.name,
            characters=document.characters or 0,
            start=span[0],
            end=span[1],
            text="",
            parts=[],
        )


class Heading(Response):
    """A heading of a document."""

    title: str
    level: int
    """1 for the highest level."""
    start: int
    """Position of its text in the document's extracted text, in characters."""
    page_number: int | None
    page_label: str | None
    line: int | None


class Outline(Response):
    """The headings of a document, in order."""

    document_id: UUID
    document_name: str
    headings: list[Heading]
    next_start: int | None
    """Value of `start` for the following headings; null if there are no more."""
