"""Parses Excel workbooks: a sheet after the other, hidden ones too, and the comments of each.

Formulas are read as their stored results. Numbers are written as their formats show them.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from lxml import etree

from mirage.errors import Blank, Damaged
from mirage.model import Parsed, Section
from mirage.parse.archive import Archive
from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import heading_path
from mirage.parse.markup.tree import parse_xml
from mirage.parse.ole import refuse_ole
from mirage.parse.relations import Relation, parts_of_kind, read_relations
from mirage.parse.rows import write_rows
from mirage.parse.spreadsheets.hyperlinks import Places, find_links, with_address
from mirage.parse.spreadsheets.merged import Merged, find_ranges
from mirage.parse.spreadsheets.number_formats import BUILT_IN, GENERAL, Write, writer_of
from mirage.parse.spreadsheets.streams import stream_elements
from mirage.parse.spreadsheets.unread import Unread

_COMMENTS = "Comments"
_MAX_COLUMNS = 16_384  # Excel's own limit.
_MAX_EMPTY = 10_000_000  # guess: cells; a hostile workbook could have a far cell in each row
_PLACE = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
_MAX_ROW = 2**31 - 1


@dataclass(slots=True)
class _Workbook:
    """What the sheets share, what is not read, and how many empty cells were written."""

    archive: Archive
    strings: list[str] = field(default_factory=list)
    styles: list[Write] = field(default_factory=list)
    unread: Unread = field(default_factory=Unread)
    empty: int = 0

    def write(self, style: str | None, value: float) -> str:
        """Return a number as its style shows it."""
        at = int(style) if style and style.isdecimal() and len(style) < 6 else 0
        return self.styles[at](value) if at < len(self.styles) else writer_of(GENERAL)(value)


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Encrypted, Damaged, UnsafeArchive or Blank."""
    refuse_ole(path, "Excel workbook", program="Excel", old=".xls", new=".xlsx")
    with Archive(path) as archive:
        package = read_relations(archive, "")
        name = next(iter(parts_of_kind(archive, package, "officeDocument")), "")
        root = parse_xml(archive.read(name)) if name else None
        if root is None or etree.QName(root).localname != "workbook":
            raise Damaged("The file is not an Excel workbook: its main part is something else.")
        relations = read_relations(archive, name)
        workbook = _open(archive, root, relations)
        sections = tuple(_sections(workbook, root, relations))
        title = _title(archive, package)
    if not sections:
        raise Blank("The workbook contains no text.")
    return Parsed(sections, title=title, warnings=tuple(workbook.unread.warnings()))


def _open(archive: Archive, root: etree._Element, relations: dict[str, Relation]) -> _Workbook:
    workbook = _Workbook(archive)
    for name in parts_of_kind(archive, relations, "sharedStrings")[:1]:
        for _, element in stream_elements(archive, name, ("{*}si",)):
            workbook.strings.append(_text(element))
    properties = root.find("{*}workbookPr")
    since_1904 = properties is not None and properties.get("date1904") in ("1", "true")
    for name in parts_of_kind(archive, relations, "styles")[:1]:
        styles = parse_xml(archive.read(name))
        codes: dict[str, str] = {str(number): code for number, code in BUILT_IN.items()}
        for element in styles.iterfind("{*}numFmts/{*}numFmt"):
            codes[element.get("numFmtId", "")] = element.get("formatCode", "")
        for element in styles.iterfind("{*}cellXfs/{*}xf"):
            code = codes.get(element.get("numFmtId", ""), GENERAL)
            workbook.styles.append(writer_of(code, since_1904=since_1904))
    return workbook


def _sections(
    workbook: _Workbook, root: etree._Element, relations: dict[str, Relation]
) -> Iterator[Section]:
    for sheet in root.iterfind("{*}sheets/{*}sheet"):
        name = one_line(sheet.get("name") or "")
        identity = next((value for key, value in sheet.items() if str(key).endswith("}id")), "")
        relation = relations.get(str(identity))
        part = relation.part if relation else None
        is_there = part is not None and part in workbook.archive
        if relation is None or part is None or not is_there or relation.kind != "worksheet":
            workbook.unread.sheets.append(name)
        else:
            yield from write_rows(_rows(workbook, name, part), heading_path((name,)))
            yield from _comments(workbook, name, part)


