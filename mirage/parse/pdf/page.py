"""Holds the lines of a PDF page with their geometry, in reading order.

Coordinates are points on the page, turned so that most of its text is level; y grows upwards.
"""

from array import array
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """A line of text.

    `divided`: its last word continues in the next line, and the hyphen is removed. `turn`: degrees
    by which the page must be turned further to read the line; its coordinates are those of the
    turned page.
    """

    text: str
    left: float
    right: float
    baseline: float
    height: float
    divided: bool = False
    turn: int = 0


@dataclass(slots=True)
class PageLines:
    """The lines of one page, packed: a book of 10,000 pages has half a million of them.

    `unreadable`: the file does not say which letters most characters are; they are left out.
    `drawn`: the page shows something, text or not. `damaged`: the page cannot be read.
    """

    width: float
    height: float
    unreadable: bool
    drawn: bool
    _texts: str
    _geometry: "array[float]"
    damaged: bool = False

    @classmethod
    def lost(cls) -> "PageLines":
        """Return the stand-in for a page that cannot be read."""
        return cls(0.0, 0.0, False, False, "", array("f"), damaged=True)

    @classmethod
    def pack(
        cls, lines: list[Line], size: tuple[float, float], *, unreadable: bool, drawn: bool
    ) -> "PageLines":
        """Return the lines of a page of that width and height, packed."""
        geometry = array("f")
        for line in lines:
            numbers = (line.left, line.right, line.baseline, line.height, line.divided, line.turn)
            geometry.extend(numbers)
        texts = "\n".join(line.text for line in lines)
        return cls(*size, unreadable, drawn, texts, geometry)

    def lines(self) -> list[Line]:
        """Return the lines unpacked; coordinates have single precision."""
        numbers = iter(self._geometry)
        return [
            Line(text, left, right, baseline, height, bool(divided), int(turn))
            for text, left, right, baseline, height, divided, turn in zip(
                self._texts.split("\n"), *[numbers] * 6, strict=False
            )
        ]
