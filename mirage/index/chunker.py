"""Cutting documents into chunks of a generation, with its model's own tokenizer."""

import asyncio

from mirage.chunk import split
from mirage.db import Database
from mirage.db.generations import Generation, lock_state
from mirage.db.queue import documents as document_queue
from mirage.db.queue.documents import ClaimedDocument
from mirage.db.sections import load_sections
from mirage.errors import Blank
from mirage.index.claims import ClaimKeeper
from mirage.index.leases import claim_uninterrupted
from mirage.model import Chunk, ModelFacts


class DocumentCutter:
    """Queues chunks for the embedder."""

    def __init__(self, database: Database, holder: ClaimKeeper) -> None:
        self._database = database
        self._holder = holder

    async def cut(self, generation: Generation, facts: ModelFacts, *, at_least: int) -> bool:
        """Cut documents until there are so many chunks; False when there is none."""
        cut = 0
        while cut < at_least and (more := await self._cut_next(generation, facts)):
            cut += more
        return cut > 0

    async def _cut_next(self, generation: Generation, facts: ModelFacts) -> int:
        """Cut one document; gives its chunks, or 1 when it failed, and 0 when there is none."""

        async def claim() -> ClaimedDocument | None:
            async with self._database.transaction() as connection:
                return await document_queue.claim_unchunked(
                    connection, generation, self._holder.lease
                )

        claimed = await claim_uninterrupted(claim())
        if claimed is None:
            return 0
        chunks: list[Chunk] = []
        async with self._holder.document(claimed, generation):
            async with self._database.transaction() as connection:
                sections = await load_sections(connection, claimed.id)
            chunks = await asyncio.to_thread(
                split,
                sections,
                facts.tokenizer,
                size=generation.chunk_size,
                overlap=generation.chunk_overlap,
            )
            if not chunks:  # It would stay `embedding` for ever.
                raise Blank("the document contains only white space")
            async with self._database.transaction() as connection:
                await lock_state(connection, generation.id)
                if await document_queue.lock_claim(connection, claimed):
                    await document_queue.store_chunks(connection, claimed, generation, chunks)
        return len(chunks) or 1
