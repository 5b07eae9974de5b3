"""Puts the characters of lines with right-to-left script into logical order.

Programs draw such lines in any order, and pdfium guesses which. Where the glyphs stand on the page
does not depend on that, so this module reads them from there, by the main rules of the Unicode
bidirectional algorithm (UAX #9) in reverse.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from statistics import median

from mirage.parse.characters.direction import RIGHT_TO_LEFT
from mirage.parse.pdf.glyphs import Box, Glyphs

Placed = tuple[str, int]
"""A character, and pdfium's index of it."""

_LINE = re.compile("[^\r\n\ufffe]+")
_SPACE = 0.12  # Share of the height of the letters; blanks are 0.17 wide at least.
_SPACE_IN_INK = 0.2  # The ink of joined letters may be 0.17 apart.
_MAX_GLYPHS = 2000  # guess: of a line; a page 2 m wide holds as many
_HEIGHTS_OF_FONTS = 3  # guess: fonts in a line
_INSIDE = 1e-3
_ALEF, _LAM = "اأإآٱ", "ل"
_BRACKETS = (("(", ")"), ("[", "]"), ("{", "}"))
_BETWEEN_DIGITS = ",.:/+-\u2212"
_BETWEEN_ARABIC_DIGITS = ",.:/"
_AT_DIGITS = "%$€£#°٪"


@dataclass(slots=True)
class _Glyph:
    """The characters of a glyph in logical order, with its box and the class of its direction.

    The class is `R`, `L`, `N` for digits, or `-` for what takes the direction of its neighbours.
    """

    placed: list[Placed]
    box: Box
    kind: str


def in_logical_order(
    characters: str, indices: Sequence[int], glyphs: Glyphs
) -> tuple[str, Sequence[int]]:
    """Return the text and pdfium's indices, with the lines that hold such script in order."""
    if not RIGHT_TO_LEFT.search(characters):
        return characters, indices
    kinds = Counter(map(_kind, characters))
    rightwards = kinds["L"] > kinds["R"]
    placed: list[Placed] = []
    end = 0
    for match in _LINE.finditer(characters):
        placed += zip(characters[end : match.start()], indices[end : match.start()], strict=True)
        end = match.end()
        line = list(zip(match.group(), indices[match.start() : end], strict=True))
        mixed = len(line) <= _MAX_GLYPHS and RIGHT_TO_LEFT.search(match.group())
        if mixed:
            line = _ordered(line, match.start(), glyphs, page_rightwards=rightwards)
        placed += line
    placed += zip(characters[end:], indices[end:], strict=True)
    return "".join(character for character, _ in placed), [index for _, index in placed]


def _ordered(
    line: Sequence[Placed], start: int, glyphs: Glyphs, *, page_rightwards: bool
) -> list[Placed]:
    boxes = list(zip(*glyphs.boxes(range(start, start + len(line))), strict=True))
    drawn, blanks = _glyphs(line, boxes)
    if _collide(drawn):  # The places are not those of the letters, as for a text instead of them.
        return _by_glyph(line, boxes)
    heights = [glyph.box[3] - glyph.box[1] for glyph in drawn]
    if not heights or median(heights) <= 0:  # The line is not level.
        return list(line)
    # Fonts that are drawn by the file itself (Type 3) have the boxes of the glyphs' ink.
    of_ink = len({round(height) for height in heights}) > _HEIGHTS_OF_FONTS
    blank = _SPACE_IN_INK * max(heights) if of_ink else _SPACE * median(heights)
    drawn.sort(key=lambda glyph: glyph.box[0] + glyph.box[2])
    spaces = [_is_apart(left, right, blank, blanks) for left, right in pairwise(drawn)]
    kinds = Counter(glyph.kind for glyph in drawn)
    rightwards = page_rightwards and kinds["L"] > kinds["R"]
    runs = _runs(drawn, spaces, rightwards=rightwards)
    ordered: list[Placed] = []
    for first, last, reads_rightwards in runs if rightwards else reversed(runs):
        places = range(first, last + 1) if reads_rightwards else range(last, first - 1, -1)
        gaps = [first - 1 if rightwards else last, *map(min, pairwise(places))]
        for at, gap in zip(places, gaps, strict=True):
            if ordered and 0 <= gap < len(spaces) and spaces[gap]:
                ordered.append((" ", ordered[-1][1]))
            ordered += drawn[at].placed
    return _bracketed(ordered)


def _collide(drawn: Sequence[_Glyph]) -> bool:
    return len({glyph.box for glyph in drawn}) < len(drawn)


def _by_glyph(line: Sequence[Placed], boxes: Sequence[Box]) -> list[Placed]:
    """Return the line as pdfium orders it, with the letters of each glyph in logical order."""
    ordered: list[Placed] = []
    glyph: list[Placed] = []
    glyph_box: Box | None = None
    for placed, box in zip(line, boxes, strict=True):
        together = RIGHT_TO_LEFT.match(placed[0]) and box == glyph_box
        if not together:
            ordered += reversed(glyph)
            glyph = []
        glyph_box = box if RIGHT_TO_LEFT.match(placed[0]) else None
        glyph.append(placed)
    return ordered + glyph[::-1]


