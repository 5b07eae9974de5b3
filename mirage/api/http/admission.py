"""Limits how many searches run at once; others wait in a queue, for a bounded time.

Without the limit, 500 searches share the event loop and the connection pool, and everything else
in the process, including probes, waits for all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from mirage.errors import Unavailable

# Several per connection of the pool (5), because a search may mostly wait for the embedder.
_AT_ONCE = 64  # guess
# Same as the default connect timeout of the database; clients rarely wait longer.
_WAIT_SECONDS = 10.0


class Overloaded(Unavailable):
    """Send the request again later, or send fewer at once; more CPU or API replicas also help."""

    code = "overloaded"


class Line:
    """Admits `at_once` requests at a time, in order of arrival."""

    def __init__(self, at_once: int = _AT_ONCE, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Hold a place while the block runs. Raises Overloaded."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise Overloaded(
                f"too many searches: this one waited {self._wait_seconds:g} s and did not start"
            ) from error
        try:
            yield
        finally:
            self._places.release()


class InLine(APIRoute):
    """A route whose requests wait in the queue, after their body arrived, before authentication."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return FastAPI's handler, wrapped to wait in the queue."""
        handle = super().get_route_handler()

        async def wait(request: Request) -> Response:
            # Read the body first: a client that sends slowly must not hold a place.
            await request.body()
            line: Line = request.app.state.parts.searches
            async with line.place():
                return await handle(request)

        return wait
