"""Whether a table gives figures, a row a line, or lays out text."""

from itertools import islice

from lxml import etree

_LAID_OUT = tuple(f"{{*}}{name}" for name in ("h1", "h2", "h3", "h4", "h5", "h6", "table", "pre"))
_BREAKS = tuple(f"{{*}}{name}" for name in ("br", "div", "li", "p"))
_ROW = "{*}tr"
_CELLS = ("{*}td", "{*}th")
# guesses: on one line a longer one would lose its paragraphs
_MAX_CELL_CHARACTERS = 1000
_MAX_CELL_BREAKS = 6


def lays_out(table: etree._Element) -> bool:
    """Says so, holds headings, code, tables or passages, or only one column."""
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
