"""Holds the lines of a PDF page with their geometry, in reading order.

Coordinates are points on the page, turned so that most of its text is level; y grows upwards.
"""

from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

# The numbers that are kept of each line.
_NUMBERS = 6
_BASELINE, _HEIGHT, _DIVIDED = 2, 3, 4


@dataclass(slots=True)
class Line:
    """A line of text.

    `divided`: its last word continues in the next line, and the hyphen is removed. `turn`: degrees
    by which the page must be turned further to read the line; its coordinates are those of the
    turned page. `follows`: a wide gap separates it from the line before it, on the same level.
    `words`: returns left and right of each of its words, if they are known. A line with tabs is a
    row of a table.
    """

    text: str
    left: float
    right: float
    baseline: float
    height: float
    divided: bool = False
    turn: int = 0
    follows: bool = False
    words: Callable[[], list[tuple[float, float]]] | None = None


@dataclass(slots=True)
class PageLines:
    """The lines of one page, packed: a book of 10,000 pages has half a million of them.

    `unreadable`: the file does not say which letters most characters are; they are left out.
    `drawn`: the page shows something, text or not. `only_pictures`: it shows pictures and no text.
    `skipped`: it shows text that pdfium does not extract. `damaged`: the page cannot be read.
    `files`: the names of files that are attached to it.
    """

    width: float
    height: float
    unreadable: bool
    drawn: bool
    _texts: str
    _geometry: "array[float]"
    damaged: bool = False
    only_pictures: bool = False
    skipped: bool = False
    files: Sequence[str] = ()

    @classmethod
    def lost(cls) -> "PageLines":
        """Return the stand-in for a page that cannot be read."""
        return cls(0.0, 0.0, False, False, "", array("f"), damaged=True)

    @classmethod
    def pack(
        cls,
        lines: list[Line],
        size: tuple[float, float],
        *,
        unreadable: bool,
        drawn: bool,
    ) -> "PageLines":
        """Return the lines of a page of that width and height, packed."""
        geometry = array("f")
        for line in lines:
            numbers = (line.left, line.right, line.baseline, line.height, line.divided, line.turn)
            geometry.extend(numbers)
        texts = "\n".join(line.text for line in lines)
        return cls(*size, unreadable, drawn, texts, geometry)

    def texts(self) -> Iterator[tuple[str, bool]]:
        """Return the text of each line, and whether its last word is divided."""
        divided = map(bool, self._geometry[_DIVIDED::_NUMBERS])
        return zip(self._texts.split("\n"), divided, strict=False)

    def heights(self) -> Iterator[tuple[float, float, int]]:
        """Return the baseline, the height and the number of characters of each line."""
        baselines, heights = self._geometry[_BASELINE::_NUMBERS], self._geometry[_HEIGHT::_NUMBERS]
        return zip(baselines, heights, map(len, self._texts.split("\n")), strict=False)

    def lines(self) -> list[Line]:
        """Return the lines unpacked; coordinates have single precision."""
        numbers = iter(self._geometry)
        return [
            Line(text, left, right, baseline, height, bool(divided), int(turn))
            for text, left, right, baseline, height, divided, turn in zip(
                self._texts.split("\n"), *[numbers] * _NUMBERS, strict=False
            )
        ]
