"""Stores originals in a folder that API and indexer share.

    store.json          the database that the originals belong to (owner.py)
    incoming/           uploads in progress (incoming.py)
    3f/3f…              an original; its name is random, so no user input becomes a path
    3f/3f….json         its document (sidecar.py)
    orphans/            originals without a document (orphans.py)

A crash leaves at most a file without a document; `mirage.originals` finds those.
"""

import asyncio
import logging
import os
import re
import time
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date
from pathlib import Path
from uuid import UUID, uuid4

from mirage.disk import describe_space, free_bytes
from mirage.errors import StorageFull, StorageUnavailable
from mirage.files import orphans, sidecar
from mirage.files.faults import storage_errors
from mirage.files.incoming import FOLDER as INCOMING
from mirage.files.incoming import IncomingFile
from mirage.files.orphans import Orphan
from mirage.files.owner import read_owner, write_owner
from mirage.files.sidecar import Sidecar

_KEY = re.compile(r"[0-9a-f]{32}")
_SHARD = re.compile(r"[0-9a-f]{2}")
# More than a file system stores in an inode, so that the probe needs space as an original does.
_PROBE_BYTES = 16 * 1024

_log = logging.getLogger(__name__)


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

    def incoming(self, max_bytes: int) -> IncomingFile:
        """Start to receive a file of at most `max_bytes`. Raises StorageUnavailable."""
        self.require_space()
        return IncomingFile(self, max_bytes)

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
        """Write the note of an original. Raises OSError.

        It is not synced: after a power failure, the sweep writes a lost note again.
        """
        target = _note_of(self.path(key))
        draft = target.with_suffix(f".{uuid4().hex}")
        try:
            draft.write_bytes(note.encode())
            draft.replace(target)
        finally:
            draft.unlink(missing_ok=True)

    def read_note(self, path: Path) -> Sidecar | None:
        """Return the note next to an original, or None if it is missing or damaged."""
        try:
            with _note_of(path).open("rb") as file:
                return sidecar.decode(file.read(sidecar.MAX_BYTES))
        except OSError:
            return None

    def list_keys(self, *, older_than_seconds: float = 0.0) -> Iterator[str]:
        """Yield the keys of all originals, unordered. Raises OSError.

        Skips files that vanish meanwhile, and names that are not keys, such as `lost+found`.
        """
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
        """Delete the files of interrupted uploads; return how many. Raises OSError.

        A running upload keeps writing, so its file is never old.
        """
        removed = 0
        limit = time.time() - older_than_seconds
        folder = self.root / INCOMING
        for path in folder.iterdir() if folder.is_dir() else ():
            with suppress(FileNotFoundError):
                if path.stat().st_mtime <= limit:
                    path.unlink()
                    removed += 1
        return removed

    def set_aside(self, key: str, day: date) -> bool:
        """Move an original to the orphans of a day; return False if it vanished. Raises OSError."""
        path = self.path(key)
        return orphans.set_aside(self.root, [path, _note_of(path)], day)

    def orphans(self) -> Iterator[Orphan]:
        """Yield the originals that were set aside, the oldest day first. Raises OSError."""
        return orphans.list_orphans(self.root, _KEY)

    def restore(self, orphan: Orphan) -> None:
        """Move an original back to its place. Raises OSError."""
        target = self.path(orphan.key)
        target.parent.mkdir(exist_ok=True)
        with suppress(FileNotFoundError):
            _note_of(orphan.path).rename(_note_of(target))
        orphan.path.rename(target)

    def delete_orphan(self, orphan: Orphan) -> None:
        """Delete an original that was set aside, and its note. Raises OSError."""
        for path in (orphan.path, _note_of(orphan.path)):
            path.unlink(missing_ok=True)

    def remove_empty_days(self) -> None:
        """Remove empty folders of orphans. Raises OSError."""
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


def _note_of(path: Path) -> Path:
    return path.with_name(f"{path.name}.json")
