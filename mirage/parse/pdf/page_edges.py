"""Finds the outer rows of a PDF's pages, where running headers and footers stand."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from mirage.parse.pdf.page import Line, PageLines

_EDGE = 0.2  # Share of the page's height, at its top and bottom, that running lines stand in.
_EDGE_ROWS = 4  # guess: a letterhead has name, street, town and telephone
_CLEAR_GAP = 1.5  # Times the distance of two lines; gaps between paragraphs are smaller.
_MAX_LEADING = 2.0  # Times the height of the letters; rows of running text are closer.


@dataclass(frozen=True, slots=True)
class Edge:
    """A line in one of the outer rows of a page, the outermost being 0.

    `detached`: a clear gap separates it from the body. `depth` is its distance from the page's
    edge, as a share of the page's height.
    """

    page: int
    position: int
    line: Line
    top: bool
    row: int
    detached: bool
    depth: float


def edges_of(index: int, page: PageLines, lines: Sequence[Line]) -> Iterator[Edge]:
    """Return the lines in the outer rows of a page that are near its upper or lower edge."""
    if page.height <= 0:  # What shows of the page is empty, as between boxes that do not meet.
        return
    rows = _rows(lines)
    heights = [lines[row[0]].baseline for row in rows]
    steps = [above - below for above, below in pairwise(heights)]
    letters = median(line.height for line in lines) if lines else 0.0
    clear = _CLEAR_GAP * min([_MAX_LEADING * letters, *([median(steps)] if steps else [])])
    for top in (False, True):
        outer = rows if top else rows[::-1]
        gaps = [*(steps if top else steps[::-1]), float("inf")]
        margin = (1 - _EDGE) * page.height if top else _EDGE * page.height
        near = [row for row in outer[:_EDGE_ROWS] if (lines[row[0]].baseline > margin) is top]
        last_clear = max((at for at, _ in enumerate(near) if gaps[at] > clear), default=-1)
        for number, row in enumerate(near):
            for at in row:
                height = lines[at].baseline / page.height
                depth = 1 - height if top else height
                yield Edge(index, at, lines[at], top, number, number <= last_clear, depth)


def _rows(lines: Sequence[Line]) -> list[list[int]]:
    """Return the positions of the lines, row by row from the top; sideways lines are left out."""
    rows: list[list[int]] = []
    level = [at for at, line in enumerate(lines) if not line.turn]
    for at in sorted(level, key=lambda at: -lines[at].baseline):
        line = lines[at]
        if rows and lines[rows[-1][0]].baseline - line.baseline <= 0.5 * line.height:
            rows[-1].append(at)
        else:
            rows.append([at])
    return rows


def letters_height(pages: Sequence[PageLines]) -> float:
    """Return the median height of the body's letters, or of all letters if the body is empty."""
    body: Counter[float] = Counter()
    every: Counter[float] = Counter()
    for page in pages:
        for baseline, exact_height, characters in page.heights():
            height = round(exact_height, 1)
            every[height] += characters
            if _EDGE * page.height <= baseline <= (1 - _EDGE) * page.height:
                body[height] += characters
    counts = body or every
    reached, half = 0, counts.total() / 2
    for height in sorted(counts):
        reached += counts[height]
        if reached >= half:
            return height
    return 0.0