def _rows(workbook: _Workbook, sheet: str, part: str) -> Iterator[tuple[int, Sequence[str]]]:
    number = 0
    merged = _merged(workbook, part)
    links = _links(workbook, part)
    for _, row in stream_elements(workbook.archive, part, ("{*}row",)):
        given = row.get("r", "")
        number = int(given) if given.isdecimal() and len(given) < 8 else number + 1
        cells = _cells(workbook, sheet, row)
        for letters, address in links.get(number, {}).items():
            if (column := _column(letters)) < len(cells):
                cells[column] = with_address(cells[column], address)
        merged.spread(number, cells)
        yield min(number, _MAX_ROW), cells


def _merged(workbook: _Workbook, part: str) -> Merged:
    merged = Merged()
    with workbook.archive.open(part, counts=False) as file:
        for first, top, last, bottom in find_ranges(file):
            last_column = min(_column(last), _MAX_COLUMNS - 1)
            merged.add(top, _column(first), bottom, last_column)
    return merged


def _links(workbook: _Workbook, part: str) -> Places:
    relations = read_relations(workbook.archive, part)
    if not any(relation.kind == "hyperlink" for relation in relations.values()):
        return {}
    with workbook.archive.open(part, counts=False) as file:
        return find_links(file, relations)


def _cells(workbook: _Workbook, sheet: str, row: etree._Element) -> list[str]:
    cells: list[str] = []
    for cell in row:
        if not cell.tag.endswith("}c"):
            continue
        text = _value(workbook, sheet, cell)
        place = _PLACE.fullmatch(cell.get("r") or "")
        column = _column(place.group(1)) if place else len(cells)
        missing = column - len(cells)
        if text and missing > 0:
            workbook.empty += missing
            if workbook.empty > _MAX_EMPTY or column >= _MAX_COLUMNS:
                raise Damaged("The workbook is damaged: its cells are too far apart.")
            cells += [""] * missing
        if text or missing == 0:
            cells.append(text)
    return cells


@lru_cache(maxsize=1024)
def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - ord("A") + 1
    return number - 1


def _value(workbook: _Workbook, sheet: str, cell: etree._Element) -> str:
    kind = cell.get("t", "n")
    stored = ""
    has_formula = False
    for child in cell:  # Faster than a search, and there may be millions of cells.
        name = child.tag.rpartition("}")[2]
        if name == "v":
            stored = child.text or ""
        elif name == "is":
            return _text(child)
        has_formula = has_formula or name == "f"
    if not stored:
        workbook.unread.formulas[sheet] += has_formula and kind != "str"
        return ""
    if kind == "s":
        at = int(stored) if stored.isdecimal() and len(stored) < 10 else len(workbook.strings)
        return workbook.strings[at] if at < len(workbook.strings) else ""
    if kind == "b":
        return "TRUE" if stored == "1" else "FALSE"
    if kind != "n":
        return stored
    try:
        return workbook.write(cell.get("s"), float(stored))
    except (ValueError, OverflowError):
        return stored


def _text(element: etree._Element) -> str:
    """Return the text of a string, without the reading aids of Japanese."""
    return "".join(
        text.text or ""
        for text in element.iter("{*}t")
        if not str(getattr(text.getparent(), "tag", "")).endswith("}rPh")
    )


def _comments(workbook: _Workbook, sheet: str, part: str) -> Iterator[Section]:
    relations = read_relations(workbook.archive, part)
    found: list[str] = []
    for name in parts_of_kind(workbook.archive, relations, "comments"):
        for _, comment in stream_elements(workbook.archive, name, ("{*}comment",)):
            if text := one_line(_text(comment)):
                found.append(f"{one_line(comment.get('ref') or '')}: {text}")
    if found:
        yield Section("\n\n".join(found), heading_path((sheet, _COMMENTS)))
    for name in parts_of_kind(workbook.archive, relations, "drawing"):
        drawing = workbook.archive.read(name)
        if b"graphicFrame" in drawing or b"<a:t>" in drawing:
            workbook.unread.pictures[sheet] = None


def _title(archive: Archive, package: dict[str, Relation]) -> str | None:
    for name in parts_of_kind(archive, package, "core-properties"):
        for title in parse_xml(archive.read(name)).iter("{*}title"):
            return one_line(title.text or "") or None
    return None
