"""Finds the gaps in a line of a PDF that are wider than those between words, as between cells."""

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from mirage.parse.pdf.glyphs import Glyphs

# Shares of the letters' height, which is some 1.15 times the size of the font.
_GAP = 0.5  # guess: the gaps between words are 0.2 to 0.3, and 0.5 in justified text
_CLEAR_GAP = 1.2  # guess: justified text with long words in a narrow column reaches 1.0
_STRETCHED = 1.7  # guess: times the smaller gaps of the line, which justified text stretches alike
_ALIKE, _MIN_STRETCHED, _MOSTLY = 1.4, 3, 0.6  # guess: fewer gaps alike are those of cells
_DIGIT_WIDTH, _LETTER_WIDTH = 0.62, 0.9  # Digits are 0.48 wide, the widest letters 0.8.
_DIGIT_GAP, _LETTER_GAP = 0.6, 1.0  # guess: letters of headings are spaced by 0.3 to 0.6
_OTHER_LEVEL = 0.8  # Raised and lowered digits stand closer to the level of their line.
_ANY_HEIGHT = 10.0  # The font has no box; any plausible size will do.

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"[\d.,:%+-]*\d[\d.,:%+-]*")
LEADERS = re.compile(r"(\s?[.·…]){4}")
# What begins an item of a list; the gap behind it does not make cells.
_MARKER = re.compile(
    r"[•◦▪‣∙●○■□*·–—-]|\(?(\d{1,3}|[a-zA-Z]|[ivxlc]{1,6})[.)]|\[\d+\]|(\d{1,2}\.)+\d{1,2}"
)


class Words:
    """The words of a page, as indices of its text, with their extents and letters' heights."""

    def __init__(self, characters: str, spans: Sequence[tuple[int, int]], glyphs: Glyphs) -> None:
        self._characters = characters
        self.starts = [start for start, _ in spans]
        self.ends = [end for _, end in spans]
        count = len(spans)
        boxes = glyphs.boxes(self.starts + [end - 1 for end in self.ends])
        lefts, rights = boxes[0], boxes[2]
        # The letters of a turned word stand above each other, or from the right.
        self.level = glyphs.is_as_drawn and all(
            left < right or end - start == 1
            for left, right, (start, end) in zip(lefts[:count], lefts[count:], spans, strict=True)
        )
        # In words from right to left, the first letter is at the right.
        self.lefts = list(map(min, lefts[:count], lefts[count:]))
        self.rights = list(map(max, rights[:count], rights[count:]))
        self.heights = [
            top - bottom or _ANY_HEIGHT
            for bottom, top in zip(boxes[1][:count], boxes[3][:count], strict=True)
        ]
        self._baseline = glyphs.baseline
        self._tear(glyphs)
        gaps = zip(self.lefts[1:], self.rights, self.heights, strict=False)
        self._odd_before = list(
            accumulate(
                (not 0 <= left - right <= _GAP * height for left, right, height in gaps), initial=0
            )
        )

    def levels(self, first: int, end: int) -> list[range]:
        """Return the words of what pdfium takes for a line, in groups of one level.

        pdfium takes a single letter for a part of the line above it.
        """
        if self._odd_before[end - 1] == self._odd_before[first]:
            return [range(first, end)]
        cuts = [first]
        for at in range(first, end - 1):
            if self.lefts[at + 1] < self.rights[at]:
                here, there = (self._baseline(self.starts[word]) for word in (at, at + 1))
                if abs(here - there) > _OTHER_LEVEL * self.heights[at]:
                    cuts.append(at + 1)
        return [range(*cut) for cut in zip(cuts, [*cuts[1:], end], strict=True)]

    def pieces(self, first: int, end: int) -> list[range]:
        """Return the words of a line, given by their positions, in groups between wide gaps."""
        if self._odd_before[end - 1] == self._odd_before[first]:
            return [range(first, end)]
        line = self._characters[self.starts[first] : self.ends[end - 1]]
        if LEADERS.search(line):
            return [range(first, end)]
        widths = [
            max(self.lefts[at + 1] - self.rights[at], self.lefts[at] - self.rights[at + 1])
            / self.heights[at]
            for at in range(first, end - 1)
        ]
        limit = min(_CLEAR_GAP, max(_GAP, _STRETCHED * self._stretched(first, widths)))
        cuts = [first]
        for at, width in enumerate(widths, first):
            torn = self.ends[at] == self.starts[at + 1]
            if torn or (width > limit and not (at == first and self._is_item(at))):
                cuts.append(at + 1)
        return [range(*cut) for cut in zip(cuts, [*cuts[1:], end], strict=True)]

    def _stretched(self, first: int, widths: Sequence[float]) -> float:
        """Return the gap between the words of a justified line; 0 for a line of a few cells."""
        least = sorted(widths)[len(widths) // 4]
        alike = sum(least <= width <= _ALIKE * least for width in widths)
        if alike < max(_MIN_STRETCHED, _MOSTLY * len(widths)):
            return 0.0
        words = range(first, first + len(widths) + 1)
        digits = sum(bool(_DIGIT.search(self._word(at))) for at in words)
        return least if digits < _MOSTLY * len(words) else 0.0

    def _word(self, at: int) -> str:
        return self._characters[self.starts[at] : self.ends[at]]

    def _is_item(self, at: int) -> bool:
        """Return whether a word marks an item of a list, and the next begins its text."""
        marker = _MARKER.fullmatch(self._characters, self.starts[at], self.ends[at])
        following = _NUMBER.fullmatch(self._characters, self.starts[at + 1], self.ends[at + 1])
        return bool(marker) and not following

    def _tear(self, glyphs: Glyphs) -> None:
        """Divide the words in which pdfium took glyphs far apart for neighbours."""
        suspects = [
            at
            for at, (start, end, left, right, height) in enumerate(
                zip(self.starts, self.ends, self.lefts, self.rights, self.heights, strict=True)
            )
            if right - left > _DIGIT_WIDTH * height * (end - start) and end - start > 1
        ]
        torn = {at: parts for at in suspects if len(parts := list(self._parts(at, glyphs))) > 1}
        if not torn:
            return
        words = zip(self.starts, self.ends, self.lefts, self.rights, strict=True)
        every = [
            (*part, self.heights[at])
            for at, word in enumerate(words)
            for part in torn.get(at, (word,))
        ]
        self.starts, self.ends, self.lefts, self.rights, self.heights = map(
            list, zip(*every, strict=True)
        )

    def _parts(self, at: int, glyphs: Glyphs) -> Iterator[tuple[int, int, float, float]]:
        start, end, height = self.starts[at], self.ends[at], self.heights[at]
        digits = _NUMBER.fullmatch(self._characters, start, end)
        if not digits and self.rights[at] - self.lefts[at] <= _LETTER_WIDTH * height * (
            end - start
        ):
            return
        gap = (_DIGIT_GAP if digits else _LETTER_GAP) * height
        boxes = [glyphs.box(index) for index in range(start, end)]
        first = 0
        for here in range(1, end - start + 1):
            if here == end - start or boxes[here][0] - boxes[here - 1][2] > gap:
                yield start + first, start + here, boxes[first][0], boxes[here - 1][2]
                first = here
