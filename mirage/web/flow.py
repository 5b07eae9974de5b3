"""A text as the reader shows it: its headings, and the marked passage."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from mirage.model import Span
from mirage.reading import Excerpt, Heading

MOST_HEADINGS = 300
"""Headings of an outline that are shown; they weigh 30 KB."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Some text. `section` is where the section begins whose first line it is, None inside it."""

    text: str
    section: int | None
    is_heading: bool


@dataclass(frozen=True, slots=True)
class Stretch:
    """Neighbouring pieces, all of which belong to the passage or do not."""

    is_marked: bool
    pieces: tuple[Piece, ...]


def flow(excerpt: Excerpt, span: Span | None) -> list[Stretch]:
    """Return the text of an excerpt, in order and whole, cut at its first lines and at a span."""
    lines = {line.start: line for line in _first_lines(excerpt)}
    ends = (line.end for line in lines.values())
    cuts = {excerpt.start, excerpt.end, *lines, *ends, *(span or ())}
    inside = sorted(cut for cut in cuts if excerpt.start <= cut <= excerpt.end)
    pieces: list[tuple[bool, Piece]] = []
    line: _Line | None = None
    for start, end in pairwise(inside):
        line = lines.get(start, line)
        here = line if line and start < line.end else None
        piece = Piece(
            excerpt.text[start - excerpt.start : end - excerpt.start],
            here.start if here and here.start == start else None,
            here is not None and here.is_heading,
        )
        pieces.append((span is not None and span[0] <= start < span[1], piece))
    return [
        Stretch(is_marked, tuple(piece for _, piece in group))
        for is_marked, group in groupby(pieces, key=lambda piece: piece[0])
    ]


def shorten(outline: Sequence[Heading]) -> list[Heading]:
    """Return the headings without their deepest levels, so that at most MOST_HEADINGS are left."""
    deepest = max((heading.level for heading in outline), default=1)
    kept = list(outline)
    while len(kept) > MOST_HEADINGS and deepest > 1:
        deepest -= 1
        kept = [heading for heading in outline if heading.level <= deepest]
    return kept[:MOST_HEADINGS]


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    end: int
    is_heading: bool


def _first_lines(excerpt: Excerpt) -> Iterator[_Line]:
    """Yield the first lines of sections, which often are their headings."""
    for part in excerpt.parts:
        local = part.start - excerpt.start
        line = excerpt.text[local : part.end - excerpt.start].partition("\n")[0]
        is_heading = bool(part.heading_path) and line.strip("#= \t") == part.heading_path[-1]
        yield _Line(part.start, part.start + len(line), is_heading)
