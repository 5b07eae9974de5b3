"""Streams of progress, over a real socket."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import pytest
from sqlalchemy import event, text

from mirage import events
from mirage.api.http import connection
from mirage.api.http.serving import build_server, serve_until_cancelled
from mirage.api.routes.events import write
from mirage.db import Database
from mirage.events import MAX_WAITING, Deleted, Feeds, Stream
from tests.api.conftest import DEADLINE_SECONDS, KEY, Index, upload

MARKDOWN = b"# Lamps\n\nThe keeper lit the lamp.\n"


class Reader:
    """Reads one stream."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> tuple[str, dict[str, Any]]:
        """Name and data of the next event."""
        name = ""
        async with asyncio.timeout(DEADLINE_SECONDS):
            async for line in self._lines:
                if line.startswith("event: "):
                    name = line.removeprefix("event: ")
                if line.startswith("data: "):
                    return name, json.loads(line.removeprefix("data: "))
        raise EOFError

    async def until(self, status: str) -> list[dict[str, Any]]:
        """Documents of the events up to the first of that status."""
        seen: list[dict[str, Any]] = []
        while not seen or seen[-1]["status"] != status:
            seen.append((await self.next())[1])
        return seen


@asynccontextmanager
async def following(address: str, project: str, key: str = KEY) -> AsyncIterator[Reader]:
    """A stream of the project's events."""
    async with (
        httpx.AsyncClient(headers={"X-API-Key": key}, timeout=DEADLINE_SECONDS) as client,
        client.stream("GET", f"{address}{project}/events") as response,
    ):
        assert response.status_code == 200
        yield Reader(response)


def feeds(client: httpx.AsyncClient) -> Feeds:
    """Those of the application."""
    found: Feeds = client._transport.app.state.parts.feeds  # type: ignore[attr-defined]
    return found


async def test_stream_begins_with_open_documents_and_tells_every_change(
    client: httpx.AsyncClient, shelf: str, address: str, index: Index
) -> None:
    await upload(client, shelf, "done.md", b"# Done\n\nIndexed before.\n")
    await index()
    lamps = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    async with following(address, shelf) as reader:
        assert reader.response.headers["content-type"].startswith("text/event-stream")
        assert reader.response.headers["cache-control"] == "private, no-store"
        assert reader.response.headers["x-accel-buffering"] == "no"
        assert await reader.next() == ("document", lamps)
        await index()
        path = f"{shelf}/documents/{lamps['id']}"
        assert (await reader.until("ready"))[-1] == (await client.get(path)).json()
        await client.delete(path)
        assert await reader.next() == ("deleted", {"id": lamps["id"]})


async def test_watchers_of_a_project_share_a_feed_that_ends_with_the_last(
    client: httpx.AsyncClient, shelf: str, address: str
) -> None:
    lamps = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    async with following(address, shelf) as first:
        async with following(address, shelf) as second:
            for reader in (first, second):
                assert await reader.next() == ("document", lamps)
            assert len(feeds(client)._feeds) == 1
        oil = (await upload(client, shelf, "oil.md", b"Whale oil burned best.")).json()
        assert await first.next() == ("document", oil)
    async with asyncio.timeout(DEADLINE_SECONDS):
        while feeds(client)._feeds:
            await asyncio.sleep(0.01)


async def test_stream_ends_with_the_server(
    client: httpx.AsyncClient, shelf: str, address: str
) -> None:
    async with following(address, shelf) as reader:
        feeds(client).close()
        with pytest.raises(EOFError):
            await reader.next()
    refused = await client.get(f"{shelf}/events")
    assert (refused.status_code, refused.json()["type"]) == (
        503,
        "urn:mirage:problem:shutting-down",
    )


async def test_server_with_an_open_stream_stops_at_once(
    client: httpx.AsyncClient, shelf: str
) -> None:
    server = build_server(
        client._transport.app,  # type: ignore[attr-defined]
        "127.0.0.1",
        0,
    )
    server.config.timeout_graceful_shutdown = None  # A stream that does not end holds it up.
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    port = server.servers[0].sockets[0].getsockname()[1]
    async with following(f"http://127.0.0.1:{port}", shelf) as reader:
        server.should_exit = True
        with pytest.raises(EOFError):
            await reader.next()
        async with asyncio.timeout(DEADLINE_SECONDS):
            await task


async def test_stream_ends_with_its_project(
    client: httpx.AsyncClient, shelf: str, address: str
) -> None:
    lamps = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
    async with following(address, shelf) as reader:
        await reader.next()
        await client.delete(shelf)
        assert await reader.next() == ("deleted", {"id": lamps["id"]})
        with pytest.raises(EOFError):
            await reader.next()


