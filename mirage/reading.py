"""Use case: read the extracted text of a document, and its outline."""

import asyncio
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from mirage.db import Connection, Database
from mirage.db import documents as rows
from mirage.db.search.neighbours import Stretch, load_stretch
from mirage.db.texts import find_page, load_section_heads
from mirage.embed import Embedder
from mirage.embed.trimming import CHARACTERS_PER_TOKEN, first_tokens, last_tokens, tokenizer_of
from mirage.errors import DocumentNotFound, InvalidInput, InvalidRequest, NotFound
from mirage.model import CitedSection, Document, Project, Span

MAX_CHARACTERS = 64 * 1024
"""Length of one excerpt; a book of 500 pages has a million characters."""


class TextMissing(InvalidInput):
    """Wait until the document is parsed; if it failed, its `error` says why."""

    code = "text-missing"
    status = 409


class PageNotFound(NotFound):
    """Choose a page from 1 to the `page_count` of the document; text formats have no pages."""

    code = "page-not-found"


@dataclass(frozen=True, slots=True)
class Part:
    """The part of a section that an excerpt has; offsets are those of the document."""

    start: int
    end: int
    heading_path: tuple[str, ...]
    page_number: int | None
    page_label: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Excerpt:
    """Characters `start` to `end` of a document's extracted text, and its sections' parts."""

    document: Document
    start: int
    end: int
    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Heading:
    """A heading; `level` counts from 1, and `start` is where its text begins."""

    title: str
    level: int
    start: int
    page_number: int | None
    page_label: str | None
    line: int | None


@dataclass(frozen=True, slots=True)
class Outline:
    """The headings of a document, in order."""

    document: Document
    headings: tuple[Heading, ...]


async def find_document(database: Database, project: Project, document_id: UUID) -> Document:
    """Return a document of a project. Raises DocumentNotFound."""
    async with database.statements() as connection:
        return await _find(connection, project, document_id)


async def read_span(
    database: Database, project: Project, document_id: UUID, start: int, end: int | None
) -> Excerpt:
    """Return the text from `start` to `end` (None: its end), at most MAX_CHARACTERS of it.

    Raises DocumentNotFound, TextMissing, InvalidRequest if the text ends before `start`.
    """
    async with database.transaction() as connection:
        document = await _find(connection, project, document_id)
        return await _excerpt(connection, document, _within(document, start, end))


async def read_page(
    database: Database, project: Project, document_id: UUID, page: int
) -> Excerpt | None:
    """Return the text of a page, at most MAX_CHARACTERS; None if the page has no text.

    Raises DocumentNotFound, TextMissing, PageNotFound.
    """
    async with database.transaction() as connection:
        document = await _find(connection, project, document_id)
        found = await find_page(connection, document_id, page)
        if found is None:
            require_page(document, page)
            return None
        return await _excerpt(connection, document, _within(document, *found))


async def read_around(
    database: Database,
    embedder: Embedder,
    project: Project,
    document_id: UUID,
    span: Span,
    before: int,
    after: int,
) -> Excerpt:
    """Return a span with up to `before` and `after` tokens on its sides; no word is cut.

    Raises what `read_span` raises.
    """
    async with database.transaction() as connection:
        document = await _find(connection, project, document_id)
        start, end = _within(document, *span)
        window = start - before * CHARACTERS_PER_TOKEN, end + after * CHARACTERS_PER_TOKEN
        stretch = await load_stretch(connection, document_id, *window)
    tokenizer = await tokenizer_of(embedder)
    base = stretch.starts[0] if stretch.starts else 0
    text = stretch.text
    low, high = max(window[0], base) - base, max(min(window[1], base + len(text)) - base, 0)
    preceding, following = text[low : start - base], text[end - base : high]
    wide = (
        start - len(preceding) + await asyncio.to_thread(last_tokens, preceding, tokenizer, before),
        end + await asyncio.to_thread(first_tokens, following, tokenizer, after),
    )
    return _cut(document, stretch, (wide[0], min(wide[1], wide[0] + MAX_CHARACTERS)))


async def read_outline(database: Database, project: Project, document_id: UUID) -> Outline:
    """Return the headings of a document. Raises DocumentNotFound, TextMissing."""
    async with database.transaction() as connection:
        document = await _find(connection, project, document_id)
        require_text(document)
        heads = await load_section_heads(connection, document.id)
    return Outline(document, tuple(_headings(heads)))


async def _find(connection: Connection, project: Project, document_id: UUID) -> Document:
    found = await rows.find_document(connection, project.id, document_id)
    if found is None:
        raise DocumentNotFound(f"project {project.name!r} has no document {document_id}")
    return found


def require_text(document: Document) -> int:
    """Return the length of the text. Raises TextMissing."""
    if document.characters is None:
        raise TextMissing(f"{document.name!r} has no text: it is {document.status}")
    return document.characters


def _within(document: Document, start: int, end: int | None) -> Span:
    """Return the span, within the text and not longer than an excerpt."""
    length = require_text(document)
    if not 0 <= start < length:
        raise InvalidRequest(f"start: {document.name!r} has {length:,} characters")
    end = length if end is None else min(end, length)
    if end <= start:
        raise InvalidRequest("end: must be greater than start")
    return start, min(end, start + MAX_CHARACTERS)


def require_page(document: Document, page: int) -> None:
    """Raise TextMissing or PageNotFound if a document has no such page."""
    require_text(document)
    if document.page_count is None:
        raise PageNotFound(f"{document.name!r} has no page {page}: its format has no pages")
    if not 1 <= page <= document.page_count:
        raise PageNotFound(f"{document.name!r} has no page {page}, only {document.page_count}")


async def _excerpt(connection: Connection, document: Document, span: Span) -> Excerpt:
    return _cut(document, await load_stretch(connection, document.id, *span), span)


def _cut(document: Document, stretch: Stretch, span: Span) -> Excerpt:
    start, end = span
    base = stretch.starts[0] if stretch.starts else 0
    parts = (
        Part(
            max(begin, start),
            min(begin + len(section.text), end),
            section.heading_path,
            section.page_number,
            section.page_label,
            section.line,
        )
        for begin, section in zip(stretch.starts, stretch.sections, strict=True)
    )
    text = stretch.text[start - base : end - base]
    return Excerpt(
        document,
        start,
        start + len(text),
        text,
        tuple(part for part in parts if part.start < part.end),
    )


def _headings(sections: Iterable[CitedSection]) -> Iterator[Heading]:
    """Yield each heading that a section has and the one before it does not have."""
    before: tuple[str, ...] = ()
    for section in sections:
        path = section.heading_path
        same = 0
        while same < min(len(path), len(before)) and path[same] == before[same]:
            same += 1
        for level in range(same, len(path)):
            yield Heading(
                path[level],
                level + 1,
                section.start,
                section.page_number,
                section.page_label,
                section.line,
            )
        before = path
