"""The candidates of a search: what each leg finds best, with the scores of both.

Dense: cosine over the generation's partition, exact or through its HNSW index. Lexical: BM25, whose
document side (`chunk.terms`) is stored and whose query side comes from `bm25_query.py`; the score
is their inner product. Only `ready` documents are searched.

The lexical leg needs no vector, so it has a statement of its own, which runs while the question is
embedded.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias
from uuid import UUID

from pgvector import HalfVector
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation
from mirage.db.generations.vector_index import has_index
from mirage.db.search.bm25_query import Weighted, weigh_words
from mirage.db.search.document_frequencies import Corpus, count_passages
from mirage.db.search.filters import bind
from mirage.db.vectors import send_vectors_in_binary

Vector: TypeAlias = Iterable[float]

# The default of 100 candidates makes it 200, which finds 999 of the 1,000 nearest.
_EF_SEARCH_PER_CANDIDATE = 2
_MAX_EF_SEARCH = 1000  # where pgvector's setting ends


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. `words` is None without the lexical leg.

    `candidates` is how many passages each leg finds; `wanted` is how many there should be in all,
    if there are so many.
    """

    corpus: Corpus
    words: str | None
    candidates: int
    wanted: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A passage that a leg found.

    `similarity` is the cosine (None without the dense leg), `lexical_score` the BM25 score, 0 if it
    has no word of the query. Ranks count from 1; None: not among the leg's candidates.
    """

    id: UUID
    document_id: UUID
    language: str | None
    similarity: float | None
    lexical_score: float
    dense_rank: int | None
    lexical_rank: int | None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known about a query before its vector.

    `weighted` is None when no word could be found; `by_words` are the candidates of the lexical
    leg; `exact` says whether to compare every vector.
    """

    weighted: Weighted | None
    by_words: Sequence[Candidate]
    exact: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Candidates in no order, and whether every vector was compared (None without a dense leg)."""

    candidates: list[Candidate]
    exact: bool | None


async def prepare(
    connection: AsyncConnection, query: Query, *, exact_below: int | None
) -> Prepared:
    """Weigh the words, find passages by them, and choose between index and exact scan.

    A corpus with fewer than `exact_below` passages is scanned; None: there is no dense leg. The
    connection must have `parameters`.
    """
    corpus = query.corpus
    weighted = None if query.words is None else await weigh_words(connection, corpus, query.words)
    return Prepared(
        weighted,
        await _find_by_words(connection, query, weighted),
        exact_below is None
        or await count_passages(connection, corpus, exact_below) < exact_below
        or not await has_index(connection, corpus.generation),
    )


async def with_more_candidates(
    connection: AsyncConnection, query: Query, prepared: Prepared, candidates: int
) -> tuple[Query, Prepared]:
    """Return a query for more candidates, and what is known about it."""
    query = replace(query, candidates=candidates)
    found = await _find_by_words(connection, query, prepared.weighted)
    return query, replace(prepared, by_words=found)


def parameters(candidates: int) -> dict[str, str]:
    """Return the server's parameters for `find_candidates`, to pass to `tuned_statements`."""
    return {
        "hnsw.ef_search": str(min(_EF_SEARCH_PER_CANDIDATE * candidates, _MAX_EF_SEARCH)),
        # The statement sorts the rows again.
        "hnsw.iterative_scan": "relaxed_order",
        # Compiling a search over a large project takes longer than the search.
        "jit": "off",
    }


async def find_candidates(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector | None
) -> Found:
    """Return the best passages of each leg; ties by their ids, so that answers repeat.

    `vector` is None without the dense leg. The connection must have `parameters`.
    """
    if vector is None:
        return Found(list(prepared.by_words), None)
    candidates = await _find_by_vector(connection, query, prepared, vector)
    if not prepared.exact and len(candidates) < query.wanted:
        # An index scan stops at `hnsw.max_scan_tuples`; only a comparison of every vector shows
        # whether there is more.
        prepared = replace(prepared, exact=True)
        candidates = await _find_by_vector(connection, query, prepared, vector)
    return Found(candidates, prepared.exact)


