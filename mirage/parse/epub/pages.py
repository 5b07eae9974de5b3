"""Finds the pages of the printed book in an EPUB, so that a citation can name them."""

import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence

from mirage.parse.markup.flow import Flow

_PARAGRAPH = re.compile(r"\n\n+")
_MAX_LABEL_CHARACTERS = 20  # guess: `xviii` and `A-12` are labels, a sentence is not
_MAX_DIGITS = 9

Pages = Sequence[tuple[int, str]]
"""Where pages begin, in order, and their labels."""


def find_pages(file: str, flow: Flow, listed: Mapping[tuple[str, str], str]) -> Pages:
    """Return the pages that begin in a file.

    Their labels come from the marks in the text, else from the list of pages, which also names
    places without a mark. `listed` has the labels by file and fragment.
    """
    found: dict[int, str] = {}
    marked: set[str] = set()
    for offset, label, name in flow.pages:
        marked.add(name)
        if label := _short(label or listed.get((file, name), "")):
            found[offset] = label
    for (of, fragment), label in listed.items():
        if of != file or fragment in marked or not (label := _short(label)):
            continue
        if not fragment or fragment in flow.anchors:
            found.setdefault(flow.anchors.get(fragment, 0), label)
    return sorted(found.items())


def split_by_page(
    text: str, begin: int, end: int, pages: Pages, page: str | None
) -> Iterator[tuple[int, int, str | None]]:
    """Return parts of a text with the page of each; `page` is that of the text before `begin`.

    Only whole paragraphs are parted: one that goes on to the next page belongs to the page that has
    most of it.
    """
    if not pages:
        yield begin, end, page
        return
    starts = [offset for offset, _ in pages]
    start, current = begin, None
    for first, last in _paragraphs(text, begin, end):
        found = _page_of(first, last, starts, pages, page)
        if first == begin:
            current = found
        elif found != current:
            yield start, first, current
            start, current = first, found
    yield start, end, current


def page_number_of(label: str | None) -> int | None:
    """Return the number that is printed on a page; None for `xii`."""
    if label is None or not label.isdecimal() or len(label) > _MAX_DIGITS:
        return None
    return int(label) or None


def _paragraphs(text: str, begin: int, end: int) -> Iterator[tuple[int, int]]:
    first = begin
    for gap in _PARAGRAPH.finditer(text, begin, end):
        if gap.start() > first:
            yield first, gap.start()
            first = gap.end()
    yield first, end


def _page_of(
    first: int, last: int, starts: Sequence[int], pages: Pages, before: str | None
) -> str | None:
    """Return the page with most of the text from `first` to `last`; the earlier one of equals."""
    at = bisect_right(starts, first) - 1
    best, most = None, -1
    begin = first
    while begin < last or most < 0:
        end = starts[at + 1] if at + 1 < len(starts) else last
        if min(end, last) - begin > most:
            best, most = pages[at][1] if at >= 0 else before, min(end, last) - begin
        begin, at = end, at + 1
    return best


def _short(label: str) -> str:
    """Return the label of `page 17` or `17`; empty if it is no label."""
    words = label.split()
    label = words[-1] if len(words) == 2 else label
    return label if len(label) <= _MAX_LABEL_CHARACTERS else ""
