"""An embedder that takes no time, and indexing with it in this very process."""

import asyncio
import contextlib
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from sqlalchemy import text

from mirage import config
from mirage.db import Database
from mirage.documents import ingest_file
from mirage.embed import Vector, Vectors
from mirage.files import VolumeStore
from mirage.index import Indexer
from mirage.model import ModelFacts
from mirage.parse import Sandbox
from mirage.projects import create_project
from tests.bench.house import until

_UPLOAD_BYTES = 2**30
# Of the length of a vector: puts a neighbour at a cosine of some 0.85, as sentences of one subject
# have it with all-minilm, and two neighbours of one at 0.75.
_NOISE = 0.6
_BUSY = "SELECT EXISTS (SELECT 1 FROM document WHERE status NOT IN ('ready', 'failed'))"


class StandIn:
    """An `Embedder` whose vectors follow from the text's digest.

    Each lies near one of `real`: what makes real vectors hard and easy to search stays, which is
    that they lie in clusters and fill far fewer dimensions than they have.
    """

    def __init__(self, facts: ModelFacts, real: Vectors) -> None:
        self._facts = facts
        self._real = real

    async def facts(self) -> ModelFacts:
        return self._facts

    async def settled_facts(self, seconds: float) -> ModelFacts:
        return await self.facts()

    async def embed_documents(self, texts: Sequence[str]) -> Vectors:
        return np.stack([self.vector(text) for text in texts])

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return await self.embed_documents(texts)

    def vector(self, text: str) -> Vector:
        """That of a text."""
        digest = hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest()
        random = np.random.default_rng(int.from_bytes(digest, "big"))
        near = self._real[random.integers(len(self._real))]
        noise = random.standard_normal(len(near)) * (_NOISE / len(near) ** 0.5)
        moved = near + noise
        vector: Vector = (moved / np.linalg.norm(moved)).astype(np.float32)
        return vector

    def literals(self, texts: Sequence[str]) -> list[str]:
        """Vectors as SQL writes them."""
        return [_literal(self.vector(text)) for text in texts]

    def for_model(self, name: str) -> "StandIn":
        return self

    async def check(self) -> None:
        """It is always there."""

    async def aclose(self) -> None:
        """Nothing is held."""


def _literal(vector: Vector) -> str:
    """Return a vector as pgvector reads it; seven digits are more than `halfvec` keeps."""
    return "[" + ",".join(["%.7g"] * len(vector)) % tuple(vector.tolist()) + "]"


def without_model(dimensions: int, facts: ModelFacts) -> StandIn:
    """One that needs no real vectors."""
    random = np.random.default_rng(0)
    vectors = random.standard_normal((100, dimensions)).astype(np.float32)
    return StandIn(replace(facts, dimensions=dimensions), vectors)


async def index(
    database: Database,
    folder: Path,
    embedder: StandIn,
    project: str,
    files: Mapping[str, bytes],
    chunk: config.Chunk | None = None,
    *,
    in_one_go: bool = False,
) -> None:
    """Upload and index files, as API and indexer do it, until all are ready or failed.

    `in_one_go` leaves the index over vectors to the end, which is faster than adding to it.
    """
    store = VolumeStore(folder)
    store.prepare()
    shelf = await create_project(database, project)
    for name, content in files.items():
        incoming = store.incoming(_UPLOAD_BYTES)
        incoming.write(content)
        await ingest_file(database, store, shelf, name, incoming)
    limits = config.Indexer()
    sandbox = Sandbox(
        limits.parse_timeout_seconds, limits.parse_cpu_seconds, limits.parse_memory_bytes
    )
    indexer = Indexer(database, store, embedder, sandbox, limits, chunk or config.Chunk())
    if in_one_go:
        for step in (indexer.parse_next, indexer.embed_next, indexer.maintain_next):
            while await step():
                pass
        await sandbox.aclose()
        return
    running = asyncio.create_task(indexer.run())
    try:
        await until(lambda: _is_done(database), 3600)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _is_done(database: Database) -> bool:
    async with database.transaction() as connection:
        return not await connection.scalar(text(_BUSY))
