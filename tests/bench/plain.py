"""What one writes in an afternoon: pypdf, BeautifulSoup and `executemany`, without a queue."""

import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeAlias

import asyncpg
from bs4 import BeautifulSoup
from pypdf import PdfReader
from pypdf.errors import PyPdfError

Connection: TypeAlias = "asyncpg.Connection"
Embed = Callable[[Sequence[str]], Sequence[str]]
"""Texts to vectors as SQL writes them."""

# Some 256 tokens, the limit of the model, a quarter of them repeated: as our own chunks.
_CHUNK_CHARACTERS = 1000
_STEP_CHARACTERS = 750


async def ingest(
    connection: Connection,
    files: Sequence[Path],
    embed: Embed,
    dimensions: int,
    *,
    with_index: bool,
) -> None:
    """Fill a table of its own. Encrypted and damaged files are left out."""
    await connection.execute("DROP TABLE IF EXISTS plain")
    await connection.execute(
        "CREATE TABLE plain (id bigserial PRIMARY KEY, name text, text text,"
        f" words tsvector, embedding vector({dimensions}))"
    )
    if with_index:
        await connection.execute(
            "CREATE INDEX ON plain USING hnsw (embedding vector_cosine_ops);"
            "CREATE INDEX ON plain USING gin (words)"
        )
    for path in files:
        try:
            text = _extract(path).replace("\0", "")
        except (PyPdfError, ValueError, KeyError, NotImplementedError):  # What pypdf raises.
            continue
        chunks = [text[at : at + _CHUNK_CHARACTERS] for at in range(0, len(text), _STEP_CHARACTERS)]
        vectors = embed(chunks)
        await connection.executemany(
            "INSERT INTO plain (name, text, words, embedding)"
            " VALUES ($1, $2, to_tsvector('english', $2), $3::text::vector)",
            [(path.name, *row) for row in zip(chunks, vectors, strict=True)],
        )


def _extract(path: Path) -> str:
    if path.suffix == ".pdf":
        return "\n".join(page.extract_text() for page in PdfReader(path).pages)
    if path.suffix == ".epub":
        with zipfile.ZipFile(path) as archive:
            pages = [name for name in archive.namelist() if name.endswith((".xhtml", ".html"))]
            return "\n".join(
                BeautifulSoup(archive.read(name), "html.parser").get_text() for name in pages
            )
    return path.read_text(encoding="utf-8", errors="replace")
