"""One HTTP connection, bounded in what a client can keep without an answer being made for it.

uvicorn bounds neither the time of a request's head nor the number of connections nor the time in
which a client takes its answer. Here each connection is looked at once per second.
"""

import asyncio
import sys
from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol, RequestResponseCycle

from mirage.api.http.errors import HeadTooLarge, HeadTooSlow, MalformedHttp, TooManyConnections
from mirage.api.wire import Problem
from mirage.errors import MirageError

MAX_HEAD_BYTES = 32 * 1024
"""Of the request line with all headers; nginx takes four times 8 KiB."""

STALL_SECONDS = 30.0
"""How long a client may take no byte of its answer."""

# From the first byte or the answer before; nginx grants 60 s. Also for the rest of a body that was
# refused: a client that still sends reads the refusal only after it.
_HEAD_SECONDS = 15.0
# For a client to read why its request was refused.
_LINGER_SECONDS = 2.0
_PROBLEMS: dict[int, type[MirageError]] = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: HeadTooLarge,
}


class Connection(H11Protocol):
    """uvicorn's connection with deadlines. `max_connections` bounds those of its server."""

    def __init__(self, *arguments: Any, max_connections: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._max_connections = max_connections
        self._heard = self._stalled_since = self.loop.time()
        self._unsent = 0
        self._refused = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._max_connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self._request_is_shown():
            self._heard = self.loop.time()
        # A head is measured after each piece, so pieces are small.
        for start in range(0, len(data), MAX_HEAD_BYTES):
            if self._refused or self.transport.is_closing():
                return
            super().data_received(data[start : start + MAX_HEAD_BYTES])

    def on_response_complete(self) -> None:
        self._heard = self.loop.time()
        super().on_response_complete()

    def shutdown(self) -> None:
        if self._refused:
            self.transport.close()
        elif not self.transport.is_closing():
            super().shutdown()

    def send_400_response(self, msg: str) -> None:
        """Called by uvicorn while it handles h11's error."""
        status = getattr(sys.exception(), "error_status_hint", HTTPStatus.BAD_REQUEST)
        self._refuse(_PROBLEMS.get(status, MalformedHttp)(_sentence(status)))

    def check(self, now: float) -> None:
        """End the connection when a deadline has passed; `now` is the event loop's time."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._stalled_since = unsent, now
        elif now - self._stalled_since > STALL_SECONDS:
            self.transport.abort()
        if self.transport.is_closing() or self._request_is_shown():
            return
        if now - self._heard > (_LINGER_SECONDS if self._refused else _HEAD_SECONDS):
            if (
                not self._refused
                and self.conn.their_state is h11.IDLE
                and self.conn.trailing_data[0]
            ):
                self._refuse(HeadTooSlow(f"the head was not complete in {_HEAD_SECONDS:g} s"))
            else:
                self.transport.close()

    def waiting_since(self) -> float | None:
        """When a byte came last, of a request that is not complete; None while an answer is due."""
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY, h11.ERROR}:
            return None
        # Bytes that came wait for a disk, or those of the last answer for the client.
        if self.flow.read_paused or self.transport.get_write_buffer_size():
            return None
        return self._heard

    def _request_is_shown(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's own type hides the None.
        if self._refused:
            return False
        return cycle is not None and not cycle.response_complete

    def _make_room(self) -> None:
        """End the connection that has been silent longest, else this one."""
        waiting = [
            (since, other)
            for other in self.connections
            if isinstance(other, Connection) and other is not self
            if (since := other.waiting_since()) is not None
        ]
        if not waiting:
            self._refuse(TooManyConnections(f"{self._max_connections} connections are busy"))
            self.transport.close()
            return
        _, silent = min(waiting, key=lambda pair: pair[0])
        # Now, because it is lost only later, and the next one must not choose it again.
        self.connections.discard(silent)
        silent.transport.abort()

    def _refuse(self, error: MirageError) -> None:
        """Answer for a request that no application sees; what still comes is thrown away.

        Closing at once would reset the connection, and the client would never read the answer.
        """
        answering = self._request_is_shown()
        if not (answering and self.cycle.response_started):
            self.transport.write(_answer(error))
        if answering:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self._refused = True
        self._heard = self.loop.time()
        self.conn.send_failed()
        self.transport.write_eof()


def check_all(connections: Iterable[Any]) -> None:
    """Check each connection."""
    now = asyncio.get_running_loop().time()
    for connection in list(connections):
        if isinstance(connection, Connection):
            connection.check(now)


def _answer(error: MirageError) -> bytes:
    body = Problem.of(error).model_dump_json().encode()
    head = (
        f"HTTP/1.1 {error.status} {HTTPStatus(error.status).phrase}\r\n"
        "Content-Type: application/problem+json\r\n"
        f"Content-Length: {len(body)}\r\n"
        "Cache-Control: no-store\r\n"
        "Connection: close\r\n"
    )
    if error.status == HTTPStatus.SERVICE_UNAVAILABLE:
        head += "Retry-After: 5\r\n"
    return head.encode() + b"\r\n" + body


def _sentence(status: int) -> str:
    if status == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE:
        return f"request line and headers are longer than {MAX_HEAD_BYTES:,} bytes"
    return "the bytes that came are not a request of HTTP/1.1"
