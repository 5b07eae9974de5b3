"""Stores originals in a bucket (../store.py has the layout)."""

import hashlib
import logging
import os
import re
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError, PreconditionError

from mirage import config
from mirage.errors import StorageUnavailable
from mirage.files import orphans, owner, sidecar
from mirage.files.incoming import FOLDER as INCOMING
from mirage.files.orphans import Orphan, parse_day
from mirage.files.s3.client import make_client
from mirage.files.s3.faults import bucket_errors
from mirage.files.s3.incoming import IncomingObject
from mirage.files.s3.reading import Copy, open_object
from mirage.files.sidecar import Sidecar
from mirage.files.store import OpenedFile

_ORIGINAL = re.compile(r"([0-9a-f]{2})/(\1[0-9a-f]{30})")
_ORPHAN = re.compile(rf"{orphans.FOLDER}/([^/]+)/([0-9a-f]{{32}})")
_PAGE = 1000  # S3 lists no more at once.
_PROBE_BYTES = 1024
_DIGEST_BYTES = 16

_log = logging.getLogger(__name__)


class BucketStore:
    """Originals in a bucket, under a prefix. `prepare` and the constructor send nothing."""

    def __init__(self, settings: config.S3) -> None:
        self._client = make_client(settings)
        path = "/".join(filter(None, (settings.bucket, settings.prefix)))
        self._place = f"s3://{path}"
        self._endpoint = settings.endpoint or f"S3 in {settings.region}"
        self._notes: set[bytes] = set()
        """Digests of notes that are known to be right. Each read is a request, and costs."""

    @property
    def place(self) -> str:
        """Return the address of bucket and prefix."""
        return self._place

    @property
    def names(self) -> tuple[str, str]:
        """Return the names of bucket and server, for sentences."""
        return self._place, self._endpoint

    def prepare(self) -> None:
        """Do nothing: the bucket must exist, and the server may be away for now."""

    def require_space(self) -> None:
        """Do nothing: a bucket has no limit that it tells."""

    def probe(self) -> None:
        """Write an object, read it and delete it. Raises StorageUnavailable if that fails."""
        content = os.urandom(_PROBE_BYTES)
        name = f"{INCOMING}/probe-{uuid4().hex}"
        with bucket_errors(*self.names):
            obstore.put(self._client, name, content)
            try:
                read = bytes(obstore.get(self._client, name).bytes())
            finally:
                obstore.delete(self._client, name)
        if read != content:
            raise StorageUnavailable(f"{self.place} returns other bytes than were stored")

    def incoming(self, max_bytes: int, key: str | None = None) -> IncomingObject:
        """Start to receive a file of at most `max_bytes`, under a new key unless it is given."""
        key = key or uuid4().hex
        return IncomingObject(self._client, _name(key), key, max_bytes, self)

    def open(self, key: str, set_aside_on: date | None = None) -> OpenedFile:
        """Open an original, or an orphan of that day. Raises FileNotFoundError, StorageUnavailable.

        If it is deleted meanwhile, reading ends with StorageUnavailable.
        """
        return open_object(self._client, _name(key, set_aside_on), self)

    def fetch(self, key: str) -> Copy:
        """Return a copy of an original. Raises FileNotFoundError, StorageUnavailable."""
        return Copy(self.open(key))

    def exists(self, key: str) -> bool:
        """Return whether there is an original with that key. Raises StorageUnavailable."""
        return self._size(key) is not None

    def holds(self, key: str, size_bytes: int) -> bool:
        """Return whether the original exists with its full size. Raises StorageUnavailable."""
        return self._size(key) == size_bytes

    async def delete(self, keys: Iterable[str]) -> None:
        """Delete originals and their notes; the sweep sets aside what cannot be deleted."""
        for key in keys:
            for name in (_name(key), _note_of(_name(key))):
                try:
                    with bucket_errors(*self.names):
                        await obstore.delete_async(self._client, name)
                except StorageUnavailable as error:
                    _log.warning("cannot delete a file of a deleted document: %s", error)

    def owner(self) -> UUID | None:
        """Return the database that the originals belong to, or None without an owner.

        Raises StorageUnavailable.
        """
        content = self._read_small(owner.FILE, owner.MAX_BYTES)
        return None if content is None else owner.decode_owner(content)

    def claim(self, database: UUID, *, replace: bool = False) -> UUID:
        """Make a database the owner unless the store has one, and return the owner.

        Raises StorageUnavailable.
        """
        content = owner.encode_owner(database)
        with bucket_errors(*self.names), suppress(AlreadyExistsError, PreconditionError):
            obstore.put(
                self._client, owner.FILE, content, mode="overwrite" if replace else "create"
            )
        return self.owner() or database

    def write_note(self, key: str, note: Sidecar) -> None:
        """Write the note of an original. Raises StorageUnavailable."""
        with bucket_errors(*self.names):
            obstore.put(self._client, _note_of(_name(key)), note.encode())
        self._notes.add(_digest(key, note.name, note.project))

    def read_note(self, key: str, set_aside_on: date | None = None) -> Sidecar | None:
        """Return the note of an original, or None if it is missing or damaged.

        Raises StorageUnavailable.
        """
        content = self._read_small(_note_of(_name(key, set_aside_on)), sidecar.MAX_BYTES)
        return None if content is None else sidecar.decode(content)

    def has_note(self, key: str, name: str, project: str) -> bool:
        """Return whether the note of an original has this name and project.

        Reads a note once, because no other process changes it meanwhile. Raises StorageUnavailable.
        """
        digest = _digest(key, name, project)
        if digest in self._notes:
            return True
        note = self.read_note(key)
        if note is None or (note.name, note.project) != (name, project):
            return False
        self._notes.add(digest)
        return True

    def list_keys(self, *, older_than_seconds: float = 0.0) -> Iterator[str]:
        """Yield the keys of all originals, in their order. Raises StorageUnavailable."""
        limit = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        for name, _, changed in self._list(""):
            original = _ORIGINAL.fullmatch(name)
            if original and changed <= limit:
                yield original[2]

    def remove_stale_uploads(self, older_than_seconds: float) -> int:
        """Delete probes that were not deleted; return how many. Raises StorageUnavailable.

        Uploads leave no objects, and parts of killed ones are for a lifecycle rule of the bucket.
        """
        limit = datetime.now(UTC) - timedelta(seconds=older_than_seconds)
        stale = [name for name, _, changed in self._list(f"{INCOMING}/") if changed <= limit]
        with bucket_errors(*self.names):
            for name in stale:
                obstore.delete(self._client, name)
        return len(stale)

    def set_aside(self, key: str, day: date) -> bool:
        """Move an original to the orphans of a day; return False if it vanished.

        Raises StorageUnavailable.
        """
        return self._move(_name(key), _name(key, day))

    def orphans(self) -> Iterator[Orphan]:
        """Yield the originals that were set aside, the oldest day first.

        Raises StorageUnavailable.
        """
        for name, size, _ in self._list(f"{orphans.FOLDER}/"):
            orphan = _ORPHAN.fullmatch(name)
            day = parse_day(orphan[1]) if orphan else None
            if orphan and day:
                yield Orphan(orphan[2], day, size)

    def restore(self, orphan: Orphan) -> None:
        """Move an original back to its place, if it is still there. Raises StorageUnavailable."""
        self._move(_name(orphan.key, orphan.day), _name(orphan.key))

    def delete_orphan(self, orphan: Orphan) -> None:
        """Delete an original that was set aside, and its note. Raises StorageUnavailable."""
        name = _name(orphan.key, orphan.day)
        with bucket_errors(*self.names):
            for part in (name, _note_of(name)):
                obstore.delete(self._client, part)

    def remove_empty_days(self) -> None:
        """Do nothing: a bucket has no folders."""

    def _size(self, key: str) -> int | None:
        with suppress(BaseError, FileNotFoundError):
            return obstore.head(self._client, _name(key))["size"]
        try:  # The answer to a HEAD says no reason: the bucket may be what is missing.
            opened = self.open(key)
        except FileNotFoundError:
            return None
        opened.content.close()
        return opened.stat.st_size

    def _read_small(self, name: str, most_bytes: int) -> bytes | None:
        """Return an object, or None if it is missing; of a larger one only the beginning."""
        try:
            with bucket_errors(*self.names, missing=True):
                found = obstore.get(self._client, name, options={"range": (0, most_bytes)})
                return bytes(found.bytes())
        except FileNotFoundError:
            return None

    def _list(self, folder: str) -> Iterator[tuple[str, int, datetime]]:
        """Yield name, size and time of change of the objects in a folder."""
        pages = obstore.list(self._client, folder or None, chunk_size=_PAGE)
        while True:
            with bucket_errors(*self.names):
                page = next(pages, None)
            if page is None:
                return
            for item in page:
                yield item["path"], item["size"], item["last_modified"]

    def _move(self, source: str, target: str) -> bool:
        """Move an original with its note; return False if it vanished.

        The copy is there before the original is deleted, so nothing is lost half way.
        """
        try:
            with bucket_errors(*self.names, missing=True):
                obstore.rename(self._client, source, target)
        except FileNotFoundError:
            return False
        with suppress(FileNotFoundError), bucket_errors(*self.names, missing=True):
            obstore.rename(self._client, _note_of(source), _note_of(target))
        return True


def _name(key: str, set_aside_on: date | None = None) -> str:
    return orphans.place(set_aside_on, key) if set_aside_on else f"{key[:2]}/{key}"


def _note_of(name: str) -> str:
    return f"{name}.json"


def _digest(key: str, name: str, project: str) -> bytes:
    parts = f"{key}\0{name}\0{project}".encode()
    return hashlib.blake2b(parts, digest_size=_DIGEST_BYTES).digest()
