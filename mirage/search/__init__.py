"""Use case: answer a question with cited passages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from mirage import config, telemetry
from mirage.db import Connection, Database
from mirage.db.generations import Generation, active_generation
from mirage.db.search.document_frequencies import Corpus
from mirage.db.search.filters import Filters
from mirage.db.search.neighbours import load_stretch
from mirage.db.search.passages import Prepared, Query, find_passages, parameters, prepare
from mirage.embed import Embedder, Vector
from mirage.embed.tokenizer import CautiousTokenizer
from mirage.errors import EmbedderUnavailable, InvalidRequest, MirageError, TextTooLong
from mirage.model import Passage, Project, SearchMode, Tokenizer
from mirage.search.context import fit, widen

Locate = Callable[[Connection], Awaitable[Project]]
"""Looks a project up."""

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
    project: Project | Locate,
    question: Question,
) -> Answer:
    """Search one project, which is looked up over the search's own connection if it is not given.

    Without the embedder a hybrid search answers from its lexical leg and says so; a dense one, or
    one with a threshold, raises EmbedderUnavailable, ModelMissing, GenerationMismatch or
    BadEmbedding. Raises TextTooLong for a query that the model cannot take whole.
    """
    if question.threshold is not None and question.mode is SearchMode.LEXICAL:
        raise InvalidRequest("threshold is a cosine similarity: it needs mode hybrid or dense")
    clock = _Clock()
    async with database.tuned_statements(parameters(settings.candidates)) as connection:
        generation = await active_generation(connection)
        if not isinstance(project, Project):
            project = await project(connection)
        if generation is None:
            return Answer([], question.mode)
        plan = _Plan(question, _query(generation, project, settings, question), clock)
        model = embedder.for_model(generation.model)
        # The embedder's time is the database's as well.
        asking = asyncio.create_task(_ask(model, generation, settings, question, clock))
        try:
            prepared = await _prepare(connection, plan, settings.exact_below)
        except BaseException:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            raise
        if asking.done():  # As in a lexical search: then the connection need not be waited for.
            return await _answer(connection, plan, prepared, asking.result())
    # Without a connection, because others work with it while the embedder does.
    asked = await asking
    async with database.tuned_statements(parameters(settings.candidates)) as connection:
        return await _answer(connection, plan, prepared, asked)


def _query(
    generation: Generation, project: Project, settings: config.Search, question: Question
) -> Query:
    return Query(
        Corpus(generation, project.id, question.filters),
        words=None if question.mode is SearchMode.DENSE else question.query,
        limit=question.limit,
        candidates=settings.candidates,
        threshold=question.threshold,
    )


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


@dataclass(frozen=True, slots=True)
class _Plan:
    question: Question
    query: Query
    clock: _Clock


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the embedder answered; the tokenizer is None when no context is wanted."""

    vector: Vector | None
    degraded: str | None
    tokenizer: Tokenizer | None


async def _prepare(connection: Connection, plan: _Plan, exact_below: int) -> Prepared:
    lexical = plan.question.mode is SearchMode.LEXICAL
    with plan.clock.stage("plan"):
        return await prepare(connection, plan.query, exact_below=None if lexical else exact_below)


async def _ask(
    model: Embedder,
    generation: Generation,
    settings: config.Search,
    question: Question,
    clock: _Clock,
) -> _Asked:
    vector, degraded = await _vector(model, generation, settings, question, clock)
    return _Asked(vector, degraded, await _tokenizer(model) if question.context else None)


async def _answer(connection: Connection, plan: _Plan, prepared: Prepared, asked: _Asked) -> Answer:
    question, clock = plan.question, plan.clock
    with clock.stage("database"):
        found = await find_passages(connection, plan.query, prepared, asked.vector)
    passages = found.passages
    if asked.tokenizer is not None:
        with clock.stage("context"):
            passages = await widen(
                passages,
                partial(load_stretch, connection),
                asked.tokenizer,
                question.context,
                question.max_tokens,
            )
    if question.max_tokens is not None:
        passages = fit(passages, question.max_tokens)
    return Answer(passages, question.mode, asked.degraded, found.exact, clock.milliseconds)


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
            f"the embedder returned no vector within {settings.embed_timeout_seconds:g} s"
        ) from error
