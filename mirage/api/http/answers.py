"""Rules for all answers: caches do not store them, and a HEAD has the headers of its GET."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_ONLY = "mirage.head"
"""Scope key that marks a HEAD request; routes with an expensive body check it."""

NO_STORE = "private, no-store"


class Answers:
    """ASGI middleware, the outermost one: all others see a HEAD as a GET."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        head = scope["method"] == "HEAD"
        over = False

        async def answer(message: Message) -> None:
            nonlocal over
            if over:
                return
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).setdefault("Cache-Control", NO_STORE)
            if not head or message["type"] != "http.response.body":
                await send(message)
            if head:  # Immediately, because an event stream never ends.
                over = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        as_get = {**scope, "method": "GET", HEAD_ONLY: True} if head else scope
        await self._app(as_get, receive, answer)
