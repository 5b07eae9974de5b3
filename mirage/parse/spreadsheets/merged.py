"""Repeats the text of merged cells in the rows and below the headers that they reach over."""

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Protocol

from mirage.parse.markup.tables import MAX_REPEATED_CHARACTERS

# The names of merged cells follow the rows, so they are looked for before those are parsed.
_MERGED = re.compile(
    rb"mergeCell\s[^<>]{0,200}?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
_BLOCK = 1024 * 1024
_LONGEST = 300  # Bytes of such an element.
# guesses: a hostile sheet could merge each of a million rows with 16,384 columns
_MAX_RANGES = 100_000
_MAX_ADDED = 1_000_000
_MAX_WIDTH = 100


class Merged:
    """The merged cells of a sheet, whose rows come one after the other, by number from 1."""

    def __init__(self) -> None:
        self._ranges: defaultdict[int, list[tuple[int, int, int]]] = defaultdict(list)
        self._count = 0
        self._open: dict[int, tuple[int, str]] = {}  # Last row and text by column.
        self._header_end: int | None = None
        self._left = _MAX_ADDED

    def add(self, row: int, column: int, last_row: int, last_column: int) -> None:
        """Add a merged cell; columns count from 0."""
        self._count += 1
        if self._count <= _MAX_RANGES:
            is_of_header = last_column - column < _MAX_WIDTH
            self._ranges[row].append((column, last_row, last_column if is_of_header else column))

    def spread(self, number: int, cells: list[str]) -> None:
        """Write the merged cells that reach into a row into its empty cells.

        A header of two levels is also repeated in its columns: there, some cells reach over rows
        and some over columns. Elsewhere wide cells may be a matter of looks.
        """
        begun = self._ranges.pop(number, ())
        filled = sum(map(bool, cells))
        is_high = any(last > number for _, last, _ in begun)
        is_wide = any(last_column > column for column, _, last_column in begun)
        if self._header_end is None and filled > 1 and is_high and is_wide:
            self._header_end = max(last for _, last, _ in begun)
        for column, (last, text) in list(self._open.items()):
            if number > last:
                del self._open[column]
            elif filled:
                self._put(cells, column, text)
        is_header = self._header_end is not None and number <= self._header_end
        for column, last, last_column in begun:
            text = cells[column] if column < len(cells) else ""
            if not text or len(text) > MAX_REPEATED_CHARACTERS:
                continue
            for at in range(column, last_column + 1 if is_header else column + 1):
                self._put(cells, at, text)
                if last > number and self._left > 0:
                    self._open[at] = last, text

    def _put(self, cells: list[str], column: int, text: str) -> None:
        if self._left > 0 and not (column < len(cells) and cells[column]):
            missing = max(column + 1 - len(cells), 0)
            self._left -= 1 + missing
            cells += [""] * missing
            cells[column] = text


class Readable(Protocol):
    """What a sheet is read from."""

    def read(self, size: int) -> bytes:
        """Return at most so many bytes."""


def find_ranges(file: Readable) -> Iterator[tuple[str, int, str, int]]:
    """Return the letters of the column and the number of the row of both corners."""
    before = b""
    while block := file.read(_BLOCK):
        text = before + block
        end = 0
        for found in _MERGED.finditer(text):
            end = found.end()
            first, top, last, bottom = found.groups()
            yield first.decode(), int(top), last.decode(), int(bottom)
        before = text[max(end, len(text) - _LONGEST) :]
