"""What the pipeline costs without the embedding, compared with a plain script."""

import asyncio
import logging
import time
import warnings
from collections.abc import Sequence
from pathlib import Path

import httpx

from mirage import config
from mirage.embed import OllamaEmbedder
from tests.bench import plain
from tests.bench.house import MODEL, House, Program
from tests.bench.standin import index, without_model
from tests.bench.table import Row

_PARTS = 2
_DIMENSIONS = 384
_SUFFIXES = {".md", ".pdf", ".epub"}
# For Ollama: the chapters of a book, and the shorter of the other files.
_MAX_BYTES = 110_000
# All of it in requests of as many texts, the longest first: the best of 1, 8, 32 and 128.
_BATCH = 32


async def run(house: House, library: Path) -> list[Row]:
    """Rows of wall time."""
    files = sorted(path for path in library.rglob("*") if path.suffix in _SUFFIXES)
    return [*await _with_ollama(house, library, files), *await _without(house, library, files)]


async def _with_ollama(house: House, library: Path, files: Sequence[Path]) -> list[Row]:
    chosen = [path for path in files if path.stat().st_size <= _MAX_BYTES]
    named = {str(path.relative_to(library)): path for path in chosen}
    await (await house.create_database("ingest")).dispose()
    pipeline = bare = 0.0
    texts = 0
    async with house.program("ingest") as program:
        await program.create("warm")
        warm = house.folder / "warm.txt"
        warm.write_text("So that the model is in memory.")
        await program.upload("warm", {"warm.txt": warm})
        await program.finish("warm")
        # Turn and turn about, so that what else the machine does meets both.
        for part in range(_PARTS):
            project = f"part-{part}"
            await program.create(project)
            some = dict(list(named.items())[part::_PARTS])
            began = time.monotonic()
            await program.upload(project, some)
            await program.finish(project)
            pipeline += time.monotonic() - began
            chunks = await _chunks(house, project)
            texts += len(chunks)
            bare += await _embed(house.ollama_url, chunks)
        seconds, embedded = await _again(program, named)
    return [
        Row(
            f"ingest, {len(named)} files, {texts} passages",
            f"pipeline {pipeline:.1f} s",
            f"Ollama alone {bare:.1f} s",
            pipeline / bare,
            "<= 1.10",
        ),
        Row(
            "the same files again",
            f"{seconds:.2f} s, {embedded:.0f} embedded",
            f"first time {pipeline:.1f} s",
            seconds / pipeline,
            "<= 0.02",
        ),
    ]


async def _again(program: Program, files: dict[str, Path]) -> tuple[float, float]:
    """Seconds and embedded texts of an upload of what is there and ready.

    What failed, for it is encrypted or has no text, would be tried anew from what is sent.
    """
    before = await program.metric("mirage_embed_texts_total")
    seconds = 0.0
    for part in range(_PARTS):
        project = f"part-{part}"
        ready = {name: files[name] for name in await program.ready(project)}
        began = time.monotonic()
        assert set(await program.upload(project, ready)) == {200}
        seconds += time.monotonic() - began
    return seconds, await program.metric("mirage_embed_texts_total") - before


async def _chunks(house: House, project: str) -> list[str]:
    """The texts as the model saw them."""
    async with house.connect("ingest") as connection:
        rows = await connection.fetch(
            "SELECT CASE heading WHEN '' THEN c.text ELSE heading || chr(10) || c.text END AS text"
            "  FROM chunk c JOIN document d ON d.id = c.document_id"
            "  JOIN project p ON p.id = d.project_id WHERE p.name = $1 AND c.status = 'ready'",
            project,
        )
    return [row["text"] for row in rows]


async def _embed(url: str, texts: Sequence[str]) -> float:
    """Seconds for all of them, and nothing else."""
    ordered = sorted(texts, key=len, reverse=True)
    began = time.monotonic()
    async with httpx.AsyncClient(base_url=url, timeout=600) as client:
        for at in range(0, len(ordered), _BATCH):
            body = {"model": MODEL, "input": ordered[at : at + _BATCH], "truncate": False}
            (await client.post("/api/embed", json=body)).raise_for_status()
    return time.monotonic() - began


async def _without(house: House, library: Path, files: Sequence[Path]) -> list[Row]:
    embedder = OllamaEmbedder(config.Ollama(url=house.ollama_url, model=MODEL), config.Embedding())
    try:
        facts = await embedder.facts()
    finally:
        await embedder.aclose()
    standin = without_model(_DIMENSIONS, facts)
    contents = {str(path.relative_to(library)): path.read_bytes() for path in files}
    database = await house.create_database("without")
    try:
        began = time.monotonic()
        await index(database, house.documents("without"), standin, "library", contents)
        ours = time.monotonic() - began
    finally:
        await database.dispose()
    rows = []
    async with house.connect("without") as connection:
        passages = await connection.fetchval("SELECT count(*) FROM chunk")
        for name, with_index in (("with an HNSW index", True), ("without any index", False)):
            began = time.monotonic()
            await _plainly(connection, files, standin.literals, with_index=with_index)
            script = time.monotonic() - began
            rows.append(
                Row(
                    f"ingest without a model, {passages} passages",
                    f"{ours:.1f} s",
                    f"script {name} {script:.1f} s",
                    ours / script,
                    "<= 0.20",
                )
            )
    return rows


async def _plainly(
    connection: plain.Connection, files: Sequence[Path], embed: plain.Embed, *, with_index: bool
) -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Of HTML parsers that are given XML.
        await plain.ingest(connection, files, embed, _DIMENSIONS, with_index=with_index)
    await asyncio.sleep(0)
