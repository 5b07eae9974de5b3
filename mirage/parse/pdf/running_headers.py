"""Which lines of a PDF are furniture: running headers, footers and page numbers.

Such a line stands at one height of at least three pages, near the edge, set off from the body by
a clear gap and not larger than it; its text is the same on all of them but for one number that
counts the pages. Numbers that change in any other way are data. Whatever is in doubt is kept.
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
_MIN_DENSITY = 0.4  # A header of left-hand pages only reaches 0.5.
_LARGER, _SMALLER = 1.15, 0.95  # Of the body's letters; guess.
_WIDE = 0.9  # Of the letters' height for each of them: there is a wide gap in between.
_FAR_OUT = 0.1  # Of the page's height: a form's fields begin farther inside.
_LEVEL = 3.0  # Points by which lines of one height may differ.
_MAX_CHARACTERS = 200  # guess: no running line at hand has more than 90
_MAX_COUNTERS = 8
_TELLING_DIGITS = 4  # A year, at least: `2-` of `2-3` says nothing without the page.

_DIGIT = re.compile(r"\d")
_NUMBER = re.compile(r"(?<!\d)\d{1,6}(?!\d)")
_WORD = re.compile(r"\w+")
_LETTER = re.compile(r"[^\W\d_]")
_LEADING_NUMBER = re.compile(r"\W*(\d+\W+)+")
_AROUND = r"[\s.|/()\[\]<>~*•·—–-]*"
_BARE = re.compile(_AROUND)
_ROMAN = re.compile(r"(?=.)m*(c[md]|d?c{0,3})(x[cl]|l?x{0,3})(i[xv]|v?i{0,3})", re.IGNORECASE)
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_PART = re.compile(r"\s*\w{1,2}[–-]\s*")  # What `2-7` and `A-7` put before the page's number.
_RULE = re.compile(r"[|·•]\s*$|^\s*[|·•]")
_TOTAL = re.compile(r"\s*(?:/|[^\W\d_]{1,4})?\s*(\d{1,6})(?!\d)")
_PAGE_BEFORE = re.compile(
    r"(?:^|[\W_])(?:page|pg|p|seite|s|página|pagina|pág|pag|sida|side|sivu|strona|strana|str|"
    r"страница|стр|с|сторінка|σελίδα|صفحة|עמוד|第)\W{0,3}$"
)
_PAGE_AFTER = re.compile(r"\W{0,2}(?:oldal|sayfa|sivu|strana|ページ|頁|页|페이지|쪽)(?:[\W_]|$)")


class _Frame(NamedTuple):
    """What stays the same of a line, around the number that counts the pages.

    `counter`: by how much the number exceeds the page's index, `roman` alike, or that it is the
    page's `label`; None if no number counts.
    """

    top: bool
    before: str
    after: str
    counter: tuple[str, int] | None

    @property
    def rest(self) -> str:
        return f"{self.before} {self.after}"

    @property
    def field(self) -> tuple[bool, str] | None:
        """The name before a colon of a line in which no number counts."""
        name, colon, _ = self.before.partition(":")
        return (self.top, name) if colon and self.counter is None else None


@dataclass(frozen=True, slots=True)
class _Book:
    """What is known of the document as a whole."""

    page_count: int
    letter_height: float
    titles: set[str]


def find_running_lines(
    pages: Sequence[PageLines], labels: Sequence[str | None], titles: Iterable[str]
) -> dict[int, set[int]]:
    """Positions of running headers, footers and page numbers, by index of the page.

    Nothing is lost by leaving them out: what stands nowhere else, neither in a line of the body
    nor in `titles` (those of the outline), is kept where it appears first.
    """
    edges: list[Edge] = []
    sizes: list[int] = []
    book = _Book(len(pages), letters_height(pages), _known_titles(titles))
    said = set(book.titles)
    for index, page in enumerate(pages):
        lines = page.lines()
        sizes.append(len(lines))
        found = list(edges_of(index, page, lines))
        at_edge = {edge.position for edge in found}
        edges += found
        said.update(_words(line.text) for at, line in enumerate(lines) if at not in at_edge)
    running: dict[int, set[int]] = defaultdict(set)
    worded: list[Edge] = []
    rows: set[tuple[bool, int]] = set()
    groups = list(_running(edges, labels, book))
    repeated = {(edge.page, edge.position) for _, alike in groups for edge in alike}
    said.update(_words(e.line.text) for e in edges if (e.page, e.position) not in repeated)
    for frame, alike in groups:
        rows.update((frame.top, round(edge.line.baseline)) for edge in alike)
        left_out = alike if _is_said(frame, said) else alike[1:]
        worded += left_out if _LETTER.search(frame.rest) else ()
        for edge in left_out:
            running[edge.page].add(edge.position)
    for edge in _only_content(worded, running, sizes):
        running[edge.page].discard(edge.position)
    for edge in edges:
        row = (edge.top, round(edge.line.baseline))
        if row in rows and _carries_label(edge, labels[edge.page], book):
            running[edge.page].add(edge.position)
    return running


def _known_titles(titles: Iterable[str]) -> set[str]:
    """The words of each title, with its number and without."""
    return {_words(part) for title in titles for part in (title, _LEADING_NUMBER.sub("", title, 1))}


def _words(text: str) -> str:
    return " ".join(_WORD.findall(text.casefold()))


def _running(
    edges: Sequence[Edge], labels: Sequence[str | None], book: _Book
) -> Iterator[tuple[_Frame, list[Edge]]]:
    """Lines that run on, by what they have in common; outside of them, nothing but such lines."""
    groups: dict[_Frame, list[Edge]] = defaultdict(list)
    for edge in edges:
        for frame in _frames(edge, labels[edge.page]):
            groups[frame].append(edge)
    fields = _fields(edges)
    found = [
        (frame, sorted(level, key=lambda edge: edge.page))
        for frame, alike in groups.items()
        for level in _levels(alike)
        if frame.field not in fields and _is_running(frame, level, book)
    ]
    rows = {(edge.page, edge.top, edge.row) for _, alike in found for edge in alike}
    for frame, alike in found:
        outward = ([(edge.page, edge.top, row) for row in range(edge.row)] for edge in alike)
        if 2 * sum(rows.issuperset(outer) for outer in outward) > len(alike):
            yield frame, alike


def _fields(edges: Sequence[Edge]) -> set[tuple[bool, str]]:
    """Names before a colon, such as `Result`, of which several pages have different values."""
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
    """The line as it is, and with each of its numbers taken for the one that counts the pages."""
    text = _text(edge)
    if len(text) > _MAX_CHARACTERS:
        return
    yield _Frame(edge.top, text, "", None)
    if _ROMAN.fullmatch(text) and (edge.line.text.islower() or not edge.top):  # Else a chapter's.
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
    """Those of one height together."""
    level: list[Edge] = []
    for edge in sorted(edges, key=lambda edge: edge.line.baseline):
        if level and edge.line.baseline - level[-1].line.baseline > _LEVEL:
            yield level
            level = []
        level.append(edge)
    if level:
        yield level


def _is_running(frame: _Frame, alike: Sequence[Edge], book: _Book) -> bool:
    pages = {edge.page for edge in alike}
    height = median(edge.line.height for edge in alike)
    if len(pages) < _MIN_PAGES or height > _LARGER * book.letter_height:
        return False
    if 2 * sum(edge.apart for edge in alike) <= len(alike):
        return False
    if frame.counter is not None and _BARE.fullmatch(frame.rest):
        return _numbers_pages(frame, max(pages), book)
    if len(pages) < _MIN_DENSITY * (max(pages) - min(pages) + 1):
        return False
    if frame.counter is not None:
        return _counts_pages(frame, alike, book)
    if _DIGIT.search(frame.before):  # A date or an address, or one amount on several pages.
        return _says_much(frame) and 2 * len(pages) > book.page_count
    return _says_much(frame)


def _says_much(frame: _Frame) -> bool:
    digits = _DIGIT.findall(frame.rest)
    return len(digits) >= _TELLING_DIGITS or bool(_LETTER.search(frame.rest))


def _is_said(frame: _Frame, said: set[str]) -> bool:
    return _words(frame.rest) in said or (frame.counter is not None and not _says_much(frame))


def _numbers_pages(frame: _Frame, last_page: int, book: _Book) -> bool:
    """Whether a bare number is that of the page: as a title a year may count as well."""
    kind, offset = frame.counter or ("", 0)
    return not frame.top or kind != "number" or last_page + offset <= book.page_count


def _counts_pages(frame: _Frame, alike: Sequence[Edge], book: _Book) -> bool:
    """Whether a number amid words is that of the page: so may `Lesson 3` or `Dose: 3 mg` count."""
    if _PAGE_BEFORE.search(frame.before) or _PAGE_AFTER.match(frame.after):
        return True
    if not frame.top and not frame.after and _PART.fullmatch(frame.before):
        return True
    total = _TOTAL.match(frame.after)
    if total and frame.counter and frame.counter[0] == "number":
        last = max(edge.page for edge in alike) + frame.counter[1]
        alone = not frame.top or not _LETTER.search(frame.before)  # No `Question 3 of 12`.
        if alone and int(total.group(1)) in (last, book.page_count):
            return True
    if not _BARE.fullmatch(frame.before) and not _BARE.fullmatch(frame.after):
        return False
    if _words(frame.rest) in book.titles or _RULE.search(frame.before or frame.after):
        return True
    line = alike[0].line
    wide = line.right - line.left > _WIDE * line.height * len(line.text)
    small = line.height < _SMALLER * book.letter_height
    return (wide or small) and alike[0].depth < _FAR_OUT


def _carries_label(edge: Edge, label: str | None, book: _Book) -> bool:
    """Whether it is the page's label, alone or beside a title of the outline."""
    words = edge.line.text.split()
    if not label or label not in (words[0], words[-1]):
        return False
    rest = " ".join(words[1:] if words[0] == label else words[:-1])
    fits = edge.line.height <= _LARGER * book.letter_height
    return fits and (not rest or _words(rest) in book.titles)


def _only_content(
    edges: Sequence[Edge], running: Mapping[int, set[int]], sizes: Sequence[int]
) -> list[Edge]:
    """Lines that differ in their numbers and are all that most pages hold, as on tickets."""
    emptied = {page for page, left_out in running.items() if len(left_out) == sizes[page]}
    if 2 * len(emptied) <= sum(size > 0 for size in sizes):
        return []  # Blank pages of a book have its header as well.
    said = Counter(edge.line.text for edge in edges)
    return [edge for edge in edges if edge.page in emptied and said[edge.line.text] == 1]
