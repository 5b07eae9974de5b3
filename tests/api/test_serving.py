"""The server's own socket."""

import asyncio
import errno
import signal
import socket
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from mirage.api.http.serving import build_server, serve_until_cancelled
from mirage.config import Api
from mirage.listening import PortInUse, open_port
from tests.api.conftest import DEADLINE_SECONDS


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_small_answers_are_sent_at_once(host: str) -> None:
    server = build_server(FastAPI(), host, 0)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        _, writer = await asyncio.open_connection(host, port)
        while not server.server_state.connections:
            await asyncio.sleep(0.01)
    (connection,) = server.server_state.connections
    accepted = connection.transport.get_extra_info("socket")
    assert accepted.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
    writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_port_that_is_taken_is_said() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        pytest.raises(PortInUse, match="cannot listen on port"),
    ):
        build_server(FastAPI(), "127.0.0.1", other.getsockname()[1])


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_default_takes_both_families(host: str) -> None:
    server = build_server(FastAPI(), Api().host, 0)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
        port = server.servers[0].sockets[0].getsockname()[1]
        reader, writer = await asyncio.open_connection(host, port)
        writer.write(b"GET /docs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


def test_port_that_is_taken_in_ipv4_alone_is_said() -> None:
    with (
        socket.create_server(("0.0.0.0", 0)) as other,
        pytest.raises(PortInUse, match="cannot listen on port"),
    ):
        build_server(FastAPI(), Api().host, other.getsockname()[1])


@pytest.mark.parametrize("code", [errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL])
def test_machine_without_ipv6_takes_ipv4(monkeypatch: pytest.MonkeyPatch, code: int) -> None:
    class WithoutIpv6(socket.socket):
        def __init__(self, family: int, *arguments: Any, **named: Any) -> None:
            if family == socket.AF_INET6:
                raise OSError(code, "no IPv6")
            super().__init__(family, *arguments, **named)

    monkeypatch.setattr("mirage.listening.socket.socket", WithoutIpv6)
    listener = open_port(Api().host, 0)
    monkeypatch.undo()
    with listener:
        assert listener.getsockname()[0] == "0.0.0.0"
        socket.create_connection(listener.getsockname()).close()


async def test_connection_waits_while_the_program_is_loaded() -> None:
    listener = open_port("127.0.0.1", 0)
    port = listener.getsockname()[1]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /docs HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
    server = build_server(FastAPI(), "127.0.0.1", port, listener=listener)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        assert (await reader.readline()).startswith(b"HTTP/1.1 200 ")
    writer.close()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


async def test_draining_server_answers_and_closes_each_connection() -> None:
    server = build_server(FastAPI(), "127.0.0.1", 0, drain_seconds=DEADLINE_SECONDS)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
        url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/docs"
        async with httpx.AsyncClient() as kept, httpx.AsyncClient() as new:
            before = await kept.get(url)
            server.handle_exit(signal.SIGTERM, None)
            during = [await kept.get(url), await new.get(url)]
    assert "connection" not in before.headers
    assert [(one.status_code, one.headers.get("connection")) for one in during] == [
        (200, "close"),
        (200, "close"),
    ]
    assert not server.should_exit
    server.handle_exit(signal.SIGTERM, None)
    assert server.should_exit
    await asyncio.gather(task, return_exceptions=True)


async def test_drained_server_ends() -> None:
    server = build_server(FastAPI(), "127.0.0.1", 0, drain_seconds=0.01)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
        server.handle_exit(signal.SIGTERM, None)
        await task


async def test_ctrl_c_does_not_drain() -> None:
    server = build_server(FastAPI(), "127.0.0.1", 0, drain_seconds=DEADLINE_SECONDS)
    task = asyncio.create_task(serve_until_cancelled(server))
    async with asyncio.timeout(DEADLINE_SECONDS):
        while not server.started:
            await asyncio.sleep(0.01)
        server.handle_exit(signal.SIGINT, None)
        await task
