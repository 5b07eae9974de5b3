"""Parses PDF with pdfium: one section per page, and per outline heading that begins on a page.

The order of pdfium's text is kept. It follows the order in the file, and most programs write files
in reading order, column after column.
"""

import logging
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, pairwise
from pathlib import Path

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.errors import Damaged, Encrypted, NoText, Unreadable
from mirage.model import Parsed, Section
from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import join_bare_headings, plain_words
from mirage.parse.pdf.annotations import read_annotations
from mirage.parse.pdf.damage import DamageCheck
from mirage.parse.pdf.fonts import Fonts
from mirage.parse.pdf.hyphens import known_words
from mirage.parse.pdf.layers import Layers, find_hidden, remove_hidden
from mirage.parse.pdf.layout import compose, join_title
from mirage.parse.pdf.lines import displayed, read_page
from mirage.parse.pdf.outline import Heading, Target, locate, read_outline
from mirage.parse.pdf.page import Line, PageLines
from mirage.parse.pdf.running_headers import find_running_lines

_TAIL_BYTES = 64 * 1024
_PADDING = b"\0 \t\r\n"
_PASSWORD_ERRORS = (pdfium_c.FPDF_ERR_PASSWORD, pdfium_c.FPDF_ERR_SECURITY)
_MAX_TITLE_LINES = 4
_NAMED_FILES = 20
_XFA_FORMS = (pdfium_c.FORMTYPE_XFA_FULL, pdfium_c.FORMTYPE_XFA_FOREGROUND)
_SHELL_CHARACTERS = 1500  # guess: that of Adobe has 700 in the longest of its languages
_SHELL = re.compile(r"please wait|adobe\W+(?:acrobat|reader)", re.IGNORECASE)
# It warns on standard error about each XFA form.
logging.getLogger("pypdfium2").setLevel(logging.ERROR)
# Titles that programs set by themselves: a placeholder, or the name of the file.
_NO_TITLE = re.compile(
    r"|\W*(?:untitled|unbenannt|ohne titel|sans titre|sin título|senza titolo|без имени)[\W\d]*|"
    r"microsoft (?:word|excel|powerpoint|office) - .*|"
    r".*\.(?:docx?|dotx?|rtf|odt|pptx?|odp|xlsx?|ods|tex|dvi|indd|qxd|pages|pdf|ps|txt|html?)",
    re.IGNORECASE,
)


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, NoText, or Damaged (also if the file ends too early)."""
    try:
        with _open(path) as document:
            layers = find_hidden(path, document)
            return _read((layers and layers.document) or document, layers)
    except pdfium.PdfiumError as error:
        raise Damaged(f"The PDF is damaged: {str(error).rstrip('.')}.") from error


def _open(path: Path) -> pdfium.PdfDocument:
    tail = _tail(path)
    try:
        document = pdfium.PdfDocument(path)
    except pdfium.PdfiumError as error:
        if error.err_code in _PASSWORD_ERRORS:
            raise Encrypted("The PDF is encrypted and opens only with a password.") from error
        raise Damaged("The PDF is damaged and cannot be opened.") from error
    # pdfium repairs a truncated file and would return a part of the document as the whole.
    if b"%%EOF" not in tail and b"startxref" not in tail:
        document.close()
        raise Damaged("The PDF ends too early: its last part is missing.")
    if len(document) == 0:
        document.close()
        raise Damaged("The PDF is damaged: it has no pages.")
    return document


def _tail(path: Path) -> bytes:
    """Return the end of the file, without the zeros or blanks that may pad it."""
    with path.open("rb") as file:
        end = file.seek(0, 2)
        tail = b""
        while end > 0 and not tail:
            start = max(end - _TAIL_BYTES, 0)
            file.seek(start)
            tail = file.read(end - start).rstrip(_PADDING)
            end = start
        file.seek(max(end - _TAIL_BYTES, 0))
        before = file.read(min(end, _TAIL_BYTES))
    return before + tail


def _read(document: pdfium.PdfDocument, layers: Layers | None) -> Parsed:
    form = document.get_formtype()
    if form != pdfium_c.FORMTYPE_NONE:
        document.init_forms()
    headings = list(read_outline(document))
    by_page = {page: list(group) for page, group in groupby(headings, key=lambda h: h.page)}
    pages: list[PageLines] = []
    labels: list[str | None] = []
    targets: list[list[Target]] = []
    damage = DamageCheck(document)
    fonts = Fonts()
    for index in range(len(document)):
        lines, aims = _read_page(document, index, by_page.get(index, ()), layers, fonts)
        if not lines.drawn and not lines.damaged:
            lines.damaged = damage.is_damaged(index)
        pages.append(lines)
        targets.append(aims)
        labels.append(one_line(document.get_page_label(index)) or None)
    sections = tuple(join_bare_headings(_sections(pages, labels, targets, headings)))
    warnings = (*_warnings(pages), *_unread_files(document, pages))
    if form in _XFA_FORMS and _is_shell(form, sections):
        raise Unreadable(
            "The PDF is an XFA form. Only some programs, such as Adobe Acrobat, show its contents; "
            "print it as a PDF there."
        )
    if form == pdfium_c.FORMTYPE_XFA_FULL:
        warnings += ("The PDF is an XFA form, and other contents than its pages are not read.",)
    if not sections:
        raise _nothing_read(pages, warnings)
    return Parsed(
        sections,
        title=_title(document),
        page_count=len(pages),
        warnings=warnings,
    )


def _title(document: pdfium.PdfDocument) -> str | None:
    title = one_line(document.get_metadata_value("Title"))
    return None if _NO_TITLE.fullmatch(title) else title


def _read_page(
    document: pdfium.PdfDocument,
    index: int,
    headings: Sequence[Heading],
    layers: Layers | None,
    fonts: Fonts,
) -> tuple[PageLines, list[Target]]:
    """Return the lines of a page (empty if it cannot be read) and the targets of its headings."""
    try:
        page = document[index]
        try:
            notes = read_annotations(page)
            if document.formenv or notes.drawn:
                page = _flattened(document, page, index)
            if layers:
                remove_hidden(page, layers)
            lines = read_page(page, fonts, notes.lines)
            lines.files = notes.files
            return lines, [
                (heading.path, heading.point and displayed(page, *heading.point)[1])
                for heading in headings
            ]
        finally:
            page.close()
    except pdfium.PdfiumError:
        return PageLines.lost(), [(heading.path, None) for heading in headings]


def _flattened(document: pdfium.PdfDocument, page: pdfium.PdfPage, index: int) -> pdfium.PdfPage:
    """Return the page with the values of a form's fields and text boxes as parts of it."""
    pdfium_c.FPDFPage_Flatten(page, pdfium_c.FLAT_NORMALDISPLAY)
    page.close()
    return document[index]


