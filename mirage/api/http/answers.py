"""What holds for every answer: it is kept by no cache, and a HEAD has the headers of its GET."""

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEAD_ONLY = "mirage.head"
"""Key of a scope whose request was a HEAD; a route that reads much for its body looks at it."""

NO_STORE = "private, no-store"


class Answers:
    """ASGI middleware, outside of all others: they see a HEAD as a GET."""

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
            if head:  # At once, because a stream of events would never come to its end.
                over = True
                await send({"type": "http.response.body", "body": b"", "more_body": False})

        as_get = {**scope, "method": "GET", HEAD_ONLY: True} if head else scope
        await self._app(as_get, receive, answer)
