"""Finds the direction of a PDF page's text and turns the page so that the text is level."""

import math
from collections import Counter
from collections.abc import Callable

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

Transform = Callable[[float, float], tuple[float, float]]
"""Maps a point of a page's own space to the turned page; both have their origin below left."""

_SAMPLES = 32
_QUARTER = 90


def open_upright(page: pdfium.PdfPage) -> pdfium.PdfTextPage:
    """Return the page's text after turning the page so that most of it is level.

    pdfium finds neighbouring lines and their reading order only in level text.
    """
    textpage = page.get_textpage()
    turn = _main_turn(textpage)
    if turn is None or turn == page.get_rotation():
        return textpage
    textpage.close()
    page.set_rotation(turn)
    return page.get_textpage()


def turn_of(textpage: pdfium.PdfTextPage, index: int) -> int | None:
    """Return by how many degrees, a multiple of 90, to turn the page clockwise to read a character.

    None for a character that pdfium adds, such as a line break.
    """
    return turn_of_angle(pdfium_c.FPDFText_GetCharAngle(textpage, index))


def turn_of_angle(angle: float) -> int | None:
    """Return the rotation by degrees, for an angle of pdfium in radians; None if it has none."""
    if angle <= 0:
        return 0 if angle == 0 else None
    return -round(math.degrees(angle) / _QUARTER) * _QUARTER % 360


def upright(page: pdfium.PdfPage, turn: int) -> Transform:
    """Return the map for text that is level once the page is turned by these degrees."""
    left, bottom, right, top = page.get_bbox()
    turns: dict[int, Transform] = {
        90: lambda x, y: (y - bottom, right - x),
        180: lambda x, y: (right - x, top - y),
        270: lambda x, y: (top - y, x - left),
    }
    return turns.get(turn, lambda x, y: (x - left, y - bottom))


def _main_turn(textpage: pdfium.PdfTextPage) -> int | None:
    """Return the rotation of more than half of a sample of characters from the whole page."""
    count = textpage.count_chars()
    turns = Counter(turn_of(textpage, at) for at in range(0, count, count // _SAMPLES + 1))
    del turns[None]
    turn, often = max(turns.items(), key=lambda item: item[1], default=(None, 0))
    return turn if 2 * often > turns.total() else None
