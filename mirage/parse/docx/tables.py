"""Writes a Word table with a row per line and its cells apart, in their columns."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from lxml import etree

from mirage.parse.blocks import Block
from mirage.parse.characters.cleaning import one_line
from mirage.parse.docx.elements import attribute, is_on, number, setting
from mirage.parse.markup.tables import MAX_REPEATED_CHARACTERS

_MAX_COLUMNS = 63
"""Word's own limit; a file may claim more."""

ReadCell = Callable[[etree._Element], Iterable[Block]]
FindRows = Callable[[etree._Element, tuple[str, ...]], Iterator[etree._Element]]


@dataclass(frozen=True, slots=True)
class _Cell:
    """A cell in the columns from `column`; `continues` the one above it."""

    blocks: list[Block]
    column: int
    columns: int = 1
    continues: bool = False

    @property
    def text(self) -> str:
        # A cell may consist of an automatic number alone.
        return " ".join(one_line(block.text or block.label) for block in self.blocks).strip()


@dataclass(frozen=True, slots=True)
class _Row:
    cells: list[_Cell]
    is_header: bool


def read_table(table: etree._Element, read_cell: ReadCell, find: FindRows) -> Iterator[Block]:
    """Return a table as a block; the blocks in its cells if it lays out text instead of data.

    Merged cells keep the columns of those that follow: a cell over several rows is repeated in each
    if it is short, and a header over several columns in each of them.
    """
    rows = [
        _row(row, read_cell, find)
        for row in find(table, ("tr",))
        if row.find("{*}trPr/{*}del") is None
    ]
    blocks = [block for row in rows for cell in row.cells for block in cell.blocks]
    # A table with headings or one column lays out text.
    if any(block.level for block in blocks) or all(len(row.cells) < 2 for row in rows):
        yield from blocks
        return
    notes = tuple(note for block in blocks for note in block.notes)
    yield Block("\n".join(_lines(rows)), notes=notes)


def _row(row: etree._Element, read_cell: ReadCell, find: FindRows) -> _Row:
    cells: list[_Cell] = []
    column = min(number(setting(row, "trPr/gridBefore"), 0), _MAX_COLUMNS)
    for element in find(row, ("tc",)):
        columns = min(max(number(setting(element, "tcPr/gridSpan"), 1), 1), _MAX_COLUMNS)
        merge = element.find("{*}tcPr/{*}vMerge")
        continues = merge is not None and attribute(merge, "val") != "restart"
        cells.append(_Cell(list(read_cell(element)), column, columns, continues))
        column += columns
    return _Row(cells, is_on(row, "trPr/tblHeader"))


def _lines(rows: list[_Row]) -> Iterator[str]:
    widths = [max((cell.column + cell.columns for cell in row.cells), default=0) for row in rows]
    width = max(widths)
    above: dict[int, str] = {}
    for at, row in enumerate(rows):
        # A hostile row could be so wide that all rows would not fit into the memory.
        texts = [""] * (width if width <= _MAX_COLUMNS else widths[at])
        is_header = at == 0 or (row.is_header and rows[at - 1].is_header)
        for cell in row.cells:
            text = cell.text
            if cell.continues and not text:
                text = above.get(cell.column, "")
            above[cell.column] = text if len(text) <= MAX_REPEATED_CHARACTERS else ""
            repeats = is_header and len(row.cells) > 1
            for column in range(cell.column, cell.column + (cell.columns if repeats else 1)):
                texts[column] = text
        if any(texts):
            yield "\t".join(texts)
