"""Reads the cells of a table in a PDF."""

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise
from statistics import median

from mirage.parse.characters.direction import RIGHT_TO_LEFT
from mirage.parse.pdf.hyphens import mend_word
from mirage.parse.pdf.page import Line

Extent = tuple[float, float]
"""Left and right."""

# Shares of the letters' height.
LEVEL = 0.35  # Two baselines that close are of one row.
_OVERLAP = 0.7  # Lines that close overlap, as those of cells that are centred in a row.
_CORRIDOR = 0.15  # The narrowest gap between two columns; a blank is 0.2 wide.
_STEP = 1.6  # guess: the lines of one cell are closer
_ALIGNED = 0.25  # Edges that close are aligned.
_WIDE_CORRIDOR = 1.0
_GAP = 0.6  # guess: justified text in a narrow column has wider gaps
_CLEAR_GAP = 1.2  # guess: stretched text reaches 1.0

_SPANNING = 6  # One row of as many may cross a gap between columns, such as a second header.
_WIDE_ROWS = 0.34  # guess: share of the rows that show the gap between two columns
_SEVERAL = 0.5  # guess: share of the rows with several cells
_FILLED = 0.45  # guess: share of the cells of a table; labels of figures fill less
_ALIGNED_CELLS, _SOME_ALIGNED_CELLS = 0.7, 0.4  # guess: shares of the cells of a column
_MANY_ROWS = 4
_SAME_SIZE = 0.75
_MOST = 0.8
_NUMBERS = 0.6
_MIN_PROSE_ROWS = 4  # guess: fewer lines of prose share a gap by chance
_PROSE_WORDS = 3
_FULL_LINES = 0.7  # guess: others end a paragraph
_EQUALLY_WIDE = 1.7  # guess: columns of text are equally wide, but ragged

_WORD = re.compile(r"\S+")
_NUMERIC = re.compile(r"[^\w\s]*\d[\d.,:%\s/+–−-]*\w{0,3}\W*")
_WORDY = re.compile(r"\w")


def extents_of(line: Line) -> list[Extent]:
    """Return left and right of each word, or of the line if its words are not known."""
    words = line.words() if line.words else []
    return words if len(words) == line.text.count(" ") + 1 else [(line.left, line.right)]


def covered(extents: Sequence[Extent], height: float) -> list[Extent]:
    """Return what the extents cover together, in parts that are a corridor apart."""
    parts: list[Extent] = []
    for left, right in sorted(extents):
        if parts and left - parts[-1][1] < _CORRIDOR * height:
            parts[-1] = (parts[-1][0], max(parts[-1][1], right))
        else:
            parts.append((left, right))
    return parts


def are_numbers(texts: Sequence[str]) -> bool:
    """Return whether most of the texts are numbers."""
    return sum(bool(_NUMERIC.fullmatch(text)) for text in texts) >= _NUMBERS * len(texts)


def are_prose(columns: Sequence[Sequence[Line]]) -> bool:
    """Return whether all columns are running text, and some are as wide as others."""
    widths = [_right_of(column) - min(line.left for line in column) for column in columns]
    return max(widths) < _EQUALLY_WIDE * min(widths) and all(map(_is_prose, columns))


def _is_prose(column: Sequence[Line]) -> bool:
    """Return whether the lines are several words each and end where the next had no room."""
    if len(column) < _MIN_PROSE_ROWS:
        return False
    if median(len(_WORD.findall(line.text)) for line in column) < _PROSE_WORDS:
        return False
    right = _right_of(column)
    full = sum(_is_full(before, after, right) for before, after in pairwise(column))
    return full >= _FULL_LINES * (len(column) - 1)


def _right_of(column: Sequence[Line]) -> float:
    return max(line.right for line in column)


def is_close(above: Line, below: Line) -> bool:
    """Return whether two lines may be of one cell."""
    return above.baseline - below.baseline <= _STEP * below.height


