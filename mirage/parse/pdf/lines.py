"""Reads the lines of a PDF page from pdfium."""

import ctypes
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from itertools import groupby, pairwise
from typing import Any

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.characters.cleaning import clean, plain_spaces
from mirage.parse.characters.direction import RIGHT_TO_LEFT
from mirage.parse.pdf.characters import APART, read_characters
from mirage.parse.pdf.fonts import Fonts
from mirage.parse.pdf.gaps import Words
from mirage.parse.pdf.glyphs import Glyphs
from mirage.parse.pdf.page import Line, PageLines
from mirage.parse.pdf.reading_order import in_reading_order
from mirage.parse.pdf.right_to_left import in_logical_order
from mirage.parse.pdf.rotation import open_upright, upright
from mirage.parse.pdf.superscripts import with_scripts, write_script
from mirage.parse.pdf.tables import lay_out, rejoined

# pdfium writes this for a hyphen at the end of a line that divides a word in its view.
_DIVIDED = "\ufffe"
_FRAGMENT = re.compile(rf"([^\r\n{_DIVIDED}]*)({_DIVIDED}|[\r\n]+|$)")
_WORD = re.compile(rf"[^\s{_DIVIDED}]+")
_HYPHENATED = re.compile(r"[^\W\d_]\u2010$")  # pdfium knows only the hyphen of ASCII.
_MAX_LOOKED_AT = 1000
_FEW_LINES = 4  # guess: a frame, or rules above and below
_THIN = 3.0  # guess: points; rules are thinner
_NOTE_HEIGHT = 10.0  # Any plausible size will do.
_CELL_GAP = 0.5  # Share of the height of the letters, as in `gaps`.
_MARK = 3  # Characters of a footnote mark; a longer number may continue in normal size.


def read_page(page: pdfium.PdfPage, fonts: Fonts, notes: Sequence[str] = ()) -> PageLines:
    """Return the lines of a page, after turning it so that they are level. Raises PdfiumError.

    The notes become paragraphs below its other text.
    """
    textpage = open_upright(page)
    try:
        skipped = textpage.count_chars() == 0 and _holds_text(page)
        characters, indices, unreadable = read_characters(textpage, fonts)
        lines = _in_order(list(_join_rows(_fragments(page, textpage, characters, indices))))
    finally:
        textpage.close()
    drawn = pdfium_c.FPDFPage_CountObjects(page)
    pictures = not lines and not skipped and _shows_pictures(page, drawn)
    lines += _paragraphs(notes, lines)
    packed = PageLines.pack(lines, page.get_size(), unreadable=unreadable, drawn=drawn > 0)
    packed.only_pictures, packed.skipped = pictures, skipped
    return packed


def _holds_text(page: pdfium.PdfPage) -> bool:
    """Return whether a page of which pdfium extracts nothing draws text nevertheless.

    It does not extract vertical text in a font that is not part of the file.
    """
    drawn = min(pdfium_c.FPDFPage_CountObjects(page), _MAX_LOOKED_AT)
    return any(
        pdfium_c.FPDFPageObj_GetType(pdfium_c.FPDFPage_GetObject(page, at))
        == pdfium_c.FPDF_PAGEOBJ_TEXT
        for at in range(drawn)
    )


def _shows_pictures(page: pdfium.PdfPage, drawn: int) -> bool:
    """Return whether a page without text shows more than a few lines, such as a frame."""
    strokes = 0
    for at in range(min(drawn, _MAX_LOOKED_AT)):
        shape = pdfium_c.FPDFPage_GetObject(page, at)
        kind = pdfium_c.FPDFPageObj_GetType(shape)
        if kind == pdfium_c.FPDF_PAGEOBJ_PATH and _is_stroke(shape):
            strokes += 1
        elif kind != pdfium_c.FPDF_PAGEOBJ_TEXT:
            return True
    return strokes > _FEW_LINES


