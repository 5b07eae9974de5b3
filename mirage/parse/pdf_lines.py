"""Reads the lines of a PDF page out of pdfium, and mends what it gets wrong about characters."""

import ctypes
import re
import unicodedata
from collections.abc import Callable, Iterator

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.cleaning import clean, plain_spaces
from mirage.parse.pdf_order import in_reading_order
from mirage.parse.pdf_page import Line, PageLines

# pdfium puts this where it takes the hyphen at the end of a line for a division of the word.
_DIVIDED = "\ufffe"
_FRAGMENT = re.compile(rf"([^\r\n{_DIVIDED}]*)({_DIVIDED}|[\r\n]+|$)")
_HYPHENATED = re.compile(r"[^\W\d_]\u2010$")  # pdfium knows no hyphens but those of ASCII.
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
_RIGHT_TO_LEFT_RUN = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]{2,}")
# TeX's older fonts draw an accented letter as an accent and a letter, one upon the other.
_ACCENTED = re.compile("[\xa8\xb4\xb8\u02c6\u02c7\u02d8-\u02dd][A-Za-z\u0131]")
_COMBINING = str.maketrans(
    "\xa8\xb4\xb8\u02c6\u02c7\u02d8\u02d9\u02da\u02db\u02dc\u02dd\u0131",
    "\u0308\u0301\u0327\u0302\u030c\u0306\u0307\u030a\u0328\u0303\u030bi",
)
_SAMPLES = 64
_FIRST_PRINTABLE = 0x20
# Codes taken for letters: control characters make up 0.2 to 0.9 of them where a font says nothing
# about its letters, and next to nothing where its codes happen to be the letters.
_GIBBERISH = 0.1
_MOSTLY_UNREADABLE = 0.3  # guess: pages that can be read stay below 0.01, others are above 0.8

_Transform = Callable[[float, float], tuple[float, float]]


def read_page(page: pdfium.PdfPage) -> PageLines:
    """Extract the lines of a page; raises PdfiumError."""
    textpage = page.get_textpage()
    try:
        characters, unreadable = _readable(textpage, _characters(textpage))
        rotation = page.get_rotation()
        width, height = page.get_size()
        transform = _to_displayed(rotation, width, height)
        fragments = _fragments(textpage, characters, transform)
        lines = in_reading_order(list(_join_rows(fragments)))
    finally:
        textpage.close()
    drawn = pdfium_c.FPDFPage_CountObjects(page) > 0
    return PageLines.pack(lines, (width, height), unreadable=unreadable, drawn=drawn)


def displayed(page: pdfium.PdfPage, x: float, y: float) -> tuple[float, float]:
    """Where a point of the page's own space is once the page is turned."""
    return _to_displayed(page.get_rotation(), *page.get_size())(x, y)


def _characters(textpage: pdfium.PdfTextPage) -> str:
    """pdfium's text of the page, one character per UTF-16 unit so that its indices hold."""
    count = textpage.count_chars()
    if count == 0:
        return ""
    buffer = (ctypes.c_ushort * (count + 1))()
    written = pdfium_c.FPDFText_GetText(textpage, 0, count, buffer)
    characters = "".join(map(chr, buffer[: max(written - 1, 0)]))
    characters = _ACCENTED.sub(lambda pair: _compose(textpage, pair), characters)
    if _RIGHT_TO_LEFT.search(characters):
        return _RIGHT_TO_LEFT_RUN.sub(lambda run: _logical_order(textpage, run), characters)
    return characters


def _compose(textpage: pdfium.PdfTextPage, pair: re.Match[str]) -> str:
    """The accented letter, and a filler that keeps the indices of what follows."""
    accent = _box(textpage, _character_index(textpage, pair.start()))
    letter = _box(textpage, _character_index(textpage, pair.start() + 1))
    overlap = min(accent[1], letter[1]) - max(accent[0], letter[0])
    mark_and_base = pair.group().translate(_COMBINING)
    composed = unicodedata.normalize("NFC", mark_and_base[1] + mark_and_base[0])
    upon_each_other = overlap > 0.5 * min(accent[1] - accent[0], letter[1] - letter[0])
    return composed + "\0" if upon_each_other and len(composed) == 1 else pair.group()


