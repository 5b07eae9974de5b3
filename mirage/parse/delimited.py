"""Parses CSV and TSV: a row per line with tabs between its cells, a section per some 200 rows.

The separator is guessed, because the ending does not tell it: where the comma is the decimal sign,
programs write a semicolon.
"""

import csv
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from mirage.errors import Blank, Damaged
from mirage.model import Parsed
from mirage.parse.characters.cleaning import clean
from mirage.parse.characters.decoding import decode
from mirage.parse.rows import write_rows

# Controls and typesetting; spreadsheets do not end a row at them.
_NO_ROW_END = re.compile("[\v\f\x1c-\x1e\x85\u2028\u2029]")
_SEPARATORS = "\t;,|"
# Cleaned text does not hold these.
_NO_SEPARATOR = "\x1f"
_END = "\x1e"
_NO_LIMIT = 2**31 - 1  # Characters of a cell, which are in memory in any case.
_SAMPLE_CHARACTERS = 64 * 1024
_SAMPLE = re.compile(r"(?:[^\n]*\n){1,10}[^\n]*")  # At least these lines, however long.
_DECIMAL_COMMA = re.compile(r"(?<=\d),(?=\d)")
_DECLARED = re.compile(r'"?sep=([^\w\s"]|\t)"?\n', re.IGNORECASE)
_UNCLOSED = (
    "A quotation mark is not closed, so the quotation marks of the table are read as plain text."
)


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged if it is not text, or Blank."""
    csv.field_size_limit(_NO_LIMIT)
    text = decode(path.read_bytes())
    if text is None:
        raise Damaged("The file is not a table of text: it contains binary data.")
    text = clean(_NO_ROW_END.sub(" ", text))
    declared = _DECLARED.match(text)
    if declared:
        text = text[declared.end() :]
    separator = declared.group(1) if declared else _guess_separator(text)
    is_quoted = '"' in text and _closes_quotes(text, separator)
    sections = tuple(write_rows(enumerate(_read(text, separator, is_quoted=is_quoted), 1)))
    if not sections:
        raise Blank("The table contains no text.")
    return Parsed(sections, warnings=() if is_quoted or '"' not in text else (_UNCLOSED,))


def _read(
    text: str, separator: str, *, is_quoted: bool = True, behind: Iterable[str] = ()
) -> Iterator[list[str]]:
    """Return the rows of a text, and of the lines `behind` it."""
    return csv.reader(
        chain(_lines(text), behind),
        delimiter=separator,
        quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
        skipinitialspace=True,
    )


def _lines(text: str) -> Iterator[str]:
    """Return the lines with their ends, one at a time, because a table may be large."""
    start = 0
    while start < len(text):
        end = text.find("\n", start) + 1 or len(text)
        yield text[start:end]
        start = end


def _closes_quotes(text: str, separator: str) -> bool:
    last: list[str] = []
    for row in _read(text, separator, behind=("\n", _END)):
        last = row
    return last == [_END]


def _guess_separator(text: str) -> str:
    """Return the character that stands equally often in most rows."""
    end = _SAMPLE.match(text)
    whole_lines = text.rfind("\n", 0, _SAMPLE_CHARACTERS) + 1
    sample = text[: max(whole_lines, end.end() if end else len(text))]
    # As a decimal sign, the comma may stand as often as the separator.
    for read in (_DECIMAL_COMMA.sub(".", sample), sample):
        found = {separator: _steadiness(read, separator) for separator in _SEPARATORS}
        best = max(found, key=lambda separator: found[separator])
        if found[best] > 0:
            return best
    return _NO_SEPARATOR


def _steadiness(sample: str, separator: str) -> float:
    """Return how many separators a row has most often, times the share of rows with so many."""
    widths = Counter(len(row) for row in _read(sample, separator) if row)
    if not widths:
        return 0.0
    width, rows = widths.most_common(1)[0]
    return (width - 1) * rows / widths.total()
