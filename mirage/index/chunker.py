"""Splits documents into chunks of a generation, by its model's tokenizer, and finds their words."""

import asyncio

from mirage.chunk import split
from mirage.db import Database
from mirage.db.generations import Generation, lock_state
from mirage.db.queue import documents as document_queue
from mirage.db.queue.documents import ClaimedDocument
from mirage.db.queue.words import describe
from mirage.db.search.bm25_document import passage_words
from mirage.db.sections import load_sections
from mirage.errors import Blank
from mirage.index.claims import ClaimKeeper
from mirage.index.leases import claim_uninterrupted
from mirage.model import Chunk, ModelFacts, join_sections
from mirage.words import DocumentWords


class DocumentChunker:
    """Queues chunks for the embedder."""

    def __init__(self, database: Database, keeper: ClaimKeeper) -> None:
        self._database = database
        self._keeper = keeper

    async def chunk(self, generation: Generation, facts: ModelFacts, *, at_least: int) -> bool:
        """Split documents until there are `at_least` chunks; return False without documents."""
        made = 0
        while made < at_least and (more := await self._chunk_next(generation, facts)):
            made += more
        return made > 0

    async def _chunk_next(self, generation: Generation, facts: ModelFacts) -> int:
        """Split one document; return the number of chunks, 1 if it failed, 0 without documents."""

        async def claim() -> ClaimedDocument | None:
            async with self._database.transaction() as connection:
                return await document_queue.claim_unchunked(
                    connection, generation, self._keeper.lease
                )

        claimed = await claim_uninterrupted(claim())
        if claimed is None:
            return 0
        chunks: list[Chunk] = []
        async with self._keeper.document(claimed, generation):
            async with self._database.transaction() as connection:
                sections = await load_sections(connection, claimed.id)
                description = await describe(connection, claimed.id)
            chunks = await asyncio.to_thread(
                split,
                sections,
                facts.tokenizer,
                size=generation.chunk_size,
                overlap=generation.chunk_overlap,
            )
            if not chunks:  # Otherwise the document would stay `embedding` forever.
                raise Blank("the document contains only white space")
            document = DocumentWords(join_sections(sections), description)
            words = await asyncio.to_thread(passage_words, document, chunks, generation.chunk_size)
            async with self._database.transaction() as connection:
                await lock_state(connection, generation.id)
                if await document_queue.lock_claim(connection, claimed):
                    await document_queue.store_chunks(
                        connection, claimed, generation, chunks, words
                    )
        return len(chunks) or 1
