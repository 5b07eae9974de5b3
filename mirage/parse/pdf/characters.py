"""Reads the characters of a PDF page from pdfium and corrects those that pdfium gets wrong."""

import ctypes
import re
from collections.abc import Sequence
from itertools import repeat

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.pdf.accents import with_accents
from mirage.parse.pdf.fonts import Fonts, PageFonts
from mirage.parse.pdf.glyphs import address_of, character_index, plain
from mirage.parse.pdf.tex_signs import write_sign

# pdfium adds line breaks as pairs.
_CONTROL = re.compile("[\x01-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]|\r(?!\n)|(?<!\r)\n")
_LEFT_OUT = frozenset("\x02\x03\x93\x94\x96\x97\x98")  # by pdfium, unless the font maps to them
_SAMPLES = 64
# The ligatures of TeX's older fonts.
_LIGATURES = {"\x0b": "ff", "\x0c": "fi", "\r": "fl", "\x0e": "ffi", "\x0f": "ffl"}
_AS_ONE = {"ff": "\ufb00", "fi": "\ufb01", "fl": "\ufb02", "ffi": "\ufb03", "ffl": "\ufb04"}
_MOSTLY_UNREADABLE = 0.3  # guess: readable pages stay below 0.01, others are above 0.8
_MAP_ERROR = plain(pdfium_c.FPDFText_HasUnicodeMapError, ctypes.c_int)
_CHARACTER_INDEX = plain(pdfium_c.FPDFText_GetCharIndexFromTextIndex, ctypes.c_int)
APART = {ord(one): several for several, one in _AS_ONE.items()}
"""The letters of each ligature, which is one character until the places of all are measured."""


def read_characters(textpage: pdfium.PdfTextPage, fonts: Fonts) -> tuple[str, Sequence[int], bool]:
    """Return the text of a page, pdfium's index of each character, and whether most is unreadable.

    The text has one character per UTF-16 unit. Letters that no font of the file names are blanks.
    """
    count = textpage.count_chars()
    if count == 0:
        return "", (), False
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium_c.FPDFText_GetText(textpage, 0, count, buffer)
    characters = "".join(map(chr, buffer[: max(written - 1, 0)]))
    characters, indices = _with_indices(textpage, characters)
    characters = with_accents(textpage, characters, indices)
    sampled = indices[:: len(indices) // _SAMPLES + 1]
    if not _CONTROL.search(characters) and not any(_unmapped(textpage, at) for at in sampled):
        return characters, indices, False
    return _readable(textpage, characters, indices, fonts)


def _with_indices(textpage: pdfium.PdfTextPage, characters: str) -> tuple[str, Sequence[int]]:
    """Return the text with a blank for each sign that pdfium leaves out, and pdfium's indices."""
    last = len(characters) - 1
    if last < 0 or character_index(textpage, last) == last:
        return characters, range(len(characters))
    kept: list[str] = []
    indices: list[int] = []
    found = map(_CHARACTER_INDEX, repeat(address_of(textpage)), range(last + 1))
    for character, index in zip(characters, found, strict=True):
        for between in range(indices[-1] + 1 if indices else 0, index):
            code = chr(pdfium_c.FPDFText_GetUnicode(textpage, between))
            if code in _LEFT_OUT and _unmapped(textpage, between):
                kept.append(" ")
                indices.append(between)
        kept.append(character)
        indices.append(index)
    return "".join(kept), indices


def _readable(
    textpage: pdfium.PdfTextPage, characters: str, indices: Sequence[int], fonts: Fonts
) -> tuple[str, Sequence[int], bool]:
    """Return the text with ligatures, and with blanks for signs and letters without a meaning."""
    errors = map(_MAP_ERROR, repeat(address_of(textpage)), indices)
    unmapped = {at for at, error in enumerate(errors) if error == 1}
    page = PageFonts(textpage, characters, indices, unmapped)
    fonts.add(page)
    kept = list(characters)
    for match in _CONTROL.finditer(characters):
        at = match.start()
        if at in unmapped and not page.has_signs(at):
            ligature = _LIGATURES.get(match.group())
            kept[at] = _AS_ONE[ligature] if ligature and page.is_in_word(at) else " "
    for at, sign in page.signs():
        write_sign(kept, at, sign)
    lost = page.letters_of(fonts.unreadable)
    for at in lost:
        kept[at] = " "
    visible = sum(not character.isspace() for character in kept)
    unreadable = len(lost) > _MOSTLY_UNREADABLE * (len(lost) + visible)
    return "".join(kept), indices, unreadable


def _unmapped(textpage: pdfium.PdfTextPage, index: int) -> bool:
    return bool(pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1)
