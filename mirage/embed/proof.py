"""Knows whether an embedding server works, from its traffic or by a request with one short text."""

import asyncio
import time
from collections.abc import Awaitable, Callable

from mirage.errors import EmbedderUnavailable, MirageError

GOOD_SECONDS = 60.0
"""How long a vector proves that the server works, so that at most one probe per minute is paid."""

FAILED_SECONDS = 15.0
"""How long a failure is cached while no other request succeeds."""

# How long to wait for a busy server, because Ollama answers one request at a time. Shorter than the
# 5 s that `/health` waits.
_PATIENCE_SECONDS = 3.0
_BUSY_SECONDS = 180.0  # guess: longer than any queue of a server that still answers


class UnusableAnswers(EmbedderUnavailable):
    """See the log of the embedding server: it returns no vector even for a harmless text."""


class Proof:
    """Remembers whether the server works; `probe` finds out and raises if it does not."""

    def __init__(self, probe: Callable[[], Awaitable[None]]) -> None:
        self._probe = probe
        self._good_at: float | None = None
        self._failure: MirageError | None = None
        self._failed_at = 0.0
        self._asking: asyncio.Task[None] | None = None

    def succeed(self) -> None:
        """Note that the server returned usable vectors."""
        self._good_at = time.monotonic()
        self._failure = None

    def fail(self, error: MirageError) -> None:
        """Note that the server does not work."""
        self._good_at = None
        self._failure = error
        self._failed_at = time.monotonic()

    def doubt(self) -> None:
        """Forget the last success, because of a fault that may be the server's."""
        self._good_at = None

    async def require(self) -> None:
        """Raise the server's fault, if any. Concurrent calls share one request.

        The request continues if a waiting caller is cancelled.
        """
        now = time.monotonic()
        age = float("inf") if self._good_at is None else now - self._good_at
        if age < GOOD_SECONDS:
            return
        if self._failure is not None and now - self._failed_at < FAILED_SECONDS:
            raise type(self._failure)(str(self._failure)) from self._failure
        if self._asking is None:
            self._asking = asyncio.create_task(self._ask())
        asking = self._asking
        await asyncio.wait([asking], timeout=_PATIENCE_SECONDS if age < _BUSY_SECONDS else None)
        if asking.done():
            asking.result()

    async def aclose(self) -> None:
        """Cancel the request in progress."""
        if self._asking is not None:
            self._asking.cancel()
            await asyncio.gather(self._asking, return_exceptions=True)

    async def _ask(self) -> None:
        try:
            await self._probe()
        except MirageError as error:
            self.fail(error)
            raise
        else:
            self.succeed()
        finally:
            if self._asking is not None:
                # If all callers have left, asyncio would log the unretrieved error.
                self._asking.add_done_callback(_take_exception)
            self._asking = None


def _take_exception(task: asyncio.Task[None]) -> None:
    if not task.cancelled():
        task.exception()