def columns_of(rows: Sequence[Sequence[Line]]) -> list[Extent]:
    """Return the columns that the words of the rows cover.

    A gap divides two columns if some rows have a wide gap there. A few rows, such as a header over
    several columns, may cross it.
    """
    height = median(row[0].height for row in rows)
    words = [extent for row in rows for line in row for extent in extents_of(line)]
    tolerated = max(len(rows) // _SPANNING, int(len(rows) >= _MANY_ROWS))
    found = [
        _with_wide_gaps(covered(_often_covered(words, more_than), height), rows)
        for more_than in range(tolerated + 1)
    ]
    return max(found, key=len)


def _often_covered(extents: Sequence[Extent], more_than: int) -> list[Extent]:
    """Return what more than so many extents cover."""
    if not more_than:
        return list(extents)
    edges = sorted([(left, 1) for left, _ in extents] + [(right, -1) for _, right in extents])
    parts: list[Extent] = []
    depth, start = 0, 0.0
    for place, change in edges:
        if depth == more_than and change > 0:
            start = place
        depth += change
        if depth == more_than and change < 0:
            parts.append((start, place))
    return parts


def _with_wide_gaps(parts: Sequence[Extent], rows: Sequence[Sequence[Line]]) -> list[Extent]:
    """Return the parts, joined where too few rows have a wide gap between them."""
    columns = list(parts[:1])
    for part in parts[1:]:
        apart = across = 0
        for row in rows:
            left = [line for line in row if _reaches(line, columns[-1])]
            right = [line for line in row if _reaches(line, part)]
            if left and right:
                across += left[-1] is right[0]
                apart += left[-1] is not right[0]
        if apart and apart >= _WIDE_ROWS * (apart + across):
            columns.append(part)
        elif across:
            columns[-1] = (columns[-1][0], part[1])
        else:
            columns.append(part)
    return columns


def _reaches(line: Line, part: Extent) -> bool:
    return line.left < part[1] and part[0] < line.right


def read_table(
    rows: Sequence[Sequence[Line]], columns: Sequence[Extent], order: Mapping[int, int] | None
) -> list[Line] | None:
    """Return one line per row of the table; None if it is no table after all.

    `order` says when the file draws each line, by its `id`, unless it draws columns.
    """
    pieces = [[_in_columns(line, columns) for line in row] for row in rows]
    table: list[list[list[Line]]] = []
    edges = [right for _, right in columns]
    drawn: dict[int, int] = {}
    for row, parts in zip(rows, pieces, strict=True):
        cells: list[list[Line]] = [[] for _ in columns]
        for line, placed in zip(row, parts, strict=True):
            for column, part in placed:
                cells[column].append(part)
                if order is not None:
                    drawn[id(part)] = order[id(line)]
        if table and _goes_on(table[-1], cells, edges, drawn):
            for cell, more in zip(table[-1], cells, strict=True):
                cell.extend(more)
        else:
            table.append(cells)
    return [_row(cells) for cells in table] if _is_table(table, columns) else None


def _in_columns(line: Line, columns: Sequence[Extent]) -> list[tuple[int, Line]]:
    """Return the parts of the line in each column; a word across a gap keeps it whole."""
    extents = extents_of(line)
    places = [_place(extent, columns) for extent in extents]
    # The type checker does not see that places without None can be sorted.
    if len({*places}) == 1 or None in places or places != sorted(places):  # type: ignore[type-var]
        return [(_place((line.left, line.right), columns, whole=False) or 0, line)]
    parts: list[tuple[int, Line]] = []
    words = line.text.split(" ")
    for column in sorted({place for place in places if place is not None}):
        at = [number for number, place in enumerate(places) if place == column]
        text = " ".join(words[number] for number in at)
        left, right = extents[at[0]][0], extents[at[-1]][1]
        divided = line.divided and at[-1] == len(words) - 1
        parts.append((column, Line(text, left, right, line.baseline, line.height, divided)))
    return parts


def _place(extent: Extent, columns: Sequence[Extent], *, whole: bool = True) -> int | None:
    """Return the first column that the extent reaches; None if it reaches two of them."""
    reached = [
        at
        for at, (left, right) in enumerate(columns)
        if min(extent[1], right) - max(extent[0], left) > 0
    ]
    if not reached or (whole and len(reached) > 1):
        middle = (extent[0] + extent[1]) / 2
        near = [max(left - middle, middle - right) for left, right in columns]
        return near.index(min(near)) if not reached else None
    return reached[0]


def _goes_on(
    row: Sequence[Sequence[Line]],
    more: Sequence[Sequence[Line]],
    edges: Sequence[float],
    drawn: Mapping[int, int],
) -> bool:
    """Return whether the next level belongs to the same row, as more lines of its cells."""
    above = [line for cell in row for line in cell]
    below = [line for cell in more for line in cell]
    step = min(line.baseline for line in above) - max(line.baseline for line in below)
    height = max(line.height for line in below)
    if step < _OVERLAP * height:
        return True
    if step > _STEP * height:
        return False
    if drawn and min(drawn[id(line)] for line in below) < max(drawn[id(line)] for line in above):
        return True
    return not more[0] and all(
        _is_wrapped(cell, further, edge)
        for cell, further, edge in zip(row, more, edges, strict=True)
        if further
    )


def _is_wrapped(cell: Sequence[Line], further: Sequence[Line], edge: float) -> bool:
    """Return whether the next word had no room in the line above it in its cell."""
    if not cell:
        return False
    before, after = cell[-1], further[0]
    if any(_NUMERIC.fullmatch(line.text) for line in (before, after)):
        return False
    return _is_full(before, after, edge)


def _is_full(before: Line, after: Line, right: float) -> bool:
    """Return whether the first word of a line had no room in the line before."""
    word = after.text.split(maxsplit=1)[0]
    width = (after.right - after.left) / len(after.text)
    return before.divided or before.right + (len(word) + 1) * width > right


def _is_table(table: Sequence[Sequence[Sequence[Line]]], columns: Sequence[Extent]) -> bool:
    """Return whether the cells are filled and aligned as in a table, and hold words."""
    cells = [cell for row in table for cell in row if cell]
    lines = [line for cell in cells for line in cell]
    height = median(line.height for line in lines)
    alike = sum(_SAME_SIZE < line.height / height < 1 / _SAME_SIZE for line in lines)
    wordy = sum(bool(_WORDY.search(line.text)) for line in lines)
    several = sum(sum(map(bool, row)) > 1 for row in table)
    if several < max(2, _SEVERAL * len(table)) or any(map(_is_formula, cells)):
        return False
    if len(cells) < _FILLED * len(table) * len(columns):
        return False
    if any(sum(bool(row[at]) for row in table) < 2 for at in range(len(columns))):
        return False
    if min(alike, wordy) < _MOST * len(lines):
        return False
    columns_cells = [[row[at][0] for row in table if row[at]] for at in range(len(columns))]
    shares = [_aligned(column, last=column is columns_cells[-1]) for column in columns_cells]
    share = sum(shares) / len(shares)
    gaps = [right[0] - left[1] for left, right in pairwise(columns)]
    if len(table) < _MANY_ROWS and min(gaps) < _CLEAR_GAP * height:
        numbers = any(are_numbers([line.text for line in column]) for column in columns_cells)
        aligned = len(columns) > 2 and min(gaps) > _GAP * height and not any(map(_ends_cut, table))
        return (numbers or aligned) and share >= _ALIGNED_CELLS
    if len(table) >= _MANY_ROWS and min(gaps) > _WIDE_CORRIDOR * height:
        return share >= _SOME_ALIGNED_CELLS
    return share >= (_ALIGNED_CELLS if len(table) > 2 else 1.0)


def _ends_cut(row: Sequence[Sequence[Line]]) -> bool:
    return bool(row[-1]) and row[-1][-1].divided


def _is_formula(cell: Sequence[Line]) -> bool:
    """Return whether lines of the cell overlap in height and stand side by side."""
    return any(
        abs(above.baseline - below.baseline) < _OVERLAP * above.height
        and (below.left > above.right or above.left > below.right)
        for above, below in pairwise(cell)
    )


def _aligned(cells: Sequence[Line], *, last: bool) -> float:
    """Return the share of the cells of a column that are aligned at the left, right or centre.

    The right ends of justified text are aligned as well.
    """
    if len(cells) < 2:
        return 1.0
    edges = [[line.left for line in cells], [(line.left + line.right) / 2 for line in cells]]
    if not last or are_numbers([line.text for line in cells]):
        edges.append([line.right for line in cells])
    tolerance = _ALIGNED * cells[0].height
    best = 0
    for places in edges:
        middle = sorted(places)[len(places) // 2]
        best = max(best, sum(abs(place - middle) <= tolerance for place in places))
    return best / len(cells)


def _row(cells: Sequence[Sequence[Line]]) -> Line:
    members = [line for cell in cells for line in cell]
    texts = [_cell_text(cell) for cell in cells]
    if 2 * sum(bool(RIGHT_TO_LEFT.search(text)) for text in texts) > sum(map(bool, texts)):
        texts.reverse()
    return Line(
        "\t".join(texts),
        min(line.left for line in members),
        max(line.right for line in members),
        max(line.baseline for line in members),
        median(line.height for line in members),
        _ends_cut(cells),
    )


def _cell_text(lines: Sequence[Line]) -> str:
    """Return the lines of a cell as one."""
    parts = [line.text for line in lines[:1]]
    for before, after in pairwise(lines):
        glue = mend_word(before, after, set())
        parts += [" " if glue is None else glue, after.text]
    return "".join(parts)
