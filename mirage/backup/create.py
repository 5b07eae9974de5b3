"""Use case: make a backup.

The originals come first, and by their content: those of earlier backups, or of a try that was
killed, are not copied again. So only the originals of the last minutes are copied while the
snapshot of the database is open.
"""

import hashlib
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from mirage import __version__
from mirage.backup.encryption import Identity
from mirage.backup.errors import BackupFolderUnusable, BackupInUse, folder_errors
from mirage.backup.folder import MANIFEST, SUMS, BackupFolder, made_folder, sync_folder, write_small
from mirage.backup.manifest import (
    FORMAT,
    Manifest,
    ModelRecipe,
    ProjectFacts,
    TableFacts,
    backup_name,
    encode_sums,
)
from mirage.backup.originals import OtherContent, is_intact, is_stored, store_original
from mirage.backup.saved import LIST
from mirage.backup.streams import FileWriter
from mirage.db import Database
from mirage.db.backup import SAVED
from mirage.db.backup.outcome import record_failure, record_success
from mirage.db.backup.snapshot import Snapshot, SnapshotFacts, SnapshotOriginal, open_snapshot
from mirage.db.originals import find_key, list_originals
from mirage.errors import MirageError
from mirage.files import Store
from mirage.model import Project

_VECTORS = "embedding"  # Vectors do not get smaller.


@dataclass(slots=True)
class Copied:
    """What was written. `missing` are documents whose original is missing or damaged."""

    originals: int = 0
    bytes: int = 0
    missing: int = 0


@dataclass(frozen=True, slots=True)
class Created:
    """A finished backup."""

    name: str
    manifest: Manifest
    copied: Copied


async def create_backup(
    database: Database,
    store: Store,
    root: Path,
    project: Project | None,
    *,
    passphrase: str | None = None,
    recheck: bool = False,
    said: Callable[[int], None] = lambda originals: None,
) -> Created:
    """Make a backup of a project, or of all projects (None), and record how it ended.

    `recheck` reads the originals that are in the folder, and replaces damaged ones; in an encrypted
    folder it needs the passphrase. Calls `said` with the number of originals. Raises
    BackupFolderUnusable, BackupInUse, WrongPassphrase, StorageUnavailable, DatabaseUnavailable.
    """
    try:
        with made_folder(root, passphrase) as folder:
            folder.clear()
            identity = folder.identity(passphrase) if recheck else None
            work = _Work(database, store, folder, project, recheck, identity, said)
            created = await work.run()
    except BackupInUse:
        raise  # The other one records how it ends.
    except MirageError as error:
        with suppress(MirageError):  # The database may be what failed.
            async with database.transaction() as connection:
                await record_failure(connection, str(error))
        raise
    async with database.transaction() as connection:
        await record_success(connection, created.name)
    return created


