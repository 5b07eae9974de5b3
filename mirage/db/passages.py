"""Search: dense and lexical leg, their fusion and the citations, in one SQL statement.

Dense: cosine over the generation's partition, exact or through its HNSW index. Lexical: BM25,
whose document side (`chunk.terms`) is stored and whose query side comes from words.py; the score is
their inner product. Only documents that are `ready` are seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TypeAlias

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.filters import bind
from mirage.db.frequencies import Corpus, count_passages
from mirage.db.generations import Generation
from mirage.db.vector_index import has_index
from mirage.db.vectors import vector_literal
from mirage.db.words import Weighted, weigh_words
from mirage.model import Passage

# Reciprocal rank fusion with k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009).
_RRF_K = 60

Vector: TypeAlias = Iterable[float]

# The default of 100 candidates makes it 200, with which 999 of 1,000 nearest are found.
_EF_SEARCH_PER_CANDIDATE = 2
_MAX_EF_SEARCH = 1000  # where pgvector's setting ends


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `words` is None without the lexical leg.

    `candidates` is how many passages a leg hands to the fusion; `threshold` is a cosine.
    """

    corpus: Corpus
    words: str | None
    limit: int
    candidates: int
    threshold: float | None = None


@dataclass(frozen=True, slots=True)
class Prepared:
    """What is known of a query before its vector is.

    `weighted` is None when no word could be found, `exact` whether every vector is to be compared.
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

    A corpus of less than `exact_below` passages is scanned; None: there is no dense leg.
    """
    corpus = query.corpus
    return Prepared(
        None if query.words is None else await weigh_words(connection, corpus, query.words),
        exact_below is None
        or not await has_index(connection, corpus.generation)
        or await count_passages(connection, corpus, exact_below) < exact_below,
    )


async def find_passages(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector | None
) -> Found:
    """The best passages first; ties in the order of their ids, so that answers repeat.

    `vector` is None without the dense leg.
    """
    if vector is None and prepared.weighted is None:
        return Found([], None)
    await _tune(connection, query.candidates)
    if vector is None:
        return Found(await _run(connection, query, prepared, None), None)
    passages = await _run(connection, query, prepared, vector)
    if not prepared.exact and len(passages) < query.limit:
        # An index scan stops at `hnsw.max_scan_tuples`; whether there is more only a look at
        # every vector can say.
        prepared = replace(prepared, exact=True)
        passages = await _run(connection, query, prepared, vector)
    return Found(passages, prepared.exact)


async def _run(
    connection: AsyncConnection, query: Query, prepared: Prepared, vector: Vector | None
) -> list[Passage]:
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
    """The statement and its values, without those of the filters."""
    generation, weighted = query.corpus.generation, prepared.weighted
    distance = _distance(generation, "e")
    values: dict[str, object] = {
        "threshold": query.threshold,
    }
    legs = {}
    if vector is not None:
        legs["dense"] = _dense(query, exact=prepared.exact)
        values["vector"] = vector_literal(vector)
    if weighted is not None:
        legs["lexical"] = _lexical(query)
        values |= {"any_word": weighted.any_word, "weights": weighted.weights}
    if len(legs) == 2:
        fused = (
            f"SELECT id, sum(1.0 / ({_RRF_K} + rank)) AS score FROM"
            " (SELECT id, rank FROM dense UNION ALL SELECT id, rank FROM lexical) l GROUP BY id"
        )
    else:
        fused = f"SELECT id, score FROM {next(iter(legs))}"
    similarity = f"1 - {distance}" if vector is not None else "NULL::float8"
    threshold = ""
    if query.threshold is not None:
        threshold = f"WHERE {similarity} >= :threshold"
    else:
        # Before the joins, which then are of a few rows and not of all candidates.
        fused += f" ORDER BY score DESC, id LIMIT {query.limit}"
    ranks = ", ".join(
        f"{leg}.{column} AS {leg}_{column}" if leg in legs else f"NULL AS {leg}_{column}"
        for leg, column in (("dense", "rank"), ("lexical", "rank"), ("lexical", "score"))
    )
    of_legs = " ".join(f"LEFT JOIN {leg} ON {leg}.id = f.id" for leg in legs)
    statement = f"""
    WITH {", ".join(legs.values())}, fused AS ({fused})
    SELECT c.id, c.document_id, d.name, d.language, c.text, f.score::float8 AS score,
           ({similarity})::float8 AS similarity, c.start_offset, c.end_offset,
           s.heading_path, s.page_number, s.page_label, z.page_number AS last_page_number, s.line,
           c.tokens, {ranks}
      FROM fused f {of_legs}
      JOIN chunk c ON c.id = f.id
      JOIN embedding e ON e.generation_id = {generation.id} AND e.chunk_id = c.id
      JOIN document d ON d.id = c.document_id
      JOIN section s ON s.document_id = c.document_id AND s.position = c.first_section
      JOIN section z ON z.document_id = c.document_id AND z.position = c.last_section
      {threshold}
     ORDER BY f.score DESC, c.id LIMIT {query.limit}
    """
    return statement, values


def _dense(query: Query, *, exact: bool) -> str:
    generation, filters = query.corpus.generation, query.corpus.filters
    # `+ 0` hides the expression from embedding_<generation>_hnsw_idx, so every row is compared.
    order = _distance(generation, "e") + (" + 0" if exact else "")
    return f"""
    dense AS (
        SELECT id, 1 - distance AS score, row_number() OVER (ORDER BY distance, id) AS rank
          FROM (SELECT e.chunk_id AS id, {order} AS distance
                  FROM embedding e {filters.joins("e")}
                 WHERE e.generation_id = {generation.id}
                 ORDER BY {order} LIMIT {_candidates(query)}) nearest
    )"""


def _lexical(query: Query) -> str:
    generation, filters = query.corpus.generation, query.corpus.filters
    return f"""
    lexical AS (
        SELECT id, score, row_number() OVER (ORDER BY score DESC, id) AS rank
          FROM (SELECT c.id, -(c.terms <#> CAST(:weights AS sparsevec)) AS score
                  FROM chunk c {filters.joins("c")}
                 WHERE c.generation_id = {generation.id} AND c.lexemes @@ CAST(:any_word AS tsquery)
                 ORDER BY score DESC, c.id LIMIT {_candidates(query)}) best
    )"""


def _candidates(query: Query) -> int:
    # Numbers are written into the statement: of a parameter the planner knows no size.
    return max(query.candidates, query.limit)


def _distance(generation: Generation, alias: str) -> str:
    kind = f"halfvec({generation.dimensions})"
    return f"({alias}.embedding::{kind} <=> CAST(:vector AS {kind}))"


async def _tune(connection: AsyncConnection, candidates: int) -> None:
    ef_search = min(_EF_SEARCH_PER_CANDIDATE * candidates, _MAX_EF_SEARCH)
    # Relaxed order is sorted again by the statement. To compile one just in time is estimated to be
    # worth it over a large shelf, but takes longer than the search.
    await connection.execute(
        text(
            "SELECT set_config('jit', 'off', true), set_config('hnsw.ef_search', :ef_search, true),"
            " set_config('hnsw.iterative_scan', 'relaxed_order', true)"
        ),
        {"ef_search": str(ef_search)},
    )
