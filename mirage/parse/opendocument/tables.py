"""Writes a table with a row per line and its cells apart, in their columns."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from lxml import etree

from mirage.parse.blocks import Block
from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.tables import MAX_REPEATED_CHARACTERS
from mirage.parse.opendocument.elements import count, descend, tag_of

_MAX_COLUMNS = 1024  # as many as a sheet of LibreOffice had for twenty years
_MAX_ROWS = 2**20
_ROW = frozenset(("table-row",))
_CELL = frozenset(("table-cell", "covered-table-cell"))

ReadCell = Callable[[etree._Element], Iterable[Block]]


@dataclass(slots=True)
class _Merged:
    """Merged cells: how many rows are covered below each column, and columns to the right; each
    with the text that is repeated there.
    """

    below: dict[int, tuple[int, str]] = field(default_factory=dict)
    right: tuple[int, str] = (0, "")

    def begin(self, column: int, rows: int, columns: int, text: str, *, is_header: bool) -> None:
        """Note what a cell covers."""
        repeated = text if len(text) <= MAX_REPEATED_CHARACTERS else ""
        self.right = columns - 1, repeated if is_header else ""
        for at in range(column, min(column + columns, _MAX_COLUMNS)):
            self.below[at] = rows - 1, repeated if at == column or is_header else ""

    def covered(self, column: int) -> str:
        """Return the text of a covered cell."""
        left, text = self.right
        if left > 0:
            self.right = left - 1, text
            return text
        rows, text = self.below.get(column, (0, ""))
        self.below[column] = max(rows - 1, 0), text
        return text if rows > 0 else ""


def read_table(table: etree._Element, read_cell: ReadCell) -> Iterator[Block]:
    """Return a table as a block; the blocks in its cells if it lays out text instead of data.

    A cell over several rows is repeated in each if it is short, and a header over several columns
    in each of them.
    """
    merged, blocks = _Merged(), list[Block]()
    rows: list[list[str]] = []
    for row in descend(table, _ROW):
        cells, read = _cells(row, read_cell, merged, is_header=not rows)
        blocks += read
        if cells:
            rows.append(cells)
    width = max(map(len, rows), default=0)
    if width < 2 or any(block.level for block in blocks):
        yield from blocks
        return
    notes = tuple(note for block in blocks for note in block.notes)
    lines = ("\t".join([*cells, *[""] * (width - len(cells))]) for cells in rows)
    yield Block("\n".join(lines), notes=notes)


def _cells(
    row: etree._Element, read_cell: ReadCell, merged: _Merged, *, is_header: bool
) -> tuple[list[str], list[Block]]:
    """Return the cells of a row up to the last one with text, and their blocks."""
    cells: list[str] = []
    blocks: list[Block] = []
    for cell in descend(row, _CELL):
        read = list(read_cell(cell))
        blocks += read
        text = one_line(" ".join(block.text or block.label for block in read))
        times = count(cell, "number-columns-repeated", 1, _MAX_COLUMNS)
        for _ in range(min(times, _MAX_COLUMNS - len(cells))):
            if tag_of(cell) == "covered-table-cell":
                cells.append(merged.covered(len(cells)) or text)
                continue
            rows = count(cell, "number-rows-spanned", 1, _MAX_ROWS)
            columns = count(cell, "number-columns-spanned", 1, _MAX_COLUMNS)
            merged.begin(len(cells), rows, columns, text, is_header=is_header)
            cells.append(text)
    while cells and not cells[-1]:
        cells.pop()
    return cells, blocks
