"""Search over 100,000 passages: the API against what it cannot do without, and the index."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from statistics import fmean, median

import asyncpg
import httpx
import numpy as np

from mirage import config
from mirage.db.search.candidates import parameters
from mirage.embed import OllamaEmbedder, Vector, Vectors
from mirage.evaluation import Collection
from tests.bench.house import MODEL, House, Program
from tests.bench.standin import StandIn, index
from tests.bench.table import Row

_DOCUMENTS = 310
_REAL = 4_000
_CHUNK = config.Chunk(size=96, overlap=16)
_SENTENCES = 500  # a document: makes some 330 passages
_QUERIES = 100
_MOST = {1: "<= 1.10", 16: "<= 1.15"}  # A dense search by the API to its parts, by clients.
_MOST_OF_HYBRID = "<= 1.30"  # To a dense search.
_PARTS = 5
_LIMIT = 10
_EF_SEARCH = parameters(config.Search().candidates)["hnsw.ef_search"]  # as our own search has it
_SAMPLE = 20_000
_SEED = 7
_EQUAL = 1e-6  # Cosines that differ by less are equal.

_DENSE = """
SELECT c.id, c.text, c.start_offset, c.end_offset, d.name, s.heading_path, s.page_label,
       1 - (e.embedding::halfvec({n}) <=> $1::halfvec({n})) AS score
  FROM embedding_1 e JOIN chunk c ON c.id = e.chunk_id JOIN document d ON d.id = c.document_id
  JOIN section s ON s.document_id = c.document_id AND s.position = c.first_section
 ORDER BY e.embedding::halfvec({n}) <=> $1::halfvec({n}) LIMIT 10
"""
# Reciprocal rank fusion over full text search, as pgvector's own examples do it.
_HYBRID = """
WITH dense AS (
    SELECT chunk_id AS id, row_number() OVER (ORDER BY distance) AS rank
      FROM (SELECT chunk_id, embedding::halfvec({n}) <=> $1::halfvec({n}) AS distance
              FROM embedding_1 ORDER BY 2 LIMIT 100) nearest
), lexical AS (
    SELECT id, row_number() OVER (ORDER BY score DESC) AS rank
      FROM (SELECT id, ts_rank_cd(lexemes, query) AS score FROM chunk,
                   CAST(replace(plainto_tsquery('english', $2)::text, '&', '|') AS tsquery) query
             WHERE lexemes @@ query ORDER BY score DESC LIMIT 100) best
), fused AS (
    SELECT id, sum(1.0 / (60 + rank)) AS score
      FROM (SELECT * FROM dense UNION ALL SELECT * FROM lexical) legs
     GROUP BY id ORDER BY score DESC LIMIT 10
)
SELECT c.id, c.text, c.start_offset, c.end_offset, d.name, s.heading_path, s.page_label, f.score
  FROM fused f JOIN chunk c ON c.id = f.id JOIN document d ON d.id = c.document_id
  JOIN section s ON s.document_id = c.document_id AND s.position = c.first_section
 ORDER BY f.score DESC