def _glyphs(line: Sequence[Placed], boxes: Sequence[Box]) -> tuple[list[_Glyph], list[float]]:
    """Return the glyphs, with marks upon their letters, and the middles of blanks."""
    drawn: list[_Glyph] = []
    marks: list[tuple[Placed, Box]] = []
    blanks: list[float] = []
    for placed, box in zip(line, boxes, strict=True):
        character = placed[0]
        if character.isspace() or character == "\0":
            if box[2] > box[0]:
                blanks.append((box[0] + box[2]) / 2)
        elif drawn and drawn[-1].box == box and RIGHT_TO_LEFT.match(character):
            drawn[-1].placed.insert(0, placed)  # pdfium reverses them, too.
            drawn[-1].kind = max(drawn[-1].kind, _kind(character))
        elif unicodedata.category(character) == "Mn":
            marks.append((placed, box))
        else:
            drawn.append(_Glyph([placed], box, _kind(character)))
    for glyph in drawn:
        if len(glyph.placed) == 2 and glyph.placed[0][0] in _ALEF and glyph.placed[1][0] == _LAM:
            glyph.placed.reverse()
    for placed, box in marks:
        middle = (box[0] + box[2]) / 2
        base = min(drawn, key=lambda glyph: _distance(glyph.box, middle), default=None)
        if base is not None:
            base.placed.append(placed)
    return drawn, blanks


def _distance(box: Box, place: float) -> float:
    """Return how far a place is from the middle of a box, less if it is inside."""
    inside = box[0] <= place <= box[2]
    return abs(box[0] + box[2] - 2 * place) * (_INSIDE if inside else 1.0)


def _kind(character: str) -> str:
    direction = unicodedata.bidirectional(character)
    return {"R": "R", "AL": "R", "L": "L", "EN": "N", "AN": "N"}.get(direction, "-")


def _is_apart(left: _Glyph, right: _Glyph, blank: float, blanks: Iterable[float]) -> bool:
    begin, end = left.box[2], right.box[0]
    return end - begin > blank or (end > begin and any(begin <= blank <= end for blank in blanks))


def _runs(
    drawn: Sequence[_Glyph], spaces: Sequence[bool], *, rightwards: bool
) -> list[tuple[int, int, bool]]:
    """Return the runs from left to right: the first and last glyph, and the run's direction."""
    arabic = any(
        unicodedata.bidirectional(placed[0]) == "AL" for glyph in drawn for placed in glyph.placed
    )
    levels = _rightward(drawn, spaces, rightwards=rightwards, arabic=arabic)
    runs: list[tuple[int, int, bool]] = []
    for at, level in enumerate(levels):
        if (
            runs
            and runs[-1][2] == level
            and (not level or rightwards or _go_together(drawn, spaces, at))
        ):
            runs[-1] = (runs[-1][0], at, level)
        else:
            runs.append((at, at, level))
    return runs


def _rightward(
    drawn: Sequence[_Glyph], spaces: Sequence[bool], *, rightwards: bool, arabic: bool
) -> list[bool]:
    """Return for each glyph whether it is part of a run that reads from left to right."""
    separators = _BETWEEN_ARABIC_DIGITS if arabic else _BETWEEN_DIGITS
    levels = [glyph.kind in "LN" for glyph in drawn]
    for at, glyph in enumerate(drawn):
        if glyph.kind != "-":
            continue
        left = next((place for place in range(at - 1, -1, -1) if drawn[place].kind != "-"), None)
        right = next((p for p in range(at + 1, len(drawn)) if drawn[p].kind != "-"), None)
        kinds = [drawn[place].kind if place is not None else "" for place in (left, right)]
        character = glyph.placed[0][0]
        if rightwards:
            levels[at] = kinds != ["R", "R"]
        elif kinds == ["L", "L"] or kinds == ["L", "N"]:
            levels[at] = True
        elif kinds == ["N", "L"] or kinds == ["N", "N"]:
            alone = left == at - 1 and right == at + 1
            levels[at] = alone and character in separators and not any(spaces[at - 1 : at + 1])
        if character in _AT_DIGITS and not levels[at] and not arabic:
            levels[at] = any(
                0 <= place < len(drawn) and drawn[place].kind == "N" and not spaces[min(at, place)]
                for place in (at - 1, at + 1)
            )
    return levels


def _go_together(drawn: Sequence[_Glyph], spaces: Sequence[bool], at: int) -> bool:
    """Return whether a glyph goes on with the run on its left.

    A number behind another number, with a blank between, is a run of its own.
    """
    if not spaces[at - 1]:
        return True
    letter = next((g.kind for g in reversed(drawn[:at]) if g.kind in "LR"), "R")
    return letter == "L"


def _bracketed(ordered: list[Placed]) -> list[Placed]:
    """Return the characters with brackets that open before they close.

    A file names either the bracket or its shape, which is mirrored; pdfium mirrors some of them.
    """
    for opening, closing in _BRACKETS:
        places = [at for at, (character, _) in enumerate(ordered) if character in opening + closing]
        shapes = [ordered[at][0] for at in places]
        mirrored = [closing if shape == opening else opening for shape in shapes]
        alternating = [closing if at % 2 else opening for at in range(len(shapes))]
        for wanted in (shapes, mirrored, alternating):
            if _is_balanced(wanted, opening):
                for at, shape in zip(places, wanted, strict=True):
                    ordered[at] = shape, ordered[at][1]
                break
    return ordered


def _is_balanced(shapes: Sequence[str], opening: str) -> bool:
    depths = list(accumulate(1 if shape == opening else -1 for shape in shapes))
    return not depths or (min(depths) >= 0 and depths[-1] == 0)
