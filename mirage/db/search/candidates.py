"""The candidates of a search: what each leg finds best, with the scores of both, in one statement.

Dense: cosine over the generation's partition, exact or through its HNSW index. Lexical: BM25, whose
document side (`chunk.terms`) is stored and whose query side comes from `bm25_query.py`; the score
is their inner product. Only `ready` documents are searched.
"""

from collections.abc import Iterable
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
class Prepared:
    """What is known about a query before its vector.

    `weighted` is None when no word could be found; `exact` says whether to compare every vector.
    """

    weighted: Weighted | None
    exact: bool


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
class Found:
    """Candidates in no order, and whether every vector was compared (None without a dense leg)."""

    candidates: list[Candidate]
    exact: bool | None


async def prepare(
    connection: AsyncConnection, query: Query, *, exact_below: int | None
) -> Prepared:
    """Weigh the words, and choose between index and exact scan.

    A corpus with fewer than `exact_below` passages is scanned; None: there is no dense leg.
    """
    corpus = query.corpus
    return Prepared(
        None if query.words is None else await weigh_words(connection, corpus, query.words),
        exact_below is None
        or await count_passages(connection, corpus, exact_below) < exact_below
        or not await has_index(connection, corpus.generation),
    )


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
        if prepared.weighted is None:
            return Found([], None)
        return Found(await _run(connection, query, prepared, None), None)
    candidates = await _run(connection, query, prepared, vector)
    if not prepared.exact and len(candidates) < query.wanted:
        # An index scan stops at `hnsw.max_scan_tuples`; only a comparison of every vector shows
        # whether there is more.
        prepared = replace(prepared, exact=True)
        candidates = await _run(connection, query, prepared, vector)
    return Found(candidates, prepared.exact)


async def _run(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector | None
) -> list[Candidate]:
    values = query.corpus.parameters()
    legs = {}
    if vector is not None:
        await send_vectors_in_binary(connection)
        legs["dense"] = _dense(query, exact=prepared.exact)
        values["vector"] = HalfVector(list(vector))
    if prepared.weighted is not None:
        legs["lexical"] = _lexical(query)
        values["worth_scoring"] = prepared.weighted.candidates
        values["weights"] = prepared.weighted.weights
    rows = await connection.execute(*bind(_statement(query.corpus.generation, legs), values))
    return [Candidate(*row) for row in rows]


def _statement(generation: Generation, legs: dict[str, str]) -> str:
    """Return SQL of the candidates of all legs, with the columns of `Candidate` in its order."""
    if len(legs) == 2:
        # What only one leg found gets its score in the other one here, by its key.
        return f"""
        WITH {", ".join(legs.values())}
        SELECT id, coalesce(d.document_id, l.document_id) AS document_id,
               coalesce(d.language, l.language) AS language,
               coalesce(d.similarity, (
                   SELECT 1 - {_distance(generation, "e")} FROM embedding e
                    WHERE e.generation_id = {generation.id} AND e.chunk_id = id
               ))::float8 AS similarity,
               coalesce(l.lexical_score, (SELECT {_LEXICAL_SCORE} FROM chunk c WHERE c.id = d.id)
               )::float8 AS lexical_score,
               d.dense_rank, l.lexical_rank
          FROM dense d FULL JOIN lexical l USING (id)
        """
    (leg,) = legs
    columns = {
        "dense": "similarity, 0::float8 AS lexical_score, dense_rank, NULL AS lexical_rank",
        "lexical": "NULL AS similarity, lexical_score, NULL AS dense_rank, lexical_rank",
    }[leg]
    return f"WITH {legs[leg]} SELECT id, document_id, language, {columns} FROM {leg}"


_LEXICAL_SCORE = "-(c.terms <#> CAST(:weights AS sparsevec))"


def _dense(query: Query, *, exact: bool) -> str:
    generation, filters = query.corpus.generation, query.corpus.filters
    # `+ 0` hides the expression from embedding_<generation>_hnsw_idx, so every row is compared.
    order = _distance(generation, "e") + (" + 0" if exact else "")
    return f"""
    dense AS (
        SELECT id, document_id, language, 1 - distance AS similarity,
               row_number() OVER (ORDER BY distance, id) AS dense_rank
          FROM (SELECT e.chunk_id AS id, e.document_id, d.language, {order} AS distance
                  FROM embedding e {filters.joins("e.document_id", "e.chunk_id")}
                 WHERE e.generation_id = {generation.id}
                 ORDER BY {order} LIMIT {query.candidates}) nearest
    )"""


def _lexical(query: Query) -> str:
    # Numbers are written into the statement, because the planner does not know a parameter's value.
    generation, filters = query.corpus.generation, query.corpus.filters
    return f"""
    lexical AS (
        SELECT id, document_id, language, lexical_score,
               row_number() OVER (ORDER BY lexical_score DESC, id) AS lexical_rank
          FROM (SELECT c.id, c.document_id, d.language, {_LEXICAL_SCORE} AS lexical_score
                  FROM chunk c {filters.joins("c.document_id", "c.id")}
                 WHERE c.generation_id = {generation.id} AND c.status = 'ready'
                   AND c.lexemes @@ CAST(:worth_scoring AS tsquery)
                 ORDER BY lexical_score DESC, c.id LIMIT {query.candidates}) best
    )"""


def _distance(generation: Generation, alias: str) -> str:
    kind = f"halfvec({generation.dimensions})"
    return f"({alias}.embedding::{kind} <=> CAST(:vector AS {kind}))"
