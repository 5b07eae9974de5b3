"""Sections into chunks: by the embedding model's own tokens, with exact character spans.

A chunk never crosses a top-level section (the first heading of `heading_path` changes); it may
span pages and lower sections. It is cut where the text itself pauses: before a heading, after a
paragraph, a sentence, a line or a word, and between two tokens only inside of a word that is too
long. What is repeated from the chunk before never reaches back over a heading, so that a chunk
that begins a section is cited under that section.

Positions are characters of the extracted text (`join_sections`). Every character of it that is
not whitespace lies in at least one chunk.
"""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from mirage.errors import TextTooLong
from mirage.model import Chunk, Section, Tokenizer, join_sections, section_starts

HEADING_SEPARATOR = " > "
HEADING_SHARE = 4
"""The embedded heading takes at most this part (one in …) of a chunk."""

# Tokenised at once. It bounds the memory: a tokenizer holds some 150 bytes a token, and 64 Ki
# characters are some 15,000 tokens.
_WINDOW_CHARACTERS = 65_536

_PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
_SENTENCE = re.compile(r"""[.!?…]['"’”»)\]]*(?=\s)|[。！？]['"’”」』）]*""")
_LINE = re.compile(r"\n")
_WORD = re.compile(r"(?<=\S)\s")
_SENTENCE_START = re.compile(r"""(?:[.!?…]['"’”»)\]]*\s|\n[^\S\n]*\n|[。！？]['"’”」』）]*)\s*""")
_WORD_START = re.compile(r"(?<=\s)\S")
_SENTENCE_END = re.compile(r"""[.!?…:;。！？]['"’”»)\]」』）]*\Z""")
_VISIBLE = re.compile(r"\S")

# How full a chunk must be before a border of the kind is taken. Lower lets more chunks begin
# with a paragraph, higher makes fewer chunks to embed.
_HEADING_FILL = 0.4  # guess
_BORDERS = ((_PARAGRAPH, 0.6), (_SENTENCE, 0.5), (_LINE, 0.5), (_WORD, 0.25))  # guess


