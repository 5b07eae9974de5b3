"""Use case: answer a query with cited passages."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from time import perf_counter

from mirage import config, telemetry
from mirage.db import Connection, Database
from mirage.db.generations import Generation, active_generation
from mirage.db.search.candidates import Prepared, Query, parameters, prepare
from mirage.db.search.document_frequencies import Corpus
from mirage.db.search.filters import Filters
from mirage.db.search.neighbours import load_stretch
from mirage.embed import Embedder, Vector
from mirage.embed.trimming import tokenizer_of
from mirage.errors import EmbedderUnavailable, InvalidRequest, MirageError
from mirage.model import Passage, Project, SearchMode, Tokenizer
from mirage.search import degraded
from mirage.search.context import fit, widen
from mirage.search.query_vector import QueryVector, embed_query
from mirage.search.retrieval import retrieve
from mirage.search.selection import Selection

Locate = Callable[[Connection], Awaitable[Project]]
"""Looks up a project."""

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Question:
    """A query and its options.

    `threshold` is a cosine. `context` is the number of tokens to add on each side of a passage;
    `max_tokens` is the limit for the whole answer (None: unlimited). The others are those of
    `Selection`.
    """

    query: str
    mode: SearchMode = SearchMode.HYBRID
    limit: int = 10
    threshold: float | None = None
    filters: Filters = field(default_factory=Filters)
    context: int = 0
    max_tokens: int | None = None
    per_document: int | None = None
    fold_duplicates: bool = False

    @property
    def selection(self) -> Selection:
        """Return how to choose from what was found."""
        # Context is added to what was chosen; then passages are merged, and tokens are counted.
        plain = not self.context
        return Selection(
            self.limit,
            self.per_document,
            self.fold_duplicates,
            max_tokens=self.max_tokens if plain else None,
            merge=plain,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The passages, best first. `degraded` is a sentence on why a leg is missing or weak.

    `exact` tells whether all vectors were compared, and `query_windows` in how many windows the
    query was embedded (both None without a dense leg); `milliseconds` is the time per stage.
    """

    passages: list[Passage]
    mode: SearchMode
    degraded: str | None = None
    exact: bool | None = None
    query_windows: int | None = None
    milliseconds: dict[str, float] = field(default_factory=dict)


async def search(
    database: Database,
    embedder: Embedder,
    settings: config.Search,
    project: Project | Locate,
    question: Question,
) -> Answer:
    """Search one project; a `Locate` looks it up with the search's own connection.

    Without the embedder, a hybrid search answers from its lexical leg and sets `degraded`; a dense
    search, or one with a threshold, raises EmbedderUnavailable, ModelMissing, GenerationMismatch or
    BadEmbedding, or TextTooLong if the model takes not even windows of the query.
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
        # Embedding and planning run at the same time.
        asking = asyncio.create_task(_ask(model, generation, settings, question, clock))
        try:
            prepared = await _prepare(connection, plan, settings.exact_below)
        except BaseException:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            raise
        if asking.done():  # For example in a lexical search: keep using this connection.
            return await _answer(connection, plan, prepared, asking.result())
    # Wait without a connection, so that other searches can use it.
    asked = await asking
    async with database.tuned_statements(parameters(settings.candidates)) as connection:
        return await _answer(connection, plan, prepared, asked)


def _query(
    generation: Generation, project: Project, settings: config.Search, question: Question
) -> Query:
    # One leg alone is its own order, so the first of it are the answer.
    alone = question.mode is SearchMode.DENSE and question.selection.takes_first
    return Query(
        Corpus(generation, project.id, question.filters),
        words=None if question.mode is SearchMode.DENSE else question.query,
        candidates=question.limit if alone else max(settings.candidates, question.limit),
        wanted=question.limit,
    )


class _Clock:
    """Measures the time of stages, for the answer and the metrics; some stages run in parallel."""

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
    """The embedder's answers; the tokenizer is None if no context is requested."""

    embedded: QueryVector | None
    degraded: str | None
    tokenizer: Tokenizer | None

    @property
    def vector(self) -> Vector | None:
        return self.embedded.vector if self.embedded else None

    @property
    def windows(self) -> int | None:
        return self.embedded.windows if self.embedded else None


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
    embedding = _embedded(model, generation, settings, question, clock)
    if not question.context:
        embedded, reason = await embedding
        return _Asked(embedded, reason, None)
    # Together, so that an embedder that cannot be reached is waited for only once.
    (embedded, reason), tokenizer = await asyncio.gather(embedding, tokenizer_of(model))
    return _Asked(embedded, reason, tokenizer)


async def _answer(connection: Connection, plan: _Plan, prepared: Prepared, asked: _Asked) -> Answer:
    question, clock = plan.question, plan.clock
    with clock.stage("database"):
        found = await retrieve(
            connection,
            plan.query,
            prepared,
            asked.vector,
            question.selection,
            question.threshold,
        )
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
    return Answer(
        passages,
        question.mode,
        asked.degraded or _degraded(plan, prepared, passages),
        found.exact,
        asked.windows,
        clock.milliseconds,
    )


def _degraded(plan: _Plan, prepared: Prepared, passages: Sequence[Passage]) -> str | None:
    if plan.question.mode is SearchMode.DENSE:
        return degraded.unknown_language(plan.query.corpus.generation, passages)
    return None if prepared.weighted else degraded.without_words(plan.question.mode)


async def _embedded(
    model: Embedder,
    generation: Generation,
    settings: config.Search,
    question: Question,
    clock: _Clock,
) -> tuple[QueryVector | None, str | None]:
    """Return the query's vector, or the reason why it is missing."""
    if question.mode is SearchMode.LEXICAL:
        return None, None
    try:
        with clock.stage("embed"):
            return await _embed(model, generation, settings, question.query), None
    except MirageError as error:  # Any error of the embedder only costs the dense leg.
        if question.mode is SearchMode.DENSE or question.threshold is not None:
            raise
        _log.warning("search is degraded", extra={"reason": str(error)})
        return None, f"searched by words only: {error}"


async def _embed(
    embedder: Embedder, generation: Generation, settings: config.Search, query: str
) -> QueryVector:
    try:
        async with asyncio.timeout(settings.embed_timeout_seconds):
            generation.require(await embedder.facts())
            return await embed_query(embedder, query)
    except TimeoutError as error:
        raise EmbedderUnavailable(
            f"the embedder returned no vector within {settings.embed_timeout_seconds:g} s"
        ) from error
