"""Locates the characters of a PDF page by their index in its text."""

import ctypes
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.pdf.rotation import Transform, turn_of


@dataclass(frozen=True, slots=True)
class Glyphs:
    """The characters of a fragment, in the coordinates of its reader."""

    textpage: pdfium.PdfTextPage
    transform: Transform

    def box(self, index: int) -> tuple[float, float, float, float]:
        """Return left, bottom, right and top of a character."""
        left, right, bottom, top = box_of(self.textpage, character_index(self.textpage, index))
        (x, y), (to_x, to_y) = self.transform(left, bottom), self.transform(right, top)
        return min(x, to_x), min(y, to_y), max(x, to_x), max(y, to_y)

    def turn(self, index: int) -> int | None:
        """Return the rotation of a character, as `turn_of` does."""
        return turn_of(self.textpage, character_index(self.textpage, index))

    def baseline(self, index: int) -> float:
        """Return the height of the line that a character stands on."""
        x, y = ctypes.c_double(), ctypes.c_double()
        at = character_index(self.textpage, index)
        pdfium_c.FPDFText_GetCharOrigin(self.textpage, at, x, y)
        return self.transform(x.value, y.value)[1]

    def place(self, index: int) -> tuple[float, float]:
        """Return height and baseline, rounded so that letters of one size are equal."""
        _, bottom, _, top = self.box(index)
        return round(top - bottom, 1), round(self.baseline(index), 1)


def character_index(textpage: pdfium.PdfTextPage, text_index: int) -> int:
    """Return pdfium's index of a character; the text also has line breaks that pdfium adds."""
    index: int = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, text_index)
    return index


def box_of(textpage: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Return left, right, bottom and top of a character, with the whole height of its font."""
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(textpage, index, box)
    return box.left, box.right, box.bottom, box.top
