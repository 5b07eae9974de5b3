"""Splits one document into chunks, top-level section by section."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import ceil

from mirage.chunk.borders import (
    Border,
    closest_end,
    ends_sentence,
    first_end,
    sentence_start,
    word_start,
)
from mirage.chunk.heading import shorten
from mirage.chunk.tables import Table, Tables
from mirage.model import TABLE_HEADER, Chunk, Section, Tokenizer

HEADING_SHARE = 4
"""The embedded heading takes at most one in this many tokens of a chunk."""

# Characters that are tokenised at once. This bounds the memory, because a tokenizer holds some 150
# bytes per token, and 64 Ki characters are some 15,000 tokens.
_WINDOW_CHARACTERS = 65_536

# The most characters that count as one token. Whitespace and joiners make no tokens, and a chunk
# with a megabyte of them would be useless. BERT's longest words have 100 characters.
_TOKEN_CHARACTERS = 100

# Share of the room that a chunk must fill before it ends at a border of the kind. Few paragraphs
# are shorter than 0.15 of a chunk; 0.05 finds as much, and 0.6 finds less (docs/adr/0016).
_PARAGRAPH_FILL = 0.15
# Share that is filled if the paragraphs allow it. A passage of more has more of other subjects in
# its vector; docs/adr/0016 has the measurements.
_WANTED_FILL = 0.65
_PARAGRAPHS = (Border.PARAGRAPH, Border.SENTENCE_LINE)
_FILL = (  # guess
    (Border.SENTENCE, 0.5),
    (Border.LINE, 0.5),
    (Border.WORD, 0.25),
)

_VISIBLE = re.compile(r"\S")


@dataclass(frozen=True, slots=True)
class _Fit:
    """The end, the heading and the tokens of a chunk that fits."""

    end: int
    heading: str
    tokens: int


class Cutter:
    """Splits one document.

    `_tokens` (their starts) and `_end` belong to the current top-level section. `overlap` must be
    so small that a chunk has room for new text next to it and a heading.
    """

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
        self._headings: dict[tuple[tuple[str, ...], str], tuple[str, int]] = {}
        self._tables = Tables(text)
        self._heading_starts, self._page_starts = self._section_borders()

    def chunks(self, first: int, last: int) -> Iterator[Chunk]:
        """Return the chunks of the sections `first` to `last`, all at position 0."""
        begin = self._starts[first]
        self._end = self._starts[last] + len(self._sections[last].text)
        self._tokens = self._token_starts(begin, self._end)
        start = done = self._skip_whitespace(begin)
        while done < self._end:
            fit = self._fit(start, done)
            if fit is None:  # The overlap leaves no room for new text.
                start = done
                continue
            text = self._text[start : fit.end]
            yield Chunk(
                position=0,
                start=start,
                end=fit.end,
                first_section=self._section_at(start),
                last_section=self._section_at(fit.end - 1),
                text=text,
                heading=fit.heading,
                tokens=fit.tokens,
            )
            done = self._skip_whitespace(fit.end)
            start = self._overlap_start(start, fit.end, done)

    def _fit(self, start: int, floor: int) -> _Fit | None:
        """Return the best chunk from `start` that ends after `floor`; None if there is none."""
        heading, heading_tokens = self._heading(start)
        room = self._size - heading_tokens
        while room > 0:
            end = self._best_border(start, floor, room)
            if end <= floor:
                break
            tokens = self._count(start, end, heading, heading_tokens)
            if tokens <= self._size:
                return _Fit(end, heading, tokens)
            room = min(room, self._between(start, end)) - (tokens - self._size)
        return self._fit_characters(start) if start == floor else None

    def _fit_characters(self, start: int) -> _Fit:
        """Return a chunk shorter than a token: without heading, at least one character."""
        length = max(self._after(start, 1) - start, 1)
        while True:
            end = self._trim(start, start + length)
            tokens = self._count(start, end)
            if tokens <= self._size or length == 1:
                return _Fit(end, "", tokens)
            length //= 2

    def _best_border(self, start: int, floor: int, room: int) -> int:
        """Return the end of a chunk of at most `room` tokens from `start`, without whitespace."""
        limit = self._after(start, room)
        if limit >= self._end:
            return self._trim(start, self._end)
        if limit <= floor:
            return floor
        lowest = max(floor + 1, self._after(start, int(room * _PARAGRAPH_FILL)))
        wanted = max(lowest, self._after(start, int(room * _WANTED_FILL)))
        border = self._end_of_paragraphs(lowest, wanted, limit)
        if border is not None:
            return self._trim(start, border)
        table = self._tables.around(limit)
        if table is not None and (row := self._end_of_row(table, floor, limit)) > floor:
            return self._trim(start, row)
        wanted = self._end_of_part(start, floor, limit, room)
        for kind, fill in _FILL:
            lowest = max(floor + 1, self._after(start, int(room * fill)))
            border = closest_end(kind, self._text, lowest, wanted, limit, self._is_page_break)
            if border is not None:
                return self._trim(start, border)
        return self._trim(start, limit)

    def _end_of_paragraphs(self, lowest: int, wanted: int, limit: int) -> int | None:
        """Return the last heading in [lowest, wanted], else the last end of a paragraph there.

        Without one return the first heading or end of a paragraph up to `limit`, if any.
        """
        heading = bisect_right(self._heading_starts, wanted) - 1
        if heading >= 0 and self._heading_starts[heading] >= lowest:
            return self._heading_starts[heading]
        for kind in _PARAGRAPHS:
            end = closest_end(kind, self._text, lowest, wanted, wanted, self._is_page_break)
            if end is not None:
                return end
        return min(self._next_ends(wanted, limit), default=None)

    def _next_ends(self, lowest: int, highest: int) -> Iterator[int]:
        """Return the first heading, and the first end of each kind of paragraph, in this range."""
        heading = bisect_left(self._heading_starts, lowest)
        if heading < len(self._heading_starts) and self._heading_starts[heading] <= highest:
            yield self._heading_starts[heading]
        for kind in _PARAGRAPHS:
            end = first_end(kind, self._text, lowest, highest, self._is_page_break)
            if end is not None:
                yield end

    def _end_of_part(self, start: int, floor: int, limit: int, room: int) -> int:
        """Return where the first part of a paragraph should end that is too long for a chunk.

        Its parts should be equally long, so that the last one is no short rest. The end of the
        paragraph is looked for in the room of two chunks. Half of a chunk is new text, after
        `floor`, so that a large overlap does not make many chunks.
        """
        wanted = max(1, int(room * _WANTED_FILL))
        end = min(self._next_ends(limit, self._after(start, 2 * room)), default=self._end)
        tokens = self._between(start, end)
        if room < tokens <= 2 * room:
            wanted = ceil(tokens / ceil(tokens / wanted))
        return min(limit, max(self._after(start, wanted), self._after(floor, room // 2)))

    def _end_of_row(self, table: Table, floor: int, limit: int) -> int:
        """Return the last end of a row after `floor`; a table whose rows do not fit is not begun.

        Return `floor` if a single row is too long.
        """
        end = self._text.rfind("\n", max(floor, table.start), limit + 1)
        if end < table.rows:
            return max(table.start, floor)
        return max(end, floor)

    def _is_page_break(self, position: int) -> bool:
        """Return whether a page ends here within a sentence, which does not end a paragraph."""
        return position in self._page_starts and not ends_sentence(self._text, position)

    def _is_paragraph_end(self, end: int, done: int) -> bool:
        """Return whether a paragraph ends at the whitespace from `end` to `done`."""
        lines = self._text.count("\n", end, done)
        return lines > 0 and (
            ends_sentence(self._text, end) or (lines > 1 and done not in self._page_starts)
        )

    def _overlap_start(self, start: int, end: int, done: int) -> int:
        """Return where the next chunk begins: in the text of this one, or at `done`."""
        if self._overlap == 0 or done >= self._end or self._is_paragraph_end(end, done):
            return done
        if "\n" in self._text[end:done] and self._tables.around(done) is not None:
            return done
        first = bisect_left(self._tokens, end) - self._overlap
        lowest = max(
            self._tokens[first] if first > 0 else 0,
            end - self._overlap * _TOKEN_CHARACTERS,
            start + 1,
        )
        heading = bisect_right(self._heading_starts, done) - 1
        if heading >= 0 and self._heading_starts[heading] >= lowest:
            return self._skip_whitespace(self._heading_starts[heading])
        half = min(self._after(lowest, self._overlap // 2), end)
        sentence = sentence_start(self._text, lowest, half)
        if sentence is not None:
            return self._skip_whitespace(sentence)
        word = word_start(self._text, lowest, end)
        return self._skip_whitespace(lowest if word is None else word)

    def _section_borders(self) -> tuple[list[int], frozenset[int]]:
        """Return starts of sections with a new heading path, and starts of other sections."""
        headings: list[int] = []
        pages: list[int] = []
        for position in range(1, len(self._sections)):
            before, section = self._sections[position - 1], self._sections[position]
            same = before.heading_path == section.heading_path
            (pages if same else headings).append(self._starts[position])
        return headings, frozenset(pages)

    def _heading(self, start: int) -> tuple[str, int]:
        """Return the heading embedded in front of a chunk that starts here, and its tokens.

        A chunk that begins with a row of a table also has the table's header there.
        """
        path = self._sections[self._section_at(start)].heading_path
        table = self._tables.around(start)
        header = table.header if table is not None and start >= table.rows else ""
        if (path, header) not in self._headings:
            most = self._size // HEADING_SHARE
            heading = shorten(path, self._tokenizer, most)
            if header and len(self._tokenizer.offsets(header)) <= most:
                heading = f"{heading}{TABLE_HEADER}{header}"
            tokens = len(self._tokenizer.offsets(f"{heading}\n")) if heading else 0
            self._headings[path, header] = heading, tokens
        return self._headings[path, header]

    def _token_starts(self, begin: int, end: int) -> "array[int]":
        """Return the starts of the tokens in [begin, end), tokenised window by window."""
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
        """Return the position after `tokens` tokens from `start`."""
        position = bisect_left(self._tokens, start) + tokens
        end = self._tokens[position] if position < len(self._tokens) else self._end
        return min(end, start + tokens * _TOKEN_CHARACTERS)

    def _between(self, start: int, end: int) -> int:
        return bisect_left(self._tokens, end) - bisect_left(self._tokens, start)

    def _count(self, start: int, end: int, heading: str = "", heading_tokens: int = 0) -> int:
        """Return the number of tokens of the embedded text.

        The tokenizer counts again if a text may have other tokens alone than as a part of the
        document.
        """
        if self._tokenizer.divisible and self._is_seam(start - 1) and self._is_seam(end):
            return heading_tokens + self._between(start, end)
        text = self._text[start:end]
        return len(self._tokenizer.offsets(f"{heading}\n{text}" if heading else text))

    def _is_seam(self, position: int) -> bool:
        """Return whether no word continues across this character.

        Spaces and line ends are the only whitespace that splits words for every tokenizer.
        """
        return not 0 <= position < len(self._text) or self._text[position] in " \n"

    def _section_at(self, position: int) -> int:
        return bisect_right(self._starts, position) - 1

    def _skip_whitespace(self, position: int) -> int:
        match = _VISIBLE.search(self._text, position, self._end)
        return match.start() if match else self._end

    def _trim(self, start: int, end: int) -> int:
        return start + len(self._text[start:end].rstrip())
