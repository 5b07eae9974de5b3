"""Parses plain text in any common encoding: one section per some 200 lines, up to an empty line."""

import re
from collections.abc import Iterator
from pathlib import Path

from mirage.errors import Blank, Damaged
from mirage.model import Parsed, Section
from mirage.parse.characters.cleaning import clean
from mirage.parse.characters.decoding import decode

# Controls of printers and terminals. Editors and `grep -n` do not count them as line ends.
_PAGE_BREAK = re.compile("[\v\f\x1c-\x1e]")
_SECTION_LINES = 200  # guess: five printed pages, so that the line of a citation is close
_MAX_SECTION_LINES = 300


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged if it is not text, or Blank."""
    sections = tuple(_sections(read_text(path).split("\n")))
    if not sections:
        raise Blank("The file contains no text.")
    return Parsed(sections)


def read_text(path: Path) -> str:
    """Return the file's text without control characters. Raises Damaged if it is binary."""
    text = decode(path.read_bytes())
    if text is None:
        raise Damaged("The file is not text: it contains binary data.")
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
    """Return the first empty line after enough lines, or the line where a section gets too long."""
    for at in range(start + _SECTION_LINES, min(start + _MAX_SECTION_LINES, len(lines))):
        if not lines[at].strip():
            return at
    return min(start + _MAX_SECTION_LINES, len(lines))
