"""Runs HTTP servers: how they open their port, and how they stop."""

import asyncio
import errno
import resource
import socket
from contextlib import nullcontext
from functools import partial

import uvicorn
from fastapi import FastAPI

from mirage.api.http.connection import MAX_HEAD_BYTES, STALL_SECONDS, Connection, check_all
from mirage.api.state import State
from mirage.errors import ConfigError

_SHUTDOWN_SECONDS = 20
_BACKLOG = 2048  # uvicorn's own
_EVERY_ADDRESS = "::"
_EVERY_IPV4_ADDRESS = "0.0.0.0"  # For machines without IPv6.
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})
_TICKS_PER_SECOND = 10  # uvicorn's own
# A connection may also hold a file. The rest is for the pool (at most 100), logs and modules.
_FILES_PER_CONNECTION = 2
_OTHER_FILES = 250
_MAX_CONNECTIONS = 1000
_FEWEST = 16
MONITORING_CONNECTIONS = 100
"""Maximum for the port that only probes and Prometheus use."""


class PortInUse(ConfigError):
    """Choose another port: `mirage up --port`, or MIRAGE_API_PORT or MIRAGE_METRICS_PORT."""

    code = "port-in-use"


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
    app: FastAPI, host: str, port: int, *, max_connections: int = _MAX_CONNECTIONS
) -> uvicorn.Server:
    """Return an HTTP server that listens on its port; at shutdown, requests may finish.

    Raises PortInUse.
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
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ),
    )


class _Server(uvicorn.Server):
    """Ends event streams before it waits for requests, because they never end by themselves."""

    def __init__(self, app: FastAPI, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._app = app
        # uvicorn itself would exit the process from within a task if the port is in use.
        self._socket = _listen(config.host, config.port)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets or [self._socket])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        parts: State | None = getattr(self._app.state, "parts", None)
        if parts is not None:
            parts.feeds.close()
            parts.intake.stop()
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        if counter % _TICKS_PER_SECOND == 0:
            check_all(self.server_state.connections)
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


def _listen(host: str, port: int) -> socket.socket:
    try:
        return _bound(host, port)
    except OSError as error:
        if host == _EVERY_ADDRESS and error.errno in _NO_IPV6:
            return _listen(_EVERY_IPV4_ADDRESS, port)
        raise PortInUse(f"cannot listen on port {port} of {host}: {error.strerror}") from error


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With IPPROTO_TCP, the event loop turns off Nagle's algorithm (40 ms for a small answer).
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            # Otherwise net.ipv6.bindv6only of the machine decides whether IPv4 is served too.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != _EVERY_ADDRESS)
        _notice_dead_peers(listener)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _notice_dead_peers(listener: socket.socket) -> None:
    """Detect dead peers; otherwise their connections stay open for 15 minutes."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; also covers data that the peer does not take.
        milliseconds = round(1000 * STALL_SECONDS)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, milliseconds)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, round(STALL_SECONDS / 2))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPINTVL, round(STALL_SECONDS / 6))
