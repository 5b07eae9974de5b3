"""Free space on a disk."""

import shutil
from pathlib import Path


def free_bytes(folder: Path) -> int | None:
    """Return the bytes that this process may still write there, or None if unknown."""
    try:
        return shutil.disk_usage(folder).free
    except OSError:
        return None


def describe_space(folder: Path) -> str:
    """Return the folder and its free bytes, as part of a sentence."""
    free = free_bytes(folder)
    return f"{folder} does not answer" if free is None else f"{folder} has {free:,} bytes free"
