"""Use case: answer a question with cited passages."""

import asyncio
import logging
from dataclasses import dataclass

from mirage import config, telemetry
from mirage.db import Database
from mirage.db.generations import Generation, active_generation
from mirage.db.passages import Query, find_passages
from mirage.embed import Embedder, Vector
from mirage.errors import EmbedderUnavailable, GenerationMismatch, InvalidRequest, Unavailable
from mirage.model import Passage, Project, SearchMode

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answer:
    """Best passage first. `degraded` says, in a sentence, which leg is missing and why."""

    passages: list[Passage]
    mode: SearchMode
    degraded: str | None = None


async def search(
    database: Database,
    embedder: Embedder,
    settings: config.Search,
    project: Project,
    query: str,
    *,
    mode: SearchMode = SearchMode.HYBRID,
    limit: int = 10,
    threshold: float | None = None,
) -> Answer:
    """Search one project.

    Without the embedder a hybrid search answers from its lexical leg and says so; a dense one, or
    one with a threshold (a cosine), raises EmbedderUnavailable, ModelMissing or
    GenerationMismatch. Raises TextTooLong for a query that the model cannot take whole.
    """
    if threshold is not None and mode is SearchMode.LEXICAL:
        raise InvalidRequest("threshold is a cosine: it needs mode hybrid or dense")
    async with database.transaction() as connection:
        generation = await active_generation(connection)
    if generation is None:
        return Answer([], mode)
    vector, degraded = None, None
    if mode is not SearchMode.LEXICAL:
        try:
            with telemetry.timed(telemetry.SEARCH_SECONDS.labels("embed")):
                vector = await _embed(embedder, generation, settings, query)
        except Unavailable as error:
            if mode is SearchMode.DENSE or threshold is not None:
                raise
            degraded = f"answered by words alone: {error}"
            _log.warning("search is degraded", extra={"reason": str(error)})
    wanted = Query(
        project_id=project.id,
        vector=vector,
        words=None if mode is SearchMode.DENSE else query,
        limit=limit,
        candidates=settings.candidates,
        threshold=threshold,
    )
    with telemetry.timed(telemetry.SEARCH_SECONDS.labels("database")):
        async with database.transaction() as connection:
            passages = await find_passages(
                connection, generation, wanted, exact_below=settings.exact_below
            )
    return Answer(passages, mode, degraded)


async def _embed(
    embedder: Embedder, generation: Generation, settings: config.Search, query: str
) -> Vector:
    try:
        async with asyncio.timeout(settings.embed_timeout_seconds):
            facts = await embedder.facts()
            if (facts.name, facts.digest) != (generation.model, generation.digest):
                raise GenerationMismatch(
                    f"the index was built with {generation.model}, the embedder has {facts.name}"
                )
            return await embedder.embed_query(query)
    except TimeoutError as error:
        raise EmbedderUnavailable(
            f"the embedder gave no vector in {settings.embed_timeout_seconds:g} s"
        ) from error
