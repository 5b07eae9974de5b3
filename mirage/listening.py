"""Opens a server's port. It imports little, so that a program can do it first.

A connection waits in the queue of an open port until the server takes it. So a probe that comes
while the program still loads its modules waits too, and is not refused.
"""

import errno
import socket

from mirage.errors import ConfigError

STALL_SECONDS = 30.0
"""Maximum time in which a client reads no byte of its answer."""

_BACKLOG = 2048  # uvicorn's own
_EVERY_ADDRESS = "::"
_EVERY_IPV4_ADDRESS = "0.0.0.0"  # For machines without IPv6.
_NO_IPV6 = frozenset({errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL, errno.EPROTONOSUPPORT})


class PortInUse(ConfigError):
    """Choose another port: `mirage up --port`, or MIRAGE_API_PORT or MIRAGE_METRICS_PORT."""

    code = "port-in-use"


def open_port(host: str, port: int) -> socket.socket:
    """Return a socket that listens; connections wait in its queue. Raises PortInUse."""
    try:
        return _bound(host, port)
    except OSError as error:
        if host == _EVERY_ADDRESS and error.errno in _NO_IPV6:
            return open_port(_EVERY_IPV4_ADDRESS, port)
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
