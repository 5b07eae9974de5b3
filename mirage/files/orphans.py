"""Originals without a document, set aside under the day of their discovery.

    orphans/2026-03-14/<key>        the original
    orphans/2026-03-14/<key>.json   its note

They are restored if a document refers to them again, and deleted `documents.orphan_days` later.
"""

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

FOLDER = "orphans"
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class Orphan:
    """An original that was set aside. `size_bytes` is the size of the file."""

    key: str
    day: date
    size_bytes: int


def today() -> date:
    """Return the day under which files are set aside now (UTC)."""
    return datetime.now(UTC).date()


def place(day: date, key: str) -> str:
    """Return where an original lies that was set aside, relative to the store."""
    return f"{FOLDER}/{day.isoformat()}/{key}"


def parse_day(name: str) -> date | None:
    """Return the day that a folder is named after, or None for another name."""
    if not _DAY.fullmatch(name):
        return None
    try:
        return date.fromisoformat(name)
    except ValueError:  # For example 2026-02-31.
        return None


def set_aside(root: Path, paths: list[Path], day: date) -> bool:
    """Move an original and its note to `orphans/`; return False if the original vanished.

    Raises OSError.
    """
    folder = root / FOLDER / day.isoformat()
    folder.mkdir(parents=True, exist_ok=True)
    original, *notes = paths
    try:
        original.rename(folder / original.name)
    except FileNotFoundError:
        return False
    for note in notes:
        with suppress(FileNotFoundError):
            note.rename(folder / note.name)
    return True


def list_orphans(root: Path, is_key: re.Pattern[str]) -> Iterator[Orphan]:
    """Yield all originals that were set aside, the oldest day first. Raises OSError."""
    folders = root / FOLDER
    if not folders.is_dir():
        return
    for folder in sorted(folders.iterdir()):
        day = parse_day(folder.name)
        if day is not None:
            yield from _in_folder(folder, day, is_key)


def remove_empty_days(root: Path) -> None:
    """Remove empty folders of days."""
    folders = root / FOLDER
    for folder in folders.iterdir() if folders.is_dir() else ():
        if _DAY.fullmatch(folder.name):
            with suppress(OSError):  # The folder is not empty.
                folder.rmdir()


def _in_folder(folder: Path, day: date, is_key: re.Pattern[str]) -> Iterator[Orphan]:
    for path in sorted(folder.iterdir()):
        if is_key.fullmatch(path.name) and path.is_file() and not path.is_symlink():
            with suppress(FileNotFoundError):
                yield Orphan(path.name, day, path.stat().st_size)