def _logical_order(textpage: pdfium.PdfTextPage, run: re.Match[str]) -> str:
    """Turn the letters of one glyph round again (lam-alef, or a whole word in one glyph).

    pdfium reverses a right-to-left line character by character, and thereby also the several
    characters that a glyph stands for, which the file lists in logical order. Such characters
    share one box.
    """
    ordered: list[str] = []
    glyph: list[str] = []
    glyph_box: tuple[float, ...] | None = None
    for index, character in enumerate(run.group(), run.start()):
        box = _box(textpage, _character_index(textpage, index))
        if box != glyph_box:
            ordered.extend(reversed(glyph))
            glyph, glyph_box = [], box
        glyph.append(character)
    ordered.extend(reversed(glyph))
    return "".join(ordered)


def _readable(textpage: pdfium.PdfTextPage, characters: str) -> tuple[str, bool]:
    """Blank the characters that stand for no known letter; whether they are most of the page."""
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
    textpage: pdfium.PdfTextPage, characters: str, transform: _Transform
) -> Iterator[Line]:
    for match in _FRAGMENT.finditer(characters):
        raw = match.group(1)
        plain = raw.isascii() and raw.isprintable()
        text = " ".join((raw if plain else plain_spaces(clean(raw))).split())
        if not text:
            continue
        first = match.start() + len(raw) - len(raw.lstrip())
        last = match.start() + len(raw.rstrip()) - 1
        divided = match.group(2) == _DIVIDED
        if match.group(2) and _HYPHENATED.search(text):
            divided, text = True, text[:-1]
        yield _measure(textpage, text, first, last, transform, divided=divided)


def _measure(
    textpage: pdfium.PdfTextPage,
    text: str,
    first: int,
    last: int,
    transform: _Transform,
    *,
    divided: bool,
) -> Line:
    head, tail = _character_index(textpage, first), _character_index(textpage, last)
    corners = []
    for left, right, bottom, top in (_box(textpage, head), _box(textpage, tail)):
        corners += [transform(left, bottom), transform(right, top)]
    xs, ys = [x for x, _ in corners], [y for _, y in corners]
    origin_x, origin_y = ctypes.c_double(), ctypes.c_double()
    pdfium_c.FPDFText_GetCharOrigin(textpage, head, origin_x, origin_y)
    _, baseline = transform(origin_x.value, origin_y.value)
    height = abs(ys[1] - ys[0]) or 10.0  # A font without a box: any plausible size will do.
    return Line(text, min(xs), max(xs), baseline, height, divided)


def _join_rows(fragments: Iterator[Line]) -> Iterator[Line]:
    """Put together what pdfium broke at a raised or lowered character, such as a footnote mark."""
    row: Line | None = None
    for fragment in fragments:
        if row is None:
            row = fragment
        elif _goes_on(row, fragment):
            gap = fragment.left - row.right
            tall = max(row, fragment, key=lambda line: line.height)
            glue = " " if gap > 0.15 * tall.height else ""
            row = Line(
                row.text + glue + fragment.text,
                min(row.left, fragment.left),
                max(row.right, fragment.right),
                tall.baseline,
                tall.height,
                fragment.divided,
            )
        else:
            yield row
            row = fragment
    if row is not None:
        yield row


def _goes_on(row: Line, fragment: Line) -> bool:
    height = max(row.height, fragment.height)
    return (
        not row.divided
        and abs(row.baseline - fragment.baseline) < 0.5 * height
        and -0.3 * height < fragment.left - row.right < height
    )


def _character_index(textpage: pdfium.PdfTextPage, text_index: int) -> int:
    index: int = pdfium_c.FPDFText_GetCharIndexFromTextIndex(textpage, text_index)
    return index


def _unmapped(textpage: pdfium.PdfTextPage, text_index: int) -> bool:
    index = _character_index(textpage, text_index)
    return bool(pdfium_c.FPDFText_HasUnicodeMapError(textpage, index) == 1)


def _box(textpage: pdfium.PdfTextPage, index: int) -> tuple[float, float, float, float]:
    """Left, right, bottom, top of a character, with the whole height of its font."""
    box = pdfium_c.FS_RECTF()
    pdfium_c.FPDFText_GetLooseCharBox(textpage, index, box)
    return box.left, box.right, box.bottom, box.top


def _to_displayed(rotation: int, width: float, height: float) -> _Transform:
    """`width` and `height` are those of the page as it is displayed."""
    turns: dict[int, _Transform] = {
        90: lambda x, y: (y, height - x),
        180: lambda x, y: (width - x, height - y),
        270: lambda x, y: (width - y, x),
    }
    return turns.get(rotation, lambda x, y: (x, y))
