"""Reads the lines of a PDF page from pdfium and corrects characters that pdfium gets wrong."""

import ctypes
import re
import unicodedata
from collections.abc import Iterator, Mapping
from itertools import groupby, pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.characters.cleaning import clean, plain_spaces
from mirage.parse.characters.direction import RIGHT_TO_LEFT
from mirage.parse.pdf.glyphs import Glyphs, box_of, character_index
from mirage.parse.pdf.page import Line, PageLines
from mirage.parse.pdf.reading_order import in_reading_order
from mirage.parse.pdf.rotation import open_upright, upright
from mirage.parse.pdf.superscripts import with_scripts, write_script

# pdfium writes this for a hyphen at the end of a line that divides a word in its view.
_DIVIDED = "\ufffe"
_FRAGMENT = re.compile(rf"([^\r\n{_DIVIDED}]*)({_DIVIDED}|[\r\n]+|$)")
_WORD = re.compile(r"\S+")
_HYPHENATED = re.compile(r"[^\W\d_]\u2010$")  # pdfium knows only the hyphen of ASCII.
_RIGHT_TO_LEFT_RUN = re.compile(f"{RIGHT_TO_LEFT.pattern}{{2,}}")
# Older fonts of TeX draw an accented letter as an accent and a letter in the same place.
_ACCENTED = re.compile("[\xa8\xb4\xb8\u02c6\u02c7\u02d8-\u02dd][A-Za-z\u0131]")
_COMBINING = str.maketrans(
    "\xa8\xb4\xb8\u02c6\u02c7\u02d8\u02d9\u02da\u02db\u02dc\u02dd\u0131",
    "\u0308\u0301\u0327\u0302\u030c\u0306\u0307\u030a\u0328\u0303\u030bi",
)
_MARK = 3  # Characters of a footnote mark; a longer number may continue in normal size.
_SAMPLES = 64
_FIRST_PRINTABLE = 0x20
# Share of control characters among the unmapped codes: 0.2 to 0.9 where a font does not say which
# letters it draws, and close to 0 where its codes happen to be the letters.
_GIBBERISH = 0.1
_MOSTLY_UNREADABLE = 0.3  # guess: readable pages stay below 0.01, others are above 0.8


def read_page(page: pdfium.PdfPage) -> PageLines:
    """Return the lines of a page, after turning it so that they are level. Raises PdfiumError."""
    textpage = open_upright(page)
    try:
        characters, unreadable = _readable(textpage, _characters(textpage))
        lines = _in_order(list(_join_rows(_fragments(page, textpage, characters))))
    finally:
        textpage.close()
    drawn = pdfium_c.FPDFPage_CountObjects(page) > 0
    return PageLines.pack(lines, page.get_size(), unreadable=unreadable, drawn=drawn)


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
        ordered += in_reading_order(block)
    return ordered


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


def _fragments(
    page: pdfium.PdfPage, textpage: pdfium.PdfTextPage, characters: str
) -> Iterator[Line]:
    turn = page.get_rotation()
    glyphs = {way: Glyphs(textpage, upright(page, way)) for way in (0, 90, 180, 270)}
    for match in _FRAGMENT.finditer(characters):
        for way, first, end in _runs(match, turn, glyphs):
            raw = with_scripts(characters[first:end], first, glyphs[way])
            plain = raw.isascii() and raw.isprintable()
            text = " ".join((raw if plain else plain_spaces(clean(raw))).split())
            if not text:
                continue
            whole = end < match.end(1) or not match.group(2)
            divided = not whole and match.group(2) == _DIVIDED
            if not whole and _HYPHENATED.search(text):
                divided, text = True, text[:-1]
            relative = (way - turn) % 360
            yield _measure(glyphs[way], text, first, end - 1, divided=divided, turn=relative)


def _runs(
    fragment: re.Match[str], turn: int, glyphs: Mapping[int, Glyphs]
) -> Iterator[tuple[int, int, int]]:
    """Return the rotation, begin and end of each line in a fragment.

    There is one line, unless pdfium takes sideways lines and the level one before them for one.
    """
    raw, start = fragment.group(1), fragment.start()
    first, end = start + len(raw) - len(raw.lstrip()), start + len(raw.rstrip())
    if first >= end:
        return
    if all(glyphs[turn].turn(at) in (None, turn) for at in (first, end - 1)):
        yield turn, first, end
        return
    run: tuple[int, int, int] | None = None
    level = 0.0
    for word in _WORD.finditer(fragment.string, first, end):
        way = glyphs[turn].turn(word.start())
        way = turn if way is None else way
        height, baseline = glyphs[way].place(word.start())
        if run and run[0] == way and abs(baseline - level) < 0.5 * height:
            run = (way, run[1], word.end())
        else:
            if run:
                yield run
            run = (way, word.start(), word.end())
        level = baseline
    if run:
        yield run


def _measure(glyphs: Glyphs, text: str, first: int, last: int, *, divided: bool, turn: int) -> Line:
    lefts, bottoms, rights, tops = zip(glyphs.box(first), glyphs.box(last), strict=True)
    height = tops[0] - bottoms[0] or 10.0  # The font has no box; any plausible size will do.
    baseline = glyphs.baseline(first)
    return Line(text, min(lefts), max(rights), baseline, height, divided, turn)


def _join_rows(fragments: Iterator[Line]) -> Iterator[Line]:
    """Join lines that pdfium broke at a raised or lowered character, such as a footnote mark."""
    row: Line | None = None
    for fragment in fragments:
        if row is None:
            row = fragment
        elif _goes_on(row, fragment):
            gap = fragment.left - row.right
            tall = max(row, fragment, key=lambda line: line.height)
            glue = " " if gap > 0.15 * tall.height else ""
            row = Line(
                row.text + (glue + fragment.text if glue else _appended(row, fragment)),
                min(row.left, fragment.left),
                max(row.right, fragment.right),
                tall.baseline,
                tall.height,
                fragment.divided,
                fragment.turn,
            )
        else:
            yield row
            row = fragment
    if row is not None:
        yield row


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
        and -0.3 * height < fragment.left - row.right < height
    )


def _unmapped(textpage: pdfium.PdfTextPage, text_index: int) -> bool:
    index = character_index(textpage, text_index)
    return bool(pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1)
