"""Use case: read a text without pages in windows, which begin where sections begin."""

from dataclasses import dataclass
from uuid import UUID

from mirage.db import Connection, Database
from mirage.db.search.neighbours import load_stretch
from mirage.db.texts import find_section_start
from mirage.model import Document, Project, Span
from mirage.reading import MAX_CHARACTERS, Excerpt, find_document, read_span, require_text

STRIDE = 8000
"""Characters from window to window: some five screens."""

# A section that is longer than a window is cut at the end of a line, or between two words.
_SLACK = 1000


@dataclass(frozen=True, slots=True)
class Window:
    """A part of a text that is shown at once, and where its neighbours begin."""

    excerpt: Excerpt
    number: int
    count: int
    before: int | None
    after: int | None


async def read_window(
    database: Database, project: Project, document_id: UUID, span: Span
) -> Window:
    """Return the window in which a span begins, longer if the span ends behind it.

    Windows do not depend on the span: the end of each is the beginning of the next. Raises
    DocumentNotFound, TextMissing.
    """
    document = await find_document(database, project, document_id)
    length = require_text(document)
    start = min(span[0], length - 1)
    count = -(-length // STRIDE)
    async with database.transaction() as connection:
        number = start // STRIDE
        if start < await _border(connection, document, number):
            number -= 1
        begin = await _border(connection, document, number)
        last = number + 1
        while (end := await _border(connection, document, last)) < min(span[1], length):
            last += 1
        before = await _border(connection, document, number - 1) if number else None
    excerpt = await read_span(database, project, document_id, begin, end)
    # What separates two sections belongs to no window.
    after = min(end, begin + MAX_CHARACTERS)
    return Window(excerpt, number + 1, count, before, after if after < length else None)


async def _border(connection: Connection, document: Document, number: int) -> int:
    """Return where a window begins, from 0: within STRIDE characters from its number on."""
    length = require_text(document)
    nominal = number * STRIDE
    if not number or nominal >= length:
        return min(nominal, length)
    begin = await find_section_start(connection, document.id, (nominal, nominal + STRIDE))
    if begin is not None:
        return begin
    stretch = await load_stretch(connection, document.id, nominal, nominal + 1)
    if not stretch.starts:
        return nominal
    local = nominal - stretch.starts[0]
    return nominal + _cut(stretch.text[local : local + _SLACK])


def _cut(text: str) -> int:
    """Return how many characters still belong to the window before."""
    for end in ("\n", " "):
        if end in text:
            return text.index(end) + 1
    return 0
