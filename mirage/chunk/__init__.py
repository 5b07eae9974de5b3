"""Sections into chunks: by the embedding model's own tokens, with exact character spans.

A chunk never crosses a top-level section (the first heading of `heading_path` changes); it may
span pages and lower sections. It is cut where the text itself pauses: before a heading, after a
paragraph, a sentence, a line or a word, and between two tokens only inside of a word that is too
long. What is repeated from the chunk before never reaches back over a heading, so that a chunk
that begins a section is cited under that section.

Positions are characters of the extracted text (`join_sections`). Every character of it that is
not whitespace lies in at least one chunk.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from mirage.chunk.borders import nearest_end
from mirage.chunk.cutter import Cutter
from mirage.errors import TextTooLong
from mirage.model import Chunk, Section, Tokenizer, join_sections, section_starts

__all__ = ["coverage_gaps", "halve", "split"]


def split(
    sections: Sequence[Section], tokenizer: Tokenizer, *, size: int, overlap: int
) -> list[Chunk]:
    """Chunks in reading order, none longer than `size` tokens with its heading.

    `overlap` tokens are repeated at most, and never more than half of `size`: beyond that a
    document would be embedded over and over.
    """
    text = join_sections(sections)
    starts = section_starts(sections)
    cutter = Cutter(text, sections, starts, tokenizer, size, min(overlap, size // 2))
    chunks: list[Chunk] = []
    for first, last in _top_level(sections):
        for chunk in cutter.cut(first, last):
            chunks.append(replace(chunk, position=len(chunks)))
    return chunks


def halve(
    chunk: Chunk, tokenizer: Tokenizer, starts: Sequence[int] | None = None
) -> tuple[Chunk, Chunk]:
    """Cut a chunk that the model found too long at the best border near its middle.

    Both halves keep its position; the caller numbers them. `starts` (`section_starts`) makes
    their sections exact, without it both keep the whole range. A heading longer than the text is
    dropped, for it would be all that is left. Raises TextTooLong for a single character.
    """
    text = chunk.text
    if len(text.strip()) < 2:
        raise TextTooLong("a single character is too long for the model")
    middle = _middle(text, tokenizer)
    heading = chunk.heading if len(chunk.heading) < len(text) else ""
    halves: list[Chunk] = []
    for begin, end in ((0, middle), (middle, len(text))):
        part = text[begin:end]
        start = chunk.start + begin + len(part) - len(part.lstrip())
        half = replace(
            chunk, start=start, end=start + len(part.strip()), text=part.strip(), heading=heading
        )
        if starts is not None:
            half = replace(
                half,
                first_section=bisect_right(starts, half.start) - 1,
                last_section=bisect_right(starts, half.end - 1) - 1,
            )
        halves.append(replace(half, tokens=len(tokenizer.offsets(half.embedded_text))))
    return halves[0], halves[1]


def coverage_gaps(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Stretches of `text`, without the whitespace around them, that no span covers."""
    gaps: list[tuple[int, int]] = []
    covered = 0
    for start, end in [*sorted(spans), (len(text), len(text))]:
        gap = text[covered:start]
        if gap.strip():
            begin = covered + len(gap) - len(gap.lstrip())
            gaps.append((begin, begin + len(gap.strip())))
        covered = max(covered, end)
    return gaps


def _top_level(sections: Sequence[Section]) -> Iterator[tuple[int, int]]:
    """First and last position of each run of sections under the same first heading."""
    numbered = enumerate(sections)
    for _, run in groupby(numbered, key=lambda item: item[1].heading_path[:1]):
        positions = [position for position, _ in run]
        yield positions[0], positions[-1]


def _middle(text: str, tokenizer: Tokenizer) -> int:
    """Where to halve: at the best border around the middle token, else at that token."""
    offsets = tokenizer.offsets(text)
    middle = offsets[len(offsets) // 2][0] if offsets else 0
    if not 0 < middle < len(text):
        middle = len(text) // 2
    return nearest_end(text, (middle + 1) // 2, middle, middle + (len(text) - middle) // 2)
