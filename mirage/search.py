"""Use case: answer a question with cited passages."""

import asyncio
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from mirage import config, telemetry
from mirage.context import fit, widen
from mirage.db import Database
from mirage.db.filters import Filters
from mirage.db.frequencies import Corpus
from mirage.db.generations import Generation, active_generation
from mirage.db.passages import Prepared, Query, find_passages, parameters, prepare
from mirage.db.surroundings import load_stretch
from mirage.embed import Embedder, Vector
from mirage.embed.tokenizer import CautiousTokenizer
from mirage.errors import EmbedderUnavailable, InvalidRequest, MirageError, TextTooLong
from mirage.model import Passage, Project, SearchMode, Tokenizer

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, and how the answer should look.

    `threshold` is a cosine. `context` is how many tokens of the neighbouring text each passage gets
    on either side; `max_tokens` is how many the whole answer may have (None: any).
    """

    query: str
    mode: SearchMode = SearchMode.HYBRID
    limit: int = 10
    threshold: float | None = None
    filters: Filters = field(default_factory=Filters)
    context: int = 0
    max_tokens: int | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """Best passage first. `degraded` says, in a sentence, which leg is missing and why.

    `exact` says whether every vector was compared (None without a dense leg); `milliseconds` are by
    stage.
    """

    passages: list[Passage]
    mode: SearchMode
    degraded: str | None = None
    exact: bool | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)


async def search(
    database: Database,
    embedder: Embedder,
    settings: config.Search,
    project: Project,
    question: Question,
) -> Answer:
    """Search one project.

    Without the embedder a hybrid search answers from its lexical leg and says so; a dense one, or
    one with a threshold, raises EmbedderUnavailable, ModelMissing, GenerationMismatch or
    BadEmbedding. Raises TextTooLong for a query that the model cannot take whole.
    """
    if question.threshold is not None and question.mode is SearchMode.LEXICAL:
        raise InvalidRequest("threshold is a cosine: it needs mode hybrid or dense")
    async with database.statements() as connection:
        generation = await active_generation(connection)
    if generation is None:
        return Answer([], question.mode)
    model = embedder.for_model(generation.model)
    clock = _Clock()
    query = Query(
        Corpus(generation, project.id, question.filters),
        words=None if question.mode is SearchMode.DENSE else question.query,
        limit=question.limit,
        candidates=settings.candidates,
        threshold=question.threshold,
    )
    # The embedder's time is the database's as well.
    exact_below = None if question.mode is SearchMode.LEXICAL else settings.exact_below
    preparing = asyncio.create_task(_prepare(database, query, exact_below, clock))
    try:
        vector, degraded = await _vector(model, generation, settings, question, clock)
    except MirageError:
        # Not cancelled, which would cost its connection each time while the embedder is away.
        await asyncio.gather(preparing, return_exceptions=True)
        raise
    except BaseException:
        preparing.cancel()
        await asyncio.gather(preparing, return_exceptions=True)
        raise
    prepared = await preparing
    tokenizer = await _tokenizer(model) if question.context else None
    async with database.tuned_statements(parameters(settings.candidates)) as connection:
        with clock.stage("database"):
            found = await find_passages(connection, query, prepared, vector)
        passages = found.passages
        if tokenizer is not None:
            with clock.stage("context"):
                passages = await widen(
                    passages,
                    partial(load_stretch, connection),
                    tokenizer,
                    question.context,
                    question.max_tokens,
                )
    if question.max_tokens is not None:
        passages = fit(passages, question.max_tokens)
    return Answer(passages, question.mode, degraded, found.exact, clock.milliseconds)


class _Clock:
    """Takes the time of stages, for the answer and for the metrics; some run side by side."""

    def __init__(self) -> None:
        self.milliseconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        started = perf_counter()
        with telemetry.timed(telemetry.SEARCH_SECONDS.labels(name)):
            yield
        self.milliseconds[name] = round(1000 * (perf_counter() - started), 2)


async def _prepare(
    database: Database, query: Query, exact_below: int | None, clock: _Clock
) -> Prepared:
    with clock.stage("plan"):
        async with database.statements() as connection:
            return await prepare(connection, query, exact_below=exact_below)


async def _vector(
    model: Embedder,
    generation: Generation,
    settings: config.Search,
    question: Question,
    clock: _Clock,
) -> tuple[Vector | None, str | None]:
    """The question's vector, or why there is none though there should be."""
    if question.mode is SearchMode.LEXICAL:
        return None, None
    try:
        with clock.stage("embed"):
            return await _embed(model, generation, settings, question.query), None
    except TextTooLong:
        raise
    except MirageError as error:  # Of any kind: a fault of the embedder costs its leg alone.
        if question.mode is SearchMode.DENSE or question.threshold is not None:
            raise
        _log.warning("search is degraded", extra={"reason": str(error)})
        return None, f"answered by words alone: {error}"


async def _tokenizer(embedder: Embedder) -> Tokenizer:
    """The model's own; while it is away, one that counts too many rather than too few."""
    try:
        return (await embedder.facts()).tokenizer
    except MirageError:
        return CautiousTokenizer()


async def _embed(
    embedder: Embedder, generation: Generation, settings: config.Search, query: str
) -> Vector:
    try:
        async with asyncio.timeout(settings.embed_timeout_seconds):
            generation.require(await embedder.facts())
            return await embedder.embed_query(query)
    except TimeoutError as error:
        raise EmbedderUnavailable(
            f"the embedder gave no vector in {settings.embed_timeout_seconds:g} s"
        ) from error
