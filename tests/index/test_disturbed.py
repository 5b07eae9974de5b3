"""What happens to the work when documents, leases or the indexer go away in the middle of it."""

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from sqlalchemy import event

from mirage.errors import DatabaseUnavailable
from mirage.index.indexer import WorkerEnded
from mirage.model import DocumentStatus
from tests.index.conftest import DEADLINE_SECONDS, Bench, eventually, nothing

_EXPIRE = "SET leased_until = now() - interval '1 second' WHERE lease_token IS NOT NULL"


class _Gate:
    """Holds up who comes by, until it is opened."""

    def __init__(self) -> None:
        self.reached = asyncio.Event()
        self.open = asyncio.Event()

    async def __call__(self) -> None:
        self.reached.set()
        await self.open.wait()


async def test_document_deleted_while_it_is_parsed_leaves_nothing(bench: Bench) -> None:
    document = await bench.add("a.txt", "A short text.")
    bench.sandbox.meanwhile = lambda: bench.delete(document)
    await bench.indexer().parse_next()
    assert await bench.value("SELECT count(*) FROM document") == 0
    assert await bench.value("SELECT count(*) FROM section") == 0


async def test_document_deleted_while_it_is_embedded_takes_no_other_along(bench: Bench) -> None:
    gone, kept = await bench.add("a.txt", "One text."), await bench.add("b.txt", "Another text.")
    indexer = bench.indexer()
    for _ in range(2):
        await indexer.parse_next()
    bench.embedder.meanwhile = lambda: bench.delete(gone)
    assert (await bench.settle(indexer, kept)).status is DocumentStatus.READY
    assert await bench.value("SELECT count(*) FROM chunk") == 1
    assert await bench.value("SELECT count(*) FROM embedding") == 1


async def test_parsing_whose_lease_was_lost_changes_nothing(bench: Bench) -> None:
    document = await bench.add("a.txt", "A short text.")

    async def lose() -> None:
        bench.sandbox.meanwhile = nothing
        await bench.execute(f"UPDATE document {_EXPIRE}")
        await bench.execute("UPDATE document SET lease_token = gen_random_uuid()")

    bench.sandbox.meanwhile = lose
    indexer = bench.indexer()
    await indexer.parse_next()
    assert (await bench.find(document)).status is DocumentStatus.PARSING
    assert await bench.value("SELECT count(*) FROM section") == 0
    assert (await bench.settle(indexer, document)).status is DocumentStatus.READY


async def test_chunks_whose_lease_was_lost_are_embedded_by_the_next_once(bench: Bench) -> None:
    document = await bench.add("a.txt", "A short text.")
    late, next_one = bench.indexer(), bench.indexer()

    async def lose() -> None:
        bench.embedder.meanwhile = nothing
        await bench.execute(f"UPDATE chunk {_EXPIRE}")
        await next_one.embed_next()

    bench.embedder.meanwhile = lose
    await late.parse_next()
    await late.embed_next()
    assert len(bench.embedder.embedded) == 2
    assert (await bench.find(document)).status is DocumentStatus.READY
    assert await bench.value("SELECT count(*) FROM embedding") == 1
    assert await bench.leases() == 0


@pytest.mark.parametrize("table", ["document", "chunk"])
async def test_lease_is_extended_while_the_work_lasts(bench: Bench, table: str) -> None:
    document = await bench.add("a.txt", "A short text.")
    leased = f"SELECT max(leased_until) FROM {table}"

    async def wait() -> None:
        first = await bench.value(leased)

        async def extended() -> bool:
            return bool(await bench.value(leased) > first)

        await eventually(extended)

    if table == "document":
        bench.sandbox.meanwhile = wait
    else:
        bench.embedder.meanwhile = wait
    indexer = bench.indexer(lease_seconds=2)
    assert (await bench.settle(indexer, document)).status is DocumentStatus.READY


@pytest.mark.parametrize("where", ["parsing", "embedding"])
async def test_indexer_that_is_stopped_gives_back_what_it_claimed(bench: Bench, where: str) -> None:
    document = await bench.add("a.txt", "A short text.")
    gate = _Gate()
    if where == "parsing":
        bench.sandbox.meanwhile = gate
    else:
        bench.embedder.meanwhile = gate
    await _stopped_at(gate.reached.wait(), bench.indexer().run())
    assert await bench.leases() == 0
    assert await bench.value("SELECT count(*) FROM document WHERE attempts > 0") == 0
    gate.open.set()
    assert (await bench.settle(bench.indexer(), document)).status is DocumentStatus.READY


