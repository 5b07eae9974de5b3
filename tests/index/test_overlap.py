"""The embedder has the next claim while vectors of the one before are stored."""

import asyncio

from sqlalchemy import text

from mirage.errors import EmbedderUnavailable
from mirage.model import DocumentStatus
from tests.index.conftest import DEADLINE_SECONDS, Bench, eventually, nothing

_LONG = "\n\n".join(f"The lamp number {number} burns all night." for number in range(80))


async def test_next_claim_is_embedded_while_vectors_are_stored(bench: Bench) -> None:
    locked, second, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def keep_locked() -> None:
        async with bench.database.transaction() as connection:
            await connection.execute(text("SELECT 1 FROM generation FOR UPDATE"))
            locked.set()
            await done.wait()

    async def lock() -> None:
        bench.embedder.meanwhile = look
        locks.append(asyncio.create_task(keep_locked()))
        await locked.wait()

    async def look() -> None:
        bench.embedder.meanwhile = nothing
        second.set()

    async def is_ready() -> bool:
        return (await bench.find(document)).status is DocumentStatus.READY

    locks: list[asyncio.Task[None]] = []
    bench.embedder.meanwhile = lock
    document = await bench.add("a.txt", _LONG)
    running = asyncio.create_task(bench.indexer(size=16, overlap=0).run())
    async with asyncio.timeout(DEADLINE_SECONDS):
        await second.wait()
    assert await bench.value("SELECT count(*) FROM embedding") == 0
    done.set()
    await eventually(is_ready)
    running.cancel()
    await asyncio.wait({running, *locks})


async def test_what_is_in_the_way_is_met_by_one_and_given_back_by_the_other(bench: Bench) -> None:
    indexer = bench.indexer(size=16, overlap=0)
    await bench.add("a.txt", _LONG)
    await indexer.parse_next()
    assert await indexer.embed_next()
    bench.embedder.errors["lamp"] = EmbedderUnavailable("away")
    assert not await indexer.embed_beside()
    assert await bench.leases() == 0
    bench.embedder.errors.clear()
    assert await indexer.embed_beside()
