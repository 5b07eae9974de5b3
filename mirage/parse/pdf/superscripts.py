"""Raised and lowered digits of a PDF: `1902⁴` is a year with a footnote's mark, not a number.

They become Unicode's superscript and subscript digits: one character for one, so that pdfium's
indices hold. The full-text search takes them for blanks and finds the word or number before them,
which a digit would change. A lowered digit behind a letter therefore stays as it is: `H2O` and
`CO2` are what one types.
"""

import re
from itertools import groupby

from mirage.parse.characters.superscripts import LOWERED, RAISED
from mirage.parse.pdf.glyphs import Glyphs

_RAISED = str.maketrans(RAISED | {"\N{EN DASH}": "⁻"})
_LOWERED = str.maketrans(LOWERED)
_SMALL = 0.85  # Of the height of the letters beside it; TeX and Word set 0.6 to 0.7.
_SHIFT = 0.08  # Of that height; TeX lowers by 0.12, and raises by three times as much.
_LEVEL = 0.5  # Points by which the baselines within a plain word may differ.

_TOKEN = re.compile(r"(?<!\S)(?:[^\s\d]+\d\S*|\d\S+)")  # From its start only: linear.
_NUMBER = re.compile(r"\d+")
_LETTER = re.compile(r"[^\W\d_]")


def with_scripts(text: str, start: int, glyphs: Glyphs) -> str:
    """Text that begins at an index of the page's, its raised and lowered digits as such."""
    return _TOKEN.sub(lambda token: _written(token.group(), start + token.start(), glyphs), text)


def write_script(text: str, before: str, height: float, rise: float, of_height: float) -> str:
    """A piece of text that is raised, or lowered, beside letters of a greater height."""
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
        if written or _LETTER.match(following):  # Else it may be the numerator of a fraction.
            characters = write_script(characters, written, height, baseline - base, of_height)
        written += characters
    return written
