"""Files that are made from the code: writing them, and showing where they are stale."""

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path

_LINES = 20
"""Of a difference: enough to see which setting it is."""


def write(files: Mapping[Path, str]) -> None:
    """Make the files what the code says."""
    for path, text in files.items():
        path.write_text(text)


def differ(files: Mapping[Path, str], source: str) -> bool:
    """Whether one is not what the code says; the beginning of each difference is printed."""
    stale = False
    for path, text in files.items():
        actual = path.read_text() if path.exists() else ""
        if actual != text:
            stale = True
            diff = difflib.unified_diff(
                actual.splitlines(), text.splitlines(), str(path), source, lineterm="", n=1
            )
            sys.stdout.write("\n".join(list(diff)[:_LINES]) + "\n")
    return stale
