"""The lines of a PDF page with their geometry, in reading order.

Coordinates are points of the page turned so that most of its text is level, y growing upwards.
"""

from array import array
from dataclasses import dataclass


@dataclass(slots=True)
class Line:
    """A line of text.

    `divided`: its last word goes on in the next line, the hyphen is off. `turn`: by how many
    degrees one turns the page further to read it, into the space of which its coordinates are.
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

    `unreadable`: most characters carry no hint which letters they are; they were left out.
    `drawn`: there is something on the page, be it text or not. `damaged`: it cannot be read.
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
        """What stands for a page that cannot be read."""
        return cls(0.0, 0.0, False, False, "", array("f"), damaged=True)

    @classmethod
    def pack(
        cls, lines: list[Line], size: tuple[float, float], *, unreadable: bool, drawn: bool
    ) -> "PageLines":
        geometry = array("f")
        for line in lines:
            numbers = (line.left, line.right, line.baseline, line.height, line.divided, line.turn)
            geometry.extend(numbers)
        texts = "\n".join(line.text for line in lines)
        return cls(*size, unreadable, drawn, texts, geometry)

    def lines(self) -> list[Line]:
        numbers = iter(self._geometry)
        return [
            Line(text, left, right, baseline, height, bool(divided), int(turn))
            for text, left, right, baseline, height, divided, turn in zip(
                self._texts.split("\n"), *[numbers] * 6, strict=False
            )
        ]
