"""Measures each request by its route pattern, never by a path that a client chose."""

from time import perf_counter

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from mirage.telemetry import HTTP_SECONDS


class Metering:
    """ASGI middleware that measures each request."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        status = 500
        started = perf_counter()

        async def observe(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._app(scope, receive, observe)
        finally:
            route = getattr(scope.get("route"), "path", "none")
            HTTP_SECONDS.labels(scope["method"], route, str(status)).observe(
                perf_counter() - started
            )
