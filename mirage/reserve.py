"""Space on the disk of `mirage up` that is given up when the disk is full.

PostgreSQL cannot start on a full disk, so without it no document could be deleted any more.
"""

import errno
import os
from pathlib import Path

from mirage.disk import free_bytes

RESERVE_BYTES = 64 * 1024 * 1024
"""Four WAL segments of 16 MiB: PostgreSQL recovers in two, and deletes in the others."""

_PIECE_BYTES = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT}


class Reserve:
    """A file that takes up space until it is needed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_needed(self) -> bool:
        """Whether PostgreSQL may fail on what is left: less than two WAL segments."""
        free = free_bytes(self._path.parent)
        return free is not None and free < RESERVE_BYTES // 2

    def make(self) -> None:
        """Take the space, unless little more than that is left. Raises OSError."""
        free = free_bytes(self._path.parent)
        if self._path.exists() or free is None or free < 4 * RESERVE_BYTES:
            return
        draft = self._path.with_suffix(".new")
        draft.unlink(missing_ok=True)
        try:
            with draft.open("xb") as file:
                for _ in range(RESERVE_BYTES // _PIECE_BYTES):
                    file.write(os.urandom(_PIECE_BYTES))  # Zeros may be stored as nothing.
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path)
        except OSError as error:
            draft.unlink(missing_ok=True)
            if error.errno not in _FULL:
                raise

    def release(self) -> bool:
        """Give the space up; False when that was done before."""
        try:
            self._path.unlink()
        except FileNotFoundError:
            return False
        return True
