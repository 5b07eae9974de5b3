"""Puts accents upon the letters of a PDF that draws them apart, as older fonts of TeX do."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from itertools import islice

import pypdfium2 as pdfium

from mirage.parse.pdf.glyphs import box_of

_ACCENT = re.compile("[`^~\xa8\xaf\xb4\xb8\u02c6\u02c7\u02d8-\u02dd]")
_COMBINING = str.maketrans(
    "`^~\xa8\xaf\xb4\xb8\u02c6\u02c7\u02d8\u02d9\u02da\u02db\u02dc\u02dd\u0131",
    "\u0300\u0302\u0303\u0308\u0304\u0301\u0327\u0302\u030c\u0306\u0307\u030a\u0328\u0303\u030bi",
)
_LETTER = re.compile("[A-Za-z\u0131]")
_OVERLAP = 0.5  # Share of the narrower of both.
_FAR = 200  # guess: characters between an accent and its letter, which the file draws later
_MAX_ACCENTS = 5000  # guess: a page of Vietnamese has 2,000
_SAME_LEVEL = 0.6  # Share of the height of the letters.


def with_accents(textpage: pdfium.PdfTextPage, characters: str, indices: Sequence[int]) -> str:
    """Return the text with accented letters; a filler keeps the place of each accent."""
    if not _ACCENT.search(characters):
        return characters
    kept = list(characters)
    for match in islice(_ACCENT.finditer(characters), _MAX_ACCENTS):
        at = match.start()
        for letter in _letters_near(characters, at):
            composed = unicodedata.normalize("NFC", (kept[letter] + kept[at]).translate(_COMBINING))
            if len(composed) == 1 and _is_upon(textpage, indices[at], indices[letter]):
                kept[letter], kept[at] = composed, "\0"
                if letter < at - 1 and kept[at - 1] == " ":
                    kept[at - 1] = "\0" if kept[at - 2] != " " else " "
                break
    return "".join(kept)


def _letters_near(characters: str, at: int) -> Iterable[int]:
    """Return the letters next to the accent, and those farther off if it is alone."""
    near = [place for place in (at + 1, at - 1) if 0 <= place < len(characters)]
    yield from (place for place in near if _LETTER.match(characters[place]))
    if all(characters[place].isspace() for place in near):
        for place in range(max(at - _FAR, 0), min(at + _FAR, len(characters))):
            if _LETTER.match(characters[place]):
                yield place


def _is_upon(textpage: pdfium.PdfTextPage, accent_index: int, letter_index: int) -> bool:
    accent, letter = box_of(textpage, accent_index), box_of(textpage, letter_index)
    overlap = min(accent[1], letter[1]) - max(accent[0], letter[0])
    rise = abs((accent[2] + accent[3]) - (letter[2] + letter[3])) / 2
    return overlap > _OVERLAP * min(
        accent[1] - accent[0], letter[1] - letter[0]
    ) and rise <= _SAME_LEVEL * (letter[3] - letter[2])
