"""Finds where a text pauses: ends and beginnings of paragraphs, sentences, lines and words."""

import re
from collections.abc import Callable, Iterator
from enum import Enum

from mirage.punctuation import CLOSING, STOPS, WIDE_CLOSING, WIDE_STOPS

_STOP = f"[{STOPS}][{CLOSING}]*"
_WIDE_STOP = f"""[{WIDE_STOPS}]['"’”{WIDE_CLOSING}]*"""


class Border(Enum):
    """Kinds of ends; the strongest is first."""

    PARAGRAPH = re.compile(r"\n[^\S\n]*\n")
    # Many texts have one line per paragraph. In others a line rarely ends with a sentence.
    SENTENCE_LINE = re.compile(rf"(?:{_STOP}|{_WIDE_STOP})(?=[^\S\n]*\n)")
    SENTENCE = re.compile(rf"{_STOP}(?=\s)|{_WIDE_STOP}")
    LINE = re.compile(r"\n")
    WORD = re.compile(r"(?<=\S)\s")


_SENTENCE_START = re.compile(rf"(?:{_STOP}\s|\n[^\S\n]*\n|{_WIDE_STOP})\s*")
_WORD_START = re.compile(r"(?<=\s)\S")
_SENTENCE_END = re.compile(rf"[{STOPS}:;{WIDE_STOPS}][{CLOSING}{WIDE_CLOSING}]*\Z")
_LOOK_BACK = 40  # Characters for closing marks after a full stop and some whitespace.


def closest_end(
    kind: Border, text: str, lowest: int, wanted: int, highest: int, skip: Callable[[int], bool]
) -> int | None:
    """Return the end of this kind in [lowest, highest] closest to `wanted`, None without one.

    `skip` returns whether the end of a paragraph before a position does not count.
    """
    ends = _counting_ends(kind, text, lowest, highest, skip)
    return min(ends, key=lambda end: abs(end - wanted), default=None)


def first_end(
    kind: Border, text: str, lowest: int, highest: int, skip: Callable[[int], bool]
) -> int | None:
    """Return the first end of this kind in [lowest, highest], None without one."""
    return next(_counting_ends(kind, text, lowest, highest, skip), None)


def nearest_end(text: str, lowest: int, middle: int, highest: int) -> int:
    """Return the end nearest to the middle, of the strongest kind within [lowest, highest)."""
    for kind in Border:
        ends = _ends(kind, text, lowest, highest)
        nearest = min(ends, key=lambda end: abs(end - middle), default=None)
        if nearest is not None:
            return nearest
    return middle


def sentence_start(text: str, lowest: int, highest: int) -> int | None:
    """Return the first beginning of a sentence or paragraph in (lowest, highest)."""
    match = _SENTENCE_START.search(text, lowest, highest)
    return match.end() if match else None


def word_start(text: str, lowest: int, highest: int) -> int | None:
    """Return the first beginning of a word in [lowest, highest)."""
    match = _WORD_START.search(text, lowest, highest)
    return match.start() if match else None


def ends_sentence(text: str, position: int) -> bool:
    """Return whether a sentence ends before this position."""
    before = text[max(0, position - _LOOK_BACK) : position].rstrip()
    return _SENTENCE_END.search(before) is not None


def _counting_ends(
    kind: Border, text: str, lowest: int, highest: int, skip: Callable[[int], bool]
) -> Iterator[int]:
    # Look at two more characters: they tell whether a paragraph or sentence ends at `highest`.
    for match in kind.value.finditer(text, lowest, highest + 2):
        end = _end(kind, match)
        if end > highest:
            return
        if kind is not Border.PARAGRAPH or not skip(match.end()):
            yield end


def _ends(kind: Border, text: str, lowest: int, highest: int) -> Iterator[int]:
    for match in kind.value.finditer(text, lowest, highest):
        yield _end(kind, match)


def _end(kind: Border, match: re.Match[str]) -> int:
    """Return the end: after the full stop of a sentence, else before the whitespace."""
    after_stop = kind in (Border.SENTENCE_LINE, Border.SENTENCE)
    return match.end() if after_stop else match.start()
