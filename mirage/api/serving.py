"""HTTP servers around an application: how they take their port, and how they end."""

import asyncio
import errno
import socket
from contextlib import nullcontext

import uvicorn
from fastapi import FastAPI

from mirage.api.state import State
from mirage.errors import ConfigError

_SHUTDOWN_SECONDS = 20
_BACKLOG = 2048  # uvicorn's own
_EVERY_ADDRESS = "::"
_EVERY_IPV4_ADDRESS = "0.0.0.0"  # Where a machine has no IPv6.
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})


class PortInUse(ConfigError):
    """Choose another one: `mirage up --port`, else MIRAGE_API_PORT or MIRAGE_METRICS_PORT."""

    code = "port-in-use"


async def serve_until_cancelled(server: uvicorn.Server) -> None:
    """Serve without taking signals; when cancelled, requests that are under way may end."""
    # uvicorn has no setting for it; signals belong to whoever cancels this task.
    server.capture_signals = nullcontext  # type: ignore[assignment]
    serving = asyncio.ensure_future(server.serve())
    try:
        await asyncio.shield(serving)
    except asyncio.CancelledError:
        server.should_exit = True
        await serving
        raise


def build_server(app: FastAPI, host: str, port: int) -> uvicorn.Server:
    """An HTTP server that has taken its port; requests that are under way get a while to end.

    Raises PortInUse.
    """
    return _Server(
        app,
        uvicorn.Config(
            app,
            host=host,
            port=port,
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=_SHUTDOWN_SECONDS,
        ),
    )


class _Server(uvicorn.Server):
    """Ends streams of events before it waits for requests to end; they never would."""

    def __init__(self, app: FastAPI, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._app = app
        # Left to itself uvicorn ends the process from within a task when the port is taken.
        self._socket = _listen(config.host, config.port)

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets or [self._socket])

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        parts: State | None = getattr(self._app.state, "parts", None)
        if parts is not None:
            parts.feeds.close()
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    try:
        return _bound(host, port)
    except OSError as error:
        if host == _EVERY_ADDRESS and error.errno in _NO_IPV6:
            return _listen(_EVERY_IPV4_ADDRESS, port)
        raise PortInUse(f"port {port} of {host} cannot be taken: {error.strerror}") from error


def _bound(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # The event loop turns Nagle's algorithm off (40 ms for a small answer) on what it knows as TCP.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family is socket.AF_INET6:
            # Else it hangs on the machine (net.ipv6.bindv6only) whether IPv4 comes in too.
            listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, host != _EVERY_ADDRESS)
        listener.bind((host, port))
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener
