"""Joins the lines of a page to text."""

import re
from collections.abc import Sequence
from itertools import groupby, pairwise
from statistics import median

from mirage.parse.characters.direction import RIGHT_TO_LEFT
from mirage.parse.pdf.hyphens import mend_word
from mirage.parse.pdf.page import Line
from mirage.punctuation import CLOSING, STOPS, WIDE_STOPS

_MOST_OF_FIVE = 3
_CELLS = "\t"
_NEXT_TABLE = 4.0  # guess: times the height of the letters; the rows of one table are closer
_TELLING_CHARACTERS = 8  # guess
_SAME_WIDTH = 0.0015  # Share of the height; in other fonts, lines differ by 0.02.
_TELLING_STEPS = 4  # guess: fewer lines may all be headings

_ITEM = re.compile(r"([•◦▪‣∙●○■*·–—-]|\(?\d{1,3}[.)]|\(?[a-zA-Z][.)]|\[\d+\])\s")
_LEADERS = re.compile(r"(\s?[.·…]){4,}\s*")
_SENTENCE_END = re.compile(rf"[{STOPS}:{WIDE_STOPS}۔؟][{CLOSING}]*$")
# Scripts that put no space between words: kana, ideographs, fullwidth forms.
_UNSPACED = re.compile("[\u3000-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff00-\uff60]")


def compose(lines: Sequence[Line], known: set[str]) -> str:
    """Return the text of the lines.

    Divided words are mended, the lines of a paragraph joined, and paragraphs separated by an empty
    line.
    """
    blocks = [list(block) for _, block in groupby(lines, key=lambda line: line.turn)]
    return "\n\n".join(_compose_block(block, known) for block in blocks)


def _compose_block(lines: Sequence[Line], known: set[str]) -> str:
    leading = _leading(lines)
    meant = _meant_breaks(lines)
    parts = [lines[0].text]
    for index in range(1, len(lines)):
        before, after = lines[index - 1], lines[index]
        glue = _row_glue(before, after)
        if glue is None:
            glue = mend_word(before, after, known)
        if glue is None:
            glue = _line_glue(before, after, leading, meant=meant[index])
        parts += [glue, after.text]
    if lines[-1].divided:
        parts.append("-")  # The other part of the word is elsewhere.
    return _LEADERS.sub(" … ", "".join(parts))


def join_title(lines: Sequence[Line], known: set[str]) -> str:
    """Return the lines of a title as one line."""
    parts = [line.text for line in lines[:1]]
    for before, after in pairwise(lines):
        glue = mend_word(before, after, known)
        parts += [" " if glue is None else glue, after.text]
    return "".join(parts)


def _leading(lines: Sequence[Line]) -> float:
    """Return the distance of two baselines in running text."""
    steps = [
        step
        for before, after in pairwise(lines)
        if 0.5 < (step := before.baseline - after.baseline) / before.height < 3.5
    ]
    if len(steps) >= _TELLING_STEPS:
        return median(steps)
    return min([1.5 * lines[0].height, *steps])


def _row_glue(before: Line, after: Line) -> str | None:
    """Return the text to put between two lines if one is a row of a table, else None."""
    rows = _CELLS in before.text, _CELLS in after.text
    if not any(rows) or (before.divided and not rows[1]):
        return None
    far = before.baseline - after.baseline > _NEXT_TABLE * max(before.height, after.height)
    return "\n" if all(rows) and not far else "\n\n"


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
    """Return whether wide gaps make the line a row of a table or of contents.

    The width of a letter divided by its height stays below 0.7 in prose.
    """
    letter_width = (line.right - line.left) / len(line.text)
    return letter_width > 0.9 * line.height and not _UNSPACED.search(line.text)


def _meant_breaks(lines: Sequence[Line]) -> list[bool]:
    """Return for each line whether the break before it is meant, as in a list, table or poem.

    The longest line of such a block looks full, so its neighbours decide.
    """
    code = _are_code(lines)
    single = [False] + [
        code[index] or _would_have_fitted(lines, index) for index in range(1, len(lines))
    ]
    return [
        fitted or sum(single[max(index - 2, 0) : index + 3]) >= _MOST_OF_FIVE
        for index, fitted in enumerate(single)
    ]


def _are_code(lines: Sequence[Line]) -> list[bool]:
    """Return for each line whether it is one of a listing, in a font of one width.

    Where most of the text is in such a font, its lines are those of a typewriter.
    """
    widths = [round((line.right - line.left) / len(line.text) / line.height, 3) for line in lines]
    same = [
        len(line.text) >= _TELLING_CHARACTERS and abs(width - before) <= _SAME_WIDTH
        for line, width, before in zip(lines, widths, [0.0, *widths], strict=False)
    ]
    code = [left and right for left, right in zip(same, [*same[1:], False], strict=True)]
    code = [here or before for here, before in zip(code, [False, *code], strict=False)]
    return code if 2 * sum(code) < len(code) else [False] * len(code)


def _would_have_fitted(lines: Sequence[Line], index: int) -> bool:
    """Return whether the first word of a line had room at the end of the line before."""
    before, after = lines[index - 1], lines[index]
    right_to_left = bool(RIGHT_TO_LEFT.search(before.text))
    margin = before.right if right_to_left else before.left
    column = [
        line
        for line in lines[max(index - 5, 0) : index + 5]
        if abs((line.right if right_to_left else line.left) - margin) < 4 * before.height
        and _CELLS not in line.text
    ]
    if not column:
        return True
    unspaced = _UNSPACED.match(after.text)
    word = after.text[0] if unspaced else (after.text.split(maxsplit=1) or [""])[0]
    width = (after.right - after.left) / len(after.text)
    if not unspaced:
        width = min(width, 0.5 * after.height)  # Gaps between table cells are not letters.
    needed = (len(word) + 1.5) * width
    if right_to_left:
        return before.left - min(line.left for line in column) > needed
    return max(line.right for line in column) - before.right > needed


def _space(before: Line, after: Line) -> str:
    if _UNSPACED.match(before.text[-1]) and _UNSPACED.match(after.text[0]):
        return ""
    return " "
