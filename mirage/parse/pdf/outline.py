"""Reads the outline of a PDF and finds the lines with which its entries begin."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as pdfium_c

from mirage.parse.characters.cleaning import one_line
from mirage.parse.headings import heading_path, plain_words
from mirage.parse.pdf.page import Line

# Index of the upper edge among the parameters of a destination (PDF 32000-1, table 151).
_TOP_PARAMETER = {
    pdfium_c.PDFDEST_VIEW_XYZ: 1,
    pdfium_c.PDFDEST_VIEW_FITH: 0,
    pdfium_c.PDFDEST_VIEW_FITBH: 0,
    pdfium_c.PDFDEST_VIEW_FITR: 3,
}
_MAX_HEADING_DISTANCE = 72  # guess: points between a heading and the target of its entry
_SAME_SIZE = 0.87  # Share of the largest letters' height; smaller letters are another size.

Target = tuple[tuple[str, ...], float | None]
"""The path of a heading, and its height on the page if the outline says so."""


@dataclass(frozen=True, slots=True)
class Heading:
    """An entry of the outline; `point` is its target, in the page's own space."""

    page: int
    point: tuple[float, float] | None
    path: tuple[str, ...]


def read_outline(document: pdfium.PdfDocument) -> Iterator[Heading]:
    """Return the entries in order of pages.

    An entry without a target is only part of the path of the entries below it.
    """
    path: list[str] = []
    found: list[Heading] = []
    for bookmark in document.get_toc():
        del path[bookmark.level :]
        path.append(one_line(bookmark.get_title()))
        destination = bookmark.get_dest()
        page = destination.get_index() if destination else None
        if destination is not None and page is not None and page >= 0:
            named = heading_path([title for title in path if title])
            found.append(Heading(page, _point(destination), named))
    yield from sorted(found, key=lambda heading: heading.page)


def _point(destination: pdfium.PdfDest) -> tuple[float, float] | None:
    view, parameters = destination.get_view()
    at = _TOP_PARAMETER.get(view)
    if at is None or at >= len(parameters):
        return None
    x = parameters[0] if view != pdfium_c.PDFDEST_VIEW_FITH and at else 0.0
    return x, parameters[at]


def locate(
    targets: Sequence[Target], lines: Sequence[Line], left_out: set[int]
) -> list[tuple[int, tuple[str, ...]]]:
    """Return the line with which each heading begins, in order of the lines."""
    found: list[tuple[int, tuple[str, ...]]] = []
    words = [plain_words(line.text) for line in lines] if targets else []
    for running in left_out if targets else ():
        words[running] = ""
    earliest = 0
    for path, y in targets:
        at = _titled(plain_words(path[-1]) if path else "", words, lines, y)
        if at is None:
            at = _below(lines, y) if y is not None else 0
        elif at > 0 and not words[at - 1] and path[-1].startswith(lines[at - 1].text):
            at -= 1  # The number of the heading has its own line.
        earliest = max(earliest, at)
        if not found or found[-1][0] < earliest or _extends(path, found[-1][1]):
            found.append((earliest, path))
    return found


def _titled(title: str, words: Sequence[str], lines: Sequence[Line], y: float | None) -> int | None:
    """Return the line with the title, or with its beginning, that is closest to the target.

    A running header may repeat the title in smaller letters. An entry may lead to the top of the
    page, so a line that is the whole title also counts anywhere below the target.
    """
    if not title:
        return None
    distances: dict[int, float] = {}
    for at, line in enumerate(words):
        if line.startswith(title) or (len(line) >= 4 and title.startswith(line)):
            drop = float(at) if y is None else y - lines[at].baseline
            whole_below = line == title and drop > 0
            if y is None or abs(drop) < _MAX_HEADING_DISTANCE or whole_below:
                distances[at] = abs(drop)
    tallest = max((lines[at].height for at in distances), default=0.0)
    large = [at for at in distances if lines[at].height > _SAME_SIZE * tallest]
    return min(large, key=distances.__getitem__, default=None)


def _below(lines: Sequence[Line], y: float) -> int:
    lower = (at for at, line in enumerate(lines) if line.baseline <= y and not line.turn)
    return next(lower, len(lines))


def _extends(path: tuple[str, ...], parent: tuple[str, ...]) -> bool:
    return bool(parent) and path[: len(parent)] == parent
