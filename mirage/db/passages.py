"""Search: dense and lexical leg, their fusion and the citations, in one SQL statement.

Dense: cosine over the generation's partition, exact or through its HNSW index. Lexical: BM25,
whose document side (`chunk.terms`) is stored and whose query side comes from words.py; the score is
their inner product. Only documents that are `ready` are seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.filters import Filters, bind
from mirage.db.frequencies import Corpus, count_passages
from mirage.db.generations import Generation
from mirage.db.vector_index import has_index
from mirage.db.vectors import vector_literal
from mirage.db.words import Weighted, weigh_words
from mirage.model import Passage

# Reciprocal rank fusion with k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009).
_RRF_K = 60

# The default of 100 candidates makes it 200, with which 999 of 1,000 nearest are found.
_EF_SEARCH_PER_CANDIDATE = 2
_MAX_EF_SEARCH = 1000  # where pgvector's setting ends


@dataclass(frozen=True, slots=True)
class Query:
    """What to look for. `vector` is None without the dense leg, `words` without the lexical one.

    `candidates` is how many passages a leg hands to the fusion; `threshold` is a cosine.
    """

    project_id: UUID
    vector: Iterable[float] | None
    words: str | None
    limit: int
    candidates: int
    threshold: float | None = None
    filters: Filters = field(default_factory=Filters)


@dataclass(frozen=True, slots=True)
class Found:
    """Passages, best first, and whether every vector was compared (None without a dense leg)."""

    passages: list[Passage]
    exact: bool | None


async def find_passages(
    connection: AsyncConnection, generation: Generation, query: Query, *, exact_below: int
) -> Found:
    """The best passages first; ties in the order of their ids, so that answers repeat."""
    corpus = Corpus(generation, query.project_id, query.filters)
    weighted = None if query.words is None else await weigh_words(connection, corpus, query.words)
    if query.vector is None and weighted is None:
        return Found([], None)
    exact = (
        query.vector is None
        or not await has_index(connection, generation)
        or await count_passages(connection, corpus, exact_below) < exact_below
    )
    if not exact:
        await _tune_index_scan(connection, query.candidates)
    passages = await _run(connection, corpus, query, weighted, exact=exact)
    if not exact and len(passages) < query.limit:
        # An index scan stops at `hnsw.max_scan_tuples`; whether there is more only a look at
        # every vector can say.
        exact = True
        passages = await _run(connection, corpus, query, weighted, exact=True)
    return Found(passages, None if query.vector is None else exact)


async def _run(
    connection: AsyncConnection,
    corpus: Corpus,
    query: Query,
    weighted: Weighted | None,
    *,
    exact: bool,
) -> list[Passage]:
    statement, values = _statement(corpus.generation, query, weighted, exact=exact)
    rows = await connection.execute(*bind(statement, corpus.parameters() | values))
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
    generation: Generation, query: Query, weighted: Weighted | None, *, exact: bool
) -> tuple[str, dict[str, object]]:
    """The statement and its values, without those of the filters."""
    distance = _distance(generation, "e")
    values: dict[str, object] = {
        "threshold": query.threshold,
    }
    legs = {}
    if query.vector is not None:
        legs["dense"] = _dense(generation, query, exact=exact)
        values["vector"] = vector_literal(query.vector)
    if weighted is not None:
        legs["lexical"] = _lexical(generation, query)
        values |= {"any_word": weighted.any_word, "weights": weighted.weights}
    if len(legs) == 2:
        fused = (
            f"SELECT id, sum(1.0 / ({_RRF_K} + rank)) AS score FROM"
            " (SELECT id, rank FROM dense UNION ALL SELECT id, rank FROM lexical) l GROUP BY id"
        )
    else:
        fused = f"SELECT id, score FROM {next(iter(legs))}"
    similarity = f"1 - {distance}" if query.vector is not None else "NULL::float8"
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


def _dense(generation: Generation, query: Query, *, exact: bool) -> str:
    # `+ 0` hides the expression from embedding_<generation>_hnsw_idx, so every row is compared.
    order = _distance(generation, "e") + (" + 0" if exact else "")
    return f"""
    dense AS (
        SELECT id, 1 - distance AS score, row_number() OVER (ORDER BY distance, id) AS rank
          FROM (SELECT e.chunk_id AS id, {order} AS distance
                  FROM embedding e {query.filters.joins("e")}
                 WHERE e.generation_id = {generation.id}
                 ORDER BY {order} LIMIT {_candidates(query)}) nearest
    )"""


def _lexical(generation: Generation, query: Query) -> str:
    return f"""
    lexical AS (
        SELECT id, score, row_number() OVER (ORDER BY score DESC, id) AS rank
          FROM (SELECT c.id, -(c.terms <#> CAST(:weights AS sparsevec)) AS score
                  FROM chunk c {query.filters.joins("c")}
                 WHERE c.generation_id = {generation.id} AND c.lexemes @@ CAST(:any_word AS tsquery)
                 ORDER BY score DESC, c.id LIMIT {_candidates(query)}) best
    )"""


def _candidates(query: Query) -> int:
    # Numbers are written into the statement: of a parameter the planner knows no size.
    return max(query.candidates, query.limit)


def _distance(generation: Generation, alias: str) -> str:
    kind = f"halfvec({generation.dimensions})"
    return f"({alias}.embedding::{kind} <=> CAST(:vector AS {kind}))"


async def _tune_index_scan(connection: AsyncConnection, candidates: int) -> None:
    ef_search = min(_EF_SEARCH_PER_CANDIDATE * candidates, _MAX_EF_SEARCH)
    # Relaxed order is sorted again by the statement.
    await connection.execute(
        text(
            "SELECT set_config('hnsw.ef_search', :ef_search, true),"
            " set_config('hnsw.iterative_scan', 'relaxed_order', true)"
        ),
        {"ef_search": str(ef_search)},
    )