class _Work:
    def __init__(
        self,
        database: Database,
        store: Store,
        folder: BackupFolder,
        project: Project | None,
        recheck: bool,
        identity: Identity | None,
        said: Callable[[int], None],
    ) -> None:
        self._database = database
        self._store = store
        self._folder = folder
        self._project = project
        self._recheck = recheck
        self._identity = identity
        self._said = said
        self._copied = Copied()
        self._done: dict[str, int] = {}
        """Sizes of the originals that the folder has, by SHA-256."""

    async def run(self) -> Created:
        scope = self._project.id if self._project else None
        await self._copy_early(scope)
        draft = self._folder.incomplete / "backup"
        with folder_errors(self._folder.root):
            draft.mkdir(mode=0o700)
        async with open_snapshot(self._database, scope) as snapshot:
            wanted = await self._settle_originals(snapshot)
            facts = await snapshot.facts()
            tables, sums = await self._copy_tables(snapshot, draft)
        list_name = f"{LIST}.gz{self._folder.suffix}"
        async with self._writer(draft / list_name) as (writer, write):
            await write(_lines(wanted))
        sums[list_name] = writer.sha256
        manifest = self._manifest(facts, tables, wanted)
        return Created(self._publish(draft, manifest, sums), manifest, self._copied)

    async def _copy_early(self, scope: UUID | None) -> None:
        """Copy the originals of now, without a snapshot, because that can take hours."""
        after = ""
        while True:
            async with self._database.statements() as connection:
                page = await list_originals(connection, after=after)
            if not page:
                return
            for item in page:
                if scope is None or item.project_id == scope:
                    await self._copy(
                        SnapshotOriginal(item.document_id, item.key, item.sha256, item.size_bytes)
                    )
            after = page[-1].key

    async def _settle_originals(self, snapshot: Snapshot) -> dict[str, int]:
        """Copy what is new since the first round; return the sizes of all originals by SHA-256.

        Leaves out documents that were deleted since the snapshot was opened, with their files.
        """
        gone: list[UUID] = []
        wanted: dict[str, int] = {}
        self._copied.missing = 0
        async for original in snapshot.originals():
            if await self._copy(original):
                wanted[original.sha256.hex()] = original.size_bytes
            elif await self._current_key(original.document_id) is None:
                gone.append(original.document_id)
            else:
                self._copied.missing += 1
        await snapshot.exclude(gone)
        return wanted

    async def _copy(self, original: SnapshotOriginal) -> bool:
        """Copy an original unless the folder has it; return whether the folder has it now."""
        digest = original.sha256.hex()
        if digest in self._done:
            return True
        if not self._is_there(digest, original.size_bytes):
            copied = self._copy_file(original.key, digest)
            if not copied:  # The file was replaced by another one with the same bytes, or is gone.
                key = await self._current_key(original.document_id)
                copied = key is not None and key != original.key and self._copy_file(key, digest)
            if not copied:
                return False
        self._done[digest] = original.size_bytes
        self._said(len(self._done))
        return True

    def _is_there(self, digest: str, size_bytes: int) -> bool:
        if not is_stored(self._folder, digest, size_bytes):
            return False
        return not self._recheck or is_intact(self._folder, digest, self._identity)

    def _copy_file(self, key: str, digest: str) -> bool:
        try:
            source = self._store.open(key).content
        except FileNotFoundError:
            return False
        with source:
            try:
                self._copied.bytes += store_original(self._folder, source, digest)
            except OtherContent:
                return False
        self._copied.originals += 1
        return True

    async def _current_key(self, document: UUID) -> str | None:
        async with self._database.statements() as connection:
            return await find_key(connection, document)

    async def _copy_tables(
        self, snapshot: Snapshot, draft: Path
    ) -> tuple[list[TableFacts], dict[str, str]]:
        tables, sums = [], {}
        for table in SAVED:
            name = f"{table}.gz{self._folder.suffix}"
            columns = await snapshot.columns(table)
            fast = table == _VECTORS
            async with self._writer(draft / name, fast=fast) as (writer, write):
                rows = await snapshot.copy(table, columns, write)
            self._copied.bytes += writer.size_bytes
            sums[name] = writer.sha256
            tables.append(TableFacts(name=table, columns=columns, rows=rows))
        return tables, sums

    @asynccontextmanager
    async def _writer(
        self, path: Path, *, fast: bool = False
    ) -> AsyncIterator[tuple[FileWriter, Callable[[bytes], Awaitable[None]]]]:
        """Yield a new file and a function that writes to it; delete it if the block fails."""
        with folder_errors(self._folder.root):
            writer = FileWriter(path, self._folder.recipient, compress=True, fast=fast)

        async def write(data: bytes) -> None:
            with folder_errors(self._folder.root):
                writer.write(data)

        try:
            yield writer, write
            with folder_errors(self._folder.root):
                writer.commit()
        except BaseException:
            writer.abort()
            raise

    def _manifest(
        self, facts: SnapshotFacts, tables: list[TableFacts], wanted: dict[str, int]
    ) -> Manifest:
        project = None
        if self._project is not None:
            name = None if self._folder.recipient else self._project.name
            project = ProjectFacts(id=self._project.id, name=name)
        model = None
        if facts.active is not None:
            model = ModelRecipe(
                model=facts.active.model,
                digest=facts.active.digest,
                dimensions=facts.active.dimensions,
                document_prompt=facts.active.document_prompt,
            )
        return Manifest(
            format=FORMAT,
            mirage=__version__,
            revision=facts.revision,
            postgresql=facts.postgresql,
            created_at=datetime.now(UTC),
            database=facts.identity.id,
            database_created_at=facts.identity.created_at,
            project=project,
            model=model,
            documents=facts.documents,
            originals=len(wanted),
            original_bytes=sum(wanted.values()),
            missing=self._copied.missing,
            tables=tables,
        )

    def _publish(self, draft: Path, manifest: Manifest, sums: dict[str, str]) -> str:
        """Give the complete backup its name, which makes it one."""
        content = manifest.encode()
        sums[MANIFEST] = hashlib.sha256(content).hexdigest()
        with folder_errors(self._folder.root):
            write_small(draft / MANIFEST, content)
            write_small(draft / SUMS, encode_sums(sums))
            sync_folder(draft)
            name = self._free_name(manifest.created_at)
            draft.rename(self._folder.root / "backups" / name)
            sync_folder(self._folder.root / "backups")
        return name

    def _free_name(self, moment: datetime) -> str:
        name = backup_name(moment)
        for number in range(2, 1000):
            if not os.path.lexists(self._folder.root / "backups" / name):
                return name
            name = f"{backup_name(moment)}-{number}"
        raise BackupFolderUnusable(f"{self._folder.root} has too many backups of this second")


def _lines(wanted: dict[str, int]) -> bytes:
    return "".join(f"{digest} {size}\n" for digest, size in sorted(wanted.items())).encode()
