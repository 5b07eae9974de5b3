"""Reserves disk space for `mirage up`, to release when the disk is full.

PostgreSQL cannot start on a full disk, so without the reserve no document could be deleted.
"""

import errno
import os
from pathlib import Path

from mirage.disk import free_bytes

RESERVE_BYTES = 64 * 1024 * 1024
"""Four WAL segments of 16 MiB: two to recover, two to delete documents."""

_PIECE_BYTES = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Reserve:
    """A file that occupies space until it is needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_needed(self) -> bool:
        """Return whether the free space is too small for PostgreSQL: two WAL segments."""
        free = free_bytes(self._path.parent)
        return free is not None and free < RESERVE_BYTES // 2

    def make(self) -> None:
        """Reserve the space, unless the disk is nearly full. Raises OSError."""
        free = free_bytes(self._path.parent)
        if self._path.exists() or free is None or free < 4 * RESERVE_BYTES:
            return
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        try:
            with draft.open("xb") as file:
                for _ in range(RESERVE_BYTES // _PIECE_BYTES):
                    file.write(os.urandom(_PIECE_BYTES))  # Zeros may occupy no space.
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            if error.errno not in _FULL:
                raise

    def release(self) -> bool:
        """Release the space; return False if it was released before."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
