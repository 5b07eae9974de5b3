"""Use case: find what the address of a citation means in the text of today."""

from dataclasses import dataclass
from enum import StrEnum

from mirage.citing import find_again, mark_of, parse_at
from mirage.db import Database
from mirage.model import Document, Project, Span
from mirage.reading import MAX_CHARACTERS, Excerpt, Part, read_span, require_text

# A text changes only with the parser, which moves a passage by few characters per page.
_NEIGHBOURHOOD = MAX_CHARACTERS // 2


class Found(StrEnum):
    """Whether a passage stands where its address says."""

    THERE = "there"
    MOVED = "moved"
    """The same text stands somewhere else."""
    LOST = "lost"
    """Another text stands there, or the address names no place."""


@dataclass(frozen=True, slots=True)
class Cited:
    """A passage: `place` is where its address says, `span` where it stands (None: nowhere).

    `text` is the passage. `parts` are those of its sections; if it is lost, of those from `place`
    on, and empty if the address names no place.
    """

    found: Found
    place: int
    span: Span | None = None
    text: str = ""
    parts: tuple[Part, ...] = ()


async def find_cited(database: Database, project: Project, document: Document, at: str) -> Cited:
    """Return the passage of an address, such as `58210-58265.k7f3`.

    Raises DocumentNotFound, TextMissing.
    """
    length = require_text(document)
    meant = parse_at(at)
    if meant is None:
        return Cited(Found.LOST, 0)
    (start, end), mark = meant
    if start < length:
        excerpt = await read_span(database, project, document.id, start, end)
        whole = excerpt.end == end
        if mark is None or (whole and mark_of(excerpt.text) == mark):
            return _cited(Found.THERE, start, excerpt)
    if mark is None:
        return Cited(Found.LOST, 0)
    near = max(min(start, length) - _NEIGHBOURHOOD, 0)
    around = await read_span(database, project, document.id, near, start + _NEIGHBOURHOOD)
    again = find_again(around.text, end - start, mark, start - near)
    if again is None:
        place = min(start, length - 1)
        return Cited(Found.LOST, place, parts=tuple(p for p in around.parts if p.end > place))
    begin = around.start + again
    excerpt = await read_span(database, project, document.id, begin, begin + end - start)
    return _cited(Found.MOVED, start, excerpt)


def _cited(found: Found, place: int, excerpt: Excerpt) -> Cited:
    return Cited(found, place, (excerpt.start, excerpt.end), excerpt.text, excerpt.parts)
