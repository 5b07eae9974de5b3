"""Finds the running headers, footers and page numbers of a PDF, which are not part of its text.

A running line stands at the same height of at least three pages, near the edge, separated from the
body by a clear gap and not larger than the body. Its text is the same on all of them except for
one number that counts the pages. Numbers that change in any other way are data. A doubtful line is
kept.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import median
from typing import NamedTuple

from mirage.parse.pdf.page import PageLines
from mirage.parse.pdf.page_edges import Edge, edges_of, letters_height

_MIN_PAGES = 3
_MIN_DENSITY = 0.4  # Share of the pages; a header of left-hand pages only reaches 0.5.
_LARGER, _SMALLER = 1.15, 0.95  # guess: times the height of the body's letters
_WIDE = 0.9  # Width per letter, as a share of its height; a line above it has a wide gap.
_FAR_OUT = 0.1  # Share of the page's height; the fields of a form begin farther inside.
_LEVEL = 3.0  # Points by which the baselines of one height may differ.
_MAX_CHARACTERS = 200  # guess: the longest running line seen has 90
_MAX_COUNTERS = 8
_TELLING_DIGITS = 4  # A year has as many; `2-` of `2-3` says nothing without the page.

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<!\d)\d{1,6}(?!\d)")
_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")
_LEADING_NUMBER = re.compile(r"\W*(\d+\W+)+")
_AROUND = r"[\s.|/()\[\]<>~*•·—–-]*"
_BARE = re.compile(_AROUND)
_ROMAN = re.compile(r"(?=.)m*(c[md]|d?c{0,3})(x[cl]|l?x{0,3})(i[xv]|v?i{0,3})", re.IGNORECASE)
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_PART = re.compile(r"\s*\w{1,2}[–-]\s*")  # The `2-` of `2-7`, the `A-` of `A-7`.
_RULE = re.compile(r"[|·•]\s*$|^\s*[|·•]")
_TOTAL = re.compile(r"\s*(?:/|[^\W\d_]{1,4})?\s*(\d{1,6})(?!\d)")
_PAGE_BEFORE = re.compile(
    r"(?:^|[\W_])(?:page|pg|p|seite|s|página|pagina|pág|pag|sida|side|sivu|strona|strana|str|"
    r"страница|стр|с|сторінка|σελίδα|صفحة|עמוד|第)\W{0,3}$"
)
_PAGE_AFTER = re.compile(r"\W{0,2}(?:oldal|sayfa|sivu|strana|ページ|頁|页|페이지|쪽)(?:[\W_]|$)")


class _Frame(NamedTuple):
    """The part of a line that stays the same, around the number that counts the pages.

    `counter` says how the number counts: `number` and `roman` with the difference between the
    number and the page's index, `label` if the number is the page's label. It is None if no number
    counts.
    """

    top: bool
    before: str
    after: str
    counter: tuple[str, int] | None

    @property
    def remainder(self) -> str:
        return f"{self.before} {self.after}"

    @property
    def field(self) -> tuple[bool, str] | None:
        """Return the name before a colon, if no number of the line counts."""
        name, colon, _ = self.before.partition(":")
        return (self.top, name) if colon and self.counter is None else None


@dataclass(frozen=True, slots=True)
class _Book:
    """Facts about the document as a whole."""

    page_count: int
    letter_height: float
    titles: set[str]


def find_running_lines(
    pages: Sequence[PageLines], labels: Sequence[str | None], titles: Iterable[str]
) -> dict[int, set[int]]:
    """Return the positions of running headers, footers and page numbers, by page index.

    Leaving them out loses nothing: a text that is neither in a line of the body nor in `titles`
    (the titles of the outline) is kept where it appears first.
    """
    edges: list[Edge] = []
    sizes: list[int] = []
    book = _Book(len(pages), letters_height(pages), _known_titles(titles))
    seen_elsewhere = set(book.titles)
    for index, page in enumerate(pages):
        lines = page.lines()
        sizes.append(len(lines))
        found = list(edges_of(index, page, lines))
        at_edge = {edge.position for edge in found}
        edges += found
        seen_elsewhere.update(
            _words(line.text) for at, line in enumerate(lines) if at not in at_edge
        )
    running: dict[int, set[int]] = defaultdict(set)
    with_letters: list[Edge] = []
    rows: set[tuple[bool, int]] = set()
    groups = list(_running(edges, labels, book))
    repeated = {(edge.page, edge.position) for _, group in groups for edge in group}
    seen_elsewhere.update(
        _words(e.line.text) for e in edges if (e.page, e.position) not in repeated
    )
    for frame, group in groups:
        rows.update((frame.top, round(edge.line.baseline)) for edge in group)
        left_out = group if _is_repeated_elsewhere(frame, seen_elsewhere) else group[1:]
        with_letters += left_out if _LETTER.search(frame.remainder) else ()
        for edge in left_out:
            running[edge.page].add(edge.position)
    for edge in _only_content(with_letters, running, sizes):
        running[edge.page].discard(edge.position)
    for edge in edges:
        row = (edge.top, round(edge.line.baseline))
        if row in rows and _carries_label(edge, labels[edge.page], book):
            running[edge.page].add(edge.position)
    return running


def _known_titles(titles: Iterable[str]) -> set[str]:
    """Return the words of each title, with its number and without it."""
    return {_words(part) for title in titles for part in (title, _LEADING_NUMBER.sub("", title, 1))}


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _running(
    edges: Sequence[Edge], labels: Sequence[str | None], book: _Book
) -> Iterator[tuple[_Frame, list[Edge]]]:
    """Return groups of running lines; farther outside on the page are only running lines."""
    groups: dict[_Frame, list[Edge]] = defaultdict(list)
    for edge in edges:
        for frame in _frames(edge, labels[edge.page]):
            groups[frame].append(edge)
    fields = _fields(edges)
    found = [
        (frame, sorted(level, key=lambda edge: edge.page))
        for frame, group in groups.items()
        for level in _levels(group)
        if frame.field not in fields and _is_running(frame, level, book)
    ]
    rows = {(edge.page, edge.top, edge.row) for _, group in found for edge in group}
    for frame, group in found:
        outward = ([(edge.page, edge.top, row) for row in range(edge.row)] for edge in group)
        if 2 * sum(rows.issuperset(outer) for outer in outward) > len(group):
            yield frame, group


def _fields(edges: Sequence[Edge]) -> set[tuple[bool, str]]:
    """Return the names before a colon, such as `Result`, that have several values."""
    values: dict[tuple[bool, str], str] = {}
    fields: set[tuple[bool, str]] = set()
    for edge in edges:
        name, colon, value = _text(edge).partition(":")
        if colon and values.setdefault((edge.top, name), value) != value:
            fields.add((edge.top, name))
    return fields


def _text(edge: Edge) -> str:
    return " ".join(edge.line.text.casefold().split())


def _frames(edge: Edge, label: str | None) -> Iterator[_Frame]:
    """Return the line as it is, and with each of its numbers as the one that counts the pages."""
    text = _text(edge)
    if len(text) > _MAX_CHARACTERS:
        return
    yield _Frame(edge.top, text, "", None)
    if _ROMAN.fullmatch(text) and (
        edge.line.text.islower() or not edge.top
    ):  # Else it numbers a chapter.
        yield _Frame(edge.top, "", "", ("roman", _roman(text) - edge.page))
    for number in islice(_NUMBER.finditer(text), _MAX_COUNTERS):
        before, after = text[: number.start()], text[number.end() :]
        yield _Frame(edge.top, before, after, ("number", int(number.group()) - edge.page))
    words, named = text.split(" "), (label or "").casefold()
    if words[0] == named:
        yield _Frame(edge.top, "", " ".join(words[1:]), ("label", 0))
    elif words[-1] == named:
        yield _Frame(edge.top, " ".join(words[:-1]), "", ("label", 0))


def _roman(text: str) -> int:
    digits = [_ROMAN_DIGITS[letter] for letter in text.lower()]
    following = [*digits[1:], 0]
    return sum(-d if d < f else d for d, f in zip(digits, following, strict=True))


def _levels(edges: Sequence[Edge]) -> Iterator[list[Edge]]:
    """Return the lines in groups of one height."""
    level: list[Edge] = []
    for edge in sorted(edges, key=lambda edge: edge.line.baseline):
        if level and edge.line.baseline - level[-1].line.baseline > _LEVEL:
            yield level
            level = []
        level.append(edge)
    if level:
        yield level


def _is_running(frame: _Frame, group: Sequence[Edge], book: _Book) -> bool:
    pages = {edge.page for edge in group}
    height = median(edge.line.height for edge in group)
    if len(pages) < _MIN_PAGES or height > _LARGER * book.letter_height:
        return False
    if 2 * sum(edge.detached for edge in group) <= len(group):
        return False
    if frame.counter is not None and _BARE.fullmatch(frame.remainder):
        return _numbers_pages(frame, max(pages), book)
    if len(pages) < _MIN_DENSITY * (max(pages) - min(pages) + 1):
        return False
    if frame.counter is not None:
        return _counts_pages(frame, group, book)
    if _DIGIT.search(frame.before):  # A date, an address, or the same amount on several pages.
        return _says_much(frame) and 2 * len(pages) > book.page_count
    return _says_much(frame)


def _says_much(frame: _Frame) -> bool:
    digits = _DIGIT.findall(frame.remainder)
    return len(digits) >= _TELLING_DIGITS or bool(_LETTER.search(frame.remainder))


def _is_repeated_elsewhere(frame: _Frame, seen_elsewhere: set[str]) -> bool:
    return _words(frame.remainder) in seen_elsewhere or (
        frame.counter is not None and not _says_much(frame)
    )


def _numbers_pages(frame: _Frame, last_page: int, book: _Book) -> bool:
    """Return whether a bare number is the page number; a year as a title may count up as well."""
    kind, offset = frame.counter or ("", 0)
    return not frame.top or kind != "number" or last_page + offset <= book.page_count


def _counts_pages(frame: _Frame, group: Sequence[Edge], book: _Book) -> bool:
    """Return whether a number among words is the page number; `Lesson 3` may count up as well."""
    if _PAGE_BEFORE.search(frame.before) or _PAGE_AFTER.match(frame.after):
        return True
    if not frame.top and not frame.after and _PART.fullmatch(frame.before):
        return True
    total = _TOTAL.match(frame.after)
    if total and frame.counter and frame.counter[0] == "number":
        last = max(edge.page for edge in group) + frame.counter[1]
        alone = not frame.top or not _LETTER.search(frame.before)  # Not `Question 3 of 12`.
        if alone and int(total.group(1)) in (last, book.page_count):
            return True
    if not _BARE.fullmatch(frame.before) and not _BARE.fullmatch(frame.after):
        return False
    if _words(frame.remainder) in book.titles or _RULE.search(frame.before or frame.after):
        return True
    line = group[0].line
    wide = line.right - line.left > _WIDE * line.height * len(line.text)
    small = line.height < _SMALLER * book.letter_height
    return (wide or small) and group[0].depth < _FAR_OUT


def _carries_label(edge: Edge, label: str | None, book: _Book) -> bool:
    """Return whether the line is the page's label, alone or with a title of the outline."""
    words = edge.line.text.split()
    if not label or label not in (words[0], words[-1]):
        return False
    remainder = " ".join(words[1:] if words[0] == label else words[:-1])
    fits = edge.line.height <= _LARGER * book.letter_height
    return fits and (not remainder or _words(remainder) in book.titles)


def _only_content(
    edges: Sequence[Edge], running: Mapping[int, set[int]], sizes: Sequence[int]
) -> list[Edge]:
    """Return the lines that differ in numbers and are all that most pages hold, as on tickets."""
    emptied = {page for page, left_out in running.items() if len(left_out) == sizes[page]}
    if 2 * len(emptied) <= sum(size > 0 for size in sizes):
        return []  # The blank pages of a book have its header as well.
    counts = Counter(edge.line.text for edge in edges)
    return [edge for edge in edges if edge.page in emptied and counts[edge.line.text] == 1]