def _is_shell(form: int, sections: Sequence[Section]) -> bool:
    """Return whether the pages only ask for a program that can show the form."""
    text = " ".join(section.text for section in sections)
    if form == pdfium_c.FORMTYPE_XFA_FULL:
        return len(text) < _SHELL_CHARACTERS
    return len(text) < _SHELL_CHARACTERS and bool(_SHELL.search(text))


def _sections(
    pages: Sequence[PageLines],
    labels: Sequence[str | None],
    targets: Sequence[Sequence[Target]],
    headings: Sequence[Heading],
) -> Iterator[Section]:
    titles = [heading.path[-1] for heading in headings if heading.path]
    running = find_running_lines(pages, labels, titles)
    known = known_words(pages)
    path: tuple[str, ...] = ()
    for index, page in enumerate(pages):
        lines = page.lines()
        left_out = running.get(index, set())
        starts = locate(targets[index], lines, left_out)
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
    """Return how many lines at the beginning make up the title of the section."""
    title = plain_words(path[-1]) if path else ""
    if not title:
        return 0
    for count in range(1, min(_MAX_TITLE_LINES, len(lines)) + 1):
        words = plain_words(join_title(lines[:count], known))
        if words == title:
            return count
    return 0


def _warnings(pages: Sequence[PageLines]) -> Iterator[str]:
    empty = [
        number for number, page in enumerate(pages, 1) if page.only_pictures and not page.unreadable
    ]
    damaged = [number for number, page in enumerate(pages, 1) if page.damaged]
    unreadable = [number for number, page in enumerate(pages, 1) if page.unreadable]
    skipped = [number for number, page in enumerate(pages, 1) if page.skipped]
    if empty and len(empty) == len(pages):
        yield "The PDF contains only pictures, no text."
    elif empty:
        verb = "contains" if len(empty) == 1 else "contain"
        yield f"{_name_pages(empty)} {verb} only pictures, no text."
    if damaged:
        verb = "is" if len(damaged) == 1 else "are"
        yield f"{_name_pages(damaged)} {verb} damaged and cannot be read."
    if skipped:
        yield (
            f"The text of {_name_pages(skipped).lower()} cannot be read, because it is vertical in "
            "a font that is not part of the file, or takes no space."
        )
    if unreadable:
        yield (
            f"The letters of {_name_pages(unreadable).lower()} cannot be read: "
            "the file does not say which characters its fonts draw."
        )


def _unread_files(document: pdfium.PdfDocument, pages: Sequence[PageLines]) -> Iterator[str]:
    names = [
        one_line(document.get_attachment(at).get_name())
        for at in range(document.count_attachments())
    ]
    if names:
        named = _name_files(names)
        yield f"{named} attached to the PDF and not read: upload such files separately."
    for number, page in enumerate(pages, 1):
        if page.files:
            yield f"{_name_files(page.files)} attached to page {number} and not read."


def _name_files(names: Sequence[str]) -> str:
    """Return `1 file (a.pdf) is` or `30 files (a.pdf, b.pdf, …) are`."""
    shown = [
        *(name or "unnamed" for name in names[:_NAMED_FILES]),
        *("…",) * (len(names) > _NAMED_FILES),
    ]
    files, verb = ("file", "is") if len(names) == 1 else ("files", "are")
    return f"{len(names)} {files} ({', '.join(shown)}) {verb}"


def _nothing_read(pages: Sequence[PageLines], warnings: Sequence[str]) -> Damaged | NoText:
    if any(page.damaged for page in pages):
        return Damaged(f"The PDF is damaged: {' '.join(warnings)}")
    return NoText(warnings[0] if warnings else "The PDF contains no text.")


def _name_pages(numbers: Sequence[int]) -> str:
    """Return `Page 3` or `Pages 3, 7–9`."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1][1:] = [number]
        else:
            spans.append([number])
    named = ", ".join("–".join(map(str, span)) for span in spans)
    return f"{'Page' if len(numbers) == 1 else 'Pages'} {named}"
