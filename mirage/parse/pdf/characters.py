"""Reads the characters of a PDF page from pdfium and corrects those that pdfium gets wrong."""

import ctypes
import re
import unicodedata

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.characters.direction import RIGHT_TO_LEFT
from mirage.parse.pdf.glyphs import box_of, character_index

_RIGHT_TO_LEFT_RUN = re.compile(f"{RIGHT_TO_LEFT.pattern}{{2,}}")
# Older fonts of TeX draw an accented letter as an accent and a letter in the same place.
_ACCENTED = re.compile("[\xa8\xb4\xb8\u02c6\u02c7\u02d8-\u02dd][A-Za-z\u0131]")
_COMBINING = str.maketrans(
    "\xa8\xb4\xb8\u02c6\u02c7\u02d8\u02d9\u02da\u02db\u02dc\u02dd\u0131",
    "\u0308\u0301\u0327\u0302\u030c\u0306\u0307\u030a\u0328\u0303\u030bi",
)
_SAMPLES = 64
_FIRST_PRINTABLE = 0x20
# Share of control characters among the unmapped codes: 0.2 to 0.9 where a font does not say which
# letters it draws, and close to 0 where its codes happen to be the letters.
_GIBBERISH = 0.1
_MOSTLY_UNREADABLE = 0.3  # guess: readable pages stay below 0.01, others are above 0.8


def read_characters(textpage: pdfium.PdfTextPage) -> tuple[str, bool]:
    """Return the text of a page, and whether the file does not say which letters most of it is.

    The text has one character per UTF-16 unit, so that pdfium's indices hold.
    """
    return _readable(textpage, _characters(textpage))


def _characters(textpage: pdfium.PdfTextPage) -> str:
    """Return pdfium's text of the page, one character per UTF-16 unit so that indices hold."""
    count = textpage.count_chars()
    if count == 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium_c.FPDFText_GetText(textpage, 0, count, buffer)
    characters = "".join(map(chr, buffer[: max(written - 1, 0)]))
    characters = _ACCENTED.sub(lambda pair: _compose(textpage, pair), characters)
    if RIGHT_TO_LEFT.search(characters):
        return _RIGHT_TO_LEFT_RUN.sub(lambda run: _logical_order(textpage, run), characters)
    return characters


def _compose(textpage: pdfium.PdfTextPage, pair: re.Match[str]) -> str:
    """Return the accented letter and a filler, so that later indices stay valid."""
    accent = box_of(textpage, character_index(textpage, pair.start()))
    letter = box_of(textpage, character_index(textpage, pair.start() + 1))
    overlap = min(accent[1], letter[1]) - max(accent[0], letter[0])
    mark_and_base = pair.group().translate(_COMBINING)
    to_nfc = unicodedata.normalize("NFC", mark_and_base[1] + mark_and_base[0])
    upon_each_other = overlap > 0.5 * min(accent[1] - accent[0], letter[1] - letter[0])
    return to_nfc + "\0" if upon_each_other and len(to_nfc) == 1 else pair.group()


def _logical_order(textpage: pdfium.PdfTextPage, run: re.Match[str]) -> str:
    """Return the text with the letters of each glyph in logical order.

    A glyph may stand for several letters (lam-alef, or a whole word), which the file lists in
    logical order. pdfium reverses a right-to-left line character by character and thereby these
    letters too. They share one box.
    """
    ordered: list[str] = []
    glyph: list[str] = []
    glyph_box: tuple[float, ...] | None = None
    for index, character in enumerate(run.group(), run.start()):
        box = box_of(textpage, character_index(textpage, index))
        if box != glyph_box:
            ordered.extend(reversed(glyph))
            glyph, glyph_box = [], box
        glyph.append(character)
    ordered.extend(reversed(glyph))
    return "".join(ordered)


def _readable(textpage: pdfium.PdfTextPage, characters: str) -> tuple[str, bool]:
    """Return the text with blanks for unknown letters, and whether these are most of the page."""
    units = range(len(characters))
    if not any(_unmapped(textpage, index) for index in units[:: len(units) // _SAMPLES + 1]):
        return characters, False
    count = textpage.count_chars()
    unmapped = [
        at for at in range(count) if pdfium_c.FPDFText_HasUnicodeMapError(textpage, at) == 1
    ]
    controls = sum(pdfium_c.FPDFText_GetUnicode(textpage, at) < _FIRST_PRINTABLE for at in unmapped)
    if controls < _GIBBERISH * len(unmapped):
        return characters, False
    kept = list(characters)
    for at in unmapped:
        index = pdfium_c.FPDFText_GetTextIndexFromCharIndex(textpage, at)
        if index >= 0:
            kept[index] = " "
    visible = sum(not character.isspace() for character in kept)
    unreadable = len(unmapped) > _MOSTLY_UNREADABLE * (len(unmapped) + visible)
    return "".join(kept), unreadable


def _unmapped(textpage: pdfium.PdfTextPage, text_index: int) -> bool:
    index = character_index(textpage, text_index)
    return bool(pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1)
