"""Splits sections into chunks, counted in the embedding model's own tokens.

A chunk never crosses the end of a top-level section (where the first heading of `heading_path`
changes), but it may span pages and lower sections. It consists of whole paragraphs, and ends before
a heading if one is near. A line that ends with a full stop is a paragraph, too. Only a paragraph
that is too long is split: after a sentence, a line or a word, and between two tokens only within a
word that is too long. The chunk after such a split overlaps with the chunk before. A chunk that
begins with a paragraph does not, so that a chunk at the beginning of a section is cited under it.

Positions are characters of the extracted text (`join_sections`). Each character of it that is not
whitespace is in at least one chunk.
"""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby

from mirage.chunk.borders import nearest_end
from mirage.chunk.cutter import Cutter
from mirage.errors import TextTooLong
from mirage.model import Chunk, Section, Tokenizer, join_sections, section_starts

__all__ = ["coverage_gaps", "middle", "split", "split_in_two"]


def split(
    sections: Sequence[Section], tokenizer: Tokenizer, *, size: int, overlap: int
) -> list[Chunk]:
    """Return chunks in reading order, each with its heading at most `size` tokens long.

    A chunk repeats at most `overlap` tokens of the chunk before, and never more than half of
    `size`, because a larger overlap would embed the same text many times.
    """
    text = join_sections(sections)
    starts = section_starts(sections)
    cutter = Cutter(text, sections, starts, tokenizer, size, min(overlap, size // 2))
    chunks: list[Chunk] = []
    for first, last in _top_level(sections):
        for chunk in cutter.chunks(first, last):
            chunks.append(replace(chunk, position=len(chunks)))
    return chunks


def split_in_two(
    chunk: Chunk, tokenizer: Tokenizer, starts: Sequence[int] | None = None
) -> tuple[Chunk, Chunk]:
    """Split a chunk that the model found too long in two, at the best border near its middle.

    Both chunks keep the position; the caller numbers them. With `starts` (`section_starts`) each
    gets its own sections, else both keep the whole range. A heading that is longer than the text
    is dropped, because shorter and shorter chunks would consist of it alone. Raises TextTooLong
    for a single character.
    """
    text = chunk.text
    if len(text.strip()) < 2:
        raise TextTooLong("a single character is too long for the model")
    border = middle(text, tokenizer)
    heading = chunk.heading if len(chunk.heading) < len(text) else ""
    chunks: list[Chunk] = []
    for begin, end in ((0, border), (border, len(text))):
        part = text[begin:end]
        start = chunk.start + begin + len(part) - len(part.lstrip())
        smaller = replace(
            chunk, start=start, end=start + len(part.strip()), text=part.strip(), heading=heading
        )
        if starts is not None:
            smaller = replace(
                smaller,
                first_section=bisect_right(starts, smaller.start) - 1,
                last_section=bisect_right(starts, smaller.end - 1) - 1,
            )
        chunks.append(replace(smaller, tokens=len(tokenizer.offsets(smaller.embedded_text))))
    return chunks[0], chunks[1]


def middle(text: str, tokenizer: Tokenizer) -> int:
    """Return the best border near the middle token, else the beginning of that token."""
    offsets = tokenizer.offsets(text)
    start = offsets[len(offsets) // 2][0] if offsets else 0
    if not 0 < start < len(text):
        start = len(text) // 2
    return nearest_end(text, (start + 1) // 2, start, start + (len(text) - start) // 2)


def coverage_gaps(text: str, spans: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the spans of `text`, without whitespace around them, that are in none of `spans`."""
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
    """Return the first and last position of each run of sections under one first heading."""
    numbered = enumerate(sections)
    for _, run in groupby(numbered, key=lambda item: item[1].heading_path[:1]):
        positions = [position for position, _ in run]
        yield positions[0], positions[-1]
