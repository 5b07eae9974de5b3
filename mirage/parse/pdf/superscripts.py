"""Writes raised and lowered digits of a PDF as superscripts and subscripts.

`1902⁴` is a year with a footnote mark, not a number. Each digit becomes one Unicode character, so
pdfium's indices stay valid. The full-text search reads these characters as blanks and so finds the
word or number before them. A lowered digit after a letter stays as it is, because people search for
`H2O` and `CO2`.
"""

import re
from itertools import groupby

from mirage.parse.characters.superscripts import LOWERED, RAISED
from mirage.parse.pdf.glyphs import Glyphs

_RAISED = str.maketrans(RAISED | {"\N{EN DASH}": "⁻"})
_LOWERED = str.maketrans(LOWERED)
_SMALL = 0.85  # Share of the neighbouring letters' height; TeX and Word set 0.6 to 0.7.
_SHIFT = 0.08  # Share of that height; TeX lowers by 0.12 and raises by 0.36.
_LEVEL = 0.5  # Points by which the baselines in a normal word may differ.

_TOKEN = re.compile(
    r"(?<!\S)(?:[^\s\d]+\d\S*|\d\S+)"
)  # Only from the start of a token, which keeps the search linear.
_NUMBER = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")


def with_scripts(text: str, start: int, glyphs: Glyphs) -> str:
    """Return the text, which begins at that index of the page, with digits raised and lowered."""
    if not _NUMBER.search(text):
        return text
    return _TOKEN.sub(lambda token: _written(token.group(), start + token.start(), glyphs), text)


def write_script(text: str, before: str, height: float, rise: float, of_height: float) -> str:
    """Return a text as superscript or subscript if it is raised or lowered next to larger ones."""
    if height > _SMALL * of_height or abs(rise) < _SHIFT * of_height or _LETTER.search(text):
        return text
    if rise > 0:
        return text.translate(_RAISED)
    return text.translate(_LOWERED) if before[-1:].isdigit() else text


def _written(token: str, start: int, glyphs: Glyphs) -> str:
    ends = {at for number in _NUMBER.finditer(token) for at in (number.start(), number.end() - 1)}
    baselines = [glyphs.baseline(start + at) for at in {0, *ends}]
    if max(baselines) - min(baselines) < _LEVEL:
        return token
    places = [glyphs.place(start + at) for at in range(len(token))]
    of_height, base = max(places)
    written = ""
    for (height, baseline), piece in groupby(range(len(token)), key=places.__getitem__):
        characters = "".join(token[at] for at in piece)
        following = token[len(written) + len(characters) :]
        if written or _LETTER.match(following):  # Else it may be a numerator.
            characters = write_script(characters, written, height, baseline - base, of_height)
        written += characters
    return written
