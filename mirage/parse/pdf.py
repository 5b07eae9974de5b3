"""PDF by pdfium: a section per page, and per heading of the outline that begins within a page.

pdfium's order of the text is kept: it follows the file's own, which sound producers write in
reading order, column after column.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.errors import Damaged, Encrypted, NoText
from mirage.model import Parsed, Section
from mirage.parse.cleaning import one_line
from mirage.parse.headings import heading_path, join_bare_headings, plain_words
from mirage.parse.pdf_damage import DamageCheck
from mirage.parse.pdf_hyphens import known_words
from mirage.parse.pdf_layout import compose, join_title
from mirage.parse.pdf_lines import displayed, read_page
from mirage.parse.pdf_page import Line, PageLines
from mirage.parse.pdf_running import find_running_lines
from mirage.parse.pdf_scripts import without_scripts

_TAIL_BYTES = 64 * 1024
_PASSWORD_ERRORS = (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
# Where the upper edge stands among the parameters of a destination (PDF 32000-1, table 151).
_TOP_PARAMETER = {
    pdfium_c.PDFDEST_VIEW_XYZ: 1,
    pdfium_c.PDFDEST_VIEW_FITH: 0,
    pdfium_c.PDFDEST_VIEW_FITBH: 0,
    pdfium_c.PDFDEST_VIEW_FITR: 3,
}
_MAX_HEADING_DISTANCE = 72  # Points between a heading and where its outline entry points; guess.
_SAME_SIZE = 0.87  # Of the height of the largest letters; smaller ones are another size.
_MAX_TITLE_LINES = 4


_Target = tuple[tuple[str, ...], float | None]
"""The path of a heading, and at which height of its page the outline leads to it, if it says."""


@dataclass(frozen=True, slots=True)
class _Heading:
    """An entry of the outline; `point` is where it leads on the page, in the page's own space."""

    page: int
    point: tuple[float, float] | None
    path: tuple[str, ...]


def parse(path: Path) -> Parsed:
    """Raises Encrypted, Damaged (also when the file ends too early) or NoText."""
    try:
        with _open(path) as document:
            return _read(document)
    except pdfium.PdfiumError as error:
        raise Damaged(f"The PDF is damaged: {str(error).rstrip('.')}.") from error


def _open(path: Path) -> pdfium.PdfDocument:
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(size - _TAIL_BYTES, 0))
        tail = file.read()
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code in _PASSWORD_ERRORS:
            raise Encrypted("The PDF is encrypted and opens with a password only.") from error
        raise Damaged("The PDF is damaged and cannot be opened.") from error
    # pdfium rebuilds a cut file from what is left of it, and would hand out a part as the whole.
    if b"%%EOF" not in tail and b"startxref" not in tail:
        document.close()
        raise Damaged("The PDF ends too early: its last part is missing.")
    if len(document) == 0:
        document.close()
        raise Damaged("The PDF is damaged: it has no pages.")
    return document


def _read(document: pdfium.PdfDocument) -> Parsed:
    if document.get_formtype() != pdfium_c.FORMTYPE_NONE:
        document.init_forms()
    headings = list(_outline(document))
    by_page = {page: list(group) for page, group in groupby(headings, key=lambda h: h.page)}
    pages: list[PageLines] = []
    labels: list[str | None] = []
    targets: list[list[_Target]] = []
    damage = DamageCheck(document)
    for index in range(len(document)):
        lines, aims = _read_page(document, index, by_page.get(index, ()))
        if not lines.drawn and not lines.damaged:
            lines.damaged = damage.is_damaged(index)
        pages.append(lines)
        targets.append(aims)
        labels.append(one_line(document.get_page_label(index)) or None)
    sections = tuple(join_bare_headings(_sections(pages, labels, targets, headings)))
    warnings = tuple(_warnings(pages, {section.page_number for section in sections}))
    if not sections:
        raise _nothing_read(pages, warnings)
    return Parsed(
        sections,
        title=one_line(document.get_metadata_value("Title")) or None,
        page_count=len(pages),
        warnings=warnings,
    )


def _read_page(
    document: pdfium.PdfDocument, index: int, headings: Sequence[_Heading]
) -> tuple[PageLines, list[_Target]]:
    """The lines of a page, none if it cannot be read, and where the headings on it are."""
    try:
        page = _load(document, index)
        try:
            lines = read_page(page)
            return lines, [
                (heading.path, heading.point and displayed(page, *heading.point)[1])
                for heading in headings
            ]
        finally:
            page.close()
    except pdfium.PdfiumError:
        return PageLines.lost(), [(heading.path, None) for heading in headings]


def _load(document: pdfium.PdfDocument, index: int) -> pdfium.PdfPage:
    page = document[index]
    if document.formenv:
        # Makes what was typed into the form's fields part of the page.
        pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
        page.close()
        page = document[index]
    return page


def _outline(document: pdfium.PdfDocument) -> Iterator[_Heading]:
    """In order of pages; entries that lead nowhere still stand in the path of those below them."""
    path: list[str] = []
    found: list[_Heading] = []
    for bookmark in document.get_toc():
        del path[bookmark.level :]
        path.append(one_line(bookmark.get_title()))
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if destination is not None and page is not None and page >= 0:
            named = heading_path([title for title in path if title])
            found.append(_Heading(page, _point(destination), named))
    yield from sorted(found, key=lambda heading: heading.page)


