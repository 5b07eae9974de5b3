"""When a connection is ended, and which one makes room for a new one."""

import asyncio

from starlette.types import Receive, Scope, Send
from uvicorn import Config
from uvicorn.server import ServerState

from mirage.api.http.connection import Connection

HOUR = 3600.0


class _Transport(asyncio.Transport):
    """Notes that it was ended; the loop would tell the connection later."""

    def __init__(self) -> None:
        super().__init__()
        self.ended = False

    def abort(self) -> None:
        self.ended = True

    def close(self) -> None:
        self.ended = True

    def is_closing(self) -> bool:
        return self.ended

    def get_write_buffer_size(self) -> int:
        return 0


async def _think(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer no request."""
    await asyncio.Event().wait()


def _connect(state: ServerState, transport: _Transport, most: int = 2) -> Connection:
    config = Config(_think, log_config=None, lifespan="off")
    config.load()
    connection = Connection(config=config, server_state=state, app_state={}, max_connections=most)
    connection.connection_made(transport)
    return connection


async def test_each_newcomer_ends_another_of_the_silent_connections() -> None:
    state = ServerState()
    transports = [_Transport() for _ in range(4)]
    for transport in transports:
        _connect(state, transport)
        await asyncio.sleep(0.001)  # So that each is silent for another time.
    assert [transport.ended for transport in transports] == [True, True, False, False]
    assert len(state.connections) == 2


async def test_connection_whose_answer_is_due_is_not_silent() -> None:
    state, busy, silent = ServerState(), _Transport(), _Transport()
    working, waiting = _connect(state, busy), _connect(state, silent)
    working.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    for connection in (working, waiting):
        connection.check(asyncio.get_running_loop().time() + HOUR)
    assert (busy.ended, silent.ended) == (False, True)
    for task in state.tasks:
        task.cancel()
    await asyncio.gather(*state.tasks, return_exceptions=True)
