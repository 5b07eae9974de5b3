"""Use cases of documents: ingest, open, rename, reindex, delete.

When `ingest_file` returns, file and row are stored safely.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TypeVar
from uuid import UUID

from mirage.db import Connection, Database, renaming
from mirage.db import documents as rows
from mirage.db import projects as project_rows
from mirage.db.originals import replace_original
from mirage.db.queue import requeue
from mirage.errors import (
    DocumentNotFound,
    OriginalMissing,
    ProjectNotFound,
    StorageUnavailable,
)
from mirage.files import IncomingFile, LocalFile, OpenedFile, Store, sidecar
from mirage.model import Document, DocumentStatus, Project
from mirage.names import (
    check_document_name,
    to_nfc,
)
from mirage.originals import claim_if_empty
from mirage.parse import detect
from mirage.parse.detect import require_type

_Taken = TypeVar("_Taken")

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Ingested:
    """A document, and whether it was queued for indexing."""

    document: Document
    queued: bool


async def ingest_file(
    database: Database, store: Store, project: Project, name: str, incoming: IncomingFile
) -> Ingested:
    """Turn a completely received file into a `pending` document.

    For the same content, returns the existing document, makes it the newest version of its name,
    and repairs its original if that is missing. A failed document is queued again with this file
    and name. Raises InvalidName, EmptyFile, UnsupportedMediaType, WrongExtension,
    StorageUnavailable, ProjectNotFound.
    """
    name = to_nfc(name)
    check_document_name(name)
    media_type = detect(name, incoming.head)
    known = await database.run(
        lambda connection: _find_same(connection, project, name, incoming.sha256)
    )
    if known is not None:
        document, key, unneeded = known
        await store.delete(unneeded)
        if not await asyncio.to_thread(store.holds, key, incoming.size_bytes):
            await _repair(database, store, project, document, key, incoming)
        return Ingested(document, queued=False)
    key = await _store(database, store, project, name, incoming)
    stored = rows.StoredFile(name, media_type, incoming.size_bytes, incoming.sha256, key)
    begun = False

    async def add(connection: Connection) -> tuple[Document, bool, list[str]]:
        nonlocal begun
        begun = True
        return await _add(connection, project, stored)

    try:
        document, queued, unneeded = await database.run(add)
    except BaseException as error:
        # The row may be committed although the answer was lost, so the file stays. If there is no
        # row, the indexer's sweep sets the file aside.
        if not begun or isinstance(error, ProjectNotFound):
            await store.delete([key])
        raise
    await store.delete(unneeded)
    return Ingested(document, queued)


async def open_original(
    database: Database, store: Store, project: Project, document_id: UUID
) -> tuple[rows.StoredFile, OpenedFile]:
    """Return a document's original file, open. In a volume it stays readable even if deleted.

    Raises DocumentNotFound, OriginalMissing, StorageUnavailable.
    """
    return await _take_original(database, store, project, document_id, store.open)


async def fetch_original(
    database: Database, store: Store, project: Project, document_id: UUID
) -> LocalFile:
    """Return a document's original as a file of this machine.

    Raises DocumentNotFound, OriginalMissing, StorageUnavailable.
    """
    _, file = await _take_original(database, store, project, document_id, store.fetch)
    return file


async def _take_original(
    database: Database,
    store: Store,
    project: Project,
    document_id: UUID,
    take: Callable[[str], _Taken],
) -> tuple[rows.StoredFile, _Taken]:
    missing: str | None = None
    while True:
        async with database.transaction() as connection:
            stored = await rows.find_file(connection, project.id, document_id)
        if stored is None:
            raise DocumentNotFound(f"project {project.name!r} has no document {document_id}")
        try:
            return stored, await asyncio.to_thread(take, stored.file_key)
        except FileNotFoundError as error:
            # If the document was deleted or replaced a moment ago, look it up again.
            if stored.file_key == missing:
                raise OriginalMissing(
                    f"the original of {stored.name!r} is missing in {store.place}"
                ) from error
            missing = stored.file_key


async def rename_document(
    database: Database, project: Project, document_id: UUID, name: str
) -> Document:
    """Rename a document; the new name must have an extension of the same type.

    Raises InvalidName, WrongExtension, DocumentExists, DocumentNotFound.
    """
    name = to_nfc(name)
    check_document_name(name)

    async def rename(connection: Connection) -> Document | None:
        found = await rows.find_document(connection, project.id, document_id)
        if found is not None:
            require_type(name, found.media_type)
            await renaming.rename_document(connection, project.id, document_id, name)
        return await rows.find_document(connection, project.id, document_id)

    document = await database.run(rename)
    if document is None:
        raise DocumentNotFound(f"project {project.name!r} has no document {document_id}")
    return document


async def reindex_document(
    database: Database, store: Store, project: Project, document_id: UUID
) -> Document:
    """Queue a document again from its file, even if it is ready.

    Searches find a ready document's present passages until the new ones are complete, and keep
    them if reindexing fails. Raises DocumentNotFound, StorageUnavailable if its file is missing.
    """
    _, file = await open_original(database, store, project, document_id)
    file.content.close()

    async def queue_again(connection: Connection) -> Document | None:
        if await requeue.requeue_document(connection, project.id, document_id):
            return await rows.find_document(connection, project.id, document_id)
        return None

    document = await database.run(queue_again)
    if document is None:
        raise DocumentNotFound(f"project {project.name!r} has no document {document_id}")
    return document


async def delete_document(
    database: Database, store: Store, project: Project, document_id: UUID
) -> None:
    """Delete a document; no later search finds it. Raises DocumentNotFound."""
    key = await database.run(
        lambda connection: rows.delete_document(connection, project.id, document_id)
    )
    if key is None:
        raise DocumentNotFound(f"project {project.name!r} has no document {document_id}")
    await store.delete([key])


async def _find_same(
    connection: Connection, project: Project, name: str, sha256: bytes
) -> tuple[Document, str, list[str]] | None:
    """Return the document with this content, the key of its file, and keys of unneeded files.

    Makes it the newest version of its name. Returns None if there is no such document, or it
    failed. A file that is already stored need not be stored again.
    """
    identity = rows.document_id(project.id, sha256)
    status = await rows.lock_document(connection, project.id, identity)
    if status is None or status is DocumentStatus.FAILED:
        return None
    unneeded = await rows.supersede_others(connection, identity, name)
    document = await rows.find_document(connection, project.id, identity)
    stored = await rows.find_file(connection, project.id, identity)
    if document is None or stored is None:
        return None
    return document, stored.file_key, unneeded


async def _store(
    database: Database, store: Store, project: Project, name: str, incoming: IncomingFile
) -> str:
    """Store a file safely, with its note; return its key."""
    await claim_if_empty(database, store)
    key = await incoming.commit()
    note = sidecar.make(name, project.name, project.id, incoming.sha256, datetime.now(UTC))
    with suppress(FileNotFoundError, StorageUnavailable):  # The sweep writes it later.
        await asyncio.to_thread(store.write_note, key, note)
    return key


async def _repair(
    database: Database,
    store: Store,
    project: Project,
    document: Document,
    lost: str,
    incoming: IncomingFile,
) -> None:
    """Replace a missing or truncated original by the uploaded file."""
    key = await _store(database, store, project, document.name, incoming)
    if not await database.run(lambda connection: replace_original(connection, lost, key)):
        await store.delete([key])  # The document was deleted or replaced in the meantime.
        return
    await store.delete([lost])
    _log.warning("stored a lost original again", extra={"document": str(document.id)})


async def _add(
    connection: Connection, project: Project, stored: rows.StoredFile
) -> tuple[Document, bool, list[str]]:
    """Return the document, whether it was queued, and the keys of unneeded files."""
    if not await project_rows.lock_project(connection, project.id):
        raise ProjectNotFound(f"project {project.name!r} was deleted in the meantime")
    queued = await rows.insert_document(connection, project.id, stored) is not None
    identity = rows.document_id(project.id, stored.sha256)
    unneeded: list[str] = []
    if not queued:
        unneeded += await rows.supersede_others(connection, identity, stored.name)
        replaced = await requeue.requeue_failed(connection, identity, stored)
        queued = replaced is not None
        # `mirage files adopt` may have made a document of this very file meanwhile.
        there = await rows.find_file(connection, project.id, identity)
        candidate = stored.file_key if replaced is None else replaced
        if there is None or there.file_key != candidate:
            unneeded.append(candidate)
    document = await rows.find_document(connection, project.id, identity)
    if document is None:
        raise DocumentNotFound(f"{stored.name!r} is missing, although its row is locked")
    return document, queued, unneeded
