"""Use case: copy the originals between a folder and the configured store (`mirage files copy`).

The target becomes the store of this database after the last file, so until then indexers wait for
what is missing there, and no document fails.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import BinaryIO

from mirage.adoption import require_sole
from mirage.db import Database
from mirage.db.identity import database_identity
from mirage.db.originals import KnownOriginal, find_originals
from mirage.errors import EmptyFile, StoreOfAnotherDatabase, Unavailable
from mirage.files import IncomingFile, Store
from mirage.originals import describe_owner, next_batch, sole_keeper

_READ_BYTES = 1024 * 1024
_MAX_BYTES = 1 << 62
"""What is stored already has no limit."""


class NoOriginals(Unavailable):
    """Name the folder that has the originals of this database, with its `store.json`."""

    code = "no-originals"


@dataclass(slots=True)
class CopiedFiles:
    """Counts of originals. `damaged` are the keys of those that differ from what was uploaded."""

    copied: int = 0
    present: int = 0
    damaged: list[str] = field(default_factory=list)


async def copy_files(
    database: Database,
    source: Store,
    target: Store,
    said: Callable[[int], None] = lambda originals: None,
) -> CopiedFiles:
    """Copy all originals with their notes, except those that the target has, and check them.

    Leaves the source as it is, and files under `orphans/` where they are. Raises NoOriginals,
    StoreOfAnotherDatabase, FilesInUse, StorageUnavailable, DatabaseUnavailable.
    """
    async with sole_keeper(database) as is_sole:
        require_sole(is_sole)
        async with database.statements() as connection:
            identity = await database_identity(connection)
        owner = await asyncio.to_thread(source.owner)
        if owner is None:
            raise NoOriginals(f"{source.place} has no store.json, so it is no store of originals")
        for store in (source, target):
            owner = await asyncio.to_thread(store.owner)
            if owner not in (None, identity.id):
                raise StoreOfAnotherDatabase(describe_owner(store, owner, identity))
        done = CopiedFiles()
        keys = source.list_keys()
        while batch := await next_batch(keys):
            async with database.statements() as connection:
                known = await find_originals(connection, batch)
            for key in batch:
                await _copy(source, target, key, known.get(key), done)
                said(done.copied + done.present)
        await asyncio.to_thread(target.claim, identity.id)
    return done


async def _copy(
    source: Store, target: Store, key: str, known: KnownOriginal | None, done: CopiedFiles
) -> None:
    try:
        opened = await asyncio.to_thread(source.open, key)
    except FileNotFoundError:
        return  # The document was deleted meanwhile.
    with opened.content as content:
        if await asyncio.to_thread(target.holds, key, opened.stat.st_size):
            done.present += 1
            return
        incoming = await asyncio.to_thread(target.incoming, _MAX_BYTES, key)
        try:
            await asyncio.to_thread(_fill, incoming, content)
            if known is not None and incoming.sha256 != known.sha256:
                done.damaged.append(key)
                return
            await incoming.commit()
        except (EmptyFile, OSError):
            done.damaged.append(key)
            return
        finally:
            await asyncio.to_thread(incoming.abort)
    note = await asyncio.to_thread(source.read_note, key)
    if note is not None:
        await asyncio.to_thread(target.write_note, key, note)
    done.copied += 1


def _fill(incoming: IncomingFile, content: BinaryIO) -> None:
    while part := content.read(_READ_BYTES):
        incoming.write(part)
