"""Distinguishes tables of data, written one row per line, from tables that lay out text."""

from collections.abc import Iterable, Iterator
from copy import deepcopy
from itertools import islice

from lxml import etree

from mirage.parse.markup.tree import local_name

_LAID_OUT = tuple(f"{{*}}{name}" for name in ("h1", "h2", "h3", "h4", "h5", "h6", "table", "pre"))
_BREAKS = tuple(f"{{*}}{name}" for name in ("br", "div", "li", "p"))
_GROUPS = tuple(f"{{*}}{name}" for name in ("thead", "tbody", "tfoot"))
_ROW = "{*}tr"
_CELLS = ("{*}td", "{*}th")
# guesses: a longer cell would lose its paragraphs on one line
_MAX_CELL_CHARACTERS = 1000
_MAX_CELL_BREAKS = 6
MAX_REPEATED_CHARACTERS = 60
"""A guess: a name or a unit is repeated in each row that it belongs to, a paragraph is not."""
_MAX_COLUMNS, _MAX_ROWS = 1000, 65534
"""What browsers take of `colspan` and `rowspan`."""
_MAX_ADDED = 10_000  # guess: cells; a hostile page could ask for a thousand per cell


def lays_out(table: etree._Element) -> bool:
    """Return whether a table lays out text.

    It does if its role says so, if it holds headings, code, tables or long text, or has one column.
    """
    if table.get("role") in ("none", "presentation"):
        return True
    if next(table.iterdescendants(*_LAID_OUT), None) is not None:
        return True
    widest = 0
    for row in table.iterdescendants(_ROW):
        cells = list(row.iterchildren(*_CELLS))
        widest = max(widest, len(cells))
        if any(map(_is_passage, cells)):
            return True
    return widest < 2


def _is_passage(cell: etree._Element) -> bool:
    breaks = len(list(islice(cell.iterdescendants(*_BREAKS), _MAX_CELL_BREAKS + 1)))
    if breaks < 2:
        return False
    return breaks > _MAX_CELL_BREAKS or sum(map(len, cell.itertext())) > _MAX_CELL_CHARACTERS


def spread_cells(table: etree._Element) -> None:
    """Give each cell of a data table that reaches over several rows or columns its place in each.

    A short text is repeated in the rows that it belongs to, and a header above its columns. Other
    places get an empty cell, so that the cells that follow keep their columns.
    """
    left = _MAX_ADDED
    groups = [table, *table.iterchildren(*_GROUPS)]
    columns = _count_columns(table)
    first = next(_rows(table), None)
    for group in groups:
        reaching: dict[int, tuple[int, etree._Element]] = {}
        for at, row in enumerate(group.iterchildren(_ROW)):
            if left <= 0:
                return
            is_header = local_name(group) == "thead" or (at == 0 and row is first)
            left -= _spread_row(row, reaching, columns, left, is_header=is_header)


def _spread_row(
    row: etree._Element,
    reaching: dict[int, tuple[int, etree._Element]],
    columns: int,
    at_most: int,
    *,
    is_header: bool,
) -> int:
    """Add the missing cells of a row, some `at_most` of them; return how many were added.

    `reaching` has what reaches into the row from above, by column. A row of header cells is one of
    the header as well.
    """
    placed: list[etree._Element] = []
    own = list(row.iterchildren(*_CELLS))
    is_header = is_header or (bool(own) and all(cell.tag.endswith("th") for cell in own))
    waiting = iter(own)
    added = column = 0
    cell = next(waiting, None)
    furthest = max(reaching, default=-1)
    while cell is not None or column <= furthest:
        if column in reaching:
            rows, above = reaching.pop(column)
            placed.append(_copy(above))
            added += 1
            if rows > 1:
                reaching[column] = rows - 1, above
            column += 1
            continue
        if cell is None:
            # A cell further right reaches into this row; the places before it are empty.
            placed.append(etree.Element("td"))
            added += 1
            column += 1
            continue
        width = _span(cell, "colspan", min(_MAX_COLUMNS, max(at_most - added, 0) + 1))
        # 0 means all rows of the group that follow.
        reaches_end = (cell.get("rowspan") or "").strip() == "0"
        height = _MAX_ROWS if reaches_end else _span(cell, "rowspan", _MAX_ROWS)
        repeats = is_header and 1 < width < columns
        for at in range(width):
            part = cell if at == 0 else _copy(cell) if repeats else etree.Element("td")
            placed.append(part)
            if height > 1:
                reaching[column + at] = height - 1, part
        added += width - 1
        column += width
        cell = next(waiting, None)
    if added:
        _replace_cells(row, own, placed)
    return added


def _replace_cells(
    row: etree._Element, own: Iterable[etree._Element], placed: Iterable[etree._Element]
) -> None:
    for cell in own:
        row.remove(cell)
    row.extend(placed)


def _copy(cell: etree._Element) -> etree._Element:
    """Return a copy of a short cell without anchors; an empty cell for a long one."""
    text = "".join(islice(map(str, cell.itertext()), MAX_REPEATED_CHARACTERS))
    if len(" ".join(text.split())) > MAX_REPEATED_CHARACTERS:
        return etree.Element("td")
    made = deepcopy(cell)
    made.tail = None
    for element in made.iter(etree.Element):
        for key in ("id", "name", "rowspan", "colspan"):
            element.attrib.pop(key, "")
    return made


def _span(cell: etree._Element, name: str, at_most: int) -> int:
    value = (cell.get(name) or "").strip()
    is_number = value.isascii() and value.isdigit() and len(value) < 10
    return min(max(int(value), 1), at_most) if is_number else 1


def _count_columns(table: etree._Element) -> int:
    return max(map(_width, _rows(table)), default=0)


def _width(row: etree._Element) -> int:
    return sum(_span(cell, "colspan", _MAX_COLUMNS) for cell in row.iterchildren(*_CELLS))


def _rows(table: etree._Element) -> Iterator[etree._Element]:
    return table.iterdescendants(_ROW)