async def test_indexer_is_stopped_even_when_the_cancellation_becomes_another_error(
    bench: Bench,
) -> None:
    await bench.add("a.txt", "A short text.")
    gate = _Gate()

    async def fail_when_cancelled() -> None:
        try:
            await gate()
        except asyncio.CancelledError:
            raise DatabaseUnavailable("the rollback failed") from None

    bench.embedder.meanwhile = fail_when_cancelled
    async with asyncio.timeout(DEADLINE_SECONDS):
        await _stopped_at(gate.reached.wait(), bench.indexer().run())
    assert await bench.leases() == 0


@pytest.mark.parametrize("where", ["parsing", "embedding"])
async def test_worker_that_ends_unbidden_ends_the_indexer_with_an_error(
    bench: Bench, where: str
) -> None:
    document = await bench.add("a.txt", "A short text.")

    async def end() -> None:
        raise asyncio.CancelledError

    if where == "parsing":
        bench.sandbox.meanwhile = end
    else:
        bench.embedder.meanwhile = end
    async with asyncio.timeout(DEADLINE_SECONDS):
        with pytest.raises(WorkerEnded, match="ended unexpectedly"):
            await bench.indexer().run()
    assert await bench.leases() == 0
    assert (await bench.find(document)).status is not DocumentStatus.FAILED


@pytest.mark.parametrize("transactions", range(1, 8))
async def test_indexer_that_is_stopped_right_behind_a_commit_holds_nothing(
    bench: Bench, transactions: int
) -> None:
    document = await bench.add("a.txt", "A short text.")
    indexer = bench.indexer()
    ended = 0

    async def steps() -> None:
        await indexer.parse_next()
        await indexer.embed_next()

    def stop(*_: object) -> None:
        nonlocal ended
        ended += 1
        if ended == transactions:
            task.cancel()

    task = asyncio.create_task(steps())
    # A connection is reset when its transaction is over, and before the task goes on.
    event.listen(bench.database.engine.sync_engine, "reset", stop)
    with pytest.raises(asyncio.CancelledError):
        await task
    event.remove(bench.database.engine.sync_engine, "reset", stop)
    assert await bench.leases() == 0
    assert (await bench.settle(indexer, document)).status is DocumentStatus.READY


@pytest.mark.parametrize("where", ["parsing", "embedding"])
async def test_connection_that_breaks_leaves_no_lease_behind(bench: Bench, where: str) -> None:
    document = await bench.add("a.txt", "A short text.")
    table = "document" if where == "parsing" else "chunk"
    broken = asyncio.Event()

    async def break_once() -> None:
        # The next statement that writes this table is ended from outside, once.
        if not broken.is_set():
            broken.set()
            await bench.execute(
                "CREATE FUNCTION break() RETURNS trigger LANGUAGE plpgsql AS"
                " $$ BEGIN RAISE EXCEPTION 'gone' USING ERRCODE = '57P01'; END $$"
            )
            await bench.execute(
                f"CREATE TRIGGER break BEFORE UPDATE OF status ON {table} FOR EACH ROW"
                " WHEN (NEW.status IN ('embedding', 'ready') AND NEW.status <> OLD.status)"
                " EXECUTE FUNCTION break()"
            )

    if where == "parsing":
        bench.sandbox.meanwhile = break_once
    else:
        bench.embedder.meanwhile = break_once
    indexer = bench.indexer()
    running = asyncio.create_task(indexer.run())
    await broken.wait()

    async def given_back() -> bool:
        return await bench.leases() == 0

    await eventually(given_back)
    await bench.execute(f"DROP TRIGGER break ON {table}")

    async def ready() -> bool:
        return (await bench.find(document)).status is DocumentStatus.READY

    await eventually(ready)
    running.cancel()
    await asyncio.wait({running})


async def _stopped_at(moment: Coroutine[Any, Any, Any], work: Coroutine[Any, Any, None]) -> None:
    task = asyncio.create_task(work)
    await moment
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
