"""How many searches work at once; the others wait in line, and for a bounded time.

Without it each of 500 searches takes its turn in the event loop and in the pool, and all that the
process does besides, probes included, waits for all of them.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute

from mirage.errors import Unavailable

# Several per connection of the pool (5), because most of a search may be the embedder's time.
_AT_ONCE = 64  # guess
# What a new connection to the database may take by default; a client hardly waits longer.
_WAIT_SECONDS = 10.0


class Overloaded(Unavailable):
    """Send the request again later, or fewer at once; more CPU or another replica also helps."""

    code = "overloaded"


class Line:
    """Lets `at_once` in, in the order in which they came."""

    def __init__(self, at_once: int = _AT_ONCE, wait_seconds: float = _WAIT_SECONDS) -> None:
        self._places = asyncio.Semaphore(at_once)
        self._wait_seconds = wait_seconds

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """A place while the block runs. Raises Overloaded."""
        try:
            async with asyncio.timeout(self._wait_seconds):
                await self._places.acquire()
        except TimeoutError as error:
            raise Overloaded(f"no search could begin in {self._wait_seconds:g} s") from error
        try:
            yield
        finally:
            self._places.release()


class InLine(APIRoute):
    """A route whose requests wait in line, with their bodies, before the key is looked at."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """FastAPI's own handler, in line."""
        handle = super().get_route_handler()

        async def wait(request: Request) -> Response:
            # First, because a client that sends its body slowly must not keep a place.
            await request.body()
            line: Line = request.app.state.parts.searches
            async with line.place():
                return await handle(request)

        return wait
