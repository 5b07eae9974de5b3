"""Runs HTTP servers: how they open their port, and how they stop."""

import asyncio
import resource
import signal
import socket
import time
from contextlib import nullcontext
from functools import partial
from types import FrameType

import uvicorn
from fastapi import FastAPI

from mirage.api.http.connection import KEPT_SECONDS, MAX_HEAD_BYTES, Connection, check_all
from mirage.api.state import State
from mirage.listening import open_port

_SHUTDOWN_SECONDS = 20
_TICKS_PER_SECOND = 10  # uvicorn's own
_CLOSE = (b"connection", b"close")
# A connection may also hold a file. The rest is for the pool (at most 100), logs and modules.
_FILES_PER_CONNECTION = 2
_OTHER_FILES = 250
_MAX_CONNECTIONS = 1000
_FEWEST = 16
MONITORING_CONNECTIONS = 100
"""Maximum for the port that only probes and Prometheus use."""


async def serve_until_cancelled(server: uvicorn.Server) -> None:
    """Serve without handling signals; when cancelled, let requests in progress finish."""
    # uvicorn has no setting for it; the code that cancels this task handles signals.
    server.capture_signals = nullcontext  # type: ignore[assignment]
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def build_server(
    app: FastAPI,
    host: str,
    port: int,
    *,
    listener: socket.socket | None = None,
    max_connections: int = _MAX_CONNECTIONS,
    drain_seconds: float = 0.0,
) -> uvicorn.Server:
    """Return an HTTP server that listens on its port; at shutdown, requests may finish.

    `listener` is that port if it is open already. After SIGTERM the server still serves for
    `drain_seconds`. Raises PortInUse.
    """
    bounded = partial(Connection, max_connections=_limited_by_files(max_connections))
    return _Server(
        app,
        uvicorn.Config(
            app,
            host=host,
            port=port,
            # uvicorn only calls it, as it would a class.
            http=bounded,  # type: ignore[arg-type]
            ws="none",
            h11_max_incomplete_event_size=MAX_HEAD_BYTES,
            log_config=None,
            access_log=False,
            # Who a client is must not depend on what it writes into a header.
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=KEPT_SECONDS,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ),
        listener or open_port(host, port),
        drain_seconds,
    )


class _Server(uvicorn.Server):
    """Ends event streams before it waits for requests, because they never end by themselves.

    After SIGTERM it first serves for `drain_seconds` more: load balancers, kube-proxy among them,
    learn only then that this process ends. Each answer closes its connection meanwhile, so that
    the client's next request goes to another process.
    """

    def __init__(
        self,
        app: FastAPI,
        config: uvicorn.Config,
        # uvicorn itself would exit the process from within a task if the port is in use.
        listener: socket.socket,
        drain_seconds: float,
    ) -> None:
        super().__init__(config)
        self._app = app
        self._socket = listener
        self._drain_seconds = drain_seconds
        self._drained_at: float | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets or [self._socket])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        parts: State | None = getattr(self._app.state, "parts", None)
        if parts is not None:
            parts.feeds.close()
            parts.intake.stop()
        await super().shutdown(sockets)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        if sig != signal.SIGTERM or not self._drain_seconds or self._drained_at is not None:
            super().handle_exit(sig, frame)
            return
        self._drained_at = time.monotonic() + self._drain_seconds
        # A new list, because this may run while another one is read; `on_tick` renews the other.
        self.config.encoded_headers = [*self.config.encoded_headers, _CLOSE]
        self.server_state.default_headers = [*self.server_state.default_headers, _CLOSE]

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_PER_SECOND == 0:
            check_all(self.server_state.connections)
        if self._drained_at is not None and time.monotonic() >= self._drained_at:
            self.should_exit = True
        return await super().on_tick(counter)


def _limited_by_files(connections: int) -> int:
    """Return fewer if the process may not open enough files; macOS allows 256 by default."""
    granted, possible = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES_PER_CONNECTION * _MAX_CONNECTIONS + _OTHER_FILES
    if granted != resource.RLIM_INFINITY and granted < wanted:
        granted = wanted if possible == resource.RLIM_INFINITY else min(wanted, possible)
        resource.setrlimit(resource.RLIMIT_NOFILE, (granted, possible))
    if granted == resource.RLIM_INFINITY:
        return connections
    return max(_FEWEST, min(connections, (granted - _OTHER_FILES) // _FILES_PER_CONNECTION))
