"""One slow document, and others that pass it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from mirage import config
from mirage.index import Indexer
from mirage.index.claims import ClaimKeeper
from mirage.index.overtaking_worker import OvertakingWorker
from mirage.index.parse_worker import ParseWorker
from mirage.model import DocumentStatus
from mirage.parse import Sandbox
from tests.index.conftest import DEADLINE_SECONDS, Bench

MIB = 2**20


@asynccontextmanager
async def _busy(bench: Bench) -> AsyncIterator[ParseWorker]:
    """A worker that does not come to an end with the document that waits."""
    reached, go = asyncio.Event(), asyncio.Event()

    async def hang() -> None:
        reached.set()
        await go.wait()

    bench.sandbox.meanwhile = hang
    worker = ParseWorker(
        bench.database, bench.store, bench.sandbox, _holder(bench), asyncio.Event()
    )
    step = asyncio.create_task(worker.step())
    async with asyncio.timeout(DEADLINE_SECONDS):
        await reached.wait()
    try:
        yield worker
    finally:
        go.set()
        await step


def _holder(bench: Bench) -> ClaimKeeper:
    return ClaimKeeper(bench.database, config.Indexer())


def _relief(
    bench: Bench, other: ParseWorker, sandbox: Sandbox, overtake_after_seconds: float = 0
) -> OvertakingWorker:
    return OvertakingWorker(
        bench.database,
        bench.store,
        sandbox,
        _holder(bench),
        asyncio.Event(),
        other,
        overtake_after_seconds,
    )


async def test_small_documents_pass_a_slow_one(bench: Bench) -> None:
    slow = await bench.add("slow.md", "# Slow\n\nText.\n")
    async with _busy(bench) as other:
        small = await bench.add("small.md", "# Small\n\nText.\n")
        sandbox = bench.sandbox.for_small_documents(60)
        relief = _relief(bench, other, sandbox)
        assert await relief.step()
        assert not await relief.step()  # The slow one is claimed.
        assert (await bench.find(small)).status == DocumentStatus.EMBEDDING
        assert (await bench.find(slow)).status == DocumentStatus.PARSING
        await sandbox.aclose()


async def test_indexer_relieves_itself(bench: Bench) -> None:
    reached = asyncio.Event()

    async def hang() -> None:
        reached.set()
        await asyncio.Event().wait()

    bench.sandbox.meanwhile = hang
    slow = await bench.add("slow.md", "# Slow\n\nText.\n")
    indexer = Indexer(
        bench.database,
        bench.store,
        bench.embedder,
        bench.sandbox,
        config.Indexer(poll_seconds=0.02),
        config.Chunk(),
        overtake_after_seconds=0,
    )
    running = asyncio.create_task(indexer.run())
    async with asyncio.timeout(DEADLINE_SECONDS):
        await reached.wait()
        small = await bench.add("small.md", "# Small\n\nText.\n")
        while (await bench.find(small)).status != DocumentStatus.READY:
            await asyncio.sleep(0.02)
    assert (await bench.find(slow)).status == DocumentStatus.PARSING
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    assert (await bench.find(slow)).status == DocumentStatus.PENDING


async def test_relief_rests_while_nothing_is_slow(bench: Bench) -> None:
    await bench.add("slow.md", "# Slow\n\nText.\n")
    sandbox = bench.sandbox.for_small_documents(60)
    async with _busy(bench) as other:
        small = await bench.add("small.md", "# Small\n\nText.\n")
        assert not await _relief(bench, other, sandbox, overtake_after_seconds=3600).step()
    assert other.busy_seconds == 0
    assert not await _relief(bench, other, sandbox).step()
    assert (await bench.find(small)).status == DocumentStatus.PENDING


async def test_what_is_too_much_for_relief_is_given_back_without_a_verdict(bench: Bench) -> None:
    await bench.add("slow.md", "# Slow\n\nText.\n")
    async with _busy(bench) as other:
        large = await bench.add("large.md", "# Large\n\nText.\n")
        hasty = Sandbox(timeout_seconds=0.001, cpu_seconds=1, memory_bytes=512 * MIB)
        assert await _relief(bench, other, hasty).step()
        assert not await _relief(bench, other, hasty).step()  # Not at once again.
    found = await bench.find(large)
    assert (found.status, found.error) == (DocumentStatus.PENDING, None)
    assert await bench.value("SELECT max(attempts) FROM document") == 0


async def test_parser_beside_another_takes_half_the_memory() -> None:
    whole = Sandbox(timeout_seconds=300, cpu_seconds=240, memory_bytes=512 * MIB)
    assert whole.for_small_documents(10)._memory_bytes == 256 * MIB
    least = Sandbox(timeout_seconds=300, cpu_seconds=240, memory_bytes=128 * MIB)
    assert least.for_small_documents(10)._memory_bytes == 128 * MIB