def _is_stroke(path: Any) -> bool:
    fill, stroke = ctypes.c_int(), ctypes.c_int()
    pdfium_c.FPDFPath_GetDrawMode(path, fill, stroke)
    left, bottom, right, top = (ctypes.c_float() for _ in range(4))
    pdfium_c.FPDFPageObj_GetBounds(path, left, bottom, right, top)
    thin = min(right.value - left.value, top.value - bottom.value) < _THIN
    return thin or not fill.value


def _paragraphs(texts: Sequence[str], lines: Sequence[Line]) -> Iterator[Line]:
    """Return the texts as lines far apart, below the others."""
    lowest = min((line.baseline for line in lines), default=0.0)
    for number, text in enumerate(texts, 1):
        baseline = lowest - 3 * number * _NOTE_HEIGHT
        yield Line(text, 0.0, len(text) * 0.5 * _NOTE_HEIGHT, baseline, _NOTE_HEIGHT)


def displayed(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """Return where a point of the page's own space is once the page is turned."""
    return upright(page, page.get_rotation())(x, y)


def _in_order(lines: list[Line]) -> list[Line]:
    """Return the lines in reading order; a block of sideways text may be written from below."""
    ordered: list[Line] = []
    for turn, group in groupby(lines, key=lambda line: line.turn):
        block = list(group)
        if turn and all(below.baseline < above.baseline for below, above in pairwise(block)):
            block.reverse()
        whole = rejoined(block)
        sorted_lines = in_reading_order(whole)
        ordered += lay_out(block if sorted_lines == whole else sorted_lines)
    return ordered


def _fragments(
    page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, characters: str, indices: Sequence[int]
) -> Iterator[Line]:
    if not characters:
        return
    turn = page.get_rotation()
    as_drawn = Glyphs(textpage, upright(page, turn), indices)
    characters, indices = in_logical_order(characters, indices, as_drawn)
    glyphs = {way: Glyphs(textpage, upright(page, way), indices) for way in (0, 90, 180, 270)}
    spans = [match.span() for match in _WORD.finditer(characters)]
    if not spans:
        return
    measured = {turn: Words(characters, spans, glyphs[turn])}
    level = measured[turn].level
    for match in _FRAGMENT.finditer(characters):
        for way, first, end in _runs(match, turn, glyphs, level=level):
            raw = with_scripts(characters[first:end], first, glyphs[way])
            whole = end < match.end(1) or not match.group(2)
            cut = not whole and match.group(2) == _DIVIDED
            relative = (way - turn) % 360
            if way not in measured:
                measured[way] = Words(characters, spans, glyphs[way])
            words = measured[way]
            begin, beyond = bisect_left(words.starts, first), bisect_left(words.starts, end)
            pieces = (
                (piece, row[0])
                for row in words.levels(begin, beyond)
                for piece in words.pieces(row[0], row[-1] + 1)
            )
            for piece, row_begin in pieces:
                at, to = piece[0], piece[-1]
                text = _cleaned(raw[words.starts[at] - first : words.ends[to] - first])
                if not text:
                    continue
                divided = cut and to == beyond - 1
                if not whole and _HYPHENATED.search(text):
                    divided, text = True, text[:-1]
                yield Line(
                    text,
                    min(words.lefts[at], words.lefts[to]),
                    max(words.rights[at], words.rights[to]),
                    glyphs[way].baseline(words.starts[at]),
                    words.heights[at],
                    divided,
                    relative,
                    at > row_begin,
                    partial(_extents, words, piece),
                )


def _extents(words: Words, piece: range) -> list[tuple[float, float]]:
    return [(words.lefts[at], words.rights[at]) for at in piece]


def _cleaned(raw: str) -> str:
    plain = raw.isascii() and raw.isprintable()
    return " ".join((raw if plain else plain_spaces(clean(raw)).translate(APART)).split())


def _runs(
    fragment: re.Match[str], turn: int, glyphs: Mapping[int, Glyphs], *, level: bool
) -> Iterator[tuple[int, int, int]]:
    """Return the rotation, begin and end of each line in a fragment; `level`: all of the page is.

    There is one line, unless pdfium takes sideways lines and the level one before them for one.
    """
    raw, start = fragment.group(1), fragment.start()
    first, end = start + len(raw) - len(raw.lstrip()), start + len(raw.rstrip())
    if first >= end:
        return
    if level or all(glyphs[turn].turn(at) in (None, turn) for at in {first, end - 1}):
        yield turn, first, end
        return
    run: tuple[int, int, int] | None = None
    stands = 0.0
    for word in _WORD.finditer(fragment.string, first, end):
        way = glyphs[turn].turn(word.start())
        way = turn if way is None else way
        height, baseline = glyphs[way].place(word.start())
        if run and run[0] == way and abs(baseline - stands) < 0.5 * height:
            run = (way, run[1], word.end())
        else:
            if run:
                yield run
            run = (way, word.start(), word.end())
        stands = baseline
    if run:
        yield run


def _join_rows(fragments: Iterator[Line]) -> Iterator[Line]:
    """Join lines that pdfium broke at a raised or lowered character, such as a footnote mark.

    A wide gap keeps the pieces of a row apart.
    """
    row: Line | None = None  # As if it had no wide gaps.
    piece: Line | None = None
    for fragment in fragments:
        if row is None or piece is None:
            row = piece = fragment
        elif fragment.follows:
            yield piece
            row, piece = _together(row, " ", fragment.text, fragment), fragment
        elif _goes_on(row, fragment):
            gap = _gap(row, fragment)
            tall = max(row, fragment, key=lambda line: line.height)
            if gap > _CELL_GAP * tall.height:
                yield piece
                row = _together(row, " ", fragment.text, fragment)
                piece = replace(fragment, follows=True)
                continue
            glue = " " if gap > 0.15 * tall.height else ""
            text = fragment.text if glue else _appended(row, fragment)
            row = _together(row, glue, text, fragment)
            piece = _together(piece, glue, text, fragment)
        else:
            yield piece
            row = piece = fragment
    if piece is not None:
        yield piece


def _together(left: Line, glue: str, text: str, right: Line) -> Line:
    tall = left if right.follows else max(left, right, key=lambda line: line.height)
    return Line(
        left.text + glue + text,
        min(left.left, right.left),
        max(left.right, right.right),
        tall.baseline,
        tall.height,
        right.divided,
        right.turn,
        left.follows,
        partial(_joined, left, right) if left.words and right.words else None,
    )


def _joined(left: Line, right: Line) -> list[tuple[float, float]]:
    """Return the extents of the words of two lines; their parts may make one word."""
    before, after = (line.words() if line.words else [] for line in (left, right))
    if before and after and after[0][0] - before[-1][1] <= 0.15 * max(left.height, right.height):
        return [*before[:-1], (before[-1][0], after[0][1]), *after[1:]]
    return before + after


def _gap(row: Line, fragment: Line) -> float:
    leftwards = RIGHT_TO_LEFT.search(row.text) and fragment.left < row.left
    return row.left - fragment.right if leftwards else fragment.left - row.right


def _appended(row: Line, fragment: Line) -> str:
    """Return the fragment's text, with a raised or lowered mark at its beginning as such.

    The fragment's height is the height of its first character.
    """
    mark, space, rest = fragment.text.partition(" ")
    if len(mark) <= _MARK:
        rise = fragment.baseline - row.baseline
        mark = write_script(mark, row.text, fragment.height, rise, row.height)
    return mark + space + rest


def _goes_on(row: Line, fragment: Line) -> bool:
    height = max(row.height, fragment.height)
    return (
        not row.divided
        and row.turn == fragment.turn
        and abs(row.baseline - fragment.baseline) < 0.5 * height
        and -0.3 * height < _gap(row, fragment) < height
    )
