"""Search: dense and lexical leg, their fusion and the citations, in one SQL statement.

Dense: cosine over the generation's partition, exact or through its HNSW index. Lexical: BM25,
whose document side (`chunk.terms`) is stored and whose query side, the inverse document frequency
within the project, is worked out here; the score is their inner product. Words are stemmed as those
of the documents are, in each of their languages. Only documents that are `ready` are seen.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, text
from sqlalchemy.ext.asyncio import AsyncConnection

from mirage.db.filters import Filters
from mirage.db.generations import Generation
from mirage.db.text_search import configuration
from mirage.db.vector_index import has_index
from mirage.model import Passage

# Reciprocal rank fusion with k = 60 (Cormack, Clarke and Büttcher, SIGIR 2009).
_RRF_K = 60
# What a lexical search may cost. A word in more chunks than this counts as that common, and finds
# no candidates of its own as long as a rarer word does; of a very long question the longest words
# are used. At 100,000 chunks 200 words took 18 s without these bounds.
_COMMON = 5_000
_WORDS = 64


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
    exact = (
        query.vector is None
        or not await has_index(connection, generation)
        or await _is_small(connection, generation, query, exact_below)
    )
    if not exact:
        await _tune_index_scan(connection, query.candidates)
    passages = await _run(connection, generation, query, exact=exact)
    if not exact and len(passages) < query.limit:
        # An index scan stops at `hnsw.max_scan_tuples`; whether there is more only a look at
        # every vector can say.
        exact = True
        passages = await _run(connection, generation, query, exact=True)
    return Found(passages, None if query.vector is None else exact)


async def _run(
    connection: AsyncConnection, generation: Generation, query: Query, *, exact: bool
) -> list[Passage]:
    rows = await _execute(connection, query, _statement(generation, query, exact=exact))
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


def _statement(generation: Generation, query: Query, *, exact: bool) -> str:
    distance = _distance(generation, "e")
    legs = {}
    if query.vector is not None:
        legs["dense"] = _dense(generation, query.filters, exact=exact)
    if query.words is not None:
        legs["lexical"] = _lexical(generation, query.filters)
    if len(legs) == 2:
        fused = (
            f"SELECT id, sum(1.0 / ({_RRF_K} + rank)) AS score FROM"
            " (SELECT id, rank FROM dense UNION ALL SELECT id, rank FROM lexical) l GROUP BY id"
        )
    else:
        fused = f"SELECT id, score FROM {next(iter(legs))}"
    similarity = f"1 - {distance}" if query.vector is not None else "NULL::float8"
    threshold = f"WHERE {similarity} >= :threshold" if query.threshold is not None else ""
    ranks = ", ".join(
        f"{leg}.{column} AS {leg}_{column}" if leg in legs else f"NULL AS {leg}_{column}"
        for leg, column in (("dense", "rank"), ("lexical", "rank"), ("lexical", "score"))
    )
    of_legs = " ".join(f"LEFT JOIN {leg} ON {leg}.id = f.id" for leg in legs)
    return f"""
    WITH RECURSIVE {", ".join(legs.values())}, fused AS ({fused})
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
     ORDER BY f.score DESC, c.id LIMIT :limit
    """


def _dense(generation: Generation, filters: Filters, *, exact: bool) -> str:
    # `+ 0` hides the expression from embedding_<generation>_hnsw_idx, so every row is compared.
    order = _distance(generation, "e") + (" + 0" if exact else "")
    return f"""
    dense AS (
        SELECT id, 1 - distance AS score, row_number() OVER (ORDER BY distance, id) AS rank
          FROM (SELECT e.chunk_id AS id, {order} AS distance
                  FROM embedding e {filters.joins("e")}
                 WHERE e.generation_id = {generation.id}
                 ORDER BY {order} LIMIT :candidates) nearest
    )"""


def _lexical(generation: Generation, filters: Filters) -> str:
    ready = f"{filters.joins('c')} WHERE c.generation_id = {generation.id}"
    # A word is a position in the question, which every configuration numbers alike; its stems in
    # the languages of the documents are alternatives. A lexeme of two words has one weight.
    return f"""
    {_spoken(filters)}, variant AS (
        SELECT DISTINCT position, lexeme
          FROM (SELECT DISTINCT {configuration("language")} AS configuration FROM spoken) k,
               unnest(to_tsvector(configuration, :words)) v, unnest(v.positions) position
    ), word AS (
        SELECT lexemes, (
                   SELECT string_agg('''' || replace(replace(lexeme, '\\', '\\\\'), '''', '''''')
                                     || '''', ' | ') FROM unnest(lexemes) lexeme)::tsquery AS q
          FROM (SELECT DISTINCT array_agg(lexeme ORDER BY length(lexeme) DESC, lexeme) AS lexemes
                  FROM variant GROUP BY position) w
         ORDER BY length(lexemes[1]) DESC, lexemes LIMIT {_WORDS}
    ), corpus AS (
        SELECT count(*)::float8 AS size FROM chunk c {ready}
    ), weighted AS (
        SELECT lexemes, q, frequency,
               ln(1 + (greatest(size, frequency) - frequency + 0.5) / (frequency + 0.5)) AS weight
          FROM word, corpus,
               LATERAL (SELECT count(*) AS frequency FROM (
                   SELECT 1 FROM chunk c {ready} AND c.lexemes @@ q LIMIT {_COMMON}) c) f
    ), term_weight AS (
        SELECT ('x' || left(md5(lexeme), 7))::bit(28)::int + 1 AS term, max(weight) AS weight
          FROM weighted, unnest(lexemes) lexeme GROUP BY lexeme
    ), question AS (
        SELECT coalesce(string_agg(q::text, ' | ') FILTER (WHERE frequency < {_COMMON}),
                        string_agg(q::text, ' | '))::tsquery AS any_word,
               (SELECT ('{{' || string_agg(term || ':' || weight, ',') || '}}/268435456')
                  FROM (SELECT term, sum(weight)::real AS weight FROM term_weight GROUP BY term) w
               )::sparsevec AS weights
          FROM weighted
    ), lexical AS (
        SELECT id, score, row_number() OVER (ORDER BY score DESC, id) AS rank
          FROM (SELECT c.id, -(c.terms <#> question.weights) AS score
                  FROM question, chunk c {ready} AND c.lexemes @@ question.any_word
                 ORDER BY score DESC, c.id LIMIT :candidates) best
    )"""


def _spoken(filters: Filters) -> str:
    """The languages of the documents that may be found, among them null."""
    if filters.languages:
        return "spoken AS (SELECT unnest(CAST(:languages AS text[])) AS language)"
    # From one language to the next in document_language_idx, so that what it costs is their number
    # and not that of the documents; nulls are the last in it.
    following = """
        SELECT d.language FROM document d
         WHERE d.project_id = :project AND d.language > {after}
         ORDER BY d.language LIMIT 1"""
    return f"""
    named AS (
        SELECT ({following.format(after="''")}) AS language
        UNION ALL
        SELECT ({following.format(after="n.language")}) FROM named n WHERE n.language IS NOT NULL
    ), spoken AS (
        SELECT language FROM named WHERE language IS NOT NULL
        UNION ALL
        (SELECT d.language FROM document d
          WHERE d.project_id = :project AND d.language IS NULL LIMIT 1)
    )"""


def _distance(generation: Generation, alias: str) -> str:
    kind = f"halfvec({generation.dimensions})"
    return f"({alias}.embedding::{kind} <=> CAST(:vector AS {kind}))"


async def _execute(connection: AsyncConnection, query: Query, statement: str) -> CursorResult[Any]:
    """Run a statement with those of the query's values that it names."""
    values: dict[str, object] = {
        "project": query.project_id,
        "limit": query.limit,
        "candidates": max(query.candidates, query.limit),
        "threshold": query.threshold,
        "words": query.words,
        **query.filters.parameters(),
    }
    if query.vector is not None:
        values["vector"] = "[" + ",".join(f"{value:.7g}" for value in query.vector) + "]"
    clause = text(statement)
    named = clause.compile().params
    return await connection.execute(clause, {name: values[name] for name in named})


async def _is_small(
    connection: AsyncConnection, generation: Generation, query: Query, exact_below: int
) -> bool:
    few = await _execute(
        connection,
        query,
        f"SELECT count(*) FROM (SELECT 1 FROM embedding e {query.filters.joins('e')}"
        f" WHERE e.generation_id = {generation.id} LIMIT {exact_below}) few",
    )
    return int(few.scalar_one()) < exact_below


async def _tune_index_scan(connection: AsyncConnection, candidates: int) -> None:
    # ef_search ends at 1000; relaxed order is sorted again by the statement.
    await connection.execute(text(f"SET LOCAL hnsw.ef_search = {min(max(candidates, 100), 1000)}"))
    await connection.execute(text("SET LOCAL hnsw.iterative_scan = relaxed_order"))
