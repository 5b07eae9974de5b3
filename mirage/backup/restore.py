"""Use case: add what a backup has and the installation lacks.

The rows are loaded into staging tables, then the originals are stored, and one transaction adds the
rows. A restore that is killed has added no document; the next one finds the originals that it
stored.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from mirage.backup.encryption import Identity
from mirage.backup.errors import (
    BackupDamaged,
    BackupInUse,
    BackupNotFound,
    BackupOfAnotherModel,
    BackupTooNew,
)
from mirage.backup.folder import open_folder
from mirage.backup.restored_originals import Files, RestoredOriginals
from mirage.backup.saved import SavedBackup, open_backup
from mirage.db import Database
from mirage.db.backup.generations import Target, read_target
from mirage.db.backup.merge import Added, Merge
from mirage.db.backup.selection import Chosen, Selection
from mirage.db.backup.staging import Staging, open_staging
from mirage.db.generations import vector_index
from mirage.db.identity import database_identity
from mirage.db.migrate import head_revision, require_schema
from mirage.embed import Embedder
from mirage.errors import (
    DatabaseUnavailable,
    MirageError,
)
from mirage.files import Store
from mirage.names import canonical_model
from mirage.originals import (
    claim_if_empty,
    requeue_found,
    require_owner,
    sole_keeper,
)


@dataclass(frozen=True, slots=True)
class Choices:
    """What to restore. `project` is a name or id; `keys` None means: into an empty installation."""

    project: str | None = None
    reindex: bool = False
    keys: bool | None = None


@dataclass(frozen=True, slots=True)
class Restored:
    """What was added. `note` says what could not be checked or done, or is empty."""

    backup: SavedBackup
    added: Added
    chosen: Chosen
    files: Files
    note: str


async def restore(
    database: Database,
    store: Store,
    embedder: Embedder,
    root: Path,
    name: str | None,
    choices: Choices,
    passphrase: str | None = None,
    said: Callable[[str], None] = lambda sentence: None,
) -> Restored:
    """Restore a backup, the newest unless it is named.

    Calls `said` with each step. Raises BackupNotFound, BackupDamaged, BackupTooNew,
    BackupOfAnotherModel, WrongPassphrase, BackupInUse, StorageUnavailable, DatabaseUnavailable.
    """
    folder = open_folder(root)
    identity = folder.identity(passphrase)
    await require_schema(database)
    with folder.locked(alone=False):
        backup = open_backup(folder, name or folder.latest())
        if backup.manifest.revision > head_revision():
            raise BackupTooNew(
                f"{backup.name} has schema revision {backup.manifest.revision} (miRAGe"
                f" {backup.manifest.mirage}), this program knows {head_revision()}"
            )
        async with sole_keeper(database) as is_sole:
            if not is_sole:
                raise BackupInUse("another command or the indexer is moving originals")
            work = _Work(database, store, embedder, backup, identity, choices, said)
            return await work.run()


class _Work:
    def __init__(
        self,
        database: Database,
        store: Store,
        embedder: Embedder,
        backup: SavedBackup,
        identity: Identity | None,
        choices: Choices,
        said: Callable[[str], None],
    ) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._backup = backup
        self._identity = identity
        self._choices = choices
        self._said = said
        self._originals = RestoredOriginals(database, store, backup, identity)
        self._notes: list[str] = []

    async def run(self) -> Restored:
        async with open_staging(self._database, self._backup.manifest.revision) as staging:
            self._said(f"Reading {self._backup.name} …")
            await self._load(staging)
            selection = Selection(staging)
            await self._keep_project(selection)
            target = await read_target(staging.connection, staging)
            await self._require_model(target)
            adopts = await self._adopts_identity(target)
            chosen = await selection.choose()
            self._said("Storing the originals …")
            await self._originals.store_all(selection)
            self._said("Adding documents …")
            keys = not target.has_documents if self._choices.keys is None else self._choices.keys
            merge = Merge(staging)
            added = await merge.add(target, reindex=self._choices.reindex, keys=keys)
            if adopts:
                manifest = self._backup.manifest
                await merge.adopt_identity(manifest.database, manifest.database_created_at)
            await staging.connection.commit()
        await self._tidy()
        return Restored(self._backup, added, chosen, self._originals.files, " ".join(self._notes))

    async def _load(self, staging: Staging) -> None:
        for table in self._backup.manifest.tables:
            parts = self._backup.table(table, self._identity)
            rows = await staging.load(table.name, table.columns, _async(parts))
            if rows != table.rows:
                raise BackupDamaged(
                    f"{self._backup.name}: {table.name} has {rows:,} rows, not {table.rows:,}"
                )
        await staging.finish()

    async def _keep_project(self, selection: Selection) -> None:
        reference = self._choices.project
        if reference is not None and await selection.keep_project(reference) is None:
            raise BackupNotFound(f"{self._backup.name} has no project {reference[:100]!r}")

    async def _require_model(self, target: Target) -> None:
        """Raise BackupOfAnotherModel if searches could not use the vectors of the backup."""
        model = self._backup.manifest.model
        if self._choices.reindex or model is None:
            return
        made_with = f"{self._backup.name} was made with {model.model} ({model.digest[:12]})"
        if target.has_vectors:
            if not target.same_model:
                raise BackupOfAnotherModel(
                    f"{made_with}, and the index here with {target.model} or with another chunk"
                    " size"
                )
            return
        try:
            facts = await self._embedder.facts()
        except MirageError as error:
            self._notes.append(
                f"It could not be checked whether {model.model} is the configured model: {error}."
            )
            return
        ours = (canonical_model(facts.name), facts.digest, facts.dimensions, facts.document_prompt)
        if ours != (
            canonical_model(model.model),
            model.digest,
            model.dimensions,
            model.document_prompt,
        ):
            raise BackupOfAnotherModel(
                f"{made_with}, and {facts.name} ({facts.digest[:12]}) is configured"
            )

    async def _adopts_identity(self, target: Target) -> bool:
        """Return whether this database becomes the one of the backup, because the store is that's.

        Raises StoreOfAnotherDatabase, OriginalsAway.
        """
        manifest = self._backup.manifest
        owner = await asyncio.to_thread(self._store.owner)
        async with self._database.statements() as connection:
            ours = (await database_identity(connection)).id
        if owner is not None and owner == manifest.database != ours and not target.has_documents:
            return True
        await require_owner(self._database, self._store)
        await claim_if_empty(self._database, self._store)
        return False

    async def _tidy(self) -> None:
        """Do what makes searches fast again; an indexer does what fails here."""
        try:
            await requeue_found(self._database, self._store)
            while await vector_index.build_next(self._database):
                self._said("Built a vector index.")
        except DatabaseUnavailable as error:
            self._notes.append(f"The indexer builds the vector index later: {error}.")


async def _async(parts: Iterator[bytes]) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
