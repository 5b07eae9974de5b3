"""Finds tables in the extracted text, so that rows stay whole and each chunk has the header.

Parsers write a row per line with a tab between cells; Markdown writes `|` between them and a rule
below the header.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

# At least a header and two rows: a shorter run of lines with tabs may be anything. Nothing is tried
# twice: a sheet of two rows may have 16,384 columns, and any of their tabs could be the first.
_TABBED = re.compile(r"(?:^[^\n\t]*+\t[^\n]*+(?:\n|\Z)){3,}", re.MULTILINE)
_PIPED = re.compile(
    r"^[^\n|]*+\|[^\n]*+\n[ \t]*+(?:\|[ \t]*+)?:?-[ \t:|-]*+\n(?:[^\n|]*+\|[^\n]*+(?:\n|\Z))+",
    re.MULTILINE,
)
_WORDED = re.compile(r"\D*[^\W\d_]\D*")
_PERIOD = re.compile(r"(?:[QH][1-4] ?)?(?:1[5-9]|20)\d\d|[QH][1-4]")


@dataclass(frozen=True, slots=True)
class Table:
    """A table from `start` to `end`; its rows begin at `rows`, after the header.

    `header` is empty if the first row is one of data.
    """

    start: int
    rows: int
    end: int
    header: str


class Tables:
    """The tables of a text."""

    def __init__(self, text: str) -> None:
        self._tables = sorted(_find(text), key=lambda table: table.start)
        self._starts = [table.start for table in self._tables]

    def around(self, position: int) -> Table | None:
        """Return the table that a position is within."""
        at = bisect_right(self._starts, position) - 1
        table = self._tables[at] if at >= 0 else None
        return table if table and table.start < position < table.end else None


def _find(text: str) -> Iterator[Table]:
    if "\t" in text:
        for match in _TABBED.finditer(text):
            first = text[match.start() : text.index("\n", match.start())]
            header = first if _names_columns(first.split("\t")) else ""
            rows = match.start() + (len(first) + 1 if header else 0)
            yield Table(match.start(), rows, match.end(), header)
    if "|" in text:
        for match in _PIPED.finditer(text):
            first, ruled, _ = match.group().split("\n", 2)
            rows = match.start() + len(first) + len(ruled) + 2
            yield Table(match.start(), rows, match.end(), first)


def _names_columns(cells: Sequence[str]) -> bool:
    """Return whether most cells look like names of columns: words without digits, or periods."""
    named = [cell.strip() for cell in cells if cell.strip()]
    worded = sum(_WORDED.fullmatch(cell) is not None for cell in named)
    periods = sum(_PERIOD.fullmatch(cell) is not None for cell in named)
    return len(named) > 1 and worded + periods > len(named) / 2
