"""What a client can keep of the server without asking for anything, over real sockets."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import httpx
import pytest
from fastapi import FastAPI

from mirage.api.http import body_limit, connection
from mirage.api.http.serving import build_server, serve_until_cancelled
from mirage.files import VolumeStore
from tests.api.conftest import DEADLINE_SECONDS, KEY

Socket = tuple[asyncio.StreamReader, asyncio.StreamWriter]

UPLOAD = (
    b"POST /api/v1/projects/shelf/documents HTTP/1.1\r\nHost: x\r\nX-API-Key: the key\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n"
)
PART = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.txt"\r\n\r\n'


@pytest.fixture
async def few(client: httpx.AsyncClient) -> AsyncIterator[str]:
    """Where the application of `client` serves 16 connections at most."""
    server = build_server(
        client._transport.app,  # type: ignore[attr-defined]
        "127.0.0.1",
        0,
        max_connections=16,
    )
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@asynccontextmanager
async def connected(address: str, sent: bytes = b"") -> AsyncIterator[Socket]:
    """A connection over which `sent` went."""
    at = urlsplit(address)
    assert at.hostname
    async with asyncio.timeout(DEADLINE_SECONDS):
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        writer.write(sent)
        yield reader, writer
        writer.close()


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str]]:
    """Status and body of the next answer."""
    head = await reader.readuntil(b"\r\n\r\n")
    size = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
    return int(head.split()[1]), json.loads(await reader.readexactly(size))


@pytest.mark.parametrize(
    ("sent", "status", "code"),
    [
        (b"nonsense\r\n\r\n", 400, "malformed-http"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", 400, "malformed-http"),
        (b"G\x00T / HTTP/1.1\r\nHost: x\r\n\r\n", 400, "malformed-http"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: \x00\r\n\r\n", 400, "malformed-http"),
        (b"GET /" + b"x" * 100_000, 431, "head-too-large"),
        (b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"x" * 100_000 + b"\r\n\r\n", 431, "head-too-large"),
    ],
)
async def test_what_is_no_request_is_answered_by_a_problem_and_the_end(
    address: str, sent: bytes, status: int, code: str
) -> None:
    async with connected(address, sent) as (reader, _):
        answered, problem = await answer_of(reader)
        assert (answered, problem["type"]) == (status, f"urn:mirage:problem:{code}")
        assert await reader.read() == b""


async def test_head_that_trickles_in_is_ended(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_HEAD_SECONDS", 0.5)
    async with connected(address, b"GET / HTTP/1.1\r\n") as (reader, writer):

        async def trickle() -> None:
            while not writer.is_closing():
                writer.write(b"a: b\r\n")
                await asyncio.sleep(0.1)

        trickling = asyncio.create_task(trickle())
        assert (await answer_of(reader))[1]["type"] == "urn:mirage:problem:head-too-slow"
        trickling.cancel()


async def test_connection_that_says_nothing_is_ended(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_HEAD_SECONDS", 0.5)
    async with connected(address) as (reader, _):
        assert await reader.read() == b""


async def test_connection_is_kept_for_the_next_request(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    async with connected(address, request) as (reader, writer):
        assert (await answer_of(reader))[0] == 200
        monkeypatch.setattr(connection, "_HEAD_SECONDS", 0.0)
        async with connected(address) as (silent, _):
            assert await silent.read() == b""  # All connections were looked at by then.
        monkeypatch.undo()
        writer.write(request)
        assert (await answer_of(reader))[0] == 200


def test_proxies_are_the_first_to_close_a_connection() -> None:
    server = build_server(FastAPI(), "127.0.0.1", 0)
    assert server.config.timeout_keep_alive > 90
    server._socket.close()  # type: ignore[attr-defined]


async def test_connection_that_is_not_used_any_more_is_ended(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "KEPT_SECONDS", 0.5)
    request = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    async with connected(address, request) as (reader, _):
        assert (await answer_of(reader))[0] == 200
        assert await reader.read() == b""


async def test_rest_of_a_body_that_was_refused_is_not_read_for_ever(
    address: str, shelf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "_HEAD_SECONDS", 0.5)
    head = UPLOAD.replace(b"the key", b"another") + b"Content-Length: 1000\r\n\r\n"
    async with connected(address, head) as (reader, writer):
        assert (await answer_of(reader))[0] == 401

        async def trickle() -> None:
            while not writer.is_closing():
                writer.write(b"a")
                await asyncio.sleep(0.1)

        trickling = asyncio.create_task(trickle())
        with pytest.raises((EOFError, ConnectionResetError)):
            await reader.readexactly(1)
        trickling.cancel()


async def test_silent_connections_make_room_for_one_that_asks(few: str) -> None:
    async with connected(few, b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n") as (kept, _):
        assert (await answer_of(kept))[0] == 200
        silent = [await asyncio.open_connection(*_at(few)) for _ in range(100)]
        async with httpx.AsyncClient(timeout=DEADLINE_SECONDS) as client:
            assert (await client.get(f"{few}/health/live")).status_code == 200
        async with asyncio.timeout(DEADLINE_SECONDS):
            assert [await reader.read() for reader, _ in silent[:80]] == [b""] * 80
        for _, writer in silent:
            writer.close()


async def test_connections_that_wait_for_an_answer_are_kept(few: str, shelf: str) -> None:
    path = f"GET {shelf}/events HTTP/1.1\r\nHost: x\r\nX-API-Key: {KEY}\r\n\r\n".encode()
    streams = [await asyncio.open_connection(*_at(few)) for _ in range(16)]
    async with asyncio.timeout(DEADLINE_SECONDS):
        for reader, writer in streams:
            writer.write(path)
            assert (await reader.readuntil(b"retry: 3000"))[:12] == b"HTTP/1.1 200"
        async with connected(few) as (reader, _):
            status, problem = await answer_of(reader)
        assert (status, problem["type"]) == (503, "urn:mirage:problem:too-many-connections")
        for reader, writer in streams:
            assert not reader.at_eof()
            writer.close()


@pytest.mark.parametrize("route", ["documents", "search"])
async def test_body_that_stops_is_refused_and_leaves_nothing(
    address: str, shelf: str, store: VolumeStore, monkeypatch: pytest.MonkeyPatch, route: str
) -> None:
    monkeypatch.setattr(body_limit, "_BODY_SECONDS", 0.5)
    head = UPLOAD.replace(b"shelf/documents", b"shelf/" + route.encode())
    async with connected(address, head + b"Content-Length: 1000\r\n\r\n" + PART) as (reader, _):
        status, problem = await answer_of(reader)
    assert (status, problem["type"]) == (408, "urn:mirage:problem:body-too-slow")
    assert list((store.root / "incoming").iterdir()) == []


async def test_small_body_that_trickles_in_is_refused(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "_BODY_SECONDS", 0.5)
    head = b"POST /api/v1/projects HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    async with connected(address, head) as (reader, writer):

        async def trickle() -> None:
            while not writer.is_closing():
                writer.write(b"1\r\n \r\n")
                await asyncio.sleep(0.1)

        trickling = asyncio.create_task(trickle())
        assert (await answer_of(reader))[0] == 408
        trickling.cancel()


async def test_upload_that_goes_on_slowly_is_taken(
    address: str, shelf: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "_BODY_SECONDS", 0.5)
    monkeypatch.setattr(connection, "_HEAD_SECONDS", 0.5)
    head = UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n"
    async with connected(address, head) as (reader, writer):
        for piece in (PART, *[b"lamp "] * 15, b"\r\n--x--\r\n"):  # Three deadlines long.
            writer.write(b"%x\r\n%s\r\n" % (len(piece), piece))
            await asyncio.sleep(0.1)
        writer.write(b"0\r\n\r\n")
        assert (await answer_of(reader))[0] == 202


async def test_upload_under_way_does_not_keep_a_server_that_ends(
    client: httpx.AsyncClient, shelf: str, store: VolumeStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(body_limit, "_FINISH_SECONDS", 0.2)
    server = build_server(
        client._transport.app,  # type: ignore[attr-defined]
        "127.0.0.1",
        0,
    )
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
    address = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    async with connected(address, UPLOAD + b"Content-Length: 9999\r\n\r\n" + PART) as (reader, _):
        while not list((store.root / "incoming").iterdir()):
            await asyncio.sleep(0.01)
        server.should_exit = True
        status, problem = await answer_of(reader)
        assert (status, problem["type"]) == (503, "urn:mirage:problem:shutting-down")
        async with asyncio.timeout(10):  # Half of what the server would wait for a request.
            await task
    assert list((store.root / "incoming").iterdir()) == []


async def test_malformed_chunk_ends_an_upload_that_leaves_nothing(
    address: str, shelf: str, store: VolumeStore
) -> None:
    head = UPLOAD + b"Transfer-Encoding: chunked\r\n\r\n"
    async with connected(address, head + b"%x\r\n%s\r\n" % (len(PART), PART)) as (reader, writer):
        while not list((store.root / "incoming").iterdir()):
            await asyncio.sleep(0.01)
        writer.write(b"zz\r\n")
        assert (await answer_of(reader))[0] == 400
        while list((store.root / "incoming").iterdir()):
            await asyncio.sleep(0.01)


async def test_pipelined_requests_are_answered_in_order(address: str) -> None:
    live = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"
    lost = b"GET /lost HTTP/1.1\r\nHost: x\r\n\r\n"
    async with connected(address, live + lost + live) as (reader, _):
        assert [(await answer_of(reader))[0] for _ in range(3)] == [200, 404, 200]


async def test_answer_that_nobody_takes_is_ended(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "STALL_SECONDS", 0.5)
    asked = b"GET /openapi.json HTTP/1.1\r\nHost: x\r\n\r\n" * 500
    async with connected(address, asked) as (_, writer):
        transport = writer.transport
        assert isinstance(transport, asyncio.Transport)
        transport.pause_reading()
        with pytest.raises(ConnectionResetError):
            await _write_on(writer)


async def _write_on(writer: asyncio.StreamWriter) -> None:
    while True:
        writer.write(b" ")
        await writer.drain()
        await asyncio.sleep(0.05)


def _at(address: str) -> tuple[str | None, int | None]:
    at = urlsplit(address)
    return at.hostname, at.port
