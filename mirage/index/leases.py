"""Holding on to claimed work, and letting go of it: heartbeats, shutdowns, odd moments.

A claim ends in one of three ways: its work is stored, it is given back, or its lease runs out.
"""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from mirage.errors import DatabaseUnavailable

_RELEASE_SECONDS = 5.0
_RELEASE_TRIES = 3

_log = logging.getLogger(__name__)
_Claimed = TypeVar("_Claimed")


@asynccontextmanager
async def heartbeat(
    lease_seconds: float, extend: Callable[[], Awaitable[None]]
) -> AsyncIterator[None]:
    """Extend a lease three times in its length while the block runs."""

    async def beat() -> None:
        while True:
            await asyncio.sleep(lease_seconds / 3)
            try:
                await extend()
            except DatabaseUnavailable as error:
                _log.warning("cannot extend a lease: %s", error)
            except Exception:
                _log.exception("cannot extend a lease")

    task = asyncio.create_task(beat())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def is_cancelled() -> bool:
    """Whether the worker was told to stop, whatever a library made of that.

    A rollback that fails, for the database is being stopped as well, puts its own error in the
    place of the cancellation.
    """
    worker = asyncio.current_task()
    return worker is not None and worker.cancelling() > 0


async def claim_uninterrupted(claim: Coroutine[Any, Any, _Claimed]) -> _Claimed:
    """Claim to the end, even when cancelled in the middle.

    Whether a commit that was cancelled took place nobody knows, and what it claimed nobody would
    give back. So the cancellation comes at the next await: where the caller holds the claim.
    """
    task = asyncio.create_task(claim)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait({task}, timeout=_RELEASE_SECONDS)
        if not task.done() or task.exception() is not None:
            task.cancel()
            raise
        if (worker := asyncio.current_task()) is not None:
            worker.cancel()
        return task.result()


async def release_quietly(release: Callable[[], Awaitable[None]]) -> None:
    """Give back while being cancelled, but never hold up the shutdown.

    More than one try: the driver's request to cancel a statement may arrive late, and then hits
    the next one of that connection.
    """
    for _ in range(_RELEASE_TRIES):
        try:
            async with asyncio.timeout(_RELEASE_SECONDS):
                await release()
                return
        except (TimeoutError, DatabaseUnavailable) as error:
            reason = str(error)
        except Exception as error:
            _log.exception("could not give back what was claimed")
            reason = str(error)
    _log.warning("could not give back what was claimed; its lease will run out: %s", reason)
