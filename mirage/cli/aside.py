"""What a folder holds that is no document: hidden files, and what programs and systems put there.

A folder is passed by with all that is in it. What is named on the command line is read.
"""

import os
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

# Of npm, macOS's archiver, Synology (two), Windows (two) and Linux' file system check.
_FOLDERS = frozenset(
    {"node_modules", "__macosx", "@eadir", "#recycle", "$recycle.bin",
     "system volume information", "lost+found"}
)  # fmt: skip
# Of Windows and macOS. The shell's `*` names them too, although they are never meant.
_NEVER_DOCUMENTS = frozenset(
    {"thumbs.db", "ehthumbs.db", "desktop.ini", ".ds_store", ".localized", "icon\r"}
)
_OWNER = "~$"  # Office writes who has `x.docx` open into `~$x.docx`.
_OTHER_FORK = "._"  # macOS keeps what other disks cannot hold of `x.pdf` in `._x.pdf`.
_APPLE_DOUBLE = b"\x00\x05\x16\x07"
_ZIP = b"PK\x03\x04"
_NAMED = 3


def is_aside(name: str) -> bool:
    """Whether a file or folder of that name is not meant when its parent folder is named."""
    return name.startswith((".", _OWNER)) or name.lower() in _FOLDERS | _NEVER_DOCUMENTS


def is_never_a_document(file: Path) -> bool:
    """Whether the file is passed by even where it is named, because the shell's `*` names it."""
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
    """Return one sentence about what was passed by."""
    names = [path.name for path in sorted(set(passed))]
    shown = ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
    what = (
        "hidden or system file or folder"
        if len(names) == 1
        else "hidden or system files and folders"
    )
    return f"passed by {len(names):,} {what} ({shown}); name one to add it"


def _is_meant(part: str, pattern: Sequence[str]) -> bool:
    """Whether the pattern spells it, or has a part such as `.*` that is about nothing else."""
    return part in pattern or any(
        fnmatchcase(part, wanted) for wanted in pattern if wanted.startswith((".", _OWNER))
    )


def _head(file: Path) -> bytes:
    if not os.path.isfile(file):  # noqa: PTH113 (Path.is_file raises where it may not look)
        return b""
    try:
        with file.open("rb") as stream:
            return stream.read(len(_ZIP))
    except OSError:  # What is wrong with it is said when it is sent.
        return b""
