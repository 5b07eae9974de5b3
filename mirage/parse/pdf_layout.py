"""From lines to text: which lines repeat on every page, and how the others go together."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from mirage.parse.headings import plain_words
from mirage.parse.pdf_page import Line, PageLines

_EDGE = 0.2  # Share of the page's height in which a running header or footer stands.
_EDGE_ROWS = 2
_MIN_PAGES = 3
_SYLLABLE = 3  # Letters; shorter halves are words by accident only, such as `pro` and `in`.
_MOST_OF_FIVE = 3
_TELLING_STEPS = 4  # guess: fewer lines may all be headings
_MIN_DENSITY = 0.4  # A header of left-hand pages only reaches 0.5.

_NUMBER = re.compile(r"\d+")
_LETTERLESS = re.compile(r"[\W\d_]*")
_ROMAN = re.compile(r"(?=.)m*(c[md]|d?c{0,3})(x[cl]|l?x{0,3})(i[xv]|v?i{0,3})", re.IGNORECASE)
_ROMAN_DIGITS = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100, "d": 500, "m": 1000}
_WORD = re.compile(r"\w+")
_COMPOUND = re.compile(r"(?=\b(\w+-\w+))")
_LAST_WORD = re.compile(r"\w+$")
_ITEM = re.compile(r"([•◦▪‣∙●○■*·–—-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|\[\d+\])\s")
_LEADERS = re.compile(r"(\s?[.·…]){4,}\s*")
_SENTENCE_END = re.compile(r"[.!?…:。！？۔؟][\"'”’»)\]]*$")
_RIGHT_TO_LEFT = re.compile("[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]")
# Scripts that put no space between words: kana, ideographs, fullwidth forms.
_UNSPACED = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60]")


@dataclass(frozen=True, slots=True)
class _Edge:
    """A line near the upper or lower edge of a page."""

    page: int
    position: int
    line: Line


def find_running_lines(
    pages: Sequence[PageLines], labels: Sequence[str | None], titles: Iterable[str]
) -> dict[int, set[int]]:
    """Positions of running headers, footers and page numbers, by index of the page.

    Nothing is lost by leaving them out: words that stand nowhere else, neither in a line of the
    body nor in `titles` (the outline's), are kept where they appear first.
    """
    groups: dict[tuple[bool, str], list[_Edge]] = defaultdict(list)
    running: dict[int, set[int]] = defaultdict(set)
    titled = {plain_words(title) for title in titles} - {""}
    body = set(titled)
    sizes: list[int] = []
    for index, page in enumerate(pages):
        lines = page.lines()
        sizes.append(len(lines))
        edges = _edge_positions(page, lines)
        body.update(plain_words(line.text) for at, line in enumerate(lines) if at not in edges)
        for at in edges:
            line = lines[at]
            if _carries_label(line.text, labels[index], titled):
                running[index].add(at)
            else:
                key = (line.baseline > page.height / 2, _pattern(line.text))
                groups[key].append(_Edge(index, at, line))
    worded: list[_Edge] = []
    for (_, pattern), edges_alike in groups.items():
        repeated = _counting(edges_alike) if pattern == "#" else _repeated(edges_alike)
        if pattern != "#" and repeated and plain_words(repeated[0].line.text) not in body:
            repeated = repeated[1:]
        for edge in repeated:
            running[edge.page].add(edge.position)
        worded += repeated if pattern != "#" else ()
    for edge in _only_content(worded, running, sizes):
        running[edge.page].discard(edge.position)
    return running


def known_words(pages: Iterable[PageLines]) -> set[str]:
    """Words that stand whole in the document, and pairs of words that it joins by a hyphen."""
    words: set[str] = set()
    for page in pages:
        divided = False
        for line in page.lines():
            found = _WORD.findall(line.text)
            words.update(found[1 if divided else 0 : -1 if line.divided else None])
            if "-" in line.text:
                words.update(_COMPOUND.findall(line.text))
            divided = line.divided
    return words


def compose(lines: Sequence[Line], known: set[str]) -> str:
    """One text: words mended, lines of a paragraph joined, paragraphs apart by an empty line."""
    if not lines:
        return ""
    leading = _leading(lines)
    meant = _meant_breaks(lines)
    parts = [lines[0].text]
    for index in range(1, len(lines)):
        before, after = lines[index - 1], lines[index]
        glue = _word_glue(before, after, known)
        if glue is None:
            glue = _line_glue(before, after, leading, meant=meant[index])
        parts += [glue, after.text]
    return _LEADERS.sub(" … ", "".join(parts))


def _edge_positions(page: PageLines, lines: Sequence[Line]) -> set[int]:
    margin = _EDGE * page.height
    ordered = sorted(range(len(lines)), key=lambda at: lines[at].baseline)
    low = _outer_rows(ordered, lines)
    high = _outer_rows(ordered[::-1], lines)
    return {at for at in low if lines[at].baseline < margin} | {
        at for at in high if lines[at].baseline > page.height - margin
    }


def _outer_rows(ordered: Sequence[int], lines: Sequence[Line]) -> set[int]:
    found: set[int] = set()
    rows: list[float] = []
    for at in ordered:
        line = lines[at]
        if not rows or abs(line.baseline - rows[-1]) > 0.5 * line.height:
            if len(rows) == _EDGE_ROWS:
                break
            rows.append(line.baseline)
        found.add(at)
    return found


def _carries_label(text: str, label: str | None, titled: set[str]) -> bool:
    """Whether it is the page's label, alone or beside a title of the outline."""
    words = text.split()
    if not label or label not in (words[0], words[-1]):
        return False
    return len(words) == 1 or plain_words(text) in titled


def _pattern(text: str) -> str:
    """The text with its numbers made equal; `#` alone for a bare page number."""
    if _ROMAN.fullmatch(text) or _LETTERLESS.fullmatch(text):
        return "#"
    return _NUMBER.sub("#", " ".join(text.casefold().split()))


def _repeated(edges: Sequence[_Edge]) -> Sequence[_Edge]:
    """Those that stand at one height on enough pages that are close together."""
    height = median(edge.line.baseline for edge in edges)
    level = [edge for edge in edges if abs(edge.line.baseline - height) < 3]
    pages = {edge.page for edge in level}
    if len(pages) < _MIN_PAGES:
        return ()
    density = len(pages) / (max(pages) - min(pages) + 1)
    return level if density >= _MIN_DENSITY else ()


def _only_content(
    edges: Sequence[_Edge], running: Mapping[int, set[int]], sizes: Sequence[int]
) -> list[_Edge]:
    """Lines that differ in their numbers and are all that most pages hold, as on tickets."""
    emptied = {page for page, left_out in running.items() if len(left_out) == sizes[page]}
    if 2 * len(emptied) <= sum(size > 0 for size in sizes):
        return []  # Blank pages of a book have its header as well.
    said = Counter(edge.line.text for edge in edges)
    return [edge for edge in edges if edge.page in emptied and said[edge.line.text] == 1]


def _counting(edges: Sequence[_Edge]) -> Sequence[_Edge]:
    """Bare numbers that grow by one from page to page."""
    by_offset: dict[int, list[_Edge]] = defaultdict(list)
    for edge in edges:
        number = _page_number(edge.line.text)
        if number is not None:
            by_offset[number - edge.page].append(edge)
    return [edge for alike in by_offset.values() if len(alike) >= _MIN_PAGES for edge in alike]


def _page_number(text: str) -> int | None:
    numbers = _NUMBER.findall(text)
    if len(numbers) == 1 and len(numbers[0]) < 7:
        return int(numbers[0])
    if not _ROMAN.fullmatch(text):
        return None
    digits = [_ROMAN_DIGITS[letter] for letter in text.lower()]
    following = [*digits[1:], 0]
    return sum(-d if d < f else d for d, f in zip(digits, following, strict=True))


def _leading(lines: Sequence[Line]) -> float:
    """Distance of two baselines in running text."""
    steps = [
        step
        for before, after in pairwise(lines)
        if 0.5 < (step := before.baseline - after.baseline) / before.height < 3.5
    ]
    if len(steps) >= _TELLING_STEPS:
        return median(steps)
    return min([1.5 * lines[0].height, *steps])


def _word_glue(before: Line, after: Line, known: set[str]) -> str | None:
    """What mends a word that is divided between two lines; None if none is."""
    if not before.divided:
        hyphen = re.search(r"\w-$", before.text) and _WORD.match(after.text)
        return "" if hyphen else None
    stem, rest = _LAST_WORD.search(before.text), _WORD.match(after.text)
    if stem is None or rest is None:
        return "-"
    first, second = stem.group(), rest.group()
    if not second[0].islower() or f"{first}-{second}" in known:
        return "-"
    compound = first in known and second in known and first + second not in known
    return "-" if compound and min(len(first), len(second)) > _SYLLABLE else ""


def _line_glue(before: Line, after: Line, leading: float, *, meant: bool) -> str:
    ended = bool(_SENTENCE_END.search(before.text))
    step = before.baseline - after.baseline
    other_size = abs(before.height - after.height) > 0.15 * before.height
    if (other_size and abs(step) > 0.8 * leading) or step > 1.3 * max(leading, before.height):
        return "\n\n"
    if step <= 0:  # The next column, or the page's next block.
        return "\n\n" if ended or meant else _space(before, after)
    indent = after.left - before.left
    if (ended or meant) and 0.6 * after.height < indent < 6 * after.height:
        return "\n\n"
    item = _ITEM.match(after.text) and re.search(r"[.,;:]$", before.text)
    if meant or item or _is_row(before) or _is_row(after) or _LEADERS.search(before.text):
        return "\n"
    return _space(before, after)


def _is_row(line: Line) -> bool:
    """Whether wide gaps make it a row of a table or of contents: prose stays below 0.7."""
    letter_width = (line.right - line.left) / len(line.text)
    return letter_width > 0.9 * line.height and not _UNSPACED.search(line.text)


def _meant_breaks(lines: Sequence[Line]) -> list[bool]:
    """For each line whether it begins anew on purpose, as in a list, a table or a poem.

    The longest line of such a block looks as if it were full; its neighbours tell.
    """
    single = [False] + [_would_have_fitted(lines, index) for index in range(1, len(lines))]
    return [
        fitted or sum(single[max(index - 2, 0) : index + 3]) >= _MOST_OF_FIVE
        for index, fitted in enumerate(single)
    ]


def _would_have_fitted(lines: Sequence[Line], index: int) -> bool:
    """Whether a line's first word had room enough at the end of the line before."""
    before, after = lines[index - 1], lines[index]
    right_to_left = bool(_RIGHT_TO_LEFT.search(before.text))
    margin = before.right if right_to_left else before.left
    column = [
        line
        for line in lines[max(index - 5, 0) : index + 5]
        if abs((line.right if right_to_left else line.left) - margin) < 4 * before.height
    ]
    unspaced = _UNSPACED.match(after.text)
    word = after.text[0] if unspaced else after.text.split(maxsplit=1)[0]
    width = (after.right - after.left) / len(after.text)
    if not unspaced:
        width = min(width, 0.5 * after.height)  # Gaps between a table's cells are no letters.
    needed = (len(word) + 1.5) * width
    if right_to_left:
        return before.left - min(line.left for line in column) > needed
    return max(line.right for line in column) - before.right > needed


def _space(before: Line, after: Line) -> str:
    if _UNSPACED.match(before.text[-1]) and _UNSPACED.match(after.text[0]):
        return ""
    return " "
