"""Locates the characters of a PDF page by their index in its text."""

import ctypes
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import repeat
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.pdf.rotation import Transform, turn_of_angle

Box = tuple[float, float, float, float]
"""Left, bottom, right and top, in the coordinates of the reader."""

_FLOATS = 4  # Fields of FS_RECTF: left, top, right, bottom.


def plain(function: Any, result: type, *more: type) -> Callable[..., Any]:
    """Return a function of pdfium that takes addresses, which halves the time of a call.

    pypdfium2 converts each argument of each call, and a page has thousands of characters.
    """
    address = ctypes.cast(function, ctypes.c_void_p).value or 0
    return ctypes.PYFUNCTYPE(result, ctypes.c_void_p, ctypes.c_int, *more)(address)


_LOOSE_BOX = plain(pdfium_c.FPDFText_GetLooseCharBox, ctypes.c_int, ctypes.c_void_p)
_ANGLE = plain(pdfium_c.FPDFText_GetCharAngle, ctypes.c_float)
_ORIGIN = plain(pdfium_c.FPDFText_GetCharOrigin, ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)


def address_of(textpage: pdfium.PdfTextPage) -> int:
    """Return the address that functions of `plain` take."""
    return ctypes.addressof(textpage.raw.contents)


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a page, in the coordinates of their reader.

    `indices` has pdfium's index of each character of the text.
    """

    textpage: pdfium.PdfTextPage
    transform: Transform
    indices: Sequence[int]

    @property
    def is_as_drawn(self) -> bool:
        """Return whether the coordinates are those of the page's own space."""
        return self.transform(0, 0) == (0, 0) and self.transform(1, 2) == (1, 2)

    def box(self, index: int) -> Box:
        """Return the box of a character."""
        left, right, bottom, top = box_of(self.textpage, self.indices[index])
        return self._turned(left, bottom, right, top)

    def boxes(self, wanted: Sequence[int]) -> list[Sequence[float]]:
        """Return the lefts, bottoms, rights and tops of many characters, in half of the time."""
        count = len(wanted)
        rectangles = (ctypes.c_float * (_FLOATS * count))()
        size = _FLOATS * ctypes.sizeof(ctypes.c_float)
        start = ctypes.addressof(rectangles)
        at = wanted if isinstance(self.indices, range) else map(self.indices.__getitem__, wanted)
        addresses = range(start, start + count * size, size)
        deque(map(_LOOSE_BOX, repeat(self._page()), at, addresses), 0)
        values = memoryview(rectangles).cast("B").cast("f")
        lefts, tops, rights, bottoms = (values[field::_FLOATS].tolist() for field in range(_FLOATS))
        if self.is_as_drawn:
            return [lefts, bottoms, rights, tops]
        boxes = map(self._turned, lefts, bottoms, rights, tops)
        return list(zip(*boxes, strict=True)) or [(), (), (), ()]

    def turn(self, index: int) -> int | None:
        """Return the rotation of a character, as `turn_of` does."""
        return turn_of_angle(_ANGLE(self._page(), self.indices[index]))

    def baseline(self, index: int) -> float:
        """Return the height of the line that a character stands on."""
        point = (ctypes.c_double * 2)()
        start = ctypes.addressof(point)
        y = start + ctypes.sizeof(ctypes.c_double)
        _ORIGIN(self._page(), self.indices[index], start, y)
        return self.transform(*point)[1]

    def place(self, index: int) -> tuple[float, float]:
        """Return height and baseline, rounded so that letters of one size are equal."""
        _, bottom, _, top = self.box(index)
        return round(top - bottom, 1), round(self.baseline(index), 1)

    def _page(self) -> int:
        return address_of(self.textpage)

    def _turned(self, left: float, bottom: float, right: float, top: float) -> Box:
        (x, y), (to_x, to_y) = self.transform(left, bottom), self.transform(right, top)
        return min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)


def character_index(textpage: pdfium.PdfTextPage, text_index: int) -> int:
    """Return pdfium's index of a character of the text."""
    index: int = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, text_index)
    return index


def box_of(textpage: pdfium.PdfTextPage, index: int) -> Box:
    """Return left, right, bottom and top of a character, with the whole height of its font."""
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(textpage, index, box)
    return box.left, box.right, box.bottom, box.top
