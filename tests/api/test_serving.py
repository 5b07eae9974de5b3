"""The server's own socket."""

import asyncio
import socket

import pytest
from fastapi import FastAPI

from mirage.api.serving import PortInUse, build_server, serve_until_cancelled
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
        pytest.raises(PortInUse, match="cannot be taken"),
    ):
        build_server(FastAPI(), "127.0.0.1", other.getsockname()[1])
