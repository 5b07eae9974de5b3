"""Measures and logs each request by its route pattern, never by a path that a client chose."""

import logging
from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mirage.telemetry import HTTP_SECONDS

_PROBES = frozenset({"/health/live", "/health/ready"})

_log = logging.getLogger("mirage.requests")


class Metering:
    """ASGI middleware that measures each request, and logs it if `logs` is true."""

    def __init__(self, app: ASGIApp, *, logs: bool = False) -> None:
        self._app = app
        self._logs = logs

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status, size = 500, 0
        started = perf_counter()

        async def observe(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            seconds = perf_counter() - started
            route = getattr(scope.get("route"), "path", "none")
            HTTP_SECONDS.labels(scope["method"], route, str(status)).observe(seconds)
            if self._logs and route not in _PROBES:
                _log_request(scope, route, status, seconds, size)


def _log_request(scope: Scope, route: str, status: int, seconds: float, size: int) -> None:
    """Log who asked for what.

    `key` is the id of a key, `settings` for that of the settings, or `proxy` for a user whom a
    proxy named.
    """
    access = scope.get("state", {}).get("access")
    other = "proxy" if access is not None and access.by_proxy else "settings"
    fields = {
        "method": scope["method"],
        "route": route,
        "status": status,
        "milliseconds": round(seconds * 1000, 1),
        "bytes": size,
        "key": None if access is None else str(access.key_id or other),
    }
    _log.info("request", extra=fields)