"""

Ask = Callable[[str], Awaitable[object]]


async def run(house: House, collection: Collection) -> list[Row]:
    """Rows of speed, recall and size."""
    embedder = OllamaEmbedder(config.Ollama(url=house.ollama_url, model=MODEL), config.Embedding())
    database = await house.create_database("searching")
    try:
        facts = await embedder.facts()
        sentences = sentences_of(collection)
        standin = StandIn(
            facts, await embedder.embed_documents(sentences[:: len(sentences) // _REAL])
        )
        queries = list(collection.queries.values())[:_QUERIES]
        vectors = await embedder.embed_queries(queries)
        documents = house.documents("searching")
        books = _books(sentences)
        await index(database, documents, standin, "shelf", books, _CHUNK, in_one_go=True)
    finally:
        await embedder.aclose()
        await database.dispose()
    async with house.connect("searching") as connection:
        await connection.execute("VACUUM ANALYZE")
        rows = [
            await _recall(connection, vectors),
            *[await _size(connection, facts.dimensions)],
        ]
    async with house.program("searching", _CHUNK) as program:
        for clients, most in _MOST.items():
            rows += await _speed(house, program, queries, facts.dimensions, clients, most)
    return rows


def sentences_of(collection: Collection) -> list[str]:
    parts = (part.strip() for text in collection.corpus.values() for part in text.split(" . "))
    return list(dict.fromkeys(part for part in parts if part))


def _books(sentences: Sequence[str]) -> dict[str, bytes]:
    random = np.random.default_rng(_SEED)
    books = {}
    for number in range(_DOCUMENTS):
        picked = random.integers(len(sentences), size=_SENTENCES)
        books[f"{number}.txt"] = "\n\n".join(f"{sentences[at]}." for at in picked).encode()
    return books


async def _recall(connection: asyncpg.Connection, vectors: Vectors) -> Row:
    await connection.execute(f"SET hnsw.ef_search = {_EF_SEARCH}")
    recall = fmean([await recall_of_index(connection, 1, vector) for vector in vectors])
    count = await connection.fetchval("SELECT count(*) FROM embedding_1")
    return Row(f"recall@10 over {count:,} vectors", "HNSW", "exact scan", recall, ">= 0.99")


async def recall_of_index(
    connection: asyncpg.Connection, generation: int, vector: Vector, limit: int = _LIMIT
) -> float:
    """Return the share of what the vector index finds that is among the nearest.

    Equal texts have equal distances, so it is by distance and not by id.
    """
    kind = f"halfvec({len(vector)})"
    distance = f"embedding::{kind} <=> $1::text::{kind}"

    async def nearest(order: str) -> list[float]:
        rows = await connection.fetch(
            f"SELECT {distance} AS distance FROM embedding_{generation} ORDER BY {order}"
            f" LIMIT {limit}",
            "[" + ",".join(map(str, vector)) + "]",
        )
        return [row["distance"] for row in rows]

    farthest = (await nearest(f"({distance}) + 0"))[-1]
    return sum(found <= farthest + _EQUAL for found in await nearest(distance)) / limit


async def _size(connection: asyncpg.Connection, dimensions: int) -> Row:
    """Bytes of the index for each of a sample of vectors, by type."""
    bytes_each = {}
    for kind in ("halfvec", "vector"):
        await connection.execute(
            f"CREATE TABLE of_{kind} AS SELECT embedding::{kind}({dimensions}) AS embedding"
            f" FROM (SELECT embedding FROM embedding_1 LIMIT {_SAMPLE}) sample"
        )
        await connection.execute(
            f"CREATE INDEX of_{kind}_idx ON of_{kind} USING hnsw (embedding {kind}_cosine_ops)"
        )
        size = await connection.fetchval(f"SELECT pg_relation_size('of_{kind}_idx')")
        bytes_each[kind] = size / _SAMPLE
    half, full = bytes_each["halfvec"], bytes_each["vector"]
    return Row("index bytes a vector", f"halfvec {half:,.0f}", f"vector {full:,.0f}", half / full)


async def _speed(
    house: House,
    program: Program,
    queries: Sequence[str],
    dimensions: int,
    clients: int,
    most: str,
) -> list[Row]:
    def through_api(mode: str) -> Ask:
        async def ask(query: str) -> None:
            body = {"query": query, "mode": mode, "limit": _LIMIT}
            answer = await program.client.post("/projects/shelf/search", json=body)
            assert len(answer.raise_for_status().json()["passages"]) == _LIMIT

        return ask

    pool = await asyncpg.create_pool(
        host=program.database.host,
        user=program.database.user,
        database=program.database.name,
        min_size=1,
        max_size=program.database.pool_size,
        # Not by SET, which the pool takes back after each use.
        server_settings={"hnsw.ef_search": _EF_SEARCH},
    )
    async with httpx.AsyncClient(base_url=house.ollama_url, timeout=60) as ollama, pool:

        def bare(statement: str, *, by_words: bool) -> Ask:
            async def ask(query: str) -> None:
                body = {"model": MODEL, "input": query, "truncate": False}
                answer = (await ollama.post("/api/embed", json=body)).raise_for_status().json()
                vector = str(answer["embeddings"][0])
                values = (vector, query) if by_words else (vector,)
                assert len(await pool.fetch(statement, *values)) == _LIMIT

            return ask

        asked = {
            # First, so that no other way has asked for the words before.
            "hybrid": through_api("hybrid"),
            "dense": through_api("dense"),
            "embed + bare SQL": bare(_DENSE.format(n=dimensions), by_words=False),
            "embed + bare hybrid SQL": bare(_HYBRID.format(n=dimensions), by_words=True),
        }
        seconds = await _in_turn(asked, queries, clients)

    def row(ours: str, theirs: str, aim: str = "") -> Row:
        what = f"search p50, {clients} client{'s' * (clients > 1)}"
        one, other = (f"{name} {1000 * seconds[name]:.0f} ms" for name in (ours, theirs))
        return Row(what, one, other, seconds[ours] / seconds[theirs], aim)

    return [
        row("dense", "embed + bare SQL", most),
        row("hybrid", "dense", _MOST_OF_HYBRID),
        row("hybrid", "embed + bare hybrid SQL"),
    ]


async def _in_turn(
    ways: Mapping[str, Ask], queries: Sequence[str], clients: int
) -> dict[str, float]:
    """Return the median of seconds of each way.

    They ask in turn, so that what else the machine does meets all.
    """
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    for ask in ways.values():
        await asyncio.gather(*(ask(queries[0]) for _ in range(clients)))  # Opens connections.
    for part in np.array_split(np.array(queries[1:]), _PARTS):
        for name, ask in ways.items():
            seconds[name] += await _times(ask, part.tolist(), clients)
    return {name: median(each) for name, each in seconds.items()}


async def _times(ask: Ask, queries: Sequence[str], clients: int) -> list[float]:
    """Return the seconds of each query."""
    waiting = list(queries)
    seconds: list[float] = []

    async def work() -> None:
        while waiting:
            query = waiting.pop()
            started = time.perf_counter()
            await ask(query)
            seconds.append(time.perf_counter() - started)

    await asyncio.gather(*(work() for _ in range(clients)))
    return seconds
