"""Writes the rows of a sheet as sections: a row per line, with tabs between its cells.

A long sheet is several sections, so that the line of a citation is close. Each begins with the row
that names the columns, because a passage without it would be numbers without a meaning.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, pairwise

from mirage.model import Section
from mirage.parse.characters.cleaning import one_line

_SECTION_ROWS = 200  # guess: as many as lines of plain text
_SECTION_CHARACTERS = 100_000  # guess: a row may be as long as a chapter
_MAX_REPEATED_CHARACTERS = 2000  # guess: what is longer are not the names of columns
_HEADER_WITHIN = 50  # guess: a bank's statement has some ten lines about the account before it
_LETTER = re.compile(r"[^\W\d_]")
_PERIOD = re.compile(r"(?:1[5-9]|20)\d\d")


@dataclass(frozen=True, slots=True)
class _Row:
    """A row with text, by its number from 1; `after_gap`: empty rows stand before it."""

    number: int
    cells: Sequence[str]
    after_gap: bool

    @property
    def filled(self) -> int:
        return sum(map(bool, self.cells))

    def names_columns(self) -> bool:
        """Return whether all cells could be names: most are words or years, none is a number."""
        filled = [cell for cell in self.cells if cell]
        named = sum(_is_name(cell) for cell in filled)
        return len(filled) > 1 and named > len(filled) / 2 and not any(map(_is_number, filled))


@dataclass(slots=True)
class _Sheet:
    """The state of writing a sheet; `header` is None as long as no row names the columns."""

    path: tuple[str, ...]
    header: _Row | None = None
    seen_cells: bool = False
    first: int = 1
    lines: list[str] = field(default_factory=list)
    rows: int = 0
    characters: int = 0

    def add(self, row: _Row, below: _Row | None) -> Iterator[Section]:
        """Add a row; return the section that it ends, if any."""
        if self._begins_table(row, below):
            if self.seen_cells:  # The lines with tabs before it would be rows of its table.
                yield from self.finish()
            self.header = row
        elif self.rows >= _SECTION_ROWS or self.characters >= _SECTION_CHARACTERS:
            yield from self.finish()
            self._repeat_header()
        self.seen_cells = self.seen_cells or len(row.cells) > 1
        self.first = self.first if self.rows else row.number
        self._write(row)
        self.rows += 1

    def finish(self) -> Iterator[Section]:
        """Return the last section, if it has a row."""
        if self.rows:
            yield Section("\n".join(self.lines), self.path, line=self.first)
        self.lines, self.rows, self.characters = [], 0, 0

    def _begins_table(self, row: _Row, below: _Row | None) -> bool:
        if not self.seen_cells:
            return row.names_columns()
        if not (row.after_gap or (row.number <= _HEADER_WITHIN and self._is_wider(row))):
            return False
        return below is not None and row.names_columns() and _counts(row, below)

    def _is_wider(self, row: _Row) -> bool:
        return self.header is None or row.filled > self.header.filled

    def _repeat_header(self) -> None:
        if self.header and sum(map(len, self.header.cells)) <= _MAX_REPEATED_CHARACTERS:
            self._write(self.header)

    def _write(self, row: _Row) -> None:
        line = "\t".join(row.cells)
        # A row of a table has a tab, because the lines with tabs are the table.
        is_alone = len(row.cells) == 1 and self.header is not None
        self.lines.append(f"{line}\t" if is_alone else line)
        self.characters += len(line) + 1


def write_rows(
    rows: Iterable[tuple[int, Sequence[str]]], path: tuple[str, ...] = ()
) -> Iterator[Section]:
    """Return the sections of a sheet, from the numbers (from 1) and the cells of its rows.

    Each cell becomes one line; empty cells keep the columns of those that follow. `line` of a
    section is the number of its first row, apart from a repeated header.
    """
    sheet = _Sheet(path)
    for row, below in pairwise(chain(_filled(rows), (None,))):
        if row is not None:
            yield from sheet.add(row, below)
    yield from sheet.finish()


def _filled(rows: Iterable[tuple[int, Sequence[str]]]) -> Iterator[_Row]:
    before = 0
    for number, written in rows:
        cells = [_clean(cell) for cell in written]
        while cells and not cells[-1]:
            cells.pop()
        if cells:
            yield _Row(number, cells, number > before + 1)
            before = number


def _clean(cell: str) -> str:
    # Most cells are numbers and short words, and there may be millions.
    if cell.isprintable() and "  " not in cell:
        return cell.strip()
    return one_line(cell)


def _is_name(cell: str) -> bool:
    return _LETTER.search(cell) is not None or _PERIOD.fullmatch(cell) is not None


def _is_number(cell: str) -> bool:
    has_digit = any(letter.isdigit() for letter in cell)
    return has_digit and not _is_name(cell)


def _counts(row: _Row, below: _Row) -> bool:
    """Return whether a number stands below a name."""
    columns = zip(row.cells, below.cells, strict=False)
    return any(_LETTER.search(above) and _is_number(cell) for above, cell in columns)
