"""Parses OpenDocument spreadsheets: a sheet after the other, and the comments of each.

A file holds what each cell shows, in the words of its author's language.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path

from lxml import etree

from mirage.errors import Blank, Damaged, Encrypted
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive
from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import heading_path
from mirage.parse.markup.tree import parse_xml
from mirage.parse.rows import write_rows
from mirage.parse.spreadsheets.merged import Merged
from mirage.parse.spreadsheets.streams import stream_elements
from mirage.parse.spreadsheets.unread import Unread

_CONTENT, _META, _MANIFEST = "content.xml", "meta.xml", "META-INF/manifest.xml"
_TABLES = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_VALUES = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_DRAWN = ("{*}object", "{*}text-box")
_COMMENTS = "Comments"
_VALUE_NAMES = ("string-value", "date-value", "time-value", "boolean-value", "value")
_MAX_COLUMNS = 16_384  # LibreOffice's own limit.
# guesses: a hostile file could ask for a million copies of each row
_MAX_CELLS = 10_000_000
_MAX_COPIES = 10_000
_MAX_ROW = 2**31 - 1


@dataclass(slots=True)
class _State:
    """What is found on the way; `left` is how many more cells may be written by repeating."""

    unread: Unread = field(default_factory=Unread)
    comments: dict[str, list[str]] = field(default_factory=dict)
    left: int = _MAX_CELLS
    copies: int = _MAX_COPIES


_Row = tuple[str, int, Sequence[str]]
"""The sheet, the number and the cells of a row."""


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or Blank."""
    with Archive(path) as archive:
        if _CONTENT not in archive:
            raise Damaged("The file is not an OpenDocument spreadsheet: it has no content.")
        if _MANIFEST in archive and b"encryption-data" in archive.read(_MANIFEST):
            raise Encrypted("The spreadsheet is protected by a password.")
        state = _State()
        sections: list[Section] = []
        for sheet, rows in groupby(_rows(archive, state), key=lambda row: row[0]):
            numbered = ((number, cells) for _, number, cells in rows)
            sections += write_rows(numbered, heading_path((sheet,)))
            if noted := state.comments.get(sheet):
                sections.append(Section("\n\n".join(noted), heading_path((sheet, _COMMENTS))))
        title = _title(archive)
    if not sections:
        raise Blank("The spreadsheet contains no text.")
    return Parsed(tuple(sections), title=title, warnings=tuple(state.unread.warnings()))


def _rows(archive: Archive, state: _State) -> Iterator[_Row]:
    sheet, number, merged = "", 0, Merged()
    kept = (f"{_TABLES}table", *_DRAWN)
    for event, element in stream_elements(archive, _CONTENT, (f"{_TABLES}table-row",), kept):
        if event == "start" and element.tag == kept[0]:
            sheet, number = one_line(element.get(f"{_TABLES}name") or ""), 0
            merged = Merged()
        elif event == "start":
            state.unread.pictures[sheet] = None
        else:
            cells = _cells(element, sheet, number + 1, state)
            _add_merged(merged, element, number + 1)
            merged.spread(number + 1, cells)
            times = _count(element, "number-rows-repeated", _MAX_ROW)
            # The same text many times says no more than once.
            copies = min(times, max(state.copies, 1)) if cells else 0
            state.copies -= copies - 1 if copies else 0
            for at in range(copies):
                yield sheet, min(number + at + 1, _MAX_ROW), cells
            number += times


def _cells(row: etree._Element, sheet: str, number: int, state: _State) -> list[str]:
    cells: list[str] = []
    empty = 0
    for cell in row.iterchildren(f"{_TABLES}table-cell", f"{_TABLES}covered-table-cell"):
        times = _count(cell, "number-columns-repeated", _MAX_COLUMNS)
        text = _value(cell)
        for comment in cell.iterchildren("{*}annotation"):
            if noted := _paragraphs(comment):
                state.comments.setdefault(sheet, []).append(f"Row {number}: {noted}")
        if not text:
            state.unread.formulas[sheet] += cell.get(f"{_TABLES}formula") is not None
            empty += times
            continue
        state.left -= empty + times - 1
        if state.left < 0 or len(cells) + empty + times > _MAX_COLUMNS:
            raise Damaged("The spreadsheet is damaged: its cells are too far apart.")
        cells += [*[""] * empty, *[text] * times]
        empty = 0
    return cells


def _add_merged(merged: Merged, row: etree._Element, number: int) -> None:
    column = 0
    for cell in row.iterchildren(f"{_TABLES}table-cell", f"{_TABLES}covered-table-cell"):
        rows = _count(cell, "number-rows-spanned", _MAX_ROW)
        columns = _count(cell, "number-columns-spanned", _MAX_COLUMNS)
        if rows * columns > 1 and column < _MAX_COLUMNS:
            last_column = min(column + columns, _MAX_COLUMNS) - 1
            merged.add(number, column, number + rows - 1, last_column)
        column += _count(cell, "number-columns-repeated", _MAX_COLUMNS)


def _value(cell: etree._Element) -> str:
    if text := _paragraphs(cell):
        return text
    values = (cell.get(f"{_VALUES}{name}") for name in _VALUE_NAMES)
    return next(filter(None, values), "")


def _paragraphs(element: etree._Element) -> str:
    return one_line(" ".join(map(_text, element.iterchildren("{*}p"))))


def _text(paragraph: etree._Element) -> str:
    """Return the text of a paragraph, in which elements stand for blanks and line ends."""
    parts: list[str] = []
    walk = etree.iterwalk(paragraph, events=("start", "end"))
    for event, element in walk:
        name = etree.QName(element).localname
        if event == "end":
            parts.append((element.tail or "") if element is not paragraph else "")
        elif name in ("annotation", "ruby-text"):
            walk.skip_subtree()
        else:
            parts.append(" " if name in ("s", "tab", "line-break") else element.text or "")
    return "".join(parts)


def _count(element: etree._Element, name: str, at_most: int) -> int:
    value = element.get(f"{_TABLES}{name}") or "1"
    return min(max(int(value), 1), at_most) if value.isdecimal() and len(value) < 10 else 1


def _title(archive: Archive) -> str | None:
    if _META not in archive:
        return None
    titles = parse_xml(archive.read(_META)).iter("{*}title")
    return next((one_line(title.text or "") or None for title in titles), None)
