"""Originals in a folder that API and indexer share.

A file is written under `incoming/`, synced, and renamed to its place; its name there is random, so
nothing that a person chose ever becomes a path. A crash leaves at most a file that no document
names; `older_than` finds those.
"""

import asyncio
import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import uuid4

from mirage.errors import EmptyFile, StorageUnavailable, UploadTooLarge

_INCOMING = "incoming"
_HEAD_BYTES = 4096


class IncomingFile:
    """A file on its way in. Leave it with `commit`, or with `abort` and nothing remains.

    Making, writing and committing it raise StorageUnavailable when the volume is full or broken.
    """

    def __init__(self, store: "VolumeStore", max_bytes: int) -> None:
        self._store = store
        self._max_bytes = max_bytes
        self._path = store.root / _INCOMING / uuid4().hex
        with _storage_errors():
            self._file = self._path.open("xb")
        self._hash = hashlib.sha256()
        self.size_bytes = 0
        self.head = b""
        """The first 4,096 bytes, enough to tell what it is."""

    def write(self, data: bytes) -> None:
        """Append. Raises UploadTooLarge at the first byte over the limit."""
        self.size_bytes += len(data)
        if self.size_bytes > self._max_bytes:
            raise UploadTooLarge(f"the file is larger than {self._max_bytes:,} bytes")
        if len(self.head) < _HEAD_BYTES:
            self.head += data[: _HEAD_BYTES - len(self.head)]
        self._hash.update(data)
        with _storage_errors():
            self._file.write(data)

    async def commit(self) -> str:
        """Make it durable and give its key. Raises EmptyFile."""
        if not self.size_bytes:
            raise EmptyFile("the file is empty")
        with _storage_errors():
            return await asyncio.to_thread(self._commit)

    def abort(self) -> None:
        """Remove what was written; does nothing after `commit`."""
        with suppress(OSError):  # Closing writes what is buffered, and the disk may be full.
            self._file.close()
        self._path.unlink(missing_ok=True)

    @property
    def sha256(self) -> bytes:
        """Digest of what was written so far."""
        return self._hash.digest()

    def _commit(self) -> str:
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()
        key = uuid4().hex
        target = self._store.path(key)
        target.parent.mkdir(exist_ok=True)
        self._path.rename(target)
        _sync_folder(target.parent)
        _sync_folder(self._store.root)
        return key


class VolumeStore:
    """Originals under a root folder, spread over 256 folders."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def prepare(self) -> None:
        """Make the folders. Raises OSError when the volume cannot be written."""
        (self.root / _INCOMING).mkdir(parents=True, exist_ok=True)

    def incoming(self, max_bytes: int) -> IncomingFile:
        """Begin to receive a file of at most `max_bytes`."""
        return IncomingFile(self, max_bytes)

    def path(self, key: str) -> Path:
        """Where the file of that key is."""
        return self.root / key[:2] / key

    async def delete(self, keys: list[str]) -> None:
        """Remove files; one that is gone already is as good."""
        for key in keys:
            await asyncio.to_thread(self.path(key).unlink, missing_ok=True)

    def older_than(self, age_seconds: float) -> Iterator[str]:
        """Keys of files that have been there for a while; stale incoming ones are removed."""
        limit = time.time() - age_seconds
        for folder in self.root.iterdir():
            if not folder.is_dir() or (len(folder.name) != 2 and folder.name != _INCOMING):
                continue  # `lost+found` and the like are not ours.
            for path in folder.iterdir():
                if path.stat().st_mtime > limit:
                    continue
                if folder.name == _INCOMING:
                    path.unlink(missing_ok=True)
                else:
                    yield path.name


@contextmanager
def _storage_errors() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StorageUnavailable(f"the file cannot be stored: {error.strerror}") from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