def split(
    sections: Sequence[Section], tokenizer: Tokenizer, *, size: int, overlap: int
) -> list[Chunk]:
    """Chunks in reading order, none longer than `size` tokens with its heading.

    `overlap` tokens are repeated at most, and never more than half of `size`: beyond that a
    document would be embedded over and over.
    """
    text = join_sections(sections)
    starts = section_starts(sections)
    cutter = _Cutter(text, sections, starts, tokenizer, size, min(overlap, size // 2))
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


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch that makes one chunk."""

    end: int
    heading: str
    tokens: int


class _Cutter:
    """Cuts one document. The token starts are those of the top-level section under the knife."""

    def __init__(
        self,
        text: str,
        sections: Sequence[Section],
        starts: Sequence[int],
        tokenizer: Tokenizer,
        size: int,
        overlap: int,
    ) -> None:
        self._text = text
        self._sections = sections
        self._starts = starts
        self._tokenizer = tokenizer
        self._size = size
        self._overlap = overlap
        self._tokens: array[int] = array("Q")
        self._end = 0
        self._headings: dict[tuple[str, ...], tuple[str, int]] = {}
        self._heading_starts, self._page_starts = self._section_borders()

    def cut(self, first: int, last: int) -> Iterator[Chunk]:
        """Chunks of the sections `first` to `last`, all numbered 0."""
        begin = self._starts[first]
        self._end = self._starts[last] + len(self._sections[last].text)
        self._tokens = self._token_starts(begin, self._end)
        start = done = self._skip_whitespace(begin)
        while done < self._end:
            cut = self._fit(start, done)
            if cut is None:  # What is repeated leaves no room for anything new.
                start = done
                continue
            text = self._text[start : cut.end]
            yield Chunk(
                position=0,
                start=start,
                end=cut.end,
                first_section=self._section_at(start),
                last_section=self._section_at(cut.end - 1),
                text=text,
                heading=cut.heading,
                tokens=cut.tokens,
            )
            done = self._skip_whitespace(cut.end)
            start = self._overlap_start(start, cut.end, done)

    def _fit(self, start: int, floor: int) -> _Cut | None:
        """The best stretch from `start` that ends after `floor` and fits; None: there is none.

        Tokens are counted on what is embedded: cut off from its surroundings, a text may have
        other tokens than as a part of the whole.
        """
        heading, heading_tokens = self._heading(start)
        room = self._size - heading_tokens
        while room > 0:
            end = self._best_border(start, floor, room)
            if end <= floor:
                break
            tokens = self._count(heading, start, end)
            if tokens <= self._size:
                return _Cut(end, heading, tokens)
            room = min(room, self._between(start, end)) - (tokens - self._size)
        return self._fit_characters(start) if start == floor else None

    def _fit_characters(self, start: int) -> _Cut:
        """Where not one token fits: without heading, as many characters as do, at least one."""
        length = max(self._after(start, 1) - start, 1)
        while True:
            end = self._trim(start, start + length)
            tokens = self._count("", start, end)
            if tokens <= self._size or length == 1:
                return _Cut(end, "", tokens)
            length //= 2

    def _best_border(self, start: int, floor: int, room: int) -> int:
        """End of the stretch from `start` of at most `room` tokens, without whitespace behind."""
        limit = self._after(start, room)
        if limit >= self._end:
            return self._trim(start, self._end)
        if limit <= floor:
            return floor
        lowest = max(floor + 1, self._after(start, int(room * _HEADING_FILL)))
        position = bisect_right(self._heading_starts, limit) - 1
        if position >= 0 and self._heading_starts[position] >= lowest:
            return self._trim(start, self._heading_starts[position])
        for pattern, fill in _BORDERS:
            lowest = max(floor + 1, self._after(start, int(room * fill)))
            border = self._last_border(pattern, lowest, limit)
            if border is not None:
                return self._trim(start, border)
        return self._trim(start, limit)

    def _last_border(self, pattern: re.Pattern[str], lowest: int, limit: int) -> int | None:
        """Last end of a paragraph, sentence, line or word in [lowest, limit]."""
        found = None
        # Two characters more: a paragraph that ends exactly at the limit.
        for match in pattern.finditer(self._text, lowest, min(limit + 2, self._end)):
            border = match.end() if pattern is _SENTENCE else match.start()
            if border > limit:
                break
            if pattern is _PARAGRAPH and self._is_page_break(match.end()):
                continue
            found = border
        return found

    def _is_page_break(self, position: int) -> bool:
        """Whether a page ends here in the middle of a sentence, which is no end of a paragraph."""
        if position not in self._page_starts:
            return False
        before = self._text[max(0, position - 40) : position].rstrip()
        return _SENTENCE_END.search(before) is None

    def _overlap_start(self, start: int, end: int, done: int) -> int:
        """Where the next chunk begins: in what was cut already, or at `done`."""
        if self._overlap == 0 or done >= self._end:
            return done
        first = bisect_left(self._tokens, end) - self._overlap
        lowest = max(self._tokens[first] if first > 0 else 0, start + 1)
        heading = bisect_right(self._heading_starts, done) - 1
        if heading >= 0 and self._heading_starts[heading] >= lowest:
            return self._heading_starts[heading]
        half = self._after(lowest, self._overlap // 2)
        sentence = _SENTENCE_START.search(self._text, lowest, min(half, end))
        if sentence is not None and sentence.end() < end:
            return sentence.end()
        word = _WORD_START.search(self._text, lowest, end)
        return self._skip_whitespace(word.start() if word else lowest)

    def _section_borders(self) -> tuple[list[int], frozenset[int]]:
        """Starts of sections whose heading path is a new one, and of those whose is not."""
        headings: list[int] = []
        pages: list[int] = []
        for position in range(1, len(self._sections)):
            before, section = self._sections[position - 1], self._sections[position]
            same = before.heading_path == section.heading_path
            (pages if same else headings).append(self._starts[position])
        return headings, frozenset(pages)

    def _heading(self, start: int) -> tuple[str, int]:
        """The heading embedded in front of a chunk that starts here, and its tokens."""
        path = self._sections[self._section_at(start)].heading_path
        if path not in self._headings:
            heading = _shorten(path, self._tokenizer, self._size // HEADING_SHARE)
            tokens = len(self._tokenizer.offsets(f"{heading}\n")) if heading else 0
            self._headings[path] = heading, tokens
        return self._headings[path]

    def _token_starts(self, begin: int, end: int) -> "array[int]":
        starts: array[int] = array("Q")
        while begin < end:
            stop = min(begin + _WINDOW_CHARACTERS, end)
            if stop < end:
                borders = (self._text.rfind(mark, begin + 1, stop) for mark in ("\n", " "))
                stop = next((border for border in borders if border > 0), stop)
            window = self._tokenizer.offsets(self._text[begin:stop])
            starts.extend(begin + token_start for token_start, _ in window)
            begin = stop
        return starts

    def _after(self, start: int, tokens: int) -> int:
        """Character at which `tokens` tokens, counted from `start`, are over."""
        position = bisect_left(self._tokens, start) + tokens
        return self._tokens[position] if position < len(self._tokens) else self._end

    def _between(self, start: int, end: int) -> int:
        return bisect_left(self._tokens, end) - bisect_left(self._tokens, start)

    def _count(self, heading: str, start: int, end: int) -> int:
        text = self._text[start:end]
        return len(self._tokenizer.offsets(f"{heading}\n{text}" if heading else text))

    def _section_at(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def _skip_whitespace(self, position: int) -> int:
        match = _VISIBLE.search(self._text, position, self._end)
        return match.start() if match else self._end

    def _trim(self, start: int, end: int) -> int:
        return start + len(self._text[start:end].rstrip())


def _shorten(path: Sequence[str], tokenizer: Tokenizer, tokens: int) -> str:
    """The heading path from its deepest part upwards, as much of it as fits into `tokens`."""
    parts = [" ".join(part.split()) for part in path if part.strip()]
    for first in range(len(parts)):
        heading = HEADING_SEPARATOR.join(parts[first:])
        offsets = tokenizer.offsets(heading)
        if len(offsets) <= tokens:
            return heading
    if not parts or tokens < 1:
        return ""
    heading = parts[-1][: offsets[tokens][0]].rstrip()
    words = heading.rpartition(" ")[0] or heading
    return words if len(tokenizer.offsets(words)) <= tokens else ""


def _middle(text: str, tokenizer: Tokenizer) -> int:
    """Where to halve: the border nearest to the middle token, else that token itself."""
    offsets = tokenizer.offsets(text)
    middle = offsets[len(offsets) // 2][0] if len(offsets) > 1 else len(text) // 2
    if not 0 < middle < len(text):
        middle = len(text) // 2
    low, high = middle - middle // 2, middle + (len(text) - middle) // 2
    for pattern, _ in _BORDERS:
        borders = [
            match.end() if pattern is _SENTENCE else match.start()
            for match in pattern.finditer(text, low, high)
        ]
        if borders:
            return min(borders, key=lambda border: abs(border - middle))
    return middle
