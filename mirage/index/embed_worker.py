"""The workers that chunk and embed, for the active generation and the one being built."""

import asyncio
import logging
from collections.abc import Coroutine
from typing import Any

from mirage import config
from mirage.db import Database
from mirage.db.generations import (
    Generation,
    current_generations,
    ensure_generation,
    is_new,
    record_asked_size,
    record_languages,
    switch,
)
from mirage.embed import Embedder, Unsettled, effective_chunk_size
from mirage.errors import DatabaseUnavailable, MirageError
from mirage.files import Store
from mirage.index.blockers import Blockers
from mirage.index.chunk_embedder import ChunkEmbedder
from mirage.index.chunker import DocumentChunker
from mirage.index.claims import ClaimKeeper
from mirage.model import ChunkSize, GenerationState, ModelFacts

# How long a model must be stable before an index is begun with it: the first index, and an index
# that replaces another, which embeds the whole library. A server with two alternating models was
# observed to change every 4 s.
_FIRST_SETTLING_SECONDS = 5.0  # guess
_SETTLING_SECONDS = 30.0  # guess

_log = logging.getLogger(__name__)


class EmbedWorker:
    """Embeds one claim while it chunks documents for the next."""

    def __init__(
        self,
        database: Database,
        store: Store,
        embedder: Embedder,
        keeper: ClaimKeeper,
        blockers: Blockers,
        settings: config.Indexer,
        chunk: config.Chunk,
    ) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._blockers = blockers
        self._chunk = chunk
        self._chunker = DocumentChunker(database, keeper)
        self._chunks = ChunkEmbedder(database, store, keeper, settings)
        self._under_way: tuple[Embedder, Generation, ModelFacts] | None = None

    async def step(self) -> bool:
        """Work for the active generation, or, without work there, for the one being built.

        Embeds one claim of chunks while documents are chunked for the next; returns False without
        work. A blocker of one generation does not block the other; it is raised if there is no
        other work.
        """
        self._under_way = None
        blocker: MirageError | None = None
        try:
            current = await self._ask_for_generation()
        except DatabaseUnavailable:
            raise
        except MirageError as error:
            blocker = error
            async with self._database.transaction() as connection:
                current = await current_generations(connection)
        for generation in current:
            if blocker is not None:
                await self._blockers.report(blocker)
            try:
                busy = await self._work_for(generation)
            except DatabaseUnavailable:
                raise
            except MirageError as error:
                # The blocker of a generation says more than that a new one is not settled.
                blocker = error if isinstance(blocker, Unsettled) else blocker or error
                continue
            if busy:
                return True
        if blocker is not None:
            raise blocker
        return False

    async def embed_next_claim(self) -> bool:
        """Embed one more claim while `step` has work; return False if there is none.

        So the embedder works on this claim while the vectors of the other are stored.
        """
        if self._under_way is None:
            return False
        try:
            return await self._chunks.embed(*self._under_way)
        except MirageError as error:
            # The claim was released; `step` meets the same error and reports it.
            _log.info("cannot embed a second claim: %s", error)
            return False

    async def _ask_for_generation(self) -> list[Generation]:
        """Begin the generation of the settings, if it is new; return the generations to work for.

        Raises Unsettled while a new model is watched.
        """
        facts = await self._embedder.facts()
        size, overlap, _ = effective_chunk_size(facts, self._chunk.size, self._chunk.overlap)
        async with self._database.transaction() as connection:
            current = await current_generations(connection)
            new = await is_new(connection, facts, size, overlap)
        # Other chunk sizes for a model that is in use already need no watching.
        if new and facts.digest not in {generation.digest for generation in current}:
            seconds = _SETTLING_SECONDS if current else _FIRST_SETTLING_SECONDS
            facts = await self._embedder.settled_facts(seconds)
            size, overlap, _ = effective_chunk_size(facts, self._chunk.size, self._chunk.overlap)
        async with self._database.transaction() as connection:
            generation = await ensure_generation(connection, facts, size, overlap)
            asked = ChunkSize(self._chunk.size, self._chunk.overlap)
            await record_asked_size(connection, generation, asked)
            return await current_generations(connection)

    async def _work_for(self, generation: Generation) -> bool:
        embedder = self._embedder.for_model(generation.model)
        facts = await embedder.facts()
        generation.require(facts)
        if generation.languages != tuple(facts.languages):
            async with self._database.transaction() as connection:
                await record_languages(connection, generation, facts)
        self._under_way = embedder, generation, facts
        chunked, embedded = await side_by_side(
            self._chunker.chunk(generation, facts, at_least=self._chunks.claim_size),
            self._chunks.embed(embedder, generation, facts),
        )
        if (
            embedded
            or (chunked and await self._chunks.embed(embedder, generation, facts))
            or chunked
        ):
            return True
        self._under_way = None
        if generation.state is GenerationState.ACTIVE:
            return False
        return await self._switch_when_built(generation)

    async def _switch_when_built(self, generation: Generation) -> bool:
        async with self._database.transaction() as connection:
            replaced = await switch.switch_when_built(connection, generation.id)
        if replaced is None:
            return False
        _log.info("switched to a new index", extra={"generation": generation.id})
        await self._blockers.clear()  # Blockers of the old generation do not matter any more.
        await self._store.delete(replaced)
        return True


async def side_by_side(*steps: Coroutine[Any, Any, bool]) -> list[bool]:
    """Return the results of the steps. If one fails, cancel the others and raise its error.

    Not a TaskGroup: before Python 3.13 it leaves this task marked as cancelled after an error, and
    a worker that is marked so ends.
    """
    tasks = [asyncio.create_task(step) for step in steps]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
    return [task.result() for task in tasks]
