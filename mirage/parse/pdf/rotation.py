"""Which way the text of a PDF page runs, and where things are once the page is turned upright."""

import math
from collections import Counter
from collections.abc import Callable

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

Transform = Callable[[float, float], tuple[float, float]]
"""From a page's own space into that of a reader who has turned it, both from below left."""

_SAMPLES = 32
_QUARTER = 90


def open_upright(page: pdfium.PdfPage) -> pdfium.PdfTextPage:
    """The page's text, once the page is turned so that most of it is level.

    pdfium takes lines for each other's neighbours, and in the order of reading, when they are.
    """
    textpage = page.get_textpage()
    turn = _main_turn(textpage)
    if turn is None or turn == page.get_rotation():
        return textpage
    textpage.close()
    page.set_rotation(turn)
    return page.get_textpage()


def turn_of(textpage: pdfium.PdfTextPage, index: int) -> int | None:
    """By how many degrees, a multiple of 90, one turns the page clockwise to read a character."""
    angle = pdfium_c.FPDFText_GetCharAngle(textpage, index)
    if angle < 0:
        return None  # No character of the file's own, such as a line break.
    return -round(math.degrees(angle) / _QUARTER) * _QUARTER % 360


def upright(page: pdfium.PdfPage, turn: int) -> Transform:
    """For text that is read when the page is turned by these degrees."""
    left, bottom, right, top = page.get_bbox()
    turns: dict[int, Transform] = {
        90: lambda x, y: (y - bottom, right - x),
        180: lambda x, y: (right - x, top - y),
        270: lambda x, y: (top - y, x - left),
    }
    return turns.get(turn, lambda x, y: (x - left, y - bottom))


def _main_turn(textpage: pdfium.PdfTextPage) -> int | None:
    """The turn of more than half of some characters out of all parts of the page."""
    count = textpage.count_chars()
    turns = Counter(turn_of(textpage, at) for at in range(0, count, count // _SAMPLES + 1))
    del turns[None]
    turn, often = max(turns.items(), key=lambda item: item[1], default=(None, 0))
    return turn if 2 * often > turns.total() else None
