"""Finds the fonts of a PDF of which the file does not say which letters they draw.

pdfium then returns the codes of the glyphs. They are the letters in many fonts, as in those of TeX,
and gibberish in others. A page may be too short to tell, so the whole document decides.
"""

import ctypes
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence, Set

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.pdf.glyphs import address_of, plain
from mirage.parse.pdf.tex_signs import signs_of

# Share of control characters among the codes: 0.2 to 0.9 where they are no letters, and close to 0
# where they are.
_CONTROLS = 0.1
_ODD = 0.3  # guess: share of words with signs, digits or capitals in the middle; text has 0.02
_CODES, _WORDS = 20, 30  # guess: fewer say nothing
_WORDLIKE = 0.5  # guess: share of letters next to others; fonts of formulas draw them alone
_MAX_NAME = 200

_LIGATURES = "\x0b\x0c\r\x0e\x0f"
_LAST_OF_A_BYTE = 0xFF
_TEXT_OBJECT = plain(pdfium_c.FPDFText_GetTextObject, ctypes.c_void_p)
_FONT = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)(
    ctypes.cast(pdfium_c.FPDFTextObj_GetFont, ctypes.c_void_p).value or 0
)
_WORD = re.compile(r"\S{3,}")
_ORDINARY = re.compile(
    r"[\W_]*(?:[A-Z]?[a-z]+|[A-Z]+|\d[\d.,:/-]*)(?:[-'’/.,:][A-Za-z]?[a-z]*|[-'’/][A-Z]+)*[\W_]*"
)
_LETTERS = re.compile("[A-Za-z]+")


class PageFonts:
    """The parts of a page in fonts without a mapping, as indices of its text."""

    def __init__(
        self,
        textpage: pdfium.PdfTextPage,
        characters: str,
        indices: Sequence[int],
        unmapped: Set[int],
    ) -> None:
        self._characters = characters
        self._unmapped = unmapped
        self.runs: dict[str, list[tuple[int, int]]] = defaultdict(list)
        self._font_at: dict[int, str] = {}
        self._wordlike: dict[str, bool] = {}
        names: dict[int, str] = {}
        page = address_of(textpage)
        for at in sorted(unmapped):
            drawn = _TEXT_OBJECT(page, indices[at])
            font = _FONT(drawn) if drawn else 0
            if font not in names:
                names[font] = _name(textpage, indices[at])
            name = self._font_at[at] = names[font]
            runs = self.runs[name]
            if runs and runs[-1][1] == at:
                runs[-1] = (runs[-1][0], at + 1)
            else:
                runs.append((at, at + 1))

    def is_in_word(self, at: int) -> bool:
        """Return whether a code stands next to a small letter, in a font that draws words."""
        around = self._characters[max(at - 1, 0) : at] + self._characters[at + 1 : at + 2]
        name = self._font_at.get(at)
        if name is None or not any(letter.islower() for letter in around):
            return False
        if name not in self._wordlike:
            found = [
                len(letters)
                for begin, end in self.runs[name]
                for letters in _LETTERS.findall(self._characters[begin:end])
            ]
            together = sum(length for length in found if length > 1)
            self._wordlike[name] = together >= _WORDLIKE * sum(found)
        return self._wordlike[name]

    def has_signs(self, at: int) -> bool:
        """Return whether the font draws signs of formulas that are known by their codes."""
        return signs_of(self._font_at.get(at, "")) is not None

    def signs(self) -> Iterator[tuple[int, str]]:
        """Return the signs of formulas that are known by their codes, with their indices."""
        for name, runs in self.runs.items():
            signs = signs_of(name)
            for begin, end in runs if signs else ():
                for at in range(begin, end):
                    sign = (signs or {}).get(self._characters[at])
                    if sign and at in self._unmapped:
                        yield at, sign

    def letters_of(self, names: Set[str]) -> list[int]:
        """Return the indices of the unmapped characters in these fonts."""
        return [
            at
            for name in names & self.runs.keys()
            for begin, end in self.runs[name]
            for at in range(begin, end)
            if at in self._unmapped
        ]

    def counts(self, name: str) -> Counter[str]:
        """Count the unmapped codes of a font and its words, and those that are odd."""
        counts: Counter[str] = Counter()
        for begin, end in self.runs[name]:
            codes = [self._characters[at] for at in range(begin, end) if at in self._unmapped]
            counts["codes"] += len(codes)
            counts["controls"] += sum(code < " " for code in codes)
            counts["strange"] += sum(code not in _LIGATURES and _is_strange(code) for code in codes)
            for word in _WORD.findall(self._characters[begin:end]):
                counts["words"] += 1
                counts["odd"] += not _ORDINARY.fullmatch(word)
        return counts


class Fonts:
    """What is known about the fonts of a document without a mapping."""

    def __init__(self) -> None:
        self._counts: dict[str, Counter[str]] = defaultdict(Counter)
        self.unreadable: set[str] = set()

    def add(self, page: PageFonts) -> None:
        """Count the fonts of a page."""
        for name in page.runs:
            if signs_of(name) or name in self.unreadable:
                continue
            counts = self._counts[name]
            counts.update(page.counts(name))
            strange = counts["strange"] >= _CONTROLS * counts["codes"]
            controls = counts["controls"] >= _CONTROLS * counts["codes"] >= _CONTROLS * _CODES
            odd = counts["odd"] >= _ODD * counts["words"] >= _ODD * _WORDS
            if strange or controls or odd:
                self.unreadable.add(name)


def _is_strange(code: str) -> bool:
    """Return whether a code is no letter in any font, such as the number of a glyph."""
    return code < " " or ord(code) > _LAST_OF_A_BYTE


def _name(textpage: pdfium.PdfTextPage, index: int) -> str:
    """Return the name of a character's font, with its height, by which fonts without one differ."""
    drawn = pdfium_c.FPDFText_GetTextObject(textpage, index)
    font = pdfium_c.FPDFTextObj_GetFont(drawn) if drawn else None
    if not font:
        return ""
    buffer = ctypes.create_string_buffer(_MAX_NAME)
    pdfium_c.FPDFFont_GetBaseFontName(font, buffer, _MAX_NAME)
    ascent, descent = ctypes.c_float(), ctypes.c_float()
    pdfium_c.FPDFFont_GetAscent(font, 1000.0, ascent)
    pdfium_c.FPDFFont_GetDescent(font, 1000.0, descent)
    return f"{buffer.value.decode('utf-8', 'replace')} {ascent.value:.0f} {descent.value:.0f}"
