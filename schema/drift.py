"""Writes generated files, and shows where they are stale."""

import difflib
import sys
from collections.abc import Mapping
from pathlib import Path

_LINES = 20
"""Lines to show of a difference: enough to recognise the setting."""


def write(files: Mapping[Path, str]) -> None:
    """Write the files."""
    for path, text in files.items():
        path.write_text(text)


def differ(files: Mapping[Path, str], source: str) -> bool:
    """Return whether a file is stale; print the beginning of each difference."""
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
