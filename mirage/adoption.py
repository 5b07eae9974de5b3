"""Use case: check, adopt or prune originals without a document (`mirage files`)."""

import asyncio
import hashlib
import logging
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import PurePosixPath
from uuid import UUID

from mirage.db import Connection, Database, documents, projects
from mirage.db.documents import StoredFile
from mirage.db.identity import database_identity
from mirage.db.originals import KnownOriginal, list_originals, replace_original
from mirage.db.queue.blockers import settle_finding
from mirage.errors import (
    InvalidInput,
    StorageUnavailable,
    StoreOfAnotherDatabase,
    UnknownOriginals,
)
from mirage.files import Orphan, Sidecar, Store
from mirage.model import Project
from mirage.names import MAX_DOCUMENT_BYTES, check_document_name, check_project_name, to_nfc
from mirage.originals import (
    MIN_AGE_SECONDS,
    Survey,
    list_orphans,
    requeue_found,
    restore_known,
    set_aside,
    sole_keeper,
    survey,
    write_notes,
)
from mirage.parse import detect
from mirage.parse.detect import HEAD_BYTES, extension_of
from mirage.parse.formats import ending_of

_READ_BYTES = 1024 * 1024
_EXAMPLES = 20
_STEM_BYTES = 180  # With the rest at most 255, which a part of a name may have.

_log = logging.getLogger(__name__)


class FilesInUse(InvalidInput):
    """Wait until it has finished, then run the command again."""

    code = "files-in-use"
    status = 409


@dataclass(frozen=True, slots=True)
class Report:
    """Differences of store and database. `missing` are originals of documents without a file."""

    survey: Survey
    missing: list[KnownOriginal]
    orphans: list[Orphan]
    examples: list[tuple[str, Sidecar | None]]
    """Some unknown originals, with their notes."""


@dataclass(slots=True)
class Adopted:
    """The result of `adopt`, as counts of originals."""

    documents: int = 0
    repaired: int = 0
    duplicates: int = 0
    restored: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)
    """Key and reason of each file that was refused."""


@dataclass(frozen=True, slots=True)
class _Lost:
    """An original without a document. `orphan` is set if it was set aside."""

    key: str
    note: Sidecar | None
    orphan: Orphan | None = None


async def check(
    database: Database, store: Store, said: Callable[[int], None] = lambda originals: None
) -> Report:
    """Compare the store with the database. Only sets a missing owner, if it is proven."""
    found = await survey(database, store, said=said)
    missing: list[KnownOriginal] = []
    after = ""
    while True:
        async with database.statements() as connection:
            page = await list_originals(connection, after=after)
        if not page:
            break
        missing += await asyncio.to_thread(_missing, store, page)
        after = page[-1].key
    orphans = [orphan async for orphan, known in list_orphans(database, store) if known is None]
    examples = [
        (key, await asyncio.to_thread(store.read_note, key)) for key in found.unknown[:_EXAMPLES]
    ]
    return Report(found, missing, orphans, examples)


async def adopt(
    database: Database,
    store: Store,
    project: str,
    said: Callable[[int], None] = lambda originals: None,
) -> Adopted:
    """Create documents for originals without one, and make this database the owner of the store.

    Name, project and the project's id come from the note; a file without a note gets a name by its
    content, in `project`. Copies of stored content are set aside. Raises InvalidName, FilesInUse,
    StorageUnavailable, DatabaseUnavailable.
    """
    check_project_name(to_nfc(project))
    async with sole_keeper(database) as is_sole:
        require_sole(is_sole)
        adopted = Adopted(restored=await restore_known(database, store))
        found = await survey(database, store)
        await write_notes(store, found.lost_notes)
        done = 0
        async for lost in _latest_first(database, store, found):
            await _adopt(database, store, to_nfc(project), lost, adopted)
            said(done := done + 1)
        await take_over(database, store)
        await requeue_found(database, store)
    return adopted


async def prune(database: Database, store: Store, *, delete: bool) -> tuple[int, int]:
    """Set aside all originals without a document; `delete` deletes all that were set aside.

    Leaves files of the last hour, which may belong to an upload under way. Makes this database the
    owner. Returns how many were set aside, and how many deleted. Raises FilesInUse,
    StorageUnavailable, DatabaseUnavailable.
    """
    async with sole_keeper(database) as is_sole:
        require_sole(is_sole)
        await restore_known(database, store)
        found = await survey(database, store, older_than_seconds=MIN_AGE_SECONDS)
        moved = await set_aside(store, found.unknown)
        deleted = await _delete_orphans(database, store) if delete else 0
        await take_over(database, store)
        await requeue_found(database, store)
    return moved, deleted


async def _delete_orphans(database: Database, store: Store) -> int:
    deleted = 0
    async for orphan, known in list_orphans(database, store):
        if known is None:
            await asyncio.to_thread(store.delete_orphan, orphan)
            deleted += 1
    await asyncio.to_thread(store.remove_empty_days)
    return deleted


def require_sole(is_sole: bool) -> None:
    """Raise FilesInUse unless this process is the only one that moves originals."""
    if not is_sole:
        raise FilesInUse("another command or the indexer is moving originals")


