"""Which connection makes room for a new one."""

import asyncio

from uvicorn import Config
from uvicorn.server import ServerState

from mirage.api.http.connection import Connection


class _Transport(asyncio.Transport):
    """Notes that it was aborted; the loop would tell the connection later."""

    def __init__(self) -> None:
        super().__init__()
        self.aborted = False

    def abort(self) -> None:
        self.aborted = True

    def is_closing(self) -> bool:
        return self.aborted

    def get_write_buffer_size(self) -> int:
        return 0


async def test_each_newcomer_ends_another_of_the_silent_connections() -> None:
    state = ServerState()
    config = Config(lambda: None)
    config.load()
    transports = [_Transport() for _ in range(4)]
    for transport in transports:
        await asyncio.sleep(0.001)  # So that each is silent for another time.
        connection = Connection(config=config, server_state=state, app_state={}, max_connections=2)
        connection.connection_made(transport)
    assert [transport.aborted for transport in transports] == [True, True, False, False]
    assert len(state.connections) == 2
