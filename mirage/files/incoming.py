"""Receives a file into the store: written under `incoming/`, synced, then renamed."""

import asyncio
import hashlib
import os
from contextlib import suppress
from typing import TYPE_CHECKING
from uuid import uuid4

from mirage.errors import EmptyFile, UploadTooLarge
from mirage.files.faults import storage_errors

if TYPE_CHECKING:
    from mirage.files.volume import VolumeStore

FOLDER = "incoming"
_HEAD_BYTES = 4096


class IncomingFile:
    """A file being received. End it with `commit`, or with `abort`, which deletes it.

    Creating, writing and committing raise StorageUnavailable if the volume is full or broken.
    """

    def __init__(self, store: "VolumeStore", max_bytes: int) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._path = store.root / FOLDER / uuid4().hex
        with storage_errors(store.root):
            # Do not create the parent: it would hide that the volume is not mounted.
            self._path.parent.mkdir(exist_ok=True)
            self._file = self._path.open("xb")
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""
        """The first 4,096 bytes, enough to detect the format."""

    def write(self, data: bytes) -> None:
        """Append bytes. Raises UploadTooLarge at the first byte over the limit."""
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise UploadTooLarge(f"the file is larger than {self._max_bytes:,} bytes")
        if len(self.head) < _HEAD_BYTES:
            self.head += data[: _HEAD_BYTES - len(self.head)]
        self._hash.update(data)
        with storage_errors(self._store.root):
            self._file.write(data)

    async def commit(self, key: str | None = None) -> str:
        """Store the file safely and return its key, a new one unless it is given.

        Raises EmptyFile.
        """
        if not self.size_bytes:
            raise EmptyFile("the file is empty")
        with storage_errors(self._store.root):
            return await asyncio.to_thread(self._commit, key or uuid4().hex)

    def abort(self) -> None:
        """Delete the file; does nothing after `commit`."""
        with suppress(OSError):  # Closing writes the buffer, and the disk may be full.
            self._file.close()
        with suppress(OSError):  # The sweep deletes a remaining file.
            self._path.unlink(missing_ok=True)

    @property
    def sha256(self) -> bytes:
        """Return the digest of the bytes so far."""
        return self._hash.digest()

    def _commit(self, key: str) -> str:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        target = self._store.path(key)
        target.parent.mkdir(exist_ok=True)
        self._path.rename(target)
        _sync_folder(target.parent)
        _sync_folder(self._store.root)
        return key


def _sync_folder(folder: os.PathLike[str]) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
