"""Resident memory of API and indexer, parser included, at rest and at work."""

import asyncio
from itertools import cycle, islice
from pathlib import Path

from mirage.testing import make_pdf
from tests.bench.house import House, Process, Program
from tests.bench.table import Row

_PAGES = 400
_LINES = 40
_LINE_CHARACTERS = 90
_SETTLE_SECONDS = 5.0
_SAMPLE_SECONDS = 0.1
_MB = 1_000_000
_REST_MB, _WORK_MB = 200, 400
# What the chart gives by default, with its requests and limits.
_LIMITS = {"api": 512 * 2**20, "indexer": 1024 * 2**20}


async def run(house: House, library: Path) -> list[Row]:
    """Rows of megabytes, each against what a pod may have at most."""
    book = _book(house.folder / "book.pdf", library)
    await (await house.create_database("memory")).dispose()
    async with house.program("memory") as program:
        await asyncio.sleep(_SETTLE_SECONDS)
        processes = {"api": program.api, "indexer": program.indexer}
        rest = {name: process.resident_bytes() for name, process in processes.items()}
        await program.create("shelf")
        working = asyncio.create_task(_work(program, book))
        peak = dict(rest)
        while not working.done():
            _watch(processes, peak)
            await asyncio.sleep(_SAMPLE_SECONDS)
        await working
    return [
        _row(f"{name}, {when}", found[name], _LIMITS[name], aim)
        for when, found, aim in (
            ("at rest", rest, _REST_MB),
            (f"indexing {_PAGES} pages", peak, _WORK_MB),
        )
        for name in processes
    ]


async def _work(program: Program, book: Path) -> None:
    """Index a book, and search meanwhile."""
    await program.upload("shelf", {"book.pdf": book})
    finished = asyncio.create_task(program.finish("shelf"))
    while not finished.done():
        body = {"query": "what is ownership", "context": 200, "limit": 100}
        (await program.client.post("/projects/shelf/search", json=body)).raise_for_status()
        await asyncio.sleep(1)
    await finished


def _watch(processes: dict[str, Process], peak: dict[str, int]) -> None:
    for name, process in processes.items():
        peak[name] = max(peak[name], process.resident_bytes())


def _row(what: str, found: int, limit: int, aim_mb: int) -> Row:
    return Row(
        f"memory of {what}",
        f"{found / _MB:.0f} MB (aim {aim_mb})",
        f"pod's limit {limit / _MB:.0f} MB",
        found / limit,
        f"<= {aim_mb * _MB / limit:.2f}",
    )


def _book(path: Path, library: Path) -> Path:
    text = " ".join(page.read_text() for page in sorted(library.rglob("*.md")))
    words = " ".join(text.encode("ascii", "ignore").decode().split())
    lines = [words[at : at + _LINE_CHARACTERS] for at in range(0, len(words), _LINE_CHARACTERS)]
    endless = cycle(lines)
    return make_pdf(path, [list(islice(endless, _LINES)) for _ in range(_PAGES)])
