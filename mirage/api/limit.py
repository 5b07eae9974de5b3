"""Keeps bodies small that are read into memory: all but uploads, which go to the disk as they come.

A body is read before anybody looks at the key, so without this a stranger could fill the memory.
"""

from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A query of 8,192 characters, each written as two escapes of six bytes, is 98,304 bytes.
MAX_BODY_BYTES = 256 * 1024


class LimitBody:
    """Refuses with 413 what is longer than MAX_BODY_BYTES and no upload."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_upload(scope):
            await self._app(scope, receive, send)
            return
        received = 0

        async def limited() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            if received > MAX_BODY_BYTES:
                raise HTTPException(413, f"the body is longer than {MAX_BODY_BYTES:,} bytes")
            return message

        await self._app(scope, limited, send)


def _is_upload(scope: Scope) -> bool:
    return scope["method"] == "POST" and str(scope["path"]).endswith("/documents")
