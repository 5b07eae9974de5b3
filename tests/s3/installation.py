"""An installation over a bucket, and a way to make its objects old."""

import os
import time
from pathlib import Path
from uuid import UUID

from sqlalchemy import text

from mirage import config
from mirage.db import Database
from mirage.db import documents as rows
from mirage.db.queue.blockers import list_blockers
from mirage.documents import ingest_file
from mirage.files.s3.bucket import BucketStore
from mirage.index import Indexer
from mirage.model import Document, Project
from mirage.testing import FakeEmbedder, InProcessParser


class Installation:
    """A database with a bucket, and an indexer that does its work when it is told."""

    def __init__(self, database: Database, store: BucketStore, project: Project) -> None:
        self.database = database
        self.store = store
        self.project = project
        self.parser = InProcessParser()
        self.indexer = Indexer(
            database, store, FakeEmbedder(), self.parser, config.Indexer(), config.Chunk()
        )

    async def add(self, name: str, content: bytes) -> Document:
        """Upload a file."""
        incoming = self.store.incoming(2**30)
        try:
            incoming.write(content)
            ingested = await ingest_file(self.database, self.store, self.project, name, incoming)
        finally:
            incoming.abort()
        return ingested.document

    async def find(self, document: UUID) -> Document:
        """As its owner sees it."""
        async with self.database.transaction() as connection:
            found = await rows.find_document(connection, self.project.id, document)
        assert found is not None
        return found

    async def value(self, query: str) -> object:
        """The one value that a query returns."""
        async with self.database.transaction() as connection:
            value: object = await connection.scalar(text(query))
            return value

    async def findings(self) -> dict[str, str]:
        """What the sweep found, by kind."""
        async with self.database.transaction() as connection:
            return {found.kind: found.detail for found in await list_blockers(connection)}


def make_old(folder: Path) -> None:
    """Make every object two hours old."""
    moment = time.time() - 7200
    for path in folder.rglob("*"):
        if path.is_file():
            os.utime(path, (moment, moment))
