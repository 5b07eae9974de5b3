"""Joins the texts of concurrent calls into one request to the server.

The first text is sent immediately and alone. The texts that arrive during its request wait for its
end and are sent together. Sixteen queries in one request take some 0.6 of the time of sixteen
requests (all-minilm, Ollama), and no query waits longer than it would in the server's queue.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import numpy as np

from mirage.embed.vectors import Vector, Vectors

_MAX_TEXTS = 16


@dataclass(frozen=True, slots=True)
class _Waiting:
    text: str
    vector: asyncio.Future[Vector]


class Coalescer:
    """Collects texts; `embed` returns the vectors of several texts in one request."""

    def __init__(self, embed: Callable[[Sequence[str]], Awaitable[Vectors]]) -> None:
        self._embed = embed
        self._waiting: list[_Waiting] = []
        self._working: asyncio.Task[None] | None = None

    async def vectors(self, texts: Sequence[str]) -> Vectors:
        """Return one vector per text. Raises what `embed` raises for these texts alone.

        Several texts are a request of their own, which no other text waits for here, though it may
        wait in the server.
        """
        if len(texts) > 1:
            return await self._embed(texts)
        return (await self._vector(texts[0]))[np.newaxis]

    async def aclose(self) -> None:
        """Cancel the request in progress."""
        if self._working is not None:
            self._working.cancel()
            await asyncio.gather(self._working, return_exceptions=True)

    async def _vector(self, text: str) -> Vector:
        one = _Waiting(text, asyncio.get_running_loop().create_future())
        self._waiting.append(one)
        if self._working is None:
            self._working = asyncio.create_task(self._work())
        return await one.vector

    async def _work(self) -> None:
        batch: list[_Waiting] = []
        try:
            while batch := self._take():
                await self._answer(batch)
        finally:
            self._working = None
            for one in (*batch, *self._waiting):
                one.vector.cancel()

    def _take(self) -> list[_Waiting]:
        """Return the next texts whose caller still waits."""
        asked = [one for one in self._waiting if not one.vector.done()]
        self._waiting = asked[_MAX_TEXTS:]
        return asked[:_MAX_TEXTS]

    async def _answer(self, batch: Sequence[_Waiting]) -> None:
        """Resolve each text. If all callers leave before, cancel the request."""
        request = asyncio.ensure_future(self._embed([one.text for one in batch]))

        def leave(_: asyncio.Future[Vector]) -> None:
            if all(one.vector.done() for one in batch):
                request.cancel()

        for one in batch:
            one.vector.add_done_callback(leave)
        try:
            await asyncio.wait([request])
        except asyncio.CancelledError:
            request.cancel()
            raise
        if request.cancelled():
            return
        error = request.exception()
        if error is None:
            for one, vector in zip(batch, request.result(), strict=True):
                _resolve(one, vector)
        elif len(batch) == 1:
            _resolve(batch[0], error)
        else:
            # One of the texts may be at fault, which must not affect the others.
            await asyncio.gather(*(self._answer([one]) for one in batch))


def _resolve(one: _Waiting, outcome: Vector | BaseException) -> None:
    if one.vector.done():  # The caller has left.
        return
    if isinstance(outcome, BaseException):
        one.vector.set_exception(outcome)
    else:
        one.vector.set_result(outcome)
