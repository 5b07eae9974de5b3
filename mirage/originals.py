"""Use case: keep the store of originals consistent with the database, without losing a file.

An original is deleted when its document is deleted or replaced by a newer version. A file without
a document proves nothing: the database may be new, restored or mistyped. Such a file is set aside
and kept for `documents.orphan_days`, and only in a store that this database owns. If many are
unknown at once, a person decides (`mirage files`).
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import islice
from typing import TypeVar
from uuid import UUID

from mirage.db import Database
from mirage.db.identity import Identity, database_identity
from mirage.db.originals import (
    KnownOriginal,
    find_originals,
    list_originals,
    list_without_original,
    lock_originals,
    requeue_documents,
)
from mirage.db.queue.blockers import record_finding, settle_finding
from mirage.errors import (
    OriginalsAway,
    StorageUnavailable,
    StoreOfAnotherDatabase,
    UnknownOriginals,
)
from mirage.files import UNREADABLE, Orphan, Store, sidecar
from mirage.files.orphans import today

MIN_AGE_SECONDS = 3600.0
"""An upload's file is in place before its row is committed, less than a second later."""

# Up to this many unknown originals may come from a crash; more are a sign of another database.
_HANDFUL = 10  # guess
_SHARE = 0.03  # guess
_BATCH = 2000  # Keys per query: 64 kB.

_Item = TypeVar("_Item")

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class Survey:
    """The files in the store. `owner` is None if the store names no database."""

    identity: Identity
    owner: UUID | None
    originals: int = 0
    unknown: list[str] = field(default_factory=list)
    lost_notes: list[KnownOriginal] = field(default_factory=list)

    @property
    def agrees(self) -> bool:
        """Return whether the store belongs to this database."""
        return self.owner == self.identity.id

    @property
    def too_many(self) -> bool:
        """Return whether so many originals are unknown that a crash cannot be the cause."""
        return len(self.unknown) > max(_HANDFUL, _SHARE * self.originals)


async def claim_if_empty(database: Database, store: Store) -> None:
    """Make this database the owner of an empty store.

    Raises OriginalsAway if the database has documents, because then the volume is probably not
    mounted. Raises StorageUnavailable, DatabaseUnavailable.
    """
    if await asyncio.to_thread(store.owner) is not None or not await _is_empty(store):
        return
    await asyncio.to_thread(store.claim, (await _require_no_documents(database, store)).id)


async def require_owner(database: Database, store: Store) -> None:
    """Raise StoreOfAnotherDatabase if the store names another database.

    Raises OriginalsAway if it is empty and the database has documents. Raises StorageUnavailable.
    """
    owner = await asyncio.to_thread(store.owner)
    if owner is None:
        if await _is_empty(store):
            await _require_no_documents(database, store)
        return
    async with database.statements() as connection:
        identity = await database_identity(connection)
    if owner != identity.id:
        raise StoreOfAnotherDatabase(describe_owner(store, owner, identity))


@asynccontextmanager
async def sole_keeper(database: Database) -> AsyncIterator[bool]:
    """Yield whether no other process moves originals while the block runs."""
    async with database.patient_connection() as connection:
        is_sole = await lock_originals(connection)
        await connection.commit()  # The lock is the session's; no transaction stays open.
        yield is_sole


def describe_owner(store: Store, owner: UUID, identity: Identity) -> str:
    """Return a sentence on the owner of the store."""
    if owner == UNREADABLE:
        return f"{store.place}/store.json, which names the database of the originals, is damaged"
    return f"the originals in {store.place} belong to database {owner}, this one is {identity.id}"


async def survey(
    database: Database,
    store: Store,
    *,
    older_than_seconds: float = 0.0,
    said: Callable[[int], None] = lambda originals: None,
) -> Survey:
    """Compare every original with the database, and claim the store if it is provably its own.

    The proof is the file of a document older than the database's id: such a store was filled before
    stores named their owner. Calls `said` with the count from time to time. Raises
    StorageUnavailable, DatabaseUnavailable.
    """
    async with database.statements() as connection:
        identity = await database_identity(connection)
    found = Survey(identity, await asyncio.to_thread(store.owner))
    is_proven = False
    keys = store.list_keys(older_than_seconds=older_than_seconds)
    while batch := await next_batch(keys):
        async with database.statements() as connection:
            known = await find_originals(connection, batch)
        found.originals += len(batch)
        found.unknown += [key for key in batch if key not in known]
        found.lost_notes += await asyncio.to_thread(_outdated, store, known.values())
        is_proven |= any(item.created_at < identity.created_at for item in known.values())
        said(found.originals)
    if found.owner is None and is_proven:
        found.owner = await asyncio.to_thread(store.claim, identity.id)
    return found


async def sweep(database: Database, store: Store, orphan_days: int) -> None:
    """Set aside originals without a document, restore those with one, delete expired ones.

    In a store of another database, or with too many unknown files, only removes interrupted uploads
    and records the finding for `/health`. Raises StorageUnavailable, DatabaseUnavailable.
    """
    await asyncio.to_thread(store.remove_stale_uploads, MIN_AGE_SECONDS)
    async with sole_keeper(database) as is_sole:
        if not is_sole:
            return
        found = await survey(database, store, older_than_seconds=MIN_AGE_SECONDS)
        if await _is_settled(database, store, found):
            await write_notes(store, found.lost_notes)
            await restore_known(database, store)
            await set_aside(store, found.unknown)
            await _delete_expired(database, store, today() - timedelta(days=orphan_days))
            await requeue_found(database, store)