def _point(destination: pdfium.PdfDest) -> tuple[float, float] | None:
    view, parameters = destination.get_view()
    at = _TOP_PARAMETER.get(view)
    if at is None or at >= len(parameters):
        return None
    x = parameters[0] if view != pdfium_c.PDFDEST_VIEW_FITH and at else 0.0
    return x, parameters[at]


def _locate(
    targets: Sequence[_Target], lines: Sequence[Line], left_out: set[int]
) -> list[tuple[int, tuple[str, ...]]]:
    """The line with which each heading begins, in order of the lines."""
    found: list[tuple[int, tuple[str, ...]]] = []
    words = [plain_words(without_scripts(line.text)) for line in lines] if targets else []
    for running in left_out if targets else ():
        words[running] = ""
    earliest = 0
    for path, y in targets:
        at = _titled(plain_words(path[-1]) if path else "", words, lines, y)
        if at is None:
            at = _below(lines, y) if y is not None else 0
        elif at > 0 and not words[at - 1] and path[-1].startswith(lines[at - 1].text):
            at -= 1  # The number of the heading is on a line of its own.
        earliest = max(earliest, at)
        if not found or found[-1][0] < earliest or _extends(path, found[-1][1]):
            found.append((earliest, path))
    return found


def _titled(title: str, words: Sequence[str], lines: Sequence[Line], y: float | None) -> int | None:
    """The line that carries the title, or its beginning, closest to where the entry leads.

    A running header may carry it as well, in smaller letters. An entry may lead to the top of the
    page; the whole title is then looked for down to its end.
    """
    if not title:
        return None
    distances: dict[int, float] = {}
    for at, line in enumerate(words):
        if line.startswith(title) or (len(line) >= 4 and title.startswith(line)):
            drop = float(at) if y is None else y - lines[at].baseline
            whole_below = line == title and drop > 0
            if y is None or abs(drop) < _MAX_HEADING_DISTANCE or whole_below:
                distances[at] = abs(drop)
    tallest = max((lines[at].height for at in distances), default=0.0)
    large = [at for at in distances if lines[at].height > _SAME_SIZE * tallest]
    return min(large, key=distances.__getitem__, default=None)


def _below(lines: Sequence[Line], y: float) -> int:
    lower = (at for at, line in enumerate(lines) if line.baseline <= y and not line.turn)
    return next(lower, len(lines))


def _sections(
    pages: Sequence[PageLines],
    labels: Sequence[str | None],
    targets: Sequence[Sequence[_Target]],
    headings: Sequence[_Heading],
) -> Iterator[Section]:
    titles = [heading.path[-1] for heading in headings if heading.path]
    running = find_running_lines(pages, labels, titles)
    known = known_words(pages)
    path: tuple[str, ...] = ()
    for index, page in enumerate(pages):
        lines = page.lines()
        left_out = running.get(index, set())
        starts = _locate(targets[index], lines, left_out)
        marks = [(0, path), *starts, (len(lines), path)]
        for (first, path), (end, _) in pairwise(marks):
            part = [lines[at] for at in range(first, end) if at not in left_out]
            title_lines = _count_title_lines(part, path, known)
            title = join_title(part[:title_lines], known)
            body = compose(part[title_lines:], known)
            if title or body:
                text = f"{title}\n\n{body}" if title and body else title or body
                yield Section(text, path, index + 1, labels[index])


def _count_title_lines(lines: Sequence[Line], path: tuple[str, ...], known: set[str]) -> int:
    """How many lines at the beginning make up the title of the section."""
    title = plain_words(path[-1]) if path else ""
    if not title:
        return 0
    for count in range(1, min(_MAX_TITLE_LINES, len(lines)) + 1):
        words = plain_words(without_scripts(join_title(lines[:count], known)))
        if words == title:
            return count
    return 0


def _extends(path: tuple[str, ...], parent: tuple[str, ...]) -> bool:
    return bool(parent) and path[: len(parent)] == parent


def _warnings(pages: Sequence[PageLines], with_text: set[int | None]) -> Iterator[str]:
    empty = [
        number
        for number, page in enumerate(pages, 1)
        if number not in with_text and page.drawn and not page.unreadable
    ]
    damaged = [number for number, page in enumerate(pages, 1) if page.damaged]
    unreadable = [number for number, page in enumerate(pages, 1) if page.unreadable]
    if empty and len(empty) == len(pages):
        yield "The PDF holds pictures only, no text."
    elif empty:
        verb = "carries" if len(empty) == 1 else "carry"
        yield f"{_name_pages(empty)} {verb} no text, only pictures."
    if damaged:
        verb = "is" if len(damaged) == 1 else "are"
        yield f"{_name_pages(damaged)} {verb} damaged and cannot be read."
    if unreadable:
        yield (
            f"The letters of {_name_pages(unreadable).lower()} cannot be read: "
            "the file does not say which characters its fonts draw."
        )


def _nothing_read(pages: Sequence[PageLines], warnings: Sequence[str]) -> Damaged | NoText:
    if any(page.damaged for page in pages):
        return Damaged(f"The PDF is damaged: {' '.join(warnings)}")
    return NoText(warnings[0] if warnings else "The PDF holds no text.")


def _name_pages(numbers: Sequence[int]) -> str:
    """`Page 3` or `Pages 3, 7–9`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    named = ", ".join("–".join(map(str, span)) for span in spans)
    return f"{'Page' if len(numbers) == 1 else 'Pages'} {named}"
