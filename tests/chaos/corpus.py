"""The documents: real ones where MIRAGE_TEST_DATA is set, else some that are made."""

import os
from pathlib import Path

from mirage.testing import make_epub, make_pdf

# Large books hold nothing that small ones do not, and would take most of the time.
_MAX_BYTES = 200_000
_SENTENCE = "The keeper of the lighthouse wrote down the weather of day {} in book {}. "


def corpus(folder: Path) -> list[tuple[str, Path]]:
    """Names and files."""
    data = os.environ.get("MIRAGE_TEST_DATA")
    return _library(Path(data) / "library") if data else _made(folder)


def _library(folder: Path) -> list[tuple[str, Path]]:
    files = sorted(path for path in folder.rglob("*") if path.suffix in {".md", ".epub", ".pdf"})
    small = [path for path in files if path.stat().st_size <= _MAX_BYTES]
    chapters = [path for path in small if path.suffix == ".md"][::3]
    return [
        (str(path.relative_to(folder)), path)
        for path in small
        if path.suffix != ".md" or path in chapters
    ]


def _made(folder: Path) -> list[tuple[str, Path]]:
    folder.mkdir()
    made = []
    for book in range(80):
        days = [_SENTENCE.format(day, book) * 5 for day in range(60)]
        if book % 4 == 0:
            path = make_pdf(folder / f"{book}.pdf", [[day[:80]] * 40 for day in days])
        elif book % 4 == 1:
            body = "<h1>Days</h1>" + "".join(f"<p>{day}</p>" for day in days)
            path = make_epub(folder / f"{book}.epub", {"days.xhtml": body})
        else:
            path = folder / f"{book}.md"
            path.write_text("\n\n".join(["# Days", *days]))
        made.append((path.name, path))
    locked = make_pdf(folder / "locked.pdf", [["A secret."]], password="secret")
    return [*made, (locked.name, locked)]
