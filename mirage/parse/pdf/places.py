"""Finds where a span of the extracted text stands on a page of a PDF.

Nothing is stored for it: the page is read again, and its letters are laid along the stored text. So
a place may be missing, and the share that was found is part of the answer, but no other letter is
taken for it.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

import pypdfium2 as pdfium

from mirage.model import Box, PagePlaces, Span
from mirage.parse.characters.cleaning import clean, one_line, plain_spaces
from mirage.parse.pdf.alignment import align, letters
from mirage.parse.pdf.characters import APART, read_characters
from mirage.parse.pdf.fonts import Fonts
from mirage.parse.pdf.glyphs import Glyphs
from mirage.parse.pdf.right_to_left import in_logical_order
from mirage.parse.pdf.rotation import open_upright, upright
from mirage.parse.pdf.sheet import open_sheet

_LEAST_SHARE = 0.5
"""Of the letters; with less, the page is probably not the one that the text is from."""
_LEVEL = 0.5  # Share of the height that boxes of one line have in common.
_APART = 2.5  # In heights: blanks of justified lines are narrower.
_MAX_BOXES = 2000  # guess: a dense page has 150 lines
_LINE_ENDS = "\r\n\ufffe"


def find_places(path: Path, page_number: int, text: str, span: Span) -> PagePlaces:
    """Return the places of `text[span]`, where `text` is all that was read from the page.

    Raises what `open_sheet` raises.
    """
    with open_sheet(path, page_number) as (document, page):
        width, height = page.get_size()
        label = one_line(document.get_page_label(page_number - 1)) or None
        boxes, share = _find(page, text, span) if span[0] < span[1] else ([], None)
    if share is not None and share < _LEAST_SHARE:
        boxes = []
    return PagePlaces(width, height, label, tuple(boxes[:_MAX_BOXES]), share)


def _find(page: pdfium.PdfPage, text: str, span: Span) -> tuple[list[Box], float | None]:
    wanted = letters(zip(text, range(len(text)), strict=True))
    asked = [at for at, (_, offset) in enumerate(wanted) if span[0] <= offset < span[1]]
    if not asked:
        return [], None
    shown = page.get_rotation()
    height = page.get_size()[1]
    textpage = open_upright(page)
    try:
        as_read = upright(page, page.get_rotation())
        characters, indices, _ = read_characters(textpage, Fonts())
        glyphs = Glyphs(textpage, as_read, indices)
        characters, indices = in_logical_order(characters, indices, glyphs)
        there = letters(_cleaned(characters))
        places = align(wanted, there)
        found = [there[places[at]][1] for at in asked if at in places]
        as_shown = Glyphs(textpage, upright(page, shown), indices)
        boxes = [
            (left, height - top, right, height - bottom)
            for left, bottom, right, top in zip(*as_shown.boxes(found), strict=True)
        ]
    finally:
        textpage.close()
    ends = [at for at, character in enumerate(characters) if character in _LINE_ENDS]
    lines = [bisect_right(ends, at) for at in found]
    return list(_joined(boxes, lines)), len(found) / len(asked)


def _cleaned(characters: str) -> Iterator[tuple[str, int]]:
    """Yield the characters as the parser cleans them, with their positions."""
    at = 0
    while at < len(characters):
        pair = "\ud800" <= characters[at] < "\udc00" and at + 1 < len(characters)
        raw = characters[at : at + 1 + pair]  # pdfium counts UTF-16 units.
        plain = plain_spaces(clean(raw)).translate(APART)
        yield from ((character, at) for character in plain)
        at += len(raw)


def _joined(boxes: Sequence[Box], lines: Sequence[int]) -> Iterator[Box]:
    """Join the boxes of letters that follow each other in a line, level or sideways."""
    joined: Box | None = None
    before = -1
    for box, line in zip(boxes, lines, strict=True):
        if box[2] <= box[0] or box[3] <= box[1]:
            continue
        if (
            joined
            and line == before
            and (_follow(joined, box) or _follow(_turn(joined), _turn(box)))
        ):
            joined = (
                min(joined[0], box[0]),
                min(joined[1], box[1]),
                max(joined[2], box[2]),
                max(joined[3], box[3]),
            )
        else:
            if joined:
                yield joined
            joined = box
        before = line
    if joined:
        yield joined


def _follow(one: Box, other: Box) -> bool:
    """Return whether two boxes are level and next to each other."""
    heights = one[3] - one[1], other[3] - other[1]
    common = min(one[3], other[3]) - max(one[1], other[1])
    gap = max(one[0], other[0]) - min(one[2], other[2])
    return common > _LEVEL * min(heights) and gap < _APART * max(heights)


def _turn(box: Box) -> Box:
    return box[1], box[0], box[3], box[2]
