"""Writes a table with a row per line and its cells apart, in their columns."""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest

from mirage.parse.blocks import Block
from mirage.parse.characters.cleaning import one_line
from mirage.parse.markup.tables import MAX_REPEATED_CHARACTERS

# In twips (1/20 pt): programs round the edges of one column differently in each row.
_TOLERANCE = 40
# guess: tables of more columns than that for each cell of the widest row do not share columns
_MOST_TIMES_WIDER = 3


@dataclass(slots=True)
class Row:
    """A row while it is read.

    `edges` are the right edges of its cells in twips, `covered` whether each continues the one
    above.
    """

    cells: list[list[Block]] = field(default_factory=list)
    edges: list[int] = field(default_factory=list)
    covered: list[bool] = field(default_factory=list)


def write_table(rows: Sequence[Row]) -> Iterator[Block]:
    """Return a table as a block; the blocks in its cells if it lays out text instead of data.

    A cell over several rows is repeated in each if it is short, and a header over several columns
    in each of them.
    """
    blocks = [block for row in rows for cell in row.cells for block in cell]
    if max((len(row.cells) for row in rows), default=0) < 2 or any(block.level for block in blocks):
        yield from blocks
        return
    edges = _columns(rows)
    lines: list[list[str]] = []
    for row in rows:
        written = _spread(row, edges, lines[-1] if lines else None)
        if any(written):
            lines.append(written)
    width = max(map(len, lines), default=0)
    text = "\n".join("\t".join([*line, *[""] * (width - len(line))]) for line in lines)
    yield Block(text, notes=tuple(note for block in blocks for note in block.notes))


def _columns(rows: Sequence[Row]) -> list[int]:
    """Return the right edges of the columns; empty if the rows have none in common."""
    found: list[int] = []
    for edge in sorted({edge for row in rows for edge in row.edges}):
        if not found or edge - found[-1] > _TOLERANCE:
            found.append(edge)
    widest = max(len(row.cells) for row in rows)
    return found if len(found) <= _MOST_TIMES_WIDER * widest else []


def _spread(row: Row, edges: list[int], above: list[str] | None) -> list[str]:
    """Return the texts of a row by column, without those of empty columns at its end."""
    texts: list[str] = []
    for at, (cell, covered) in enumerate(zip_longest(row.cells, row.covered[: len(row.cells)])):
        column = len(texts)
        text = one_line(" ".join(block.text for block in cell))
        short = len(text) <= MAX_REPEATED_CHARACTERS
        if covered and not text and above is not None and column < len(above):
            text = above[column] if len(above[column]) <= MAX_REPEATED_CHARACTERS else ""
        texts.append(text)
        if edges and at < len(row.edges):
            # The edge of the column is at most the tolerance before that of the cell.
            last = bisect_left(edges, row.edges[at] - _TOLERANCE)
            repeated = text if above is None and short else ""
            texts += [repeated] * (last - column)
    while texts and not texts[-1]:
        texts.pop()
    return texts
