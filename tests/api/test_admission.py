"""Searches under load: what they take of the pool, and what waits for them."""

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

import httpx
import pytest
from sqlalchemy import event

from mirage.api.http.admission import Line, Overloaded
from mirage.api.state import State
from mirage.db import Database
from mirage.embed import Vectors
from mirage.testing import FakeEmbedder
from tests.api.conftest import DEADLINE_SECONDS, KEY, Index, upload

MARKDOWN = b"# Lamps\n\nThe keeper lit the lamp.\n"


class SlowEmbedder(FakeEmbedder):
    """Answers a query when it may."""

    def __init__(self) -> None:
        super().__init__()
        self.asked = asyncio.Event()
        self.may_answer = asyncio.Event()

    async def embed_queries(self, texts: Sequence[str]) -> Vectors:
        self.asked.set()
        await self.may_answer.wait()
        return await super().embed_queries(texts)


@pytest.fixture
def embedder() -> FakeEmbedder:
    return SlowEmbedder()


@pytest.fixture
async def ready(client: httpx.AsyncClient, shelf: str, index: Index) -> str:
    """A project with an indexed document."""
    await upload(client, shelf, "lamps.md", MARKDOWN)
    await index()
    return shelf


@pytest.fixture
def taken(database: Database) -> Iterator[list[object]]:
    """An item for each time that a connection was taken from the pool."""
    taken: list[object] = []

    def note(connection: object, *_: object) -> None:
        taken.append(connection)

    event.listen(database.engine.sync_engine, "checkout", note)
    yield taken
    event.remove(database.engine.sync_engine, "checkout", note)


def state_of(client: httpx.AsyncClient) -> State:
    """The parts of the application."""
    found: State = client._transport.app.state.parts  # type: ignore[attr-defined]
    return found


async def test_lexical_search_takes_one_connection(
    client: httpx.AsyncClient, ready: str, taken: list[object]
) -> None:
    taken.clear()
    body = {"query": "keeper", "mode": "lexical", "context": 50}
    answer = await client.post(f"{ready}/search", json=body)
    assert (answer.status_code, len(answer.json()["passages"])) == (200, 1)
    assert len(taken) == 1


async def test_search_holds_no_connection_while_it_waits_for_the_embedder(
    client: httpx.AsyncClient,
    ready: str,
    database: Database,
    embedder: SlowEmbedder,
    taken: list[object],
) -> None:
    taken.clear()
    searching = asyncio.create_task(client.post(f"{ready}/search", json={"query": "keeper"}))
    async with asyncio.timeout(DEADLINE_SECONDS):
        await embedder.asked.wait()
        while database.engine.pool.checkedout():  # type: ignore[attr-defined]
            await asyncio.sleep(0.01)
    embedder.may_answer.set()
    assert (await searching).json()["passages"]
    assert len(taken) == 2


async def test_search_that_cannot_begin_is_refused_and_probes_are_not(
    client: httpx.AsyncClient, ready: str
) -> None:
    line = state_of(client).searches
    line._wait_seconds = 0.01
    async with AsyncExitStack() as stack:
        for _ in range(64):
            await stack.enter_async_context(line.place())
        refused = await client.post(f"{ready}/search", json={"query": "x", "mode": "lexical"})
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "urn:mirage:problem:overloaded",
        )
        assert refused.headers["retry-after"] == "5"
        assert (await client.get("/health/live")).status_code == 200
    answer = await client.post(f"{ready}/search", json={"query": "x", "mode": "lexical"})
    assert answer.status_code == 200


async def test_body_that_is_not_complete_keeps_no_place(
    client: httpx.AsyncClient, ready: str, address: str
) -> None:
    at = urlsplit(address)
    head = f"POST {ready}/search HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n"
    writers = []
    for _ in range(65):
        _, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(head.encode())
        writers.append(writer)
    async with httpx.AsyncClient(headers={"X-API-Key": KEY}, timeout=9) as other:
        body = {"query": "keeper", "mode": "lexical"}
        assert (await other.post(f"{address}{ready}/search", json=body)).status_code == 200
    for writer in writers:
        writer.close()


async def test_line_is_kept_in_order() -> None:
    line = Line(at_once=1, wait_seconds=DEADLINE_SECONDS)
    order: list[int] = []

    async def work(number: int) -> None:
        async with line.place():
            order.append(number)
            await asyncio.sleep(0)

    await asyncio.gather(*(work(number) for number in range(5)))
    assert order == [0, 1, 2, 3, 4]


async def test_place_is_free_again_after_an_error() -> None:
    line = Line(at_once=1, wait_seconds=0.01)
    with pytest.raises(ZeroDivisionError):
        async with line.place():
            _ = 1 / 0
    async with line.place():
        with pytest.raises(Overloaded, match=r"this one waited 0\.01 s"):
            async with line.place():
                pass
