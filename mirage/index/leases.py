"""Keeps and releases claims: heartbeats, shutdowns, cancellations.

A claim ends in one of three ways: its work is stored, it is released, or its lease expires.
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
    """Extend a lease every third of its length while the block runs."""

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
    """Return whether the worker was cancelled, even if a library replaced the cancellation.

    A rollback that fails, because the database stops too, raises its own error instead.
    """
    worker = asyncio.current_task()
    return worker is not None and worker.cancelling() > 0


async def claim_uninterrupted(claim: Coroutine[Any, Any, _Claimed]) -> _Claimed:
    """Complete a claim, even if cancelled meanwhile.

    After a cancelled commit we cannot know whether it took effect, so its claim would never be
    released. So the cancellation is raised at the next await, when the caller has the claim.
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
    """Release a claim during cancellation, without delaying the shutdown for long.

    Tries more than once: the driver's request to cancel a statement may arrive late, and then
    cancels the next statement of that connection.
    """
    for _ in range(_RELEASE_TRIES):
        try:
            async with asyncio.timeout(_RELEASE_SECONDS):
                await release()
                return
        except (TimeoutError, DatabaseUnavailable) as error:
            reason = str(error)
        except Exception as error:
            _log.exception("cannot release a claim")
            reason = str(error)
    _log.warning("cannot release a claim; its lease will expire: %s", reason)
