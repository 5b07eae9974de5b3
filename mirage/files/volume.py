"""Stores originals in a folder that API and indexer share (store.py has its layout).

A crash leaves at most a file without a document; `mirage.originals` finds those.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

from mirage.disk import describe_space, free_bytes
from mirage.errors import StorageFull, StorageUnavailable
from mirage.files import orphans, sidecar
from mirage.files.faults import storage_errors
from mirage.files.incoming import FOLDER as INCOMING
from mirage.files.orphans import Orphan
from mirage.files.owner import read_owner, write_owner
from mirage.files.sidecar import Sidecar
from mirage.files.store import OpenedFile
from mirage.files.volume_incoming import IncomingVolumeFile

_KEY = re.compile(r"[0-9a-f]{32}")
_SHARD = re.compile(r"[0-9a-f]{2}")
# More than a file system stores in an inode, so that the probe needs space as an original does.
_PROBE_BYTES = 16 * 1024

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Original:
    """An original in its place, which is a file already."""

    path: Path

    def close(self) -> None:
        """Do nothing: it is no copy."""


class VolumeStore:
    """Originals under a root folder, in 256 subfolders.

    Uploads are refused while the volume has less than `min_free_bytes` free.
    """

    def __init__(self, root: Path, *, min_free_bytes: int = 0) -> None:
        self.root = root
        self._min_free_bytes = min_free_bytes

    def prepare(self) -> None:
        """Create the folders. Raises OSError if the volume is not writable."""
        (self.root / INCOMING).mkdir(parents=True, exist_ok=True)

    @property
    def place(self) -> str:
        """Return the folder."""
        return str(self.root)

    def incoming(self, max_bytes: int, key: str | None = None) -> IncomingVolumeFile:
        """Start to receive a file of at most `max_bytes`, under a new key unless it is given.

        Raises StorageUnavailable.
        """
        self.require_space()
        return IncomingVolumeFile(self.root, self.path(key or uuid4().hex), max_bytes)

    def require_space(self) -> None:
        """Raise StorageFull if less than `min_free_bytes` are free."""
        free = free_bytes(self.root)
        if free is not None and free < self._min_free_bytes:
            raise StorageFull(
                f"the volume of the originals is nearly full: {describe_space(self.root)}, and"
                f" {self._min_free_bytes:,} must stay free (documents.min_free_bytes)"
            )

    def path(self, key: str) -> Path:
        """Return the path of the file with that key."""
        return self.root / key[:2] / key

    def open(self, key: str, set_aside_on: date | None = None) -> OpenedFile:
        """Open an original, or an orphan of that day, which stays readable even if it is deleted.

        Raises FileNotFoundError, StorageUnavailable.
        """
        with storage_errors(self.root, missing=True):
            content = self._path(key, set_aside_on).open("rb")
            return OpenedFile(content, os.fstat(content.fileno()))

    def fetch(self, key: str) -> _Original:
        """Return an original. Raises FileNotFoundError, StorageUnavailable."""
        with storage_errors(self.root, missing=True):
            self.path(key).stat()
        return _Original(self.path(key))

    def exists(self, key: str) -> bool:
        """Return whether there is an original with that key."""
        return self.path(key).exists()

    def holds(self, key: str, size_bytes: int) -> bool:
        """Return whether the original exists with its full size. Raises StorageUnavailable."""
        with storage_errors(self.root):
            try:
                return self.path(key).stat().st_size == size_bytes
            except FileNotFoundError:
                return False

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete originals and their notes; the sweep sets aside what cannot be deleted."""
        for key in keys:
            for path in (self.path(key), _note_of(self.path(key))):
                try:
                    await asyncio.to_thread(path.unlink, missing_ok=True)
                except OSError as error:
                    _log.warning("cannot delete a file of a deleted document: %s", error)

    def owner(self) -> UUID | None:
        """Return the database that the originals belong to, or None without an owner.

        Raises StorageUnavailable.
        """
        with storage_errors(self.root):
            return read_owner(self.root)

    def claim(self, database: UUID, *, replace: bool = False) -> UUID:
        """Make a database the owner unless the store has one, and return the owner.

        Raises StorageUnavailable.
        """
        with storage_errors(self.root):
            return write_owner(self.root, database, replace=replace)

    def write_note(self, key: str, note: Sidecar) -> None:
        """Write the note of an original. Raises FileNotFoundError, StorageUnavailable.

        It is not synced: after a power failure, the sweep writes a lost note again.
        """
        target = _note_of(self.path(key))
        draft = target.with_suffix(f".{uuid4().hex}")
        with storage_errors(self.root, missing=True):
            try:
                draft.write_bytes(note.encode())
                draft.replace(target)
            finally:
                draft.unlink(missing_ok=True)

    def read_note(self, key: str, set_aside_on: date | None = None) -> Sidecar | None:
        """Return the note of an original, or None if it is missing or damaged."""
        try:
            with _note_of(self._path(key, set_aside_on)).open("rb") as file:
                return sidecar.decode(file.read(sidecar.MAX_BYTES))
        except OSError:
            return None

    def has_note(self, key: str, name: str, project: str) -> bool:
        """Return whether the note of an original has this name and project."""
        note = self.read_note(key)
        return note is not None and (note.name, note.project) == (name, project)

    def list_keys(self, *, older_than_seconds: float = 0.0) -> Iterator[str]:
        """Yield the keys of all originals, unordered. Raises StorageUnavailable.

        Skips files that vanish meanwhile, and names that are not keys, such as `lost+found`.
        """
        with storage_errors(self.root):
            yield from self._list_keys(older_than_seconds)

    def _list_keys(self, older_than_seconds: float) -> Iterator[str]:
        limit = time.time() - older_than_seconds
        for shard in sorted(self.root.iterdir()):
            if not _SHARD.fullmatch(shard.name) or not shard.is_dir():
                continue
            with os.scandir(shard) as entries:
                for entry in entries:
                    if not _KEY.fullmatch(entry.name) or not entry.name.startswith(shard.name):
                        continue
                    with suppress(FileNotFoundError):
                        is_file = entry.is_file(follow_symlinks=False)
                        if is_file and entry.stat().st_mtime <= limit:
                            yield entry.name

    def remove_stale_uploads(self, older_than_seconds: float) -> int:
        """Delete the files of interrupted uploads; return how many. Raises StorageUnavailable.

        A running upload keeps writing, so its file is never old.
        """
        removed = 0
        limit = time.time() - older_than_seconds
        folder = self.root / INCOMING
        with storage_errors(self.root):
            for path in folder.iterdir() if folder.is_dir() else ():
                with suppress(FileNotFoundError):
                    if path.stat().st_mtime <= limit:
                        path.unlink()
                        removed += 1
        return removed

    def set_aside(self, key: str, day: date) -> bool:
        """Move an original to the orphans of a day; return False if it vanished.

        Raises StorageUnavailable.
        """
        path = self.path(key)
        with storage_errors(self.root):
            return orphans.set_aside(self.root, [path, _note_of(path)], day)

    def orphans(self) -> Iterator[Orphan]:
        """Yield the originals that were set aside, the oldest day first.

        Raises StorageUnavailable.
        """
        with storage_errors(self.root):
            yield from orphans.list_orphans(self.root, _KEY)

    def restore(self, orphan: Orphan) -> None:
        """Move an original back to its place. Raises StorageUnavailable."""
        source, target = self._path(orphan.key, orphan.day), self.path(orphan.key)
        with storage_errors(self.root):
            target.parent.mkdir(exist_ok=True)
            with suppress(FileNotFoundError):
                _note_of(source).rename(_note_of(target))
            source.rename(target)

    def delete_orphan(self, orphan: Orphan) -> None:
        """Delete an original that was set aside, and its note. Raises StorageUnavailable."""
        path = self._path(orphan.key, orphan.day)
        with storage_errors(self.root):
            for part in (path, _note_of(path)):
                part.unlink(missing_ok=True)

    def remove_empty_days(self) -> None:
        """Remove empty folders of orphans. Raises StorageUnavailable."""
        with storage_errors(self.root):
            orphans.remove_empty_days(self.root)

    def probe(self) -> None:
        """Write a file, read it and delete it. Raises StorageUnavailable if that fails."""
        content = os.urandom(_PROBE_BYTES)
        path = self.root / INCOMING / f"probe-{uuid4().hex}"
        with storage_errors(self.root):
            path.parent.mkdir(exist_ok=True)
            try:
                with path.open("xb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                read = path.read_bytes()
            finally:
                path.unlink(missing_ok=True)
        if read != content:
            raise StorageUnavailable(
                f"the volume of the originals ({self.root}) returns other bytes than were stored"
            )
        self.require_space()

    def _path(self, key: str, set_aside_on: date | None) -> Path:
        return self.root / orphans.place(set_aside_on, key) if set_aside_on else self.path(key)


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
