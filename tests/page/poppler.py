"""What poppler, another engine, reads on a page, and where."""

import html
import re
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from unicodedata import normalize

import pytest

Box = tuple[float, float, float, float]
"""Left, top, right and bottom, in points from the top left corner of a page as it is shown."""

needs_poppler = pytest.mark.skipif(
    shutil.which("pdftotext") is None, reason="there is no pdftotext on the PATH"
)

_PAGE = re.compile(r"<page [^>]*>(.*?)</page>", re.DOTALL)
_WORD = re.compile(
    r'<word xMin="([\d.-]+)" yMin="([\d.-]+)" xMax="([\d.-]+)" yMax="([\d.-]+)">(.*?)</word>',
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its middle, in points from the top left corner of a page as it is shown."""

    text: str
    x: float
    y: float


def read_words(path: Path) -> list[list[Word]]:
    """The words of each page of a PDF, as much of it as is shown."""
    command = ["pdftotext", "-cropbox", "-bbox", str(path), "-"]
    said = subprocess.run(command, capture_output=True, check=True).stdout
    return [
        [
            Word(
                html.unescape(text),
                (float(left) + float(right)) / 2,
                (float(top) + float(bottom)) / 2,
            )
            for left, top, right, bottom, text in _WORD.findall(words)
        ]
        for words in _PAGE.findall(said.decode("utf-8", "replace"))
    ]


def letters(text: str) -> "Counter[str]":
    """The letters of a text without accents, forms and case, and how often they are there."""
    return Counter("".join(c for c in normalize("NFKD", text) if c.isalnum()).casefold())


def letters_inside(words: Iterable[Word], boxes: Iterable[Box]) -> "Counter[str]":
    """The letters of the words whose middle is in a box."""
    boxes = list(boxes)
    return letters(
        "".join(
            word.text
            for word in words
            if any(
                left <= word.x <= right and top <= word.y <= bottom
                for left, top, right, bottom in boxes
            )
        )
    )