async def test_stream_over_the_limit_is_refused_until_one_ends(
    client: httpx.AsyncClient, shelf: str, address: str
) -> None:
    feeds(client)._max_streams = 1
    async with following(address, shelf):
        refused = await client.get(f"{shelf}/events")
        assert (refused.status_code, refused.json()["type"]) == (
            503,
            "urn:mirage:problem:too-many-streams",
        )
        assert refused.headers["retry-after"] == "5"
    async with asyncio.timeout(DEADLINE_SECONDS):
        while feeds(client)._streams:
            await asyncio.sleep(0.01)
    async with following(address, shelf):
        pass


async def test_key_has_its_share_of_the_streams(
    client: httpx.AsyncClient, shelf: str, address: str
) -> None:
    one, other = [
        (await client.post("/api/v1/keys", json={"name": name})).json()["token"]
        for name in ("one", "other")
    ]
    async with AsyncExitStack() as stack:
        for _ in range(20):
            await stack.enter_async_context(following(address, shelf, one))
        refused = await client.get(f"{shelf}/events", headers={"X-API-Key": one})
        assert (refused.status_code, refused.json()["detail"]) == (
            503,
            "this key has 20 streams open, which is the limit per key",
        )
        for key in (other, KEY):
            await stack.enter_async_context(following(address, shelf, key))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while feeds(client)._by_key:
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("way", ["revoked", "expired"])
async def test_stream_ends_with_its_key(
    client: httpx.AsyncClient, shelf: str, address: str, database: Database, way: str
) -> None:
    made = (await client.post("/api/v1/keys", json={"name": "reader"})).json()
    async with (
        following(address, shelf) as kept,
        following(address, shelf, made["token"]) as reader,
    ):
        if way == "revoked":
            await client.delete(f"/api/v1/keys/{made['id']}")
        else:
            async with database.transaction() as writing:
                await writing.execute(text("UPDATE api_key SET expires_at = now()"))
        lamps = (await upload(client, shelf, "lamps.md", MARKDOWN)).json()
        with pytest.raises(EOFError):
            await reader.next()
        assert await kept.next() == ("document", lamps)


async def test_watcher_whose_connection_takes_nothing_frees_its_stream(
    client: httpx.AsyncClient, shelf: str, address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STALL_SECONDS", 0.5)
    at = urlsplit(address)
    with socket.socket() as asking:
        asking.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        asking.connect((at.hostname, at.port))
        asking.sendall(
            f"GET {shelf}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n\r\n".encode()
        )
        async with asyncio.timeout(DEADLINE_SECONDS):
            while not feeds(client)._streams:
                await asyncio.sleep(0.01)
            while feeds(client)._streams:
                for feed in feeds(client)._feeds.values():
                    for stream in feed.streams:
                        stream.put([Deleted(UUID(int=0))] * 500)
                await asyncio.sleep(0.01)


async def test_silence_is_broken_by_a_comment_and_life_is_limited() -> None:
    written = write(Stream(), heartbeat_seconds=0.001)
    assert [await anext(written) for _ in range(2)] == ["retry: 3000\n\n", ": nothing new\n\n"]
    assert [part async for part in write(Stream(), life_seconds=0)] == ["retry: 3000\n\n"]


async def test_watcher_that_does_not_read_is_let_go() -> None:
    stream = Stream()
    for _ in range(MAX_WAITING + 2):
        stream.put([Deleted(UUID(int=0))])
    assert stream.ended
    assert await stream.read(0) == []


async def test_looks_of_a_feed_take_a_tenth_of_the_time_at_most(
    client: httpx.AsyncClient,
    shelf: str,
    address: str,
    database: Database,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(events, "_POLL_SECONDS", 0.0)
    await upload(client, shelf, "lamps.md", MARKDOWN)
    engine = database.engine.sync_engine
    taken: list[float] = []
    returned: list[float] = []

    looking: set[object] = set()

    def take(_: object, record: object, *__: object) -> None:
        if asyncio.current_task() is feed._task:
            looking.add(record)
            taken.append(time.monotonic())

    def give_back(_: object, record: object) -> None:
        if record in looking:
            looking.remove(record)
            returned.append(time.monotonic())

    async with following(address, shelf) as reader:
        await reader.next()
        (feed,) = feeds(client)._feeds.values()
        event.listen(engine, "checkout", take)
        event.listen(engine, "checkin", give_back)
        async with asyncio.timeout(DEADLINE_SECONDS):
            while len(returned) < 8:
                await asyncio.sleep(0.01)
        event.remove(engine, "checkout", take)
        event.remove(engine, "checkin", give_back)
    # A look lasts at least as long as it keeps its connection, and what follows is a pause.
    looks = [end - begin for begin, end in zip(taken, returned, strict=False)]
    pauses = [begin - end for begin, end in zip(taken[1:], returned, strict=False)]
    assert len(pauses) >= 4
    assert min(pause / look for look, pause in zip(looks, pauses, strict=False)) >= 9
