"""Receives a file into a store: it is checked while it arrives, and complete or not there."""

import asyncio
import hashlib
from abc import ABC, abstractmethod

from mirage.errors import EmptyFile, UploadTooLarge

FOLDER = "incoming"
"""Where a store keeps what is not an original yet."""

_HEAD_BYTES = 4096


class IncomingFile(ABC):
    """A file being received. End it with `commit`, or with `abort`, which deletes it.

    Creating, writing and committing raise StorageUnavailable if the store is full or broken.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
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
        self._append(data)

    async def commit(self) -> str:
        """Store the file safely and return its key. Raises EmptyFile."""
        if not self.size_bytes:
            raise EmptyFile("the file is empty")
        return await asyncio.to_thread(self._commit)

    @abstractmethod
    def abort(self) -> None:
        """Delete the file; does nothing after `commit`."""

    @property
    def sha256(self) -> bytes:
        """Return the digest of the bytes so far."""
        return self._hash.digest()

    @abstractmethod
    def _append(self, data: bytes) -> None:
        """Take bytes that passed the checks."""

    @abstractmethod
    def _commit(self) -> str:
        """Make the file an original; return its key."""
