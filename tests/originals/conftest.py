"""A store and a database that belong together, and ways to make them disagree."""

import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from mirage.db import Database
from mirage.db.identity import database_identity
from mirage.db.queue.blockers import list_blockers
from mirage.documents import ingest_file
from mirage.files import VolumeStore
from mirage.model import Document, Project
from mirage.projects import create_project

TWO_HOURS = 7200.0
ORPHAN_DAYS = 14


class Shelf:
    """One project with documents, and files that are older than any upload under way."""

    def __init__(self, database: Database, store: VolumeStore, project: Project) -> None:
        self.database = database
        self.store = store
        self.project = project

    async def add(self, name: str, content: bytes | None = None) -> Document:
        """A document that waits to be parsed."""
        incoming = self.store.incoming(2**20)
        incoming.write(content or f"The text of {name}.".encode())
        try:
            done = await ingest_file(self.database, self.store, self.project, name, incoming)
        finally:
            incoming.abort()
        self.age()
        return done.document

    def drop(self, content: bytes = b"of no document") -> str:
        """A file that no document names."""
        path = self.store.path(uuid4().hex)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
        self.age()
        return path.name

    def age(self) -> None:
        """Make every file two hours old."""
        moment = time.time() - TWO_HOURS
        for path in self.store.root.rglob("*"):
            if path.is_file() and "orphans" not in path.parts:
                os.utime(path, (moment, moment))

    def originals(self) -> set[str]:
        """The keys of the files in their places."""
        return set(self.store.list_keys())

    def orphans(self) -> set[str]:
        """The keys of the files that were set aside."""
        return {orphan.key for orphan in self.store.orphans()}

    async def forget(self) -> None:
        """Make the database a new one: it has other rows and another id."""
        async with self.database.transaction() as connection:
            await connection.execute(text("DELETE FROM project"))
            await connection.execute(text("UPDATE identity SET id = gen_random_uuid()"))

    async def identity(self) -> UUID:
        """The id of the database."""
        async with self.database.transaction() as connection:
            return (await database_identity(connection)).id

    async def findings(self) -> dict[str, str]:
        """What `/health` and documents can read, by kind."""
        async with self.database.transaction() as connection:
            return {found.kind: found.detail for found in await list_blockers(connection)}

    async def names(self) -> set[tuple[str, str]]:
        """Project and name of all documents."""
        async with self.database.transaction() as connection:
            rows = await connection.execute(
                text(
                    "SELECT p.name AS project, d.name FROM document d JOIN project p"
                    " ON p.id = d.project_id"
                )
            )
            return {(row.project, row.name) for row in rows}


@pytest.fixture
async def shelf(database: Database, store: VolumeStore) -> Shelf:
    """An empty project over an empty store."""
    return Shelf(database, store, await create_project(database, "shelf"))


Act = Callable[[Shelf], Awaitable[None]]


def days_old(store: VolumeStore, key: str, day: str) -> Path:
    """Put a file that was set aside under another day."""
    orphan = next(orphan for orphan in store.orphans() if orphan.key == key)
    target = store.root / "orphans" / day / key
    target.parent.mkdir(parents=True, exist_ok=True)
    (store.root / "orphans" / orphan.day.isoformat() / key).rename(target)
    return target
