"""Originals in a folder of backups, by the SHA-256 of their content."""

import hashlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

from mirage.backup.encryption import Identity
from mirage.backup.errors import BackupDamaged, folder_errors
from mirage.backup.folder import BackupFolder, sync_folder
from mirage.backup.streams import FileWriter, read_file

_READ_BYTES = 1024 * 1024


class OtherContent(Exception):
    """The file in the store has other bytes than its document."""


def is_stored(folder: BackupFolder, sha256: str, size_bytes: int) -> bool:
    """Return whether the folder has the original, by its size. Raises BackupFolderUnusable."""
    path = folder.original(sha256)
    with folder_errors(folder.root):
        try:
            stored = path.stat().st_size
        except FileNotFoundError:
            return False
    return stored > size_bytes if folder.recipient else stored == size_bytes


def is_intact(folder: BackupFolder, sha256: str, identity: Identity | None) -> bool:
    """Return whether an original in the folder can be read. Raises BackupFolderUnusable."""
    try:
        for _ in read_original(folder, sha256, identity):
            pass
    except BackupDamaged:
        return False
    return True


def read_original(folder: BackupFolder, sha256: str, identity: Identity | None) -> Iterator[bytes]:
    """Yield the content of an original, and compare it with its digest at the end.

    Raises BackupDamaged, BackupFolderUnusable.
    """
    digest = hashlib.sha256()
    with folder_errors(folder.root):
        for part in read_file(folder.original(sha256), None, identity, compressed=False):
            digest.update(part)
            yield part
    if digest.hexdigest() != sha256:
        raise BackupDamaged(f"the original {sha256} is damaged: its content has another SHA-256")


def store_original(folder: BackupFolder, source: BinaryIO, sha256: str) -> int:
    """Copy a file into the folder, safely; return the bytes that it takes there.

    Raises OtherContent, BackupFolderFull, BackupFolderUnusable.
    """
    target = folder.original(sha256)
    with folder_errors(folder.root):
        writer = FileWriter(folder.incomplete / uuid4().hex, folder.recipient, compress=False)
        digest = hashlib.sha256()
        try:
            while part := source.read(_READ_BYTES):
                digest.update(part)
                writer.write(part)
            if digest.hexdigest() != sha256:
                raise OtherContent
            writer.commit()
            target.parent.mkdir(mode=0o700, exist_ok=True)
            writer.path.replace(target)
        finally:
            writer.abort()
        sync_folder(target.parent)
    return writer.size_bytes


def remove_unused(folder: BackupFolder, used: set[str]) -> tuple[int, int]:
    """Delete originals that no backup has; return how many, and their bytes.

    Raises BackupFolderUnusable.
    """
    removed = freed = 0
    with folder_errors(folder.root):
        for shard in sorted((folder.root / "originals").iterdir()):
            for path in sorted(shard.iterdir()) if shard.is_dir() else ():
                if _digest_of(path, folder) in used:
                    continue
                freed += path.lstat().st_size
                path.unlink()
                removed += 1
            with suppress(OSError):  # It is not empty.
                shard.rmdir()
    return removed, freed


def _digest_of(path: Path, folder: BackupFolder) -> str:
    return path.name.removesuffix(folder.suffix)
