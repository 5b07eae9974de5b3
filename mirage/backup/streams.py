"""Reads and writes the files of a backup: compressed, encrypted, and hashed as they are stored."""

import hashlib
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

from mirage.backup.encryption import Encryption, Identity, decrypt
from mirage.backup.errors import BackupDamaged

_PART_BYTES = 256 * 1024
# Level 1 makes rows half as large; level 6 saves another tenth and takes three times as long.
_LEVEL = 1
_GZIP = 16 + zlib.MAX_WBITS


class FileWriter:
    """Writes a new file, `fast` for content that does not get smaller. End it with
    `commit`, which syncs it, or with `abort`.

    Writing and ending raise OSError.
    """

    def __init__(
        self, path: Path, recipient: str | None, *, compress: bool, fast: bool = False
    ) -> None:
        self.path = path
        self.size_bytes = 0
        self._hash = hashlib.sha256()
        self._file = path.open("xb")
        self._gzip = zlib.compressobj(0 if fast else _LEVEL, wbits=_GZIP) if compress else None
        self._encryption = Encryption(recipient, _Sink(self)) if recipient else None

    @property
    def sha256(self) -> str:
        """Return the digest of the stored bytes."""
        return self._hash.hexdigest()

    def write(self, data: bytes) -> None:
        """Append bytes."""
        if self._gzip is not None:
            data = self._gzip.compress(data)
        self._encrypt(data)

    def commit(self) -> None:
        """Write the rest, and sync the file."""
        if self._gzip is not None:
            self._encrypt(self._gzip.flush())
        if self._encryption is not None:
            self._encryption.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def abort(self) -> None:
        """Close and delete the file."""
        with suppress(Exception):  # The disk is full: closing writes what is left.
            if self._encryption is not None:
                self._encryption.close()
        with suppress(OSError):
            self._file.close()
        self.path.unlink(missing_ok=True)

    def store(self, data: bytes) -> None:
        """Write bytes as they are to be stored."""
        self.size_bytes += len(data)
        self._hash.update(data)
        self._file.write(data)

    def _encrypt(self, data: bytes) -> None:
        if data:
            (self._encryption.write if self._encryption else self.store)(data)


class _Sink:
    def __init__(self, writer: FileWriter) -> None:
        self._writer = writer

    def write(self, data: bytes) -> None:
        self._writer.store(data)


def read_file(
    path: Path, sha256: str | None, identity: Identity | None, *, compressed: bool
) -> Iterator[bytes]:
    """Yield the contents of a file; compare the digest of the stored bytes at the end.

    Raises BackupDamaged, OSError.
    """
    with _open(path) as file:
        source = _Hashing(file)
        parts = decrypt(source, identity) if identity is not None else _parts(source)
        try:
            yield from _decompress(parts) if compressed else parts
        except (BackupDamaged, zlib.error, EOFError) as error:
            raise BackupDamaged(f"{path.name} is damaged: {error}") from error
        for _ in _parts(source):
            pass
        if sha256 is not None and source.hash.hexdigest() != sha256:
            raise BackupDamaged(f"{path.name} is damaged: its SHA-256 is not the one in SHA256SUMS")


def read_whole(path: Path, max_bytes: int) -> bytes:
    """Return the contents of a small file. Raises BackupDamaged if it is larger, OSError."""
    with _open(path) as file:
        content = file.read(max_bytes + 1)
    if len(content) > max_bytes:
        raise BackupDamaged(f"{path.name} is larger than {max_bytes:,} bytes")
    return content


class _Hashing:
    """Hashes what is read from a file."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.hash = hashlib.sha256()

    def read(self, size: int = _PART_BYTES) -> bytes:
        data = self._file.read(size)
        self.hash.update(data)
        return data


def _open(path: Path) -> BinaryIO:
    """Open a regular file; a link may lead out of the folder. Raises BackupDamaged, OSError."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise BackupDamaged(f"{path.name} is missing") from error
    except OSError as error:
        if path.is_symlink():
            raise BackupDamaged(
                f"{path.name} is a link, which may lead out of the folder"
            ) from error
        raise
    file = os.fdopen(descriptor, "rb")
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        file.close()
        raise BackupDamaged(f"{path.name} is not a file")
    return file


def _parts(source: _Hashing) -> Iterator[bytes]:
    while part := source.read(_PART_BYTES):
        yield part


def _decompress(parts: Iterator[bytes]) -> Iterator[bytes]:
    gzip = zlib.decompressobj(wbits=_GZIP)
    for part in parts:
        waiting = part
        while waiting:
            if out := gzip.decompress(waiting, _PART_BYTES):
                yield out
            waiting = gzip.unconsumed_tail
            if gzip.eof and (waiting or gzip.unused_data):
                raise EOFError("there is something after its end")
    if rest := gzip.flush():
        yield rest
    if not gzip.eof:
        raise EOFError("its end is missing")
