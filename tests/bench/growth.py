"""The same searches over 10,000, 100,000 and 1,000,000 passages: what grows, and how much.

Texts are made of words whose frequencies follow Zipf's law; vectors lie near those of real
sentences. Rows are written as the indexer writes them, in bulk.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import product
from statistics import fmean, median, quantiles
from uuid import UUID, uuid4

import asyncpg
import numpy as np
import psutil
from pgvector import HalfVector
from pgvector.asyncpg import register_vector
from rich.console import Console
from rich.table import Table

from mirage import config
from mirage.db import Database
from mirage.db.generations import Generation, ensure_generation
from mirage.db.generations.vector_index import index_name
from mirage.db.search.bm25_document import passage_words
from mirage.db.search.candidates import parameters
from mirage.embed import OllamaEmbedder, Vectors, effective_chunk_size
from mirage.evaluation import Collection
from mirage.model import Chunk, SearchMode
from mirage.projects import create_project
from mirage.words import VERSION, Description, DocumentWords
from tests.bench.house import MODEL, House, Program
from tests.bench.searching import recall_of_index, sentences_of
from tests.bench.standin import StandIn
from tests.bench.table import Row

_REAL = 4_000
_PASSAGES_PER_DOCUMENT = 300
_BATCH = 5_000
_WORDS_PER_PASSAGE = 120
_TOKENS = 250
_VOCABULARY = 100_000
_WORDS_PER_QUERY = 6
# Questions ask for words that are neither the commonest nor found once.
_ASKED_RANKS = (20, 20_000)
_QUERIES = 100
_CLIENTS = (1, 16)
_RECALL_QUERIES = 50
_LIMIT = 10
_SEED = 11
_CHUNK = config.Chunk()


@dataclass
class _Grown:
    """The figures of one size; times in milliseconds, sizes in MiB."""

    passages: int
    figures: dict[str, float] = field(default_factory=dict)


async def run(house: House, collection: Collection, sizes: Sequence[int]) -> list[Row]:
    """Print a table of the sizes; return rows that compare modes and sizes."""
    embedder = OllamaEmbedder(config.Ollama(url=house.ollama_url, model=MODEL), config.Embedding())
    try:
        sentences = sentences_of(collection)
        real = await embedder.embed_documents(sentences[:: len(sentences) // _REAL])
        standin = StandIn(await embedder.facts(), real)
        asked = await embedder.embed_queries(sentences[:_RECALL_QUERIES])
    finally:
        await embedder.aclose()
    grown = [await _grow(house, standin, asked, size) for size in sizes]
    _show(grown)
    return list(_rows(grown))


async def _grow(house: House, standin: StandIn, asked: Vectors, size: int) -> _Grown:
    name = f"growth_{size}"
    grown = _Grown(size)
    database = await house.create_database(name)
    try:
        project = await create_project(database, "shelf")
        async with house.program(name, _CHUNK) as program:
            await _one_document(program, "Sextant")  # The store gets its owner.
        generation = await _generation(database, standin)
        async with house.connect(name) as connection:
            await register_vector(connection)
            began = time.monotonic()
            await _fill(connection, project.id, generation, standin, size)
            grown.figures["rows and words, s"] = time.monotonic() - began
            began = time.monotonic()
            await connection.execute(
                f"CREATE INDEX {index_name(generation)} ON embedding_{generation.id} USING hnsw"
                f" ((embedding::halfvec({generation.dimensions})) halfvec_cosine_ops)"
                " WITH (ef_construction = 200)"
            )
            grown.figures["vector index, s"] = time.monotonic() - began
            await connection.execute("VACUUM ANALYZE")
            grown.figures |= await _sizes(connection, generation)
            grown.figures["recall@10"] = await _recall(connection, generation, asked)
    finally:
        await database.dispose()
    async with house.program(name, _CHUNK) as program:
        for clients, mode in product(_CLIENTS, SearchMode):
            p50, p99 = await _speed(program, mode, clients)
            grown.figures[f"{mode.value}, {clients} client{'s' * (clients > 1)}, p50"] = p50
            grown.figures[f"{mode.value}, {clients} client{'s' * (clients > 1)}, p99"] = p99
        grown.figures |= await _one_document(program, "Astrolabe")
        grown.figures["PostgreSQL, MiB"] = _memory(house)
    return grown


async def _generation(database: Database, standin: StandIn) -> Generation:
    facts = await standin.facts()
    size, overlap, _ = effective_chunk_size(facts, _CHUNK.size, _CHUNK.overlap)
    async with database.transaction() as connection:
        return await ensure_generation(connection, facts, size, overlap)


async def _fill(
    connection: asyncpg.Connection,
    project: UUID,
    generation: Generation,
    standin: StandIn,
    size: int,
) -> None:
    texts = _texts(size)
    await connection.execute(
        "CREATE TEMP TABLE given (id uuid, document_id uuid, at int, text text, lexemes text,"
        " terms text)"
    )
    for first in range(0, size, _BATCH):
        count = min(_BATCH, size - first)
        documents = [uuid4() for _ in range(-(-count // _PASSAGES_PER_DOCUMENT))]
        await connection.executemany(
            "INSERT INTO document (id, project_id, name, media_type, size_bytes, sha256, file_key,"
            " status, language) VALUES ($1, $2, $3, 'text/plain', 1, '', $3, 'ready', 'en')",
            [(document, project, f"{document}.txt") for document in documents],
        )
        await connection.execute(
            "INSERT INTO section (document_id, position, heading_path, start_offset, text)"
            " SELECT id, 0, '{}', 0, 'x' FROM unnest($1::uuid[]) id",
            documents,
        )
        await connection.execute(
            "INSERT INTO chunked_document (document_id, generation_id, words_version)"
            f" SELECT id, {generation.id}, {VERSION} FROM unnest($1::uuid[]) id",
            documents,
        )
        rows, vectors = [], []
        for at in range(count):
            text = next(texts)
            chunk = Chunk(0, 0, len(text), 0, 0, text, "", _TOKENS)
            document = DocumentWords(text, Description("en"))
            (words,) = passage_words(document, [chunk], generation.chunk_size)
            identity = uuid4()
            belongs_to = documents[at // _PASSAGES_PER_DOCUMENT]
            rows.append((identity, belongs_to, at, text, words.lexemes, words.terms))
            vector = HalfVector(standin.vector(text).tolist())
            vectors.append((identity, generation.id, belongs_to, vector))
        await connection.copy_records_to_table("given", records=rows)
        await connection.execute(
            "INSERT INTO chunk (id, generation_id, document_id, start_offset, end_offset,"
            " first_section, last_section, heading, text, tokens, status, lexemes, terms)"
            f" SELECT id, {generation.id}, document_id, at * 1000, at * 1000 + length(text), 0, 0,"
            f" '', text, {_TOKENS}, 'ready', lexemes::tsvector, terms::sparsevec FROM given"
        )
        await connection.execute("TRUNCATE given")
        await connection.copy_records_to_table(f"embedding_{generation.id}", records=vectors)


def _texts(size: int) -> Iterator[str]:
    random = np.random.default_rng(_SEED)
    vocabulary = np.array([_word(rank) for rank in range(_VOCABULARY)])
    shares = 1 / np.arange(1, _VOCABULARY + 1)
    shares /= shares.sum()
    for _ in range(0, size, _BATCH):
        ranks = random.choice(_VOCABULARY, size=(_BATCH, _WORDS_PER_PASSAGE), p=shares)
        for row in ranks:
            yield " ".join(vocabulary[row])


def _word(rank: int) -> str:
    """Return a word of syllables, without an ending that is stemmed, so that none become one."""
    syllables = []
    rank += 400
    while rank:
        rank, at = divmod(rank, 85)
        syllables.append("bcdfghjklmnpqrtvx"[at % 17] + "aiouy"[at // 17])
    return "".join(syllables) + "k"


async def _sizes(connection: asyncpg.Connection, generation: Generation) -> dict[str, float]:
    relations = {
        "passages": "chunk",
        "words": "chunk_lexemes_idx",
        "vectors": f"embedding_{generation.id}",
        "vector index": index_name(generation),
    }
    return {
        f"{what}, MiB": await connection.fetchval("SELECT pg_table_size($1::regclass)", relation)
        / 2**20
        for what, relation in relations.items()
    }


async def _recall(connection: asyncpg.Connection, generation: Generation, asked: Vectors) -> float:
    for name, value in parameters(config.Search().candidates).items():
        await connection.execute("SELECT set_config($1, $2, false)", name, value)
    return fmean([await recall_of_index(connection, generation.id, each) for each in asked])


async def _speed(program: Program, mode: SearchMode, clients: int) -> tuple[float, float]:
    """Return median and 99th percentile in milliseconds, of questions never asked before."""
    random = np.random.default_rng([_SEED, list(SearchMode).index(mode), clients])
    waiting = [
        " ".join(_word(int(rank)) for rank in random.integers(*_ASKED_RANKS, _WORDS_PER_QUERY))
        for _ in range(_QUERIES)
    ]
    milliseconds: list[float] = []

    async def work() -> None:
        while waiting:
            body = {"query": waiting.pop(), "mode": mode.value, "limit": _LIMIT}
            began = time.perf_counter()
            answer = await program.client.post("/projects/shelf/search", json=body)
            milliseconds.append(1000 * (time.perf_counter() - began))
            assert answer.raise_for_status().json()["passages"]

    await asyncio.gather(*(work() for _ in range(clients)))
    return median(milliseconds), quantiles(milliseconds, n=100)[98]


async def _one_document(program: Program, word: str) -> dict[str, float]:
    """Return the milliseconds until an uploaded document is ready, and those of its deletion."""
    file = f"{word}: it lies in the drawer under the window.".encode()
    began = time.perf_counter()
    answer = await program.client.post(
        "/projects/shelf/documents", files={"file": ("one.txt", file)}
    )
    path = f"/projects/shelf/documents/{answer.raise_for_status().json()['id']}"
    while (await program.client.get(path)).json()["status"] != "ready":
        await asyncio.sleep(0.02)
    uploaded = time.perf_counter()
    (await program.client.delete(path)).raise_for_status()
    return {
        "upload until ready, ms": 1000 * (uploaded - began),
        "delete, ms": 1000 * (time.perf_counter() - uploaded),
    }


def _memory(house: House) -> float:
    """Return the proportional memory of PostgreSQL's processes, in MiB."""
    folder, total = str(house.folder), 0
    for process in psutil.process_iter():
        try:
            if process.name() == "postgres" and process.cwd().startswith(folder):
                total += process.memory_full_info().pss
        except psutil.Error:
            continue
    return total / 2**20


def _show(grown: Sequence[_Grown]) -> None:
    table = Table("figure", *(f"{each.passages:,} passages" for each in grown))
    for name in grown[0].figures:
        table.add_row(name, *(f"{each.figures[name]:,.3g}" for each in grown))
    Console(width=110).print(table)


def _rows(grown: Sequence[_Grown]) -> Iterator[Row]:
    for each in grown:
        hybrid = each.figures["hybrid, 1 client, p50"]
        dense = each.figures["dense, 1 client, p50"]
        yield Row(
            f"new words, {each.passages:,} passages, p50",
            f"hybrid {hybrid:.0f} ms",
            f"dense {dense:.0f} ms",
            hybrid / dense,
            "<= 1.30",
        )
