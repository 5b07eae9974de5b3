"""Finds tables, and columns that the file draws row by row, by the gaps that lines share.

A table becomes one line per row, with a tab between two cells; a cell without text stays as one, so
that the cells of a column keep their place. Columns of running text become one after the other.
"""

from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from mirage.parse.pdf.cells import (
    LEVEL,
    Extent,
    are_numbers,
    are_prose,
    columns_of,
    covered,
    extents_of,
    is_close,
    read_table,
)
from mirage.parse.pdf.gaps import LEADERS
from mirage.parse.pdf.page import Line

# Shares of the letters' height.
_FAR = 2.6  # guess: the rows of a table are closer
_NEXT = 1.5  # Times the distance of two lines; guess: gaps between paragraphs are smaller
_JUMP = 7.0  # Upwards, to the top of the next column; the cells of a row are lower.

_MIN_ROWS = 2
_SHARED = 0.8  # Share of the rows of a column that another column has, too.


@dataclass(slots=True)
class _Block:
    """Rows of pieces between which gaps persist; `columns` are what the pieces cover."""

    rows: list[list[int]] = field(default_factory=list)
    columns: list[Extent] = field(default_factory=list)


def lay_out(lines: Sequence[Line]) -> list[Line]:
    """Return the lines with tables as rows, and with columns one after the other."""
    if len(lines) < 2 or lines[0].turn:
        return rejoined(lines)
    return [line for run in _runs(lines) for line in _laid_out(run)]


def rejoined(pieces: Sequence[Line]) -> list[Line]:
    """Return the lines with the pieces of a line that is no row of a table together again."""
    joined: list[Line] = []
    if not any(piece.follows for piece in pieces):
        return list(pieces)
    for piece in pieces:
        if joined and piece.follows:
            line = joined[-1]
            joined[-1] = replace(
                line,
                text=f"{line.text} {piece.text}",
                left=min(line.left, piece.left),
                right=max(line.right, piece.right),
                divided=piece.divided,
            )
        else:
            joined.append(piece)
    return joined


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines in runs; each begins at the top of another column."""
    runs = [[lines[0]]]
    for before, after in pairwise(lines):
        apart = after.left > before.right or after.right < before.left
        if apart and after.baseline - before.baseline > _JUMP * after.height:
            runs.append([])
        runs[-1].append(after)
    joined = [runs[0]]
    for run in runs[1:]:
        if _are_columns_of_numbers(joined[-1], run):
            joined[-1] += run
        else:
            joined.append(run)
    return joined


def _are_columns_of_numbers(left: Sequence[Line], right: Sequence[Line]) -> bool:
    """Return whether the second run is the next column of a table that is drawn by columns."""
    if len(right) < _MIN_ROWS or not are_numbers([line.text for line in right]):
        return False
    levels = sorted(line.baseline for line in left)
    shared = 0
    for line in right:
        at = bisect_left(levels, line.baseline - LEVEL * line.height)
        shared += at < len(levels) and levels[at] <= line.baseline + LEVEL * line.height
    return shared >= _SHARED * len(right)


def _laid_out(lines: Sequence[Line]) -> list[Line]:
    replaced: dict[int, list[Line]] = {}
    gone: set[int] = set()
    for block in _blocks(lines, _visual_rows(lines)):
        found = _read_block(lines, block)
        if found is not None:
            members = [at for row in block.rows for at in row]
            replaced[min(members)] = found
            gone.update(members)
    if not gone:
        return rejoined(lines)
    ordered: list[Line] = []
    rest: list[Line] = []
    for at, line in enumerate(lines):
        if at in replaced:
            ordered += rejoined(rest) + replaced[at]
            rest = []
        elif at not in gone:
            rest.append(line)
    return ordered + rejoined(rest)


def _visual_rows(lines: Sequence[Line]) -> list[list[int]]:
    """Return the positions of the lines on each level from the top, from left to right."""
    rows: list[list[int]] = []
    level = 0.0
    for at in sorted(range(len(lines)), key=lambda at: -lines[at].baseline):
        line = lines[at]
        if rows and level - line.baseline <= LEVEL * min(line.height, lines[rows[-1][0]].height):
            rows[-1].append(at)
        else:
            rows.append([at])
            level = line.baseline
    for row in rows:
        row.sort(key=lambda at: lines[at].left)
    return rows


def _blocks(lines: Sequence[Line], rows: Sequence[Sequence[int]]) -> Iterator[_Block]:
    """Return the groups of rows that may be a table or columns."""
    block = _Block()
    for row in rows:
        together = _with_row(block, row, lines) if block.rows else []
        if together and _ends_prose(block, row, lines):
            together = []
        if block.rows and not together:
            yield from _finished(block, lines)
            block = _Block()
        if together:
            block.rows.append(list(row))
            block.columns = together
        elif len(row) > 1 and not LEADERS.search(lines[row[-1]].text):
            block = _Block([list(row)], [(lines[at].left, lines[at].right) for at in row])
    yield from _finished(block, lines)


def _with_row(block: _Block, row: Sequence[int], lines: Sequence[Line]) -> list[Extent]:
    """Return what the block's columns cover together with a row; empty if they do not fit."""
    above, first = lines[block.rows[-1][0]], lines[row[0]]
    height = max(above.height, first.height)
    if above.baseline - first.baseline > _FAR * height or LEADERS.search(lines[row[-1]].text):
        return []
    together = covered([*block.columns, *((lines[at].left, lines[at].right) for at in row)], height)
    if len(together) >= len(block.columns):
        return together if len(together) > 1 else []
    words = [extent for at in row for extent in extents_of(lines[at])]
    corridors = [(left[1], right[0]) for left, right in pairwise(block.columns)]
    if not any(left <= begin and end <= right for left, right in words for begin, end in corridors):
        return block.columns  # The piece has a gap between words in each corridor.
    # A centred header and a cell below it may seem to be two columns, until a cell covers both.
    least = max(2, len(block.columns) - 1) if len(row) == 1 else 2
    return together if len(together) >= least else []


