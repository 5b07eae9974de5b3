"""Receives a file into a folder: written under `incoming/`, synced, then renamed."""

import os
from contextlib import suppress
from pathlib import Path
from uuid import uuid4

from mirage.files.faults import storage_errors
from mirage.files.incoming import FOLDER, IncomingFile


class IncomingVolumeFile(IncomingFile):
    """A file being received, to become `target`, which is `root/<2 digits>/<key>`."""

    def __init__(self, root: Path, target: Path, max_bytes: int) -> None:
        super().__init__(max_bytes)
        self._root = root
        self._target = target
        self._path = root / FOLDER / uuid4().hex
        with storage_errors(root):
            # Do not create the parent: it would hide that the volume is not mounted.
            self._path.parent.mkdir(exist_ok=True)
            self._file = self._path.open("xb")

    def abort(self) -> None:
        """Delete the file; does nothing after `commit`."""
        with suppress(OSError):  # Closing writes the buffer, and the disk may be full.
            self._file.close()
        with suppress(OSError):  # The sweep deletes a remaining file.
            self._path.unlink(missing_ok=True)

    def _append(self, data: bytes) -> None:
        with storage_errors(self._root):
            self._file.write(data)

    def _commit(self) -> str:
        with storage_errors(self._root):
            self._file.flush()
            os.fsync(self._file.fileno())
            self._file.close()
            self._target.parent.mkdir(exist_ok=True)
            self._path.rename(self._target)
            _sync_folder(self._target.parent)
            _sync_folder(self._root)
        return self._target.name


def _sync_folder(folder: os.PathLike[str]) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
