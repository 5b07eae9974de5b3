"""Plain text in any common encoding: a section per some 200 lines, broken where a line is empty."""

import re
from collections.abc import Iterator
from pathlib import Path

from mirage.errors import Blank, Damaged
from mirage.model import Parsed, Section
from mirage.parse.characters.cleaning import clean
from mirage.parse.characters.decoding import decode

# Of printers and terminals. To an editor, as to `grep -n`, they end no line.
_PAGE_BREAK = re.compile("[\v\f\x1c-\x1e]")
_SECTION_LINES = 200  # guess: some five printed pages, so that a citation's line leads close
_MAX_SECTION_LINES = 300


def parse(path: Path) -> Parsed:
    """Raises Damaged for what is no text, or Blank."""
    sections = tuple(_sections(read_text(path).split("\n")))
    if not sections:
        raise Blank("The file holds no text.")
    return Parsed(sections)


def read_text(path: Path) -> str:
    """The file's text, clean. Raises Damaged when it is binary."""
    text = decode(path.read_bytes())
    if text is None:
        raise Damaged("The file is not text: it holds binary data.")
    return clean(_PAGE_BREAK.sub(" ", text))


def _sections(lines: list[str]) -> Iterator[Section]:
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end = _section_end(lines, start)
        yield Section("\n".join(lines[start:end]).rstrip(), line=start + 1)
        start = end


def _section_end(lines: list[str], start: int) -> int:
    """The first empty line after enough lines, or where it becomes too long without one."""
    for at in range(start + _SECTION_LINES, min(start + _MAX_SECTION_LINES, len(lines))):
        if not lines[at].strip():
            return at
    return min(start + _MAX_SECTION_LINES, len(lines))
