"""Use case: build a new index while the active one answers, and switch between them."""

import asyncio
import time

from mirage import config
from mirage.db import Database
from mirage.db.generations import active_generation, begin_generation, switch
from mirage.db.generations.switch import GenerationStatus
from mirage.embed import Embedder, Unsettled, effective_chunk_size
from mirage.errors import GenerationInUse, GenerationNotFound, MirageError
from mirage.files import Store
from mirage.model import GenerationState, ModelFacts

# An operator who starts a build knows that the model changed, so this is shorter than the time that
# indexers wait (index/embed_worker.py).
_SETTLING_SECONDS = 5.0
_LOOK_SECONDS = 1.0
_PATIENCE_SECONDS = 15.0
_NOTE_SECONDS = 5.0


async def list_generations(database: Database) -> list[GenerationStatus]:
    """Return all generations in order of creation."""
    async with database.transaction() as connection:
        return await switch.list_generations(connection)


async def note_another_model(database: Database, embedder: Embedder) -> str | None:
    """Return a sentence if the index was made with another model than that of the settings.

    None also if the model cannot be asked now, or if there is no index yet.
    """
    try:
        async with asyncio.timeout(_NOTE_SECONDS):
            facts = await embedder.facts()
    except (MirageError, TimeoutError):
        return None
    async with database.transaction() as connection:
        active = await active_generation(connection)
    if active is None or active.digest == facts.digest:
        return None
    return (
        f"The index was made with the model {active.model}, but these settings name {facts.name}."
        " All documents are embedded again in the background, if they were not with this model"
        " before; until then searches may use words only. To keep the present index, stop and start"
        " again with the settings of before, such as MIRAGE_OLLAMA_URL and MIRAGE_OLLAMA_MODEL."
    )


async def build(database: Database, embedder: Embedder, chunk: config.Chunk) -> GenerationStatus:
    """Let indexers build the generation for these settings, even if it was in use before.

    Raises GenerationInUse if it is active, or still being dropped.
    """
    facts = await _settled(embedder)
    size, overlap, _ = effective_chunk_size(facts, chunk.size, chunk.overlap)
    async with database.transaction() as connection:
        begun = await begin_generation(connection, facts, size, overlap)
        if begun.state is GenerationState.ACTIVE:
            raise GenerationInUse(
                f"generation {begun.id} has these settings and is active: there is nothing to build"
            )
    return await _find(database, begun.id)


async def activate(database: Database, store: Store, generation_id: int) -> GenerationStatus:
    """Use a generation for searches.

    Raises GenerationNotFound, GenerationInUse, GenerationIncomplete.
    """
    replaced = await database.run(lambda connection: switch.activate(connection, generation_id))
    await store.delete(replaced)
    return await _find(database, generation_id)


async def drop(database: Database, generation_id: int) -> None:
    """Drop a generation; indexers free its space. Raises GenerationNotFound, GenerationInUse."""
    async with database.transaction() as connection:
        await switch.drop(connection, generation_id)


async def _settled(embedder: Embedder) -> ModelFacts:
    """Return facts of a model that were stable for a while. Raises Unsettled otherwise."""
    deadline = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return await embedder.settled_facts(_SETTLING_SECONDS)
        except Unsettled:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(_LOOK_SECONDS)


async def _find(database: Database, generation_id: int) -> GenerationStatus:
    for status in await list_generations(database):
        if status.id == generation_id:
            return status
    raise GenerationNotFound(f"generation {generation_id} was dropped in the meantime")
