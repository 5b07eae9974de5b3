"""Two installations: one that is backed up, and one that is restored into."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import text

from mirage import config
from mirage.backup.create import Created, create_backup
from mirage.backup.restore import Choices, Restored, restore
from mirage.db import Database
from mirage.db.backup import SAVED
from mirage.documents import ingest_file
from mirage.files import VolumeStore
from mirage.index import Indexer
from mirage.model import Document, Project
from mirage.postgres import Server
from mirage.projects import create_project
from mirage.search import Question, search
from mirage.testing import FakeEmbedder, InProcessParser
from tests.conftest import TEMPLATE, database_settings, execute

EVERYTHING = Choices()

# Each says something about two or three words that the others have too.
TEXTS = {
    "harbour.txt": "The harbour master counts ships in the fog.\n\nShips carry grain and salt.",
    "fog.md": "# Fog\n\nFog hides the harbour. A lamp on each ship answers the bell.",
    "folder/grain.txt": "Grain is weighed twice, and salt once.\n\nThe bell rings at noon.",
}


class Installation:
    """Database and store, with an embedder whose vectors follow from the words."""

    def __init__(self, database: Database, store: VolumeStore) -> None:
        self.database = database
        self.store = store
        self.embedder = FakeEmbedder()

    async def project(self, name: str) -> Project:
        """A new project."""
        return await create_project(self.database, name)

    async def add(self, project: Project, name: str, content: bytes) -> Document:
        """A document that waits to be parsed."""
        incoming = self.store.incoming(2**20)
        incoming.write(content)
        try:
            done = await ingest_file(self.database, self.store, project, name, incoming)
        finally:
            incoming.abort()
        return done.document

    async def fill(
        self, project: Project, texts: dict[str, str] = TEXTS, *, size: int = 400
    ) -> None:
        """Documents that are ready."""
        for name, content in texts.items():
            await self.add(project, name, content.encode())
        await self.index(size=size)

    async def index(self, embedder: FakeEmbedder | None = None, *, size: int = 400) -> None:
        """Work until nothing waits."""
        indexer = self.indexer(embedder, size=size)
        for step in (indexer.parse_next, indexer.embed_next, indexer.maintain_next):
            while await step():
                pass

    def indexer(self, embedder: FakeEmbedder | None = None, *, size: int = 400) -> Indexer:
        """An indexer over this installation."""
        return Indexer(
            self.database,
            self.store,
            embedder or self.embedder,
            InProcessParser(),
            config.Indexer(poll_seconds=0.02, backoff_base_seconds=0.01),
            config.Chunk(size=size, overlap=min(100, size // 4)),
        )

    async def answer(self, project: Project, query: str = "the bell of the harbour") -> list[Any]:
        """What a search finds: ids, spans, texts and scores."""
        found = await search(
            self.database, self.embedder, config.Search(), project, Question(query)
        )
        return found.passages

    async def rows(self) -> dict[str, list[Any]]:
        """All rows that a backup has, without the columns of claims."""
        found = {}
        async with self.database.transaction() as connection:
            for table in SAVED:
                columns = "to_jsonb(t) - 'lease_token' - 'leased_until'"
                result = await connection.scalars(
                    text(f"SELECT r FROM (SELECT {columns} AS r FROM {table} t) q ORDER BY r")
                )
                found[table] = list(result)
        return found

    async def value(self, query: str) -> Any:
        """The one value that a query returns."""
        async with self.database.transaction() as connection:
            return await connection.scalar(text(query))

    async def execute(self, statement: str) -> None:
        """Change something behind the program's back."""
        async with self.database.transaction() as connection:
            await connection.execute(text(statement))

    async def names(self) -> set[tuple[str, str]]:
        """Project and name of each document."""
        async with self.database.transaction() as connection:
            rows = await connection.execute(
                text(
                    "SELECT p.name AS project, d.name FROM document d JOIN project p"
                    " ON p.id = d.project_id WHERE d.draft_of IS NULL"
                )
            )
            return {(row.project, row.name) for row in rows}

    def originals(self) -> set[bytes]:
        """The contents of the files in the store."""
        return {self.store.path(key).read_bytes() for key in self.store.list_keys()}

    async def create(self, folder: Path, project: Project | None = None, **more: Any) -> Created:
        """A backup."""
        return await create_backup(self.database, self.store, folder, project, **more)

    async def restore(
        self,
        folder: Path,
        name: str | None = None,
        choices: Choices = EVERYTHING,
        passphrase: str | None = None,
    ) -> Restored:
        """Restore a backup, as the command does."""
        return await restore(
            self.database, self.store, self.embedder, folder, name, choices, passphrase
        )


@pytest.fixture
def ours(database: Database, store: VolumeStore) -> Installation:
    """The installation that is backed up."""
    return Installation(database, store)


@pytest.fixture
async def other(postgres: Server, tmp_path: Path) -> AsyncIterator[Installation]:
    """An empty installation on another machine."""
    name = f"test_{uuid4().hex}"
    await execute(postgres, f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY file_copy")
    database = Database(database_settings(postgres, name))
    await Installation(database, VolumeStore(tmp_path)).execute(
        "UPDATE identity SET id = gen_random_uuid()"
    )
    store = VolumeStore(tmp_path / "other")
    store.prepare()
    yield Installation(database, store)
    await database.dispose()
    await execute(postgres, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder of backups that is not there yet."""
    return tmp_path / "backups"