async def set_aside(store: Store, keys: Iterable[str]) -> int:
    """Move originals to today's orphans; return how many. Raises StorageUnavailable."""
    moved = 0
    waiting = iter(keys)
    day = today()
    while batch := list(islice(waiting, _BATCH)):
        moved += await asyncio.to_thread(lambda: sum(store.set_aside(key, day) for key in batch))
    if moved:
        _log.info("set aside %d files without a document", moved)
    return moved


async def restore_known(database: Database, store: Store) -> int:
    """Restore the orphans that have a document; return how many.

    Raises StorageUnavailable, DatabaseUnavailable.
    """
    restored = 0
    async for orphan, known in list_orphans(database, store):
        if known is not None:
            await asyncio.to_thread(store.restore, orphan)
            restored += 1
    if restored:
        _log.info("restored %d files that have a document again", restored)
    return restored


async def write_notes(store: Store, lost: Iterable[KnownOriginal]) -> None:
    """Write notes that are missing, damaged or outdated; log how many cannot be written."""
    unwritten = 0
    for item in lost:
        note = sidecar.make(item.name, item.project, item.project_id, item.sha256, item.created_at)
        try:
            await asyncio.to_thread(store.write_note, item.key, note)
        except FileNotFoundError:
            continue  # The document was deleted meanwhile.
        except StorageUnavailable:
            unwritten += 1
    if unwritten:
        _log.warning("cannot write the notes of %d originals", unwritten)


async def requeue_found(database: Database, store: Store) -> int:
    """Queue documents again that failed without their original, now that it is there.

    Returns how many. Raises StorageUnavailable, DatabaseUnavailable.
    """
    async with database.statements() as connection:
        failed = await list_without_original(connection)
    found = [
        item.document_id
        for item in failed
        if await asyncio.to_thread(store.holds, item.key, item.size_bytes)
    ]
    async with database.transaction() as connection:
        await requeue_documents(connection, found)
    return len(found)


async def _is_empty(store: Store) -> bool:
    return await asyncio.to_thread(lambda: next(store.list_keys(), None)) is None


async def _require_no_documents(database: Database, store: Store) -> Identity:
    async with database.statements() as connection:
        identity = await database_identity(connection)
        has_documents = await list_originals(connection, limit=1)
    if has_documents:
        raise OriginalsAway(
            f"{store.place} is empty, but this database has documents: their originals are"
            " probably in another volume or bucket"
        )
    return identity


async def _is_settled(database: Database, store: Store, found: Survey) -> bool:
    """Return whether the store may be swept; record a finding if not."""
    error: StorageUnavailable | None = None
    if found.owner is not None and not found.agrees:
        error = StoreOfAnotherDatabase(describe_owner(store, found.owner, found.identity))
    elif found.owner is None and found.unknown:
        error = StoreOfAnotherDatabase(
            f"{store.place} does not name the database of its originals, and this database knows"
            f" {found.originals - len(found.unknown):,} of {found.originals:,}"
        )
    elif found.too_many:
        error = UnknownOriginals(
            f"{len(found.unknown):,} of {found.originals:,} originals in {store.place} have no"
            " document, too many to set aside automatically"
        )
    async with database.transaction() as connection:
        for kind in (StoreOfAnotherDatabase.code, UnknownOriginals.code):
            if error is None or kind != error.code:
                await settle_finding(connection, kind)
        if error is not None:
            await record_finding(connection, error.code, str(error))
    if error is not None:
        _log.warning("did not change the originals: %s. %s", error, error.remedy())
    return error is None and found.owner is not None


async def _delete_expired(database: Database, store: Store, before: date) -> None:
    deleted = 0
    async for orphan, known in list_orphans(database, store):
        if known is None and orphan.day < before:
            await asyncio.to_thread(store.delete_orphan, orphan)
            deleted += 1
    if deleted:
        _log.info("deleted %d files that were set aside before %s", deleted, before)
    await asyncio.to_thread(store.remove_empty_days)


async def list_orphans(
    database: Database, store: Store
) -> AsyncIterator[tuple[Orphan, KnownOriginal | None]]:
    """Yield the files that were set aside, each with its document if there is one now.

    Raises StorageUnavailable, DatabaseUnavailable.
    """
    listed = store.orphans()
    while batch := await next_batch(listed):
        async with database.statements() as connection:
            known = await find_originals(connection, [orphan.key for orphan in batch])
        for orphan in batch:
            yield orphan, known.get(orphan.key)


async def next_batch(items: Iterator[_Item]) -> list[_Item]:
    """Return the next items, in a thread; empty at the end."""
    return await asyncio.to_thread(lambda: list(islice(items, _BATCH)))


def _outdated(store: Store, known: Iterable[KnownOriginal]) -> list[KnownOriginal]:
    """Return the originals whose note is missing, or has another name or project."""
    return [item for item in known if not store.has_note(item.key, item.name, item.project)]
