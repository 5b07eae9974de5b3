"""The workers that cut and embed, for the active generation and for the one that is built."""

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
from mirage.files import VolumeStore
from mirage.index.blockers import Blockers
from mirage.index.chunk_embedder import ChunkEmbedder
from mirage.index.chunker import DocumentCutter
from mirage.index.claims import ClaimKeeper
from mirage.model import ChunkSize, GenerationState, ModelFacts

# How long a model must stay the same before an index is begun with it: the first one, and one that
# takes the place of another, which embeds the whole library. A server behind which two models take
# turns was seen to change every 4 s.
_FIRST_SETTLING_SECONDS = 5.0  # guess
_SETTLING_SECONDS = 30.0  # guess

_log = logging.getLogger(__name__)


class EmbedWorker:
    """Cuts for the next claim while it embeds one."""

    def __init__(
        self,
        database: Database,
        store: VolumeStore,
        embedder: Embedder,
        holder: ClaimKeeper,
        blockers: Blockers,
        settings: config.Indexer,
        chunk: config.Chunk,
    ) -> None:
        self._database = database
        self._store = store
        self._embedder = embedder
        self._blockers = blockers
        self._chunk = chunk
        self._cutter = DocumentCutter(database, holder)
        self._chunks = ChunkEmbedder(database, store, holder, settings)
        self._under_way: tuple[Embedder, Generation, ModelFacts] | None = None

    async def step(self) -> bool:
        """Work for the active generation, else for the one that is being built.

        Embeds one claim of chunks, while documents are cut for the next; False when there is
        nothing to do. What is in the way of one generation holds up no other; it is raised when
        there is no other work.
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
                # What holds up this generation says more than that there will be no other yet.
                blocker = error if isinstance(blocker, Unsettled) else blocker or error
                continue
            if busy:
                return True
        if blocker is not None:
            raise blocker
        return False

    async def step_beside(self) -> bool:
        """Embed one more claim while `step` has work; False when there is none.

        The embedder takes one claim after the other, so it goes on with this one while the vectors
        of that one are stored.
        """
        if self._under_way is None:
            return False
        try:
            return await self._chunks.embed(*self._under_way)
        except MirageError as error:
            # It was given back, and `step` meets the same and says so.
            _log.info("cannot embed beside: %s", error)
            return False

    async def _ask_for_generation(self) -> list[Generation]:
        """Begin the generation of the settings, if it is new; return the generations to work for.

        Raise Unsettled while a new model is watched.
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
        cut, embedded = await side_by_side(
            self._cutter.cut(generation, facts, at_least=self._chunks.claim_size),
            self._chunks.embed(embedder, generation, facts),
        )
        if embedded or (cut and await self._chunks.embed(embedder, generation, facts)) or cut:
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
        await self._blockers.clear()  # What was in the way of the old one matters no more.
        await self._store.delete(replaced)
        return True


async def side_by_side(*steps: Coroutine[Any, Any, bool]) -> list[bool]:
    """What the steps give. When one fails the others are cancelled, and its error is raised.

    Not by a TaskGroup: before Python 3.13 it leaves this task marked as cancelled after an error,
    and a worker that is so marked ends.
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
