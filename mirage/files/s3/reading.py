"""Reads an object part by part, so that no object is in memory as a whole."""

import io
import os
import stat
import tempfile
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Protocol

import obstore
from obstore.exceptions import GenericError
from obstore.store import S3Store

from mirage.disk import describe_space
from mirage.files.s3.errors import NoSpaceForCopy
from mirage.files.s3.faults import bucket_errors
from mirage.files.store import OpenedFile

# The first request of a file, which many files fit into; each further one asks for twice as much.
_FIRST_BYTES = 256 * 1024
_MOST_BYTES = 4 * 1024 * 1024
_COPIED_BYTES = 1024 * 1024


class ObjectFile(io.RawIOBase):
    """An object as a file. Reading raises StorageUnavailable."""

    def __init__(self, client: S3Store, name: str, size: int, head: bytes, place: "Place") -> None:
        self._client = client
        self._name = name
        self._size = size
        self._head = head
        self._place = place
        self._position = 0
        self._ahead = _FIRST_BYTES

    def readable(self) -> bool:
        """Return True."""
        return True

    def seekable(self) -> bool:
        """Return True."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Change the position; the next read asks for little again."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._position, os.SEEK_END: self._size}[whence]
        if base + offset != self._position:
            self._ahead = _FIRST_BYTES
        self._position = max(base + offset, 0)
        return self._position

    # RawIOBase takes any buffer, but BufferedReader, the only caller, gives a memoryview.
    def readinto(self, buffer: "memoryview") -> int:  # type: ignore[override]
        """Read at most as much as fits, with one request."""
        length = min(len(buffer), self._ahead, self._size - self._position)
        if length <= 0:
            return 0
        if self._position < len(self._head):
            data = memoryview(self._head)[self._position : self._position + length]
        else:
            with bucket_errors(*self._place.names):
                read = obstore.get_range(
                    self._client, self._name, start=self._position, length=length
                )
            data = memoryview(read)
            self._ahead = min(2 * self._ahead, _MOST_BYTES)
        buffer[: len(data)] = data
        self._position += len(data)
        return len(data)


class Place(Protocol):
    """Names bucket and server in sentences."""

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of bucket and server."""


def open_object(client: S3Store, name: str, place: Place) -> OpenedFile:
    """Open an object. Raises FileNotFoundError, StorageUnavailable."""
    with bucket_errors(*place.names, missing=True):
        try:
            found = obstore.get(client, name, options={"range": (0, _FIRST_BYTES)})
        except GenericError as error:
            if "InvalidRange" not in str(error):  # An empty object has no range.
                raise
            found = obstore.get(client, name)
        head = bytes(found.bytes())
    meta = found.meta
    raw = ObjectFile(client, name, meta["size"], head, place)
    content: BinaryIO = io.BufferedReader(raw, _MOST_BYTES)
    return OpenedFile(content, _stat(meta["size"], meta["last_modified"]))


class Copy:
    """A copy of an object in a temporary file."""

    def __init__(self, source: OpenedFile) -> None:
        try:
            self._file = tempfile.NamedTemporaryFile(prefix="mirage-")  # noqa: SIM115  until `close`
            with source.content:
                while part := source.content.read(_COPIED_BYTES):
                    self._file.write(part)
            self._file.flush()
        except OSError as error:
            folder = Path(tempfile.gettempdir())
            raise NoSpaceForCopy(
                f"an original cannot be copied to this machine: {error.strerror or error};"
                f" {describe_space(folder)}"
            ) from error

    @property
    def path(self) -> Path:
        """Return where it is."""
        return Path(self._file.name)

    def close(self) -> None:
        """Delete the copy."""
        self._file.close()


def _stat(size: int, changed: datetime) -> os.stat_result:
    moment = int(changed.timestamp())
    return os.stat_result((stat.S_IFREG | 0o600, 0, 0, 1, 0, 0, size, moment, moment, moment))
