"""Makers of rows."""

from collections.abc import Sequence
from hashlib import sha256
from uuid import UUID, uuid4

import pytest

from mirage.db import Database, projects
from mirage.db import documents as rows
from mirage.db.generations import Generation, ensure_generation
from mirage.db.queue import chunks as chunk_queue
from mirage.db.queue import documents as document_queue
from mirage.db.queue.words import load_words
from mirage.db.search.bm25_document import passage_words
from mirage.db.sections import replace_sections
from mirage.model import Chunk, MediaType, ModelFacts, Parsed, Project, Section
from tests.db.facts import facts, lease


@pytest.fixture
async def project(database: Database) -> Project:
    """A project named `shelf`."""
    async with database.transaction() as connection:
        made = await projects.insert_project(connection, "shelf")
    assert made is not None
    return made


class Maker:
    """Brings documents into a state by the same steps as the program."""

    def __init__(self, database: Database, project: Project) -> None:
        self.database = database
        self.project = project

    async def pending(self, name: str = "a.txt", content: str | None = None) -> UUID:
        """A document that waits to be parsed."""
        stored = rows.StoredFile(
            name=name,
            media_type=MediaType.TEXT,
            size_bytes=1,
            sha256=sha256((content or name).encode()).digest(),
            file_key=uuid4().hex,
        )
        async with self.database.transaction() as connection:
            made = await rows.insert_document(connection, self.project.id, stored)
        assert made is not None
        return made

    async def parsed(self, name: str, texts: Sequence[str], *, language: str | None = None) -> UUID:
        """A document that waits to be chunked."""
        document = await self.pending(name, "".join(texts))
        async with self.database.transaction() as connection:
            claimed = await document_queue.claim_unparsed(connection, lease())
            assert claimed is not None
            assert claimed.id == document
            parsed = Parsed(tuple(Section(text) for text in texts), language=language)
            await replace_sections(connection, document, parsed.sections)
            await document_queue.finish_parsing(connection, claimed, parsed)
        return document

    async def generation(self, model: ModelFacts | None = None) -> Generation:
        """The active generation of three-dimensional vectors."""
        async with self.database.transaction() as connection:
            return await ensure_generation(connection, model or facts(), 10, 2)

    async def chunked(
        self, name: str, texts: Sequence[str], *, language: str | None = None
    ) -> UUID:
        """A document with one pending chunk a text."""
        document = await self.parsed(name, texts, language=language)
        generation = await self.generation()
        async with self.database.transaction() as connection:
            claimed = await document_queue.claim_unchunked(connection, generation, lease())
            assert claimed is not None
            chunks = _chunks(texts)
            words = passage_words(await load_words(connection, document), chunks, 10)
            await document_queue.store_chunks(connection, claimed, generation, chunks, words)
        return document

    async def ready(
        self,
        name: str,
        texts: Sequence[str],
        vectors: Sequence[Sequence[float]],
        *,
        language: str | None = None,
    ) -> UUID:
        """A document that can be found."""
        document = await self.chunked(name, texts, language=language)
        generation = await self.generation()
        async with self.database.transaction() as connection:
            token, claimed = await chunk_queue.claim_chunks(
                connection, generation.id, lease(), 1000
            )
            claimed.sort(key=lambda item: item.chunk.start)
            await chunk_queue.store_vectors(
                connection, generation, token, list(zip(claimed, vectors, strict=True))
            )
        return document


@pytest.fixture
def make(database: Database, project: Project) -> Maker:
    """Makes rows in the project."""
    return Maker(database, project)


def _chunks(texts: Sequence[str]) -> list[Chunk]:
    chunks, start = [], 0
    for position, text in enumerate(texts):
        chunks.append(
            Chunk(
                position=position,
                start=start,
                end=start + len(text),
                first_section=position,
                last_section=position,
                text=text,
                heading="",
                tokens=len(text.split()),
            )
        )
        start += len(text) + 2
    return chunks