def _ends_prose(block: _Block, row: Sequence[int], lines: Sequence[Line]) -> bool:
    """Return whether the block is columns of text, and the row farther off than their lines."""
    levels = [lines[above[0]].baseline for above in block.rows]
    steps = sorted(above - below for above, below in pairwise(levels))
    if not steps or levels[-1] - lines[row[0]].baseline < _NEXT * steps[len(steps) // 2]:
        return False
    members = [at for above in block.rows for at in above]
    columns = [
        [lines[at] for at in members if _column_of(lines[at], block.columns) == column]
        for column in range(len(block.columns))
    ]
    return all(columns) and are_prose(columns)


def _finished(block: _Block, lines: Sequence[Line]) -> Iterator[_Block]:
    """Return the block without what only stands below it; nothing unless rows share a gap."""
    while block.rows and len(block.rows[-1]) == 1 and not _is_in_cell(block, lines):
        block.rows.pop()
    if sum(len(row) > 1 for row in block.rows) >= _MIN_ROWS:
        block.columns = columns_of([[lines[at] for at in row] for row in block.rows])
        if len(block.columns) > 1:
            yield block


def _is_in_cell(block: _Block, lines: Sequence[Line]) -> bool:
    """Return whether the last line is one more line of a cell in the rows above.

    The file draws it before another cell, or it stands close below a cell that is not the first.
    """
    last = block.rows[-1][0]
    if any(last < at for row in block.rows[:-1] for at in row):
        return True
    first = block.columns[0][1]
    above = (lines[at] for row in block.rows[:-1] for at in row)
    return lines[last].left > first and any(
        is_close(cell, lines[last]) and abs(cell.left - lines[last].left) < cell.height
        for cell in above
    )


def _read_block(lines: Sequence[Line], block: _Block) -> list[Line] | None:
    """Return the lines of a table or of columns; None if the block is to stay as it is."""
    by_column: list[list[int]] = [[] for _ in block.columns]
    for row in block.rows:
        for at in row:
            by_column[_column_of(lines[at], block.columns)].append(at)
    filled = [column for column in by_column if column]
    in_columns = all(max(left) < min(right) for left, right in pairwise(filled))
    columns = [[lines[at] for at in column] for column in filled]
    if len(filled) > 1 and are_prose(columns):
        if in_columns:
            return None
        return [replace(line, follows=False) for column in columns for line in column]
    behind = [line.text for column in columns[1:] for line in column]
    if in_columns and not are_numbers(behind):
        return None
    order = {id(line): at for at, line in enumerate(lines)}
    rows = [[lines[at] for at in row] for row in block.rows]
    return read_table(rows, block.columns, None if in_columns else order)


def _column_of(line: Line, columns: Sequence[Extent]) -> int:
    """Return the column that the line covers most of."""
    shares = [min(line.right, right) - max(line.left, left) for left, right in columns]
    return shares.index(max(shares))