async def _find_by_words(
    connection: AsyncConnection, query: Query, weighted: Weighted | None
) -> list[Candidate]:
    if weighted is None:
        return []
    values = {
        **query.corpus.parameters(),
        "worth_scoring": weighted.candidates,
        "weights": weighted.weights,
    }
    rows = await connection.execute(*bind(_by_words(query), values))
    return [Candidate(*row) for row in rows]


async def _find_by_vector(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector
) -> list[Candidate]:
    """Return the candidates of the dense leg and those by words, each with both scores."""
    await send_vectors_in_binary(connection)
    values = {**query.corpus.parameters(), "vector": HalfVector(list(vector))}
    statement = _by_vector(query, exact=prepared.exact, scored=prepared.weighted is not None)
    if prepared.weighted is not None:
        values["weights"] = prepared.weighted.weights
        values["by_words"] = [candidate.id for candidate in prepared.by_words]
    nearest: dict[UUID, Candidate] = {}
    similarities: dict[UUID, float | None] = {}
    for row in await connection.execute(*bind(statement, values)):
        candidate = Candidate(*row)
        similarities[candidate.id] = candidate.similarity
        if candidate.dense_rank is not None:
            nearest[candidate.id] = candidate
    found_by_words = [
        Candidate(
            candidate.id,
            candidate.document_id,
            candidate.language,
            similarities.get(candidate.id),
            candidate.lexical_score,
            near.dense_rank if (near := nearest.pop(candidate.id, None)) else None,
            candidate.lexical_rank,
        )
        for candidate in prepared.by_words
    ]
    return [*found_by_words, *nearest.values()]


def _by_vector(query: Query, *, exact: bool, scored: bool) -> str:
    """Return SQL of the nearest passages, with the columns of `Candidate` in its order.

    `scored` adds their lexical scores, and rows with the similarity of what was found by words.
    """
    generation, filters = query.corpus.generation, query.corpus.filters
    # `+ 0` hides the expression from embedding_<generation>_hnsw_idx, so every row is compared.
    order = _distance(generation) + (" + 0" if exact else "")
    # By its key, because few of the nearest are among those found by words.
    score = f"(SELECT {_LEXICAL_SCORE} FROM chunk c WHERE c.id = nearest.id)" if scored else "0"
    nearest = f"""
        SELECT id, document_id, language, 1 - distance AS similarity,
               CAST({score} AS float8) AS lexical_score,
               row_number() OVER (ORDER BY distance, id) AS dense_rank,
               CAST(NULL AS bigint) AS lexical_rank
          FROM (SELECT e.chunk_id AS id, e.document_id, d.language, {order} AS distance
                  FROM embedding e {filters.joins("e.document_id", "e.chunk_id")}
                 WHERE e.generation_id = {generation.id}
                 ORDER BY {order} LIMIT {query.candidates}) nearest"""
    if not scored:
        return nearest
    return f"""{nearest}
        UNION ALL
        SELECT e.chunk_id, e.document_id, NULL, 1 - {_distance(generation)}, NULL, NULL, NULL
          FROM embedding e
         WHERE e.generation_id = {generation.id} AND e.chunk_id = ANY(CAST(:by_words AS uuid[]))"""


def _by_words(query: Query) -> str:
    """Return SQL of the passages with the best words, with the columns of `Candidate`."""
    # Numbers are written into the statement, because the planner does not know a parameter's value.
    generation, filters = query.corpus.generation, query.corpus.filters
    return f"""
        SELECT id, document_id, language, NULL AS similarity, lexical_score, NULL AS dense_rank,
               row_number() OVER (ORDER BY lexical_score DESC, id) AS lexical_rank
          FROM (SELECT c.id, c.document_id, d.language, {_LEXICAL_SCORE} AS lexical_score
                  FROM chunk c {filters.joins("c.document_id", "c.id")}
                 WHERE c.generation_id = {generation.id} AND c.status = 'ready'
                   AND c.lexemes @@ CAST(:worth_scoring AS tsquery)
                 ORDER BY lexical_score DESC, c.id LIMIT {query.candidates}) best"""


_LEXICAL_SCORE = "-(c.terms <#> CAST(:weights AS sparsevec))"


def _distance(generation: Generation) -> str:
    kind = f"halfvec({generation.dimensions})"
    return f"(e.embedding::{kind} <=> CAST(:vector AS {kind}))"
