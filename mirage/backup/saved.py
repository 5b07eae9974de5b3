"""Reads a finished backup, and checks it."""

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from mirage.backup.encryption import Identity
from mirage.backup.errors import BackupDamaged, folder_errors
from mirage.backup.folder import MANIFEST, SUMS, BackupFolder
from mirage.backup.manifest import MAX_BYTES, Manifest, TableFacts, decode_manifest, decode_sums
from mirage.backup.originals import read_original
from mirage.backup.streams import read_file, read_whole

LIST = "originals"
"""Name of the list of originals, without its endings."""

_LINE = re.compile(r"([0-9a-f]{64}) (\d{1,18})")
_HEADER_BYTES = 64
_COPY_SIGNATURE = b"PGCOPY\n\xff\r\n\0"


@dataclass(frozen=True, slots=True)
class SavedBackup:
    """A backup in its folder. The manifest was compared with its digest, the tables were not."""

    folder: BackupFolder
    name: str
    manifest: Manifest
    sums: dict[str, str]

    @property
    def path(self) -> Path:
        """Return the folder of its tables."""
        return self.folder.backup(self.name)

    def stored_bytes(self) -> int:
        """Return the bytes of its tables, without originals. Raises BackupFolderUnusable."""
        with folder_errors(self.folder.root):
            return sum(path.lstat().st_size for path in self.path.iterdir())

    def table(self, table: TableFacts, identity: Identity | None) -> Iterator[bytes]:
        """Yield the rows of a table, as COPY reads them. Raises BackupDamaged."""
        return self._read(f"{table.name}.gz", identity)

    def originals(self, identity: Identity | None) -> Iterator[tuple[str, int]]:
        """Yield SHA-256 and size of each original. Raises BackupDamaged."""
        rest = b""
        for part in self._read(f"{LIST}.gz", identity):
            *lines, rest = (rest + part).split(b"\n")
            for line in lines:
                yield _original(line)
        if rest:
            raise BackupDamaged(f"{self.name}: the end of the list of originals is missing")

    def check(self, identity: Identity | None, known: set[str]) -> None:
        """Read everything back. Raises BackupDamaged, BackupFolderUnusable.

        `known` are originals that were read before; those that are read now are added.
        """
        for table in self.manifest.tables:
            head = b""
            for part in self.table(table, identity):
                head = head or part[:_HEADER_BYTES]
            if not head.startswith(_COPY_SIGNATURE):
                raise BackupDamaged(f"{self.name}: {table.name} has no rows in COPY's format")
        counted = 0
        for digest, _ in self.originals(identity):
            counted += 1
            if digest not in known:
                for _ in read_original(self.folder, digest, identity):
                    pass
                known.add(digest)
        if counted != self.manifest.originals:
            raise BackupDamaged(
                f"{self.name}: {counted:,} originals are listed, not {self.manifest.originals:,}"
            )

    def _read(self, name: str, identity: Identity | None) -> Iterator[bytes]:
        name += self.folder.suffix
        digest = self.sums.get(name)
        if digest is None:
            raise BackupDamaged(f"{self.name}: SHA256SUMS does not name {name}")
        with folder_errors(self.folder.root):
            yield from read_file(self.path / name, digest, identity, compressed=True)


def open_backup(folder: BackupFolder, name: str) -> SavedBackup:
    """Return a backup. Raises BackupNotFound, BackupTooNew, BackupDamaged, BackupFolderUnusable."""
    path = folder.backup(name)
    with folder_errors(folder.root):
        sums = decode_sums(read_whole(path / SUMS, MAX_BYTES))
        content = read_whole(path / MANIFEST, MAX_BYTES)
    # Before its digest, because a newer format may have another one.
    manifest = decode_manifest(content)
    if hashlib.sha256(content).hexdigest() != sums.get(MANIFEST):
        raise BackupDamaged(f"{name}: manifest.json has another SHA-256 than in SHA256SUMS")
    return SavedBackup(folder, name, manifest, sums)


def _original(line: bytes) -> tuple[str, int]:
    found = _LINE.fullmatch(line.decode("ascii", "replace"))
    if found is None:
        raise BackupDamaged("the list of originals has a line that is not one of an original")
    return found[1], int(found[2])
