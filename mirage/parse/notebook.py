"""Parses Jupyter notebooks: text, programs and printed results, under the headings of the text.

Pictures and other results that are not text are left out.
"""

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from mirage.errors import Blank, Damaged
from mirage.model import Parsed
from mirage.parse.characters.cleaning import clean, one_line
from mirage.parse.markdown import read_markdown
from mirage.parse.text import read_text

_MAX_RESULT_CHARACTERS = 20_000  # guess: a longer one is the log of a program that learns
_FENCES = re.compile(r"`{3,}")
# The colours of a terminal.
_ESCAPES = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


def parse(path: Path) -> Parsed:
    """Parse the file. Raises Damaged or Blank."""
    try:
        # Deep nesting is an error of recursion, a number of a million digits one of the value.
        notebook = json.loads(read_text(path))
    except (ValueError, RecursionError) as error:
        raise Damaged("The Jupyter notebook is damaged: it is not JSON.") from error
    cells = _cells(notebook)
    if cells is None:
        raise Damaged("The file is not a Jupyter notebook: it has no list of cells.")
    cut: list[int] = []
    try:
        parsed = read_markdown("\n\n".join(_parts(cells, cut)))
    except Blank as error:
        raise Blank("The Jupyter notebook contains no text.") from error
    # Lines of the text that was put together stand nowhere in the file.
    sections = tuple(replace(section, line=None) for section in parsed.sections)
    named = one_line(str(_member(_member(notebook, "metadata"), "title") or ""))
    return Parsed(sections, title=named or parsed.title, warnings=tuple(map(_warning, cut)))


def _cells(notebook: object) -> list[Any] | None:
    """Return the cells; those of versions before 4 are in worksheets."""
    cells = _member(notebook, "cells")
    sheets = _member(notebook, "worksheets")
    if cells is None and isinstance(sheets, list):
        found = (_member(sheet, "cells") for sheet in sheets)
        return [cell for cells in found if isinstance(cells, list) for cell in cells]
    return cells if isinstance(cells, list) else None


def _parts(cells: list[Any], cut: list[int]) -> Iterator[str]:
    """Return the parts as Markdown. `cut` gets the numbers of cells with shortened results."""
    for number, cell in enumerate(cells, 1):
        kind, source = _member(cell, "cell_type"), _text(cell, "source")
        if kind == "heading":
            level = _member(cell, "level")
            yield f"{'#' * (level if level in range(1, 7) else 1)} {one_line(source)}"
        elif kind == "code":
            yield _fenced(source or _text(cell, "input"))
            results = "\n".join(filter(None, map(_result, _list(_member(cell, "outputs")))))
            if len(results) > _MAX_RESULT_CHARACTERS:
                cut.append(number)
            yield _fenced(results[:_MAX_RESULT_CHARACTERS])
        else:
            yield source


def _result(output: object) -> str:
    """Return the text of a result: what was printed, a value, or an error."""
    data = _member(output, "data")
    text = _text(output, "text") or _text(data, "text/markdown") or _text(data, "text/plain")
    if not text and _member(output, "ename"):
        text = f"{_text(output, 'ename')}: {_text(output, 'evalue')}"
    return text


def _text(owner: object, name: str) -> str:
    """Return a text, which may be a list of lines; empty if it is something else."""
    value = _member(owner, name)
    lines = value if isinstance(value, list) else [value]
    written = "".join(line for line in lines if isinstance(line, str))
    return clean(_ESCAPES.sub("", written)).strip("\n")


def _fenced(text: str) -> str:
    if not text.strip():
        return ""
    longest = max((len(found) for found in _FENCES.findall(text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}\n{text}\n{fence}"


def _warning(cell: int) -> str:
    return (
        f"The results of cell {cell} are longer than {_MAX_RESULT_CHARACTERS:,} characters; the"
        " rest of them is left out."
    )


def _member(owner: object, name: str) -> Any:
    return owner.get(name) if isinstance(owner, dict) else None


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
