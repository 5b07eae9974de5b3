"""An HTTP connection with deadlines, so that an idle client cannot hold it.

uvicorn limits neither the time to receive headers, nor the number of connections, nor the time in
which a client reads its answer. Here each connection is checked once per second.
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
from mirage.listening import STALL_SECONDS

MAX_HEAD_BYTES = 32 * 1024
"""Limit for request line and headers; nginx accepts four times 8 KiB."""

KEPT_SECONDS = 120
"""Time that a connection is kept open for its next request.

A proxy that reuses a connection at the moment at which this server closes it answers with 502. So
the proxy must be the first to close: Traefik and Go do so after 90 s, nginx and load balancers of
clouds after 60 s.
"""

# Counted from the first byte or the previous answer; nginx allows 60 s. Also applies to the rest of
# a refused body, because a client that is still sending reads the refusal only afterwards.
_HEAD_SECONDS = 15.0
# Time for a client to read why its request was refused.
_LINGER_SECONDS = 2.0
_PROBLEMS: dict[int, type[MirageError]] = {
    HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: HeadTooLarge,
}


class Connection(H11Protocol):
    """uvicorn's connection with deadlines; `max_connections` limits those of its server."""

    def __init__(self, *arguments: Any, max_connections: int, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._max_connections = max_connections
        self._heard = self._stalled_since = self.loop.time()
        self._unsent = 0
        self._refused = False

    # uvicorn names a narrower type than asyncio passes.
    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self._max_connections:
            self._make_room()

    def data_received(self, data: bytes) -> None:
        if self._request_is_shown():
            self._heard = self.loop.time()
        # h11 checks the size of the headers after each piece, so pieces are small.
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
        """Refuse the request; uvicorn calls this while it handles h11's error."""
        status = getattr(sys.exception(), "error_status_hint", HTTPStatus.BAD_REQUEST)
        self._refuse(_PROBLEMS.get(status, MalformedHttp)(_sentence(status)))

    def check(self, now: float) -> None:
        """Close the connection if a deadline has passed; `now` is event loop time."""
        unsent = self.transport.get_write_buffer_size()
        if not unsent or unsent != self._unsent:
            self._unsent, self._stalled_since = unsent, now
        elif now - self._stalled_since > STALL_SECONDS:
            self.transport.abort()
        if self.transport.is_closing() or self._request_is_shown():
            return
        if now - self._heard > self._patience():
            if (
                not self._refused
                and self.conn.their_state is h11.IDLE
                and self.conn.trailing_data[0]
            ):
                self._refuse(
                    HeadTooSlow(f"the request headers did not arrive within {_HEAD_SECONDS:g} s")
                )
            else:
                self.transport.close()

    def _patience(self) -> float:
        """Return how long the connection may say nothing in its present state."""
        if self._refused:
            return _LINGER_SECONDS
        # The first request has to follow the connection; the next one may take its time.
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's own type hides the None.
        rests = cycle is not None and self.conn.their_state is h11.IDLE
        return KEPT_SECONDS if rests and not self.conn.trailing_data[0] else _HEAD_SECONDS

    def waiting_since(self) -> float | None:
        """Return when the last byte of an incomplete request arrived; None if an answer is due."""
        if self.conn.their_state not in {h11.IDLE, h11.SEND_BODY, h11.ERROR}:
            return None
        # Received bytes wait for a disk, or the last answer waits for the client.
        if self.flow.read_paused or self.transport.get_write_buffer_size():
            return None
        return self._heard

    def _request_is_shown(self) -> bool:
        cycle: RequestResponseCycle | None = self.cycle  # uvicorn's own type hides the None.
        if self._refused:
            return False
        return cycle is not None and not cycle.response_complete

    def _make_room(self) -> None:
        """Close the connection that has been idle longest, or this one if all are busy."""
        waiting = [
            (since, other)
            for other in self.connections
            if isinstance(other, Connection) and other is not self
            if (since := other.waiting_since()) is not None
        ]
        if not waiting:
            self._refuse(TooManyConnections(f"all {self._max_connections} connections are busy"))
            self.transport.close()
            return
        _, silent = min(waiting, key=lambda pair: pair[0])
        # uvicorn removes it only later, and the next call must not choose it again.
        self.connections.discard(silent)
        silent.transport.abort()

    def _refuse(self, error: MirageError) -> None:
        """Answer a request that does not reach the application; discard what still arrives.

        Closing immediately would reset the connection before the client reads the answer.
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
    return "the bytes received are not an HTTP/1.1 request"
