"""Search: dense and lexical leg, their fusion and the citations, in one SQL statement.

Dense: cosine over the generation's partition, exact or through its HNSW index. Lexical: BM25, whose
document side (`chunk.terms`) is stored and whose query side comes from `bm25_query.py`; the score
is their inner product. Only `ready` documents are searched.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TypeAlias

from pgvector import HalfVector
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.generations import Generation
from mirage.db.generations.vector_index import has_index
from mirage.db.search.bm25_query import Weighted, weigh_words
from mirage.db.search.document_frequencies import Corpus, count_passages
from mirage.db.search.filters import bind
from mirage.db.vectors import send_vectors_in_binary
from mirage.model import Passage

# Reciprocal rank fusion with k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009).
_RRF_K = 60

Vector: TypeAlias = Iterable[float]

# The default of 100 candidates makes it 200, which finds 999 of the 1,000 nearest.
_EF_SEARCH_PER_CANDIDATE = 2
_MAX_EF_SEARCH = 1000  # where pgvector's setting ends


@dataclass(frozen=True, slots=True)
class Query:
    """What to search for. `words` is None without the lexical leg.

    `candidates` is how many passages each leg passes to the fusion; `threshold` is a cosine.
    """

    corpus: Corpus
    words: str | None
    limit: int
    candidates: int
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known about a query before its vector.

    `weighted` is None when no word could be found; `exact` says whether to compare every vector.
    """

    weighted: Weighted | None
    exact: bool


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first, and whether every vector was compared (None without a dense leg)."""

    passages: list[Passage]
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
    """Return the server's parameters for `find_passages`, to pass to `tuned_statements`."""
    return {
        "hnsw.ef_search": str(min(_EF_SEARCH_PER_CANDIDATE * candidates, _MAX_EF_SEARCH)),
        # The statement sorts the rows again.
        "hnsw.iterative_scan": "relaxed_order",
        # Compiling a search over a large project takes longer than the search.
        "jit": "off",
    }


async def find_passages(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector | None
) -> Found:
    """Return the best passages first; ties in the order of their ids, so that answers repeat.

    `vector` is None without the dense leg. The connection must have `parameters`.
    """
    if vector is None and prepared.weighted is None:
        return Found([], None)
    if vector is None:
        return Found(await _run(connection, query, prepared, None), None)
    passages = await _run(connection, query, prepared, vector)
    if not prepared.exact and len(passages) < query.limit:
        # An index scan stops at `hnsw.max_scan_tuples`; only a comparison of every vector shows
        # whether there is more.
        prepared = replace(prepared, exact=True)
        passages = await _run(connection, query, prepared, vector)
    return Found(passages, prepared.exact)


async def _run(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector | None
) -> list[Passage]:
    if vector is not None:
        await send_vectors_in_binary(connection)
    statement, values = _statement(query, prepared, vector)
    rows = await connection.execute(*bind(statement, query.corpus.parameters() | values))
    return [
        Passage(
            id=row.id,
            document_id=row.document_id,
            document_name=row.name,
            document_language=row.language,
            text=row.text,
            score=row.score,
            similarity=row.similarity,
            start=row.start_offset,
            end=row.end_offset,
            heading_path=tuple(row.heading_path),
            page_number=row.page_number,
            page_label=row.page_label,
            last_page_number=row.last_page_number,
            line=row.line,
            tokens=row.tokens,
            dense_rank=row.dense_rank,
            lexical_rank=row.lexical_rank,
            lexical_score=row.lexical_score,
        )
        for row in rows
    ]


