"""Stores the originals of a backup, before their documents are added."""

import asyncio
import hashlib
import re
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID, uuid4

from mirage.backup.encryption import Identity
from mirage.backup.errors import BackupDamaged
from mirage.backup.originals import is_stored, read_original
from mirage.backup.saved import SavedBackup
from mirage.db import Database
from mirage.db.backup.selection import RestoredOriginal, Selection
from mirage.db.originals import find_originals, replace_original
from mirage.errors import InvalidName, StorageUnavailable
from mirage.files import Store, sidecar
from mirage.names import check_document_name, check_project_name

_KEY = re.compile(r"[0-9a-f]{32}")
_READ_BYTES = 1024 * 1024
_MAX_BYTES = 2**63 - 1


@dataclass(slots=True)
class Files:
    """Originals: stored now, repaired for documents that were there, and missing in the backup."""

    stored: int = 0
    repaired: int = 0
    missing: int = 0


class RestoredOriginals:
    """Stores the originals that are missing; `files` counts them."""

    def __init__(
        self,
        database: Database,
        store: Store,
        backup: SavedBackup,
        identity: Identity | None,
    ) -> None:
        self._database = database
        self._store = store
        self._backup = backup
        self._identity = identity
        self.files = Files()

    async def store_all(self, selection: Selection) -> None:
        """Store the files of the documents to add, and record their keys.

        Raises BackupDamaged, StorageUnavailable, BackupFolderUnusable, DatabaseUnavailable.
        """
        changed: dict[UUID, str] = {}
        async for original in selection.originals():
            self._check(original)
            digest = original.sha256.hex()
            has = is_stored(self._backup.folder, digest, original.size_bytes)
            if original.present_key is not None:
                await self._repair(original, has=has)
            elif has:
                key = await self._store_new(original)
                if key != original.key:
                    changed[original.document_id] = key
            else:
                self.files.missing += 1
                changed[original.document_id] = uuid4().hex
        if changed:
            await selection.set_keys(changed)

    def _check(self, original: RestoredOriginal) -> None:
        """Raise BackupDamaged for a name or key that could lead out of a folder."""
        try:
            check_document_name(original.name)
            check_project_name(original.project)
        except InvalidName as error:
            raise BackupDamaged(f"{self._backup.name}: {original.name[:100]!r}: {error}") from error
        if not _KEY.fullmatch(original.key) or len(original.sha256) != hashlib.sha256().digest_size:
            raise BackupDamaged(
                f"{self._backup.name}: {original.key[:100]!r} is not the name of an original"
            )

    async def _store_new(self, original: RestoredOriginal) -> str:
        """Store the file of a new document; return its key, that of the backup if possible."""
        key: str | None = original.key
        if not await self._is_free(original):
            key = None
        elif await asyncio.to_thread(self._holds, original):
            await self._write_note(original.key, original)
            return original.key
        elif await asyncio.to_thread(self._store.exists, original.key):
            key = None  # Another file, which must not be overwritten.
        return await self._store_file(original, key)

    async def _is_free(self, original: RestoredOriginal) -> bool:
        async with self._database.statements() as connection:
            return not await find_originals(connection, [original.key])

    async def _repair(self, original: RestoredOriginal, *, has: bool) -> None:
        """Store the file of a document that is there, if it is missing."""
        lost = original.present_key or ""
        if await asyncio.to_thread(self._store.holds, lost, original.size_bytes):
            return
        if not has:
            self.files.missing += 1
            return
        key = await self._store_file(original, None)
        await self._database.run(lambda connection: replace_original(connection, lost, key))
        self.files.repaired += 1

    async def _store_file(self, original: RestoredOriginal, key: str | None) -> str:
        incoming = self._store.incoming(_MAX_BYTES, key)
        try:
            for part in read_original(self._backup.folder, original.sha256.hex(), self._identity):
                incoming.write(part)
            stored = await incoming.commit()
        finally:
            incoming.abort()
        self.files.stored += 1
        await self._write_note(stored, original)
        return stored

    async def _write_note(self, key: str, original: RestoredOriginal) -> None:
        note = sidecar.make(
            original.name,
            original.project,
            original.project_id,
            original.sha256,
            original.created_at,
        )
        with suppress(FileNotFoundError, StorageUnavailable):  # The sweep writes it later.
            await asyncio.to_thread(self._store.write_note, key, note)

    def _holds(self, original: RestoredOriginal) -> bool:
        """Return whether the store has the file under its key, byte for byte."""
        if not self._store.holds(original.key, original.size_bytes):
            return False
        digest = hashlib.sha256()
        with self._store.open(original.key).content as file:
            while part := file.read(_READ_BYTES):
                digest.update(part)
        return digest.digest() == original.sha256
