"""An indexer over a real database and a real parser, with an embedder and a parser that can be
made to fail, or to let something happen in the middle of their work."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import text

from mirage import config
from mirage.db import Database
from mirage.db import documents as rows
from mirage.documents import ingest_file
from mirage.embed import Vectors
from mirage.files import VolumeStore
from mirage.index import Indexer
from mirage.model import Document, DocumentStatus, MediaType, Parsed, Project
from mirage.projects import create_project
from mirage.testing import FakeEmbedder, InProcessParser

DEADLINE_SECONDS = 120.0
_BUSY = {DocumentStatus.PENDING, DocumentStatus.PARSING, DocumentStatus.EMBEDDING}

Hook = Callable[[], Awaitable[None]]


async def nothing() -> None:
    """Lets the work go on."""


async def eventually(condition: Callable[[], Awaitable[bool]]) -> None:
    """Wait until the condition is true."""
    deadline = time.monotonic() + DEADLINE_SECONDS
    while not await condition():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


class TouchyEmbedder(FakeEmbedder):
    """Raises `errors[word]` for texts that hold the word; `meanwhile` runs within each call."""

    def __init__(self, name: str = "fake", *, dimensions: int = 64) -> None:
        super().__init__(name, dimensions=dimensions)
        self.errors: dict[str, Exception] = {}
        self.meanwhile: Hook = nothing

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        await self.meanwhile()
        for word, error in self.errors.items():
            if any(word in content for content in texts):
                raise error
        return await super().embed_documents(texts)


class WatchedParser(InProcessParser):
    """`meanwhile` runs when the parser has answered and nothing is stored yet."""

    meanwhile: Hook = staticmethod(nothing)

    async def parse(self, path: Path, media_type: MediaType) -> Parsed:
        parsed = await super().parse(path, media_type)
        await self.meanwhile()
        return parsed


class Bench:
    """One project, and indexers that share everything but their parsers."""

    def __init__(self, database: Database, store: VolumeStore, project: Project) -> None:
        self.database = database
        self.store = store
        self.project = project
        self.embedder = TouchyEmbedder()
        self.sandbox = WatchedParser()

    def indexer(self, *, size: int = 400, overlap: int = 100, **settings: Any) -> Indexer:
        """An indexer that polls often and backs off shortly."""
        quick = {"poll_seconds": 0.02, "backoff_base_seconds": 0.01, "max_attempts": 3}
        return Indexer(
            self.database,
            self.store,
            self.embedder,
            self.sandbox,
            config.Indexer.model_validate(quick | settings),
            config.Chunk(size=size, overlap=overlap),
        )

    async def add(self, name: str, content: str | bytes) -> UUID:
        """A document that waits."""
        incoming = self.store.incoming(2**20)
        incoming.write(content.encode() if isinstance(content, str) else content)
        ingested = await ingest_file(self.database, self.store, self.project, name, incoming)
        return ingested.document.id

    async def find(self, document: UUID) -> Document:
        """As its owner sees it."""
        async with self.database.transaction() as connection:
            found = await rows.find_document(connection, self.project.id, document)
        assert found is not None
        return found

    async def delete(self, document: UUID) -> None:
        """As its owner does."""
        async with self.database.transaction() as connection:
            await rows.delete_document(connection, self.project.id, document)

    async def settle(self, indexer: Indexer, document: UUID) -> Document:
        """Step until the document is ready or failed."""

        async def settled() -> bool:
            await indexer.parse_next()
            await indexer.embed_next()
            return (await self.find(document)).status not in _BUSY

        await eventually(settled)
        return await self.find(document)

    async def value(self, query: str) -> Any:
        """The one value that a query gives."""
        async with self.database.transaction() as connection:
            return await connection.scalar(text(query))

    async def execute(self, statement: str) -> None:
        """Change something behind the indexer's back."""
        async with self.database.transaction() as connection:
            await connection.execute(text(statement))

    async def leases(self) -> int:
        """How many documents and chunks are claimed."""
        counted: int = await self.value(
            "SELECT (SELECT count(*) FROM document WHERE lease_token IS NOT NULL)"
            " + (SELECT count(*) FROM chunk WHERE lease_token IS NOT NULL)"
        )
        return counted


@pytest.fixture
async def bench(database: Database, store: VolumeStore) -> AsyncIterator[Bench]:
    """Everything that an indexer needs."""
    bench = Bench(database, store, await create_project(database, "shelf"))
    yield bench
    await bench.sandbox.aclose()
