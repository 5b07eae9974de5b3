"""What every store of originals can do: `VolumeStore` in a folder, `BucketStore` in S3.

Both have the same layout, and names that no user chose, so no input becomes a path:

    store.json          the database that the originals belong to (owner.py)
    incoming/           uploads in progress, and probes
    3f/3f…              an original; its key is random
    3f/3f….json         its note: the document (sidecar.py)
    orphans/<day>/      originals without a document, set aside on that day (orphans.py)

The methods block, so callers run them in threads. They raise StorageUnavailable, with a sentence
and a remedy, if the store does not work.
"""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import BinaryIO, Protocol
from uuid import UUID

from mirage.files.incoming import IncomingFile
from mirage.files.orphans import Orphan
from mirage.files.sidecar import Sidecar


@dataclass(frozen=True, slots=True)
class OpenedFile:
    """An original to read from; close `content`. `stat` has its size and time of change."""

    content: BinaryIO
    stat: os.stat_result


class LocalFile(Protocol):
    """An original as a file of this machine, which exists until `close`."""

    @property
    def path(self) -> Path:
        """Return where it is."""

    def close(self) -> None:
        """Delete the file if it is a copy."""


class Store(Protocol):
    """Originals by their key, 32 hexadecimal digits."""

    @property
    def place(self) -> str:
        """Return the folder or bucket, as part of a sentence."""

    def prepare(self) -> None:
        """Create what the store needs. Raises OSError if that is impossible."""

    def require_space(self) -> None:
        """Raise StorageFull if an upload must not be begun."""

    def probe(self) -> None:
        """Write a file, read it and delete it."""

    def incoming(self, max_bytes: int, key: str | None = None) -> IncomingFile:
        """Start to receive a file of at most `max_bytes`, under a new key unless it is given."""

    def open(self, key: str, set_aside_on: date | None = None) -> OpenedFile:
        """Open an original, or an orphan of that day. Raises FileNotFoundError."""

    def fetch(self, key: str) -> LocalFile:
        """Return an original as a file of this machine. Raises FileNotFoundError."""

    def exists(self, key: str) -> bool:
        """Return whether there is an original with that key."""

    def holds(self, key: str, size_bytes: int) -> bool:
        """Return whether the original exists with its full size."""

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete originals and their notes; the sweep sets aside what cannot be deleted."""

    def owner(self) -> UUID | None:
        """Return the database that the originals belong to, or None without an owner."""

    def claim(self, database: UUID, *, replace: bool = False) -> UUID:
        """Make a database the owner unless the store has one, and return the owner."""

    def write_note(self, key: str, note: Sidecar) -> None:
        """Write the note of an original; a lost one is written again by the sweep."""

    def read_note(self, key: str, set_aside_on: date | None = None) -> Sidecar | None:
        """Return the note of an original, or None if it is missing or damaged."""

    def has_note(self, key: str, name: str, project: str) -> bool:
        """Return whether the note of an original has this name and project."""

    def list_keys(self, *, older_than_seconds: float = 0.0) -> Iterator[str]:
        """Yield the keys of all originals; skip those that vanish meanwhile, and other names."""

    def remove_stale_uploads(self, older_than_seconds: float) -> int:
        """Delete what interrupted uploads have left; return how many."""

    def set_aside(self, key: str, day: date) -> bool:
        """Move an original to the orphans of a day; return False if it vanished."""

    def orphans(self) -> Iterator[Orphan]:
        """Yield the originals that were set aside, the oldest day first."""

    def restore(self, orphan: Orphan) -> None:
        """Move an original back to its place."""

    def delete_orphan(self, orphan: Orphan) -> None:
        """Delete an original that was set aside, and its note."""

    def remove_empty_days(self) -> None:
        """Remove empty folders of orphans."""