def _statement(
    query: Query, prepared: Prepared, vector: Vector | None
) -> tuple[str, dict[str, object]]:
    """Return the statement and its values, without the values of the filters."""
    values: dict[str, object] = {"threshold": query.threshold}
    legs = {}
    if vector is not None:
        legs["dense"] = _dense(query, exact=prepared.exact)
        values["vector"] = HalfVector(list(vector))
    if prepared.weighted is not None:
        legs["lexical"] = _lexical(query)
        values |= {
            "any_word": prepared.weighted.any_word,
            "weights": prepared.weighted.weights,
        }
    similarity = _similarity(query.corpus.generation) if "dense" in legs else "NULL::float8"
    threshold = f"WHERE {similarity} >= :threshold" if query.threshold is not None else ""
    # Few tables are joined, and the rest is read per row: the planner takes longer to find the best
    # order of seven tables than the search takes.
    statement = f"""
    WITH {", ".join(legs.values())}, fused AS ({_fused(query, list(legs))})
    SELECT c.id, c.document_id, d.name, d.language, c.text, f.score::float8 AS score,
           {similarity} AS similarity, c.start_offset, c.end_offset,
           s.heading_path, s.page_number, s.page_label, s.line,
           (SELECT z.page_number FROM section z
             WHERE z.document_id = c.document_id AND z.position = c.last_section
           ) AS last_page_number,
           c.tokens, f.dense_rank, f.lexical_rank, f.lexical_score
      FROM fused f
      JOIN chunk c ON c.id = f.id
      JOIN document d ON d.id = c.document_id
      JOIN section s ON s.document_id = c.document_id AND s.position = c.first_section
      {threshold}
     ORDER BY f.score DESC, c.id LIMIT {query.limit}
    """
    return statement, values


def _fused(query: Query, legs: Sequence[str]) -> str:
    """Return SQL that ranks one leg by its score, or both by the sum of their reciprocal ranks."""
    columns = {
        "dense": """rank AS dense_rank, score AS similarity,
                    NULL::bigint AS lexical_rank, NULL::float8 AS lexical_score""",
        "lexical": """NULL::bigint AS dense_rank, NULL::float8 AS similarity,
                      rank AS lexical_rank, score AS lexical_score""",
    }
    if len(legs) == 1:
        fused = f"SELECT id, score, {columns[legs[0]]} FROM {legs[0]}"
    else:
        both = " UNION ALL ".join(f"SELECT id, rank, {columns[leg]} FROM {leg}" for leg in legs)
        of_each = ", ".join(
            f"max({column}) AS {column}"
            for column in ("dense_rank", "similarity", "lexical_rank", "lexical_score")
        )
        fused = f"""
            SELECT id, sum(1.0 / ({_RRF_K} + rank)) AS score, {of_each} FROM ({both}) l
             GROUP BY id"""
    if query.threshold is None:
        # Before the joins, so that they read a few rows and not all candidates.
        fused += f" ORDER BY score DESC, id LIMIT {query.limit}"
    return fused


def _similarity(generation: Generation) -> str:
    """Return SQL of a fused passage's cosine, computed here if only the lexical leg found it."""
    return f"""coalesce(f.similarity, (
               SELECT 1 - {_distance(generation, "e")} FROM embedding e
                WHERE e.generation_id = {generation.id} AND e.chunk_id = f.id
           ))::float8"""


def _dense(query: Query, *, exact: bool) -> str:
    generation, filters = query.corpus.generation, query.corpus.filters
    # `+ 0` hides the expression from embedding_<generation>_hnsw_idx, so every row is compared.
    order = _distance(generation, "e") + (" + 0" if exact else "")
    return f"""
    dense AS (
        SELECT id, 1 - distance AS score, row_number() OVER (ORDER BY distance, id) AS rank
          FROM (SELECT e.chunk_id AS id, {order} AS distance
                  FROM embedding e {filters.joins("e.document_id", "e.chunk_id")}
                 WHERE e.generation_id = {generation.id}
                 ORDER BY {order} LIMIT {_candidates(query)}) nearest
    )"""


def _lexical(query: Query) -> str:
    generation, filters = query.corpus.generation, query.corpus.filters
    return f"""
    lexical AS (
        SELECT id, score, row_number() OVER (ORDER BY score DESC, id) AS rank
          FROM (SELECT c.id, -(c.terms <#> CAST(:weights AS sparsevec)) AS score
                  FROM chunk c {filters.joins("c.document_id", "c.id")}
                 WHERE c.generation_id = {generation.id} AND c.lexemes @@ CAST(:any_word AS tsquery)
                 ORDER BY score DESC, c.id LIMIT {_candidates(query)}) best
    )"""


def _candidates(query: Query) -> int:
    # Numbers are written into the statement, because the planner does not know a parameter's value.
    return max(query.candidates, query.limit)


def _distance(generation: Generation, alias: str) -> str:
    kind = f"halfvec({generation.dimensions})"
    return f"({alias}.embedding::{kind} <=> CAST(:vector AS {kind}))"