async def take_over(database: Database, store: Store) -> None:
    """Make this database the owner of the store, and settle the findings."""
    async with database.statements() as connection:
        identity = await database_identity(connection)
    await asyncio.to_thread(store.claim, identity.id, replace=True)
    async with database.transaction() as connection:
        for kind in (StoreOfAnotherDatabase.code, UnknownOriginals.code):
            await settle_finding(connection, kind)


async def _latest_first(database: Database, store: Store, found: Survey) -> AsyncIterator[_Lost]:
    """Yield originals to adopt, latest upload first: of several versions it gets the name."""
    lost = [_Lost(key, await asyncio.to_thread(store.read_note, key)) for key in found.unknown]
    async for orphan, known in list_orphans(database, store):
        if known is None:
            note = await asyncio.to_thread(store.read_note, orphan.key, orphan.day)
            lost.append(_Lost(orphan.key, note, orphan))
    for item in sorted(lost, key=_stored_at, reverse=True):
        yield item


async def _adopt(
    database: Database, store: Store, project: str, lost: _Lost, adopted: Adopted
) -> None:
    try:
        size, sha256, head = await asyncio.to_thread(_read, store, lost)
        name = _name_of(lost, head)
        stored = StoredFile(name, detect(name, head), size, sha256, lost.key)
        if lost.note is not None and lost.note.sha256 != sha256.hex():
            adopted.refused.append((lost.key, f"{name!r} differs from the file that was uploaded"))
            return
    except OSError as error:
        adopted.refused.append((lost.key, error.strerror or str(error)))
        return
    except (StorageUnavailable, InvalidInput) as error:
        adopted.refused.append((lost.key, str(error)))
        return
    if lost.orphan is not None:
        await asyncio.to_thread(store.restore, lost.orphan)

    async def add(connection: Connection) -> str | None:
        """Return the key of the project's file with this content, or None if it is new."""
        target = await _project_of(connection, lost.note, project)
        taken = await documents.find_by_name(connection, target.id, name)
        free = name if taken is None else _with_key(name, lost.key)
        added = await documents.insert_document(connection, target.id, replace(stored, name=free))
        if added is not None:
            return None
        identity = documents.document_id(target.id, sha256)
        there = await documents.find_file(connection, target.id, identity)
        return there.file_key if there else None

    taken = await database.run(add)
    if taken is None:
        adopted.documents += 1
    elif taken == lost.key:
        return  # An upload has made a document of it meanwhile.
    elif await asyncio.to_thread(store.holds, taken, size):
        await set_aside(store, [lost.key])
        adopted.duplicates += 1
    else:
        await database.run(lambda connection: replace_original(connection, taken, lost.key))
        adopted.repaired += 1


async def _project_of(connection: Connection, note: Sidecar | None, otherwise: str) -> Project:
    """Return the project in a note, by its id or by its name; create it if it is missing."""
    name = otherwise
    identity: UUID | None = None
    if note is not None:
        there = await projects.find_project(connection, str(note.project_id))
        if there is not None:
            return there
        try:
            check_project_name(name := to_nfc(note.project))
            identity = note.project_id
        except InvalidInput:
            name = otherwise
    made = await projects.insert_project(connection, name, identity)
    made = made or await projects.find_project(connection, name)
    if made is None:
        raise UnknownOriginals(f"the project {name!r} was deleted in the meantime")
    return made


def _name_of(lost: _Lost, head: bytes) -> str:
    """Return the name in the note, or one by the content. Raises InvalidName."""
    if lost.note is not None:
        name = to_nfc(lost.note.name)
        check_document_name(name)
        return name
    return f"recovered-{lost.key[:8]}{extension_of(head)}"


def _with_key(name: str, key: str) -> str:
    """Return a free name similar to one in use, because adopting must not replace a document."""
    path = PurePosixPath(name)
    ending = ending_of(path.name)
    stem = path.name.removesuffix(ending).encode()[:_STEM_BYTES].decode(errors="ignore")
    own = f"{stem} (recovered {key[:8]}){ending}"
    free = str(path.with_name(own))
    return free if len(free.encode()) <= MAX_DOCUMENT_BYTES else own


def _stored_at(lost: _Lost) -> datetime:
    return lost.note.stored_at if lost.note else datetime.min.replace(tzinfo=UTC)


def _read(store: Store, lost: _Lost) -> tuple[int, bytes, bytes]:
    """Return size, SHA-256 and first bytes of a file. Raises OSError, StorageUnavailable."""
    digest = hashlib.sha256()
    size = 0
    with store.open(lost.key, lost.orphan.day if lost.orphan else None).content as file:
        head = file.read(HEAD_BYTES)
        file.seek(0)
        while part := file.read(_READ_BYTES):
            digest.update(part)
            size += len(part)
    return size, digest.digest(), head


def _missing(store: Store, page: list[KnownOriginal]) -> list[KnownOriginal]:
    return [item for item in page if not store.holds(item.key, item.size_bytes)]
