"""Recognises files that are not documents: hidden files, and files of systems and programs.

A skipped folder is skipped with its content. What the command line names explicitly is read.
"""

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

# From npm, macOS's archiver, Synology (two), Windows (two) and the Linux file system check.
_FOLDERS = frozenset(
    {"node_modules", "__macosx", "@eadir", "#recycle", "$recycle.bin",
     "system volume information", "lost+found"}
)  # fmt: skip
# From Windows and macOS. The shell's `*` matches them too, although users do not mean them.
_NEVER_DOCUMENTS = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized", "icon\r"}
)
_OWNER = "~$"  # While `x.docx` is open, Office stores its user in `~$x.docx`.
_OTHER_FORK = "._"  # macOS stores attributes of `x.pdf` that other disks lack in `._x.pdf`.
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
_ZIP = b"PK\x03\x04"
_NAMED = 3


def is_aside(name: str) -> bool:
    """Return whether adding the parent folder skips a file or folder of this name."""
    return name.startswith((".", _OWNER)) or name.lower() in _FOLDERS | _NEVER_DOCUMENTS


def is_never_a_document(file: Path) -> bool:
    """Return whether the file is skipped even if named, because the shell's `*` matches it."""
    if file.name.lower() in _NEVER_DOCUMENTS:
        return True
    if file.name.startswith(_OTHER_FORK):
        return _head(file) == _APPLE_DOUBLE
    return file.name.startswith(_OWNER) and _head(file) not in {_ZIP, b""}


def first_aside(base: Path, match: Path, pattern: Sequence[str]) -> Path | None:
    """Return the outermost hidden part that only a wildcard of the pattern names, or None."""
    place = base
    for part in match.relative_to(base).parts:
        place /= part
        if part != ".." and is_aside(part) and not _is_meant(part, pattern):
            return place
    return None


def counted(passed: Iterable[Path]) -> str:
    """Return one sentence about the skipped files and folders."""
    names = [path.name for path in sorted(set(passed))]
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    what = (
        "hidden or system file or folder"
        if len(names) == 1
        else "hidden or system files and folders"
    )
    return f"skipped {len(names):,} {what} ({shown}); to add one, name it on the command line"


def _is_meant(part: str, pattern: Sequence[str]) -> bool:
    """Return whether the pattern contains the part, or a part such as `.*` that matches it."""
    return part in pattern or any(
        fnmatchcase(part, wanted) for wanted in pattern if wanted.startswith((".", _OWNER))
    )


def _head(file: Path) -> bytes:
    if not os.path.isfile(file):  # noqa: PTH113 (Path.is_file raises where it may not look)
        return b""
    try:
        with file.open("rb") as stream:
            return stream.read(len(_ZIP))
    except OSError:  # The upload reports the error.
        return b""
