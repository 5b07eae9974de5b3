"""Limits request bodies in size and time, and ends them at shutdown.

A body is read before the key is checked, so without limits anyone could fill the memory or hold
connections forever. `streams_body` marks a route that stores its body while it arrives.
"""

import asyncio
from http import HTTPStatus

from fastapi import Request, params
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

# A query of 8,192 characters, each written as two escapes of six bytes, is 98,304 bytes.
MAX_BODY_BYTES = 256 * 1024

# For a whole small body, or the next bytes of a streamed one. nginx waits 60 s for the next bytes.
_BODY_SECONDS = 30.0
# At shutdown: enough for a small upload to finish. Kubernetes' grace period is 30 s.
_FINISH_SECONDS = 3.0
_SCOPE_KEY = "mirage.body"


class Intake:
    """The request bodies that an application is receiving; `stop` ends them soon."""

    def __init__(self) -> None:
        self._ends_at: float | None = None
        self._deadlines: set[asyncio.Timeout] = set()

    @property
    def stopping(self) -> bool:
        """Return whether `stop` was called."""
        return self._ends_at is not None

    def stop(self) -> None:
        """Refuse with 503 each body that is not complete within a few seconds."""
        self._ends_at = asyncio.get_running_loop().time() + _FINISH_SECONDS
        for deadline in self._deadlines:
            deadline.reschedule(self._earlier(deadline.when()))

    async def receive(self, receive: Receive, until: float) -> Message:
        """Return the next message. Raises TimeoutError at `until` (event loop time)."""
        async with asyncio.timeout_at(self._earlier(until)) as deadline:
            self._deadlines.add(deadline)
            try:
                return await receive()
            finally:
                self._deadlines.discard(deadline)

    def _earlier(self, until: float | None) -> float | None:
        return min((at for at in (until, self._ends_at) if at is not None), default=None)


class LimitBody:
    """ASGI middleware that refuses a large body with 413 and a slow one with 408."""

    def __init__(self, app: ASGIApp, intake: Intake) -> None:
        self._app = app
        self._intake = intake

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        body = _Body(receive, self._intake)
        scope[_SCOPE_KEY] = body
        await self._app(scope, body.receive, send)


class _Body:
    def __init__(self, receive: Receive, intake: Intake) -> None:
        self.streamed = False
        self._receive = receive
        self._intake = intake
        self._received = 0
        self._complete = False
        self._until: float | None = None

    async def receive(self) -> Message:
        if self._complete:  # Only the end of the connection can follow.
            return await self._receive()
        try:
            message = await self._intake.receive(self._receive, self._deadline())
        except TimeoutError as error:
            raise self._refusal() from error
        self._complete = not message.get("more_body", False)
        self._received += len(message.get("body", b""))
        if self._received > MAX_BODY_BYTES and not self.streamed:
            raise HTTPException(
                HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
                f"the body is longer than {MAX_BODY_BYTES:,} bytes",
            )
        return message

    def _deadline(self) -> float:
        if self._until is None or self.streamed:
            self._until = asyncio.get_running_loop().time() + _BODY_SECONDS
        return self._until

    def _refusal(self) -> HTTPException:
        if self._intake.stopping:
            return HTTPException(
                HTTPStatus.SERVICE_UNAVAILABLE,
                "this process is stopping, and the body is not complete",
            )
        missing = "no part of the body arrived" if self.streamed else "the body did not arrive"
        return HTTPException(HTTPStatus.REQUEST_TIMEOUT, f"{missing} within {_BODY_SECONDS:g} s")


def streams_body() -> params.Depends:
    """Mark a route that limits its body itself because it stores it while it arrives."""

    async def mark(request: Request) -> None:
        body: _Body = request.scope[_SCOPE_KEY]
        body.streamed = True

    return params.Depends(mark)
