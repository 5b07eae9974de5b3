"""Distinguishes tables of data, written one row per line, from tables that lay out text."""

from itertools import islice

from lxml import etree

_LAID_OUT = tuple(f"{{*}}{name}" for name in ("h1", "h2", "h3", "h4", "h5", "h6", "table", "pre"))
_BREAKS = tuple(f"{{*}}{name}" for name in ("br", "div", "li", "p"))
_ROW = "{*}tr"
_CELLS = ("{*}td", "{*}th")
# guesses: a longer cell would lose its paragraphs on one line
_MAX_CELL_CHARACTERS = 1000
_MAX_CELL_BREAKS = 6


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
