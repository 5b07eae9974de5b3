"""Use case: show pages of PDFs, as pictures and with the places of their text."""

from collections import OrderedDict
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from mirage.db import Database
from mirage.db.search.neighbours import load_stretch
from mirage.db.texts import find_page
from mirage.documents import fetch_original
from mirage.errors import InvalidInput, NotFound, Unreadable
from mirage.files import Store
from mirage.model import Document, MediaType, PagePlaces, Project, Span
from mirage.parse.sandbox.pages import PageSandbox
from mirage.reading import find_document, require_page

_CACHE_BYTES = 16 * 1024 * 1024
"""Pictures that are kept: some hundred pages of text."""


class PageWithoutPicture(NotFound):
    """Read the page's text instead: only pages of PDFs have pictures."""

    code = "page-without-picture"


class PageNotShown(InvalidInput):
    """Read the page's text instead, or download the document and open it in another program."""

    code = "page-not-shown"


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a PDF. `span` are the characters of its text (None: it has no text)."""

    document: Document
    number: int
    span: Span | None
    places: PagePlaces


class Pictures:
    """Pictures by the content of their document, page and width; the oldest are dropped."""

    def __init__(self, most_bytes: int = _CACHE_BYTES) -> None:
        self._most_bytes = most_bytes
        self._bytes = 0
        self._kept: OrderedDict[tuple[str, int, int], bytes] = OrderedDict()

    def get(self, key: tuple[str, int, int]) -> bytes | None:
        """Return a picture, or None if it is not kept."""
        if key in self._kept:
            self._kept.move_to_end(key)
        return self._kept.get(key)

    def put(self, key: tuple[str, int, int], picture: bytes) -> None:
        """Keep a picture."""
        self._bytes += len(picture) - len(self._kept.pop(key, b""))
        self._kept[key] = picture
        while self._bytes > self._most_bytes:
            _, dropped = self._kept.popitem(last=False)
            self._bytes -= len(dropped)


class PageViewer:
    """Shows pages in a child process that ends when nobody asks."""

    def __init__(self, database: Database, store: Store) -> None:
        self._database = database
        self._store = store
        self._sandbox = PageSandbox()
        self._pictures = Pictures()

    async def find(
        self, project: Project, document_id: UUID, number: int, span: Span | None
    ) -> Page:
        """Return a page and where the characters of `span` that are on it stand.

        Raises DocumentNotFound, TextMissing, PageNotFound, PageWithoutPicture, PageNotShown,
        PagesBusy, OriginalMissing, StorageUnavailable.
        """
        document = await self.require(project, document_id, number)
        async with self._database.transaction() as connection:
            there = await find_page(connection, document_id, number)
            stretch = await load_stretch(connection, document_id, *there) if there else None
        text, local = "", (0, 0)
        if stretch and there:
            base = stretch.starts[0] if stretch.starts else 0
            text = stretch.text[there[0] - base : there[1] - base]
            if span:
                local = max(span[0], there[0]) - there[0], min(span[1], there[1]) - there[0]
        async with self._file(project, document_id) as path:
            try:
                places = await self._sandbox.find(path, number, text, local)
            except Unreadable as error:
                raise _not_shown(document, number, error) from error
        return Page(document, number, there, places)

    async def draw(self, project: Project, document_id: UUID, number: int, width: int) -> bytes:
        """Return a picture of a page as WebP. Raises what `find` raises."""
        document = await self.require(project, document_id, number)
        key = document.sha256, number, width
        picture = self._pictures.get(key)
        if picture is None:
            async with self._file(project, document_id) as path:
                try:
                    picture = await self._sandbox.draw(path, number, width)
                except Unreadable as error:
                    raise _not_shown(document, number, error) from error
            self._pictures.put(key, picture)
        return picture

    async def require(self, project: Project, document_id: UUID, number: int) -> Document:
        """Return the document of a page that can be shown.

        Raises DocumentNotFound, TextMissing, PageNotFound, PageWithoutPicture.
        """
        document = await find_document(self._database, project, document_id)
        require_page(document, number)
        if document.media_type is not MediaType.PDF:
            raise PageWithoutPicture(f"{document.name!r} is not a PDF")
        return document

    async def aclose(self) -> None:
        """End the child."""
        await self._sandbox.aclose()

    @asynccontextmanager
    async def _file(self, project: Project, document_id: UUID) -> AsyncIterator[Path]:
        file = await fetch_original(self._database, self._store, project, document_id)
        try:
            yield file.path
        finally:
            file.close()


def _not_shown(document: Document, number: int, error: Unreadable) -> PageNotShown:
    return PageNotShown(f"page {number} of {document.name!r} cannot be shown: {error}")
