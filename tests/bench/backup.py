"""A backup of 1,000 documents against `pg_dump` and `tar`, and what it costs searches meanwhile."""

import asyncio
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median

import numpy as np

from mirage import config
from mirage.embed import OllamaEmbedder
from mirage.evaluation import Collection
from mirage.postgres import find_install
from tests.bench.house import MODEL, House, Program
from tests.bench.searching import sentences_of
from tests.bench.standin import index, without_model
from tests.bench.table import Row

_DATABASE = "backup"
_DOCUMENTS = 1_000
_SENTENCES = 60  # per document: some 28 passages
_CHUNK = config.Chunk(size=96, overlap=16)
_QUERIES = 40
_SEED = 11


async def run(house: House, collection: Collection) -> list[Row]:
    """Rows of time, size and the latency of searches."""
    sentences = sentences_of(collection)
    queries = list(collection.queries.values())[:_QUERIES]
    await _fill(house, sentences)
    async with house.connect(_DATABASE) as connection:
        await connection.execute("VACUUM ANALYZE")
        passages = await connection.fetchval("SELECT count(*) FROM chunk")
    folder = house.folder / "backups"
    dumps = house.folder / "dumps"
    what = f"{_DOCUMENTS:,} documents, {passages:,} passages"
    # Once before, so that both find the files in the page cache.
    await _dump(house, dumps)
    theirs, their_bytes = await _dump(house, dumps)
    first, first_bytes = await _create(house, folder)
    again = [await _create(house, folder) for _ in range(2)]
    second, second_bytes = min(again)
    restored, dump_restored = await _restore(house, folder), await _restore_dump(house, dumps)
    rows = [
        _seconds(f"backup, {what}", first, theirs),
        _size(f"backup, {what}", first_bytes, their_bytes),
        _seconds("the next backup, nothing new", second, theirs),
        _size("the next backup, nothing new", second_bytes, their_bytes),
        _seconds("restore into an empty installation", restored, dump_restored, "pg_restore + tar"),
    ]
    async with house.program(_DATABASE, _CHUNK) as program:
        rows.append(await _meanwhile(house, program, queries, folder))
    return rows


async def _fill(house: House, sentences: Sequence[str]) -> None:
    embedder = OllamaEmbedder(config.Ollama(url=house.ollama_url, model=MODEL), config.Embedding())
    database = await house.create_database(_DATABASE)
    try:
        facts = await embedder.facts()
        random = np.random.default_rng(_SEED)
        texts = {}
        for number in range(_DOCUMENTS):
            picked = random.integers(len(sentences), size=_SENTENCES)
            texts[f"{number}.txt"] = "\n\n".join(f"{sentences[at]}." for at in picked).encode()
        documents = house.documents(_DATABASE)
        standin = without_model(facts.dimensions, facts)
        await index(database, documents, standin, "shelf", texts, _CHUNK, in_one_go=True)
    finally:
        await embedder.aclose()
        await database.dispose()


async def _create(house: House, folder: Path) -> tuple[float, int]:
    """Seconds of `mirage backup create`, and the bytes that it wrote."""
    before = _bytes_of(folder)
    seconds = await _run(_mirage("create", folder), _environment(house, _DATABASE))
    return seconds, _bytes_of(folder) - before


async def _restore(house: House, folder: Path) -> float:
    """Seconds of `mirage backup restore` into a new installation, its vector index included."""
    await (await house.create_database("restored")).dispose()
    return await _run(_mirage("restore", folder), _environment(house, "restored"))


def _mirage(command: str, folder: Path) -> list[str]:
    return [sys.executable, "-m", "mirage", "backup", command, str(folder)]


async def _dump(house: House, folder: Path) -> tuple[float, int]:
    """Seconds and bytes of `pg_dump` and `tar`, one after the other."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir()
    dump = [*_postgres(house, "pg_dump", _DATABASE), "-Fc", "-f", str(folder / "dump")]
    documents = house.documents(_DATABASE)
    tar = ["tar", "-cf", str(folder / "documents.tar"), "-C", str(documents), "."]
    seconds = await _run(dump) + await _run(tar)
    return seconds, _bytes_of(folder)


async def _restore_dump(house: House, folder: Path) -> float:
    async with house.connect("postgres") as connection:
        await connection.execute("CREATE DATABASE undumped")
    target = house.documents("undumped")
    target.mkdir()
    restore = [*_postgres(house, "pg_restore", "undumped"), str(folder / "dump")]
    tar = ["tar", "-xf", str(folder / "documents.tar"), "-C", str(target)]
    return await _run(restore) + await _run(tar)


def _postgres(house: House, program: str, database: str) -> list[str]:
    path = str(find_install() / "bin" / program)
    return [path, "-h", str(house.server.socket_folder), "-U", house.server.user, "-d", database]


async def _meanwhile(house: House, program: Program, queries: Sequence[str], folder: Path) -> Row:
    """Compare the latency of searches while backups are made with that of a quiet time."""
    await _times(program, queries)
    quiet = await _times(program, queries)
    making = asyncio.create_task(_keep_creating(house, folder))
    try:
        busy = await _times(program, queries) + await _times(program, queries)
    finally:
        making.cancel()
        await asyncio.gather(making, return_exceptions=True)
    quiet += await _times(program, queries)
    return Row(
        "search p50 while a backup is made",
        f"{1000 * median(busy):.0f} ms",
        f"quiet {1000 * median(quiet):.0f} ms",
        median(busy) / median(quiet),
    )


async def _keep_creating(house: House, folder: Path) -> None:
    while True:
        await _create(house, folder)


async def _times(program: Program, queries: Sequence[str]) -> list[float]:
    times = []
    for query in queries:
        began = time.monotonic()
        body = {"query": query, "limit": 10}
        answer = await program.client.post("/projects/shelf/search", json=body)
        assert answer.raise_for_status().json()["passages"]
        times.append(time.monotonic() - began)
    return times


def _environment(house: House, database: str) -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith("MIRAGE_")}
    return mine | {
        "MIRAGE_DATABASE_HOST": str(house.server.socket_folder),
        "MIRAGE_DATABASE_USER": house.server.user,
        "MIRAGE_DATABASE_NAME": database,
        "MIRAGE_DOCUMENTS_PATH": str(house.documents(database)),
        "MIRAGE_OLLAMA_URL": house.ollama_url,
        "MIRAGE_OLLAMA_MODEL": MODEL,
    }


async def _run(command: list[str], environment: dict[str, str] | None = None) -> float:
    """Seconds of a command. It ends also when the caller is cancelled."""
    began = time.monotonic()
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        _, said = await process.communicate()
    except asyncio.CancelledError:
        process.terminate()
        await process.wait()
        raise
    if process.returncode:
        raise RuntimeError(said.decode())
    return time.monotonic() - began


def _bytes_of(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _seconds(what: str, ours: float, theirs: float, name: str = "pg_dump + tar") -> Row:
    return Row(f"{what}: time", f"{ours:.1f} s", f"{name} {theirs:.1f} s", ours / theirs)


def _size(what: str, ours: int, theirs: int) -> Row:
    return Row(
        f"{what}: size",
        f"{ours / 2**20:.1f} MiB",
        f"pg_dump + tar {theirs / 2**20:.1f} MiB",
        ours / theirs,
    )
